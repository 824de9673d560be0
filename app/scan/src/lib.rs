//! Finds and reads QR codes in pictures. A module of its own, run by a worker (`app/web/public/scan-worker.js`): the
//! app does not carry it, and a frame of the camera never makes the page stutter.
//!
//! Architecture invariant: pixels in, text out; what the text means is `purse_shared::request`'s to say.

use rqrr::PreparedImage;
use wasm_bindgen::prelude::wasm_bindgen;

/// The first code found in a picture of `width` times `height` pixels, four bytes each (red, green, blue, opacity), row
/// by row. `None`: there is none, or none that can be read.
#[wasm_bindgen]
pub fn read(rgba: &[u8], width: usize, height: usize) -> Option<String> {
    let grey: Vec<u8> = rgba.chunks_exact(4).map(grey).collect();
    read_grey(&grey, width, height)
}

/// The same for one byte a pixel, 0 is black.
pub fn read_grey(grey: &[u8], width: usize, height: usize) -> Option<String> {
    if width.checked_mul(height) != Some(grey.len()) || grey.is_empty() {
        return None;
    }
    // Printed the other way round on dark paper and dark screens.
    read_as(width, height, |at| grey.get(at).copied().unwrap_or(u8::MAX))
        .or_else(|| read_as(width, height, |at| u8::MAX - grey.get(at).copied().unwrap_or(u8::MAX)))
}

fn read_as(width: usize, height: usize, at: impl Fn(usize) -> u8) -> Option<String> {
    let mut picture = PreparedImage::prepare_from_greyscale(width, height, |x, y| at(y * width + x));
    picture.detect_grids().into_iter().find_map(|grid| {
        let mut bytes = Vec::new();
        grid.decode_to(&mut bytes).ok()?;
        // Codes carry UTF-8 or, by the standard's default, Latin-1.
        Some(
            String::from_utf8(bytes)
                .unwrap_or_else(|error| error.into_bytes().into_iter().map(char::from).collect()),
        )
    })
}

/// How bright a pixel is (BT.601, in 256ths); what is transparent is paper.
fn grey(pixel: &[u8]) -> u8 {
    let [red, green, blue, opacity] = *pixel else { return u8::MAX };
    let bright = (77 * u32::from(red) + 150 * u32::from(green) + 29 * u32::from(blue)) / 256;
    let opacity = u32::from(opacity);
    u8::try_from((bright * opacity + 255 * (255 - opacity)) / 255).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_bright_pixels_are() {
        let check = |pixel: [u8; 4], want: u8| assert_eq!(grey(&pixel), want, "{pixel:?}");
        check([255, 255, 255, 255], 255);
        check([0, 0, 0, 255], 0);
        check([0, 0, 0, 0], 255);
        check([255, 0, 0, 255], 76);
        check([0, 255, 0, 255], 149);
    }

    #[test]
    fn a_picture_without_a_code_has_none() {
        assert_eq!(read(&[], 0, 0), None);
        assert_eq!(read(&[0; 16], 3, 3), None);
        assert_eq!(read(&[200; 40_000], 100, 100), None);
        assert_eq!(read(&[0; 40_000], usize::MAX, 2), None);
        // Stripes, and noise from a fixed seed.
        let stripes: Vec<u8> = (0..10_000_u32).map(|at| if at % 7 < 3 { 0 } else { 255 }).collect();
        assert_eq!(read_grey(&stripes, 100, 100), None);
        let mut seed = 7_u32;
        let noise = (0..160_000).map(|_| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            seed.to_be_bytes()[0]
        });
        assert_eq!(read_grey(&noise.collect::<Vec<_>>(), 400, 400), None);
    }
}
