//! A text as a QR code (ISO/IEC 18004). Reading pictures of them is `app/scan`, which the browser loads only when
//! somebody scans.

use purse_bridge::CodeView;
use qrcode::{Color, EcLevel, QrCode};

/// With a good seventh of it readable when damaged (level M). `None`: the text is too long for any.
pub(crate) fn code(text: &str) -> Option<CodeView> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let side = u16::try_from(code.width()).ok()?;
    let dark: Vec<bool> = code.to_colors().into_iter().map(|color| color == Color::Dark).collect();
    let bits = dark.chunks(8).map(|eight| {
        eight.iter().enumerate().fold(0u8, |byte, (at, dark)| if *dark { byte | (0x80 >> at) } else { byte })
    });
    Some(CodeView { side, bits: bits.collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_are_where_the_standard_puts_them() {
        let code = code("https://wallet.example/pay#to=ana").unwrap();
        assert_eq!(code.bits.len(), (usize::from(code.side) * usize::from(code.side)).div_ceil(8));
        // Finder patterns in three corners: seven dark, a light ring inside, a dark middle.
        let last = code.side - 7;
        for (left, top) in [(0, 0), (last, 0), (0, last)] {
            assert!((0..7).all(|at| code.is_dark(left + at, top) && code.is_dark(left, top + at)));
            assert!((1..6).all(|at| !code.is_dark(left + at, top + 1)));
            assert!(code.is_dark(left + 3, top + 3));
        }
        // The timing pattern alternates.
        assert!((8..code.side - 8).all(|at| code.is_dark(at, 6) == (at % 2 == 0)));
        assert!(!code.is_dark(code.side, 0) && !code.is_dark(0, code.side));
    }

    #[test]
    fn what_is_too_long_is_no_code() {
        assert!(code(&"a".repeat(2_331)).is_some());
        assert!(code(&"a".repeat(2_332)).is_none());
    }
}
