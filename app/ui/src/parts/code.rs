//! A code to scan: black on white in both themes, or cameras would not read it.

use dioxus::prelude::*;
use purse_bridge::CodeView;
use std::fmt::Write;

/// `label`: what it is for, for those who do not see it.
#[component]
pub fn Code(code: CodeView, label: String) -> Element {
    // Two of the four light modules around it; the rest is the part's own edge.
    let side = code.side.saturating_add(4);
    let path = path(&code);
    rsx! {
        svg {
            class: "Qr",
            "data-test": "code",
            view_box: "-2 -2 {side} {side}",
            shape_rendering: "crispEdges",
            role: "img",
            "aria-label": label,
            path { d: path, fill: "currentColor" }
        }
    }
}

/// One stroke for each run of dark modules.
fn path(code: &CodeView) -> String {
    let mut path = String::new();
    for y in 0..code.side {
        let mut x = 0;
        while x < code.side {
            let dark = (x..code.side).take_while(|at| code.is_dark(*at, y)).count();
            let run = u16::try_from(dark).unwrap_or(0);
            if run > 0 {
                // Writing to a String never fails.
                let _always = write!(path, "M{x} {y}h{run}v1h-{run}z");
            }
            x += run.max(1);
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_covers_the_dark_modules() {
        let code = |side, bits: &[u8]| CodeView { side, bits: bits.to_vec() };
        assert_eq!(path(&code(2, &[0b1001_0000])), "M0 0h1v1h-1zM1 1h1v1h-1z");
        assert_eq!(path(&code(3, &[0b1110_0010, 0b1000_0000])), "M0 0h3v1h-3zM0 2h1v1h-1zM2 2h1v1h-1z");
        assert_eq!(path(&code(0, &[])), "");
        // Bits that are missing are light.
        assert_eq!(path(&code(3, &[])), "");
    }
}
