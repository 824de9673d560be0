//! The mark: a purse with a kiss clasp. And the rosette, engraved behind it and on every note.

use dioxus::prelude::*;

/// `size`: "", "m" or "l".
#[component]
pub fn Brand(#[props(default)] size: &'static str) -> Element {
    let size = if size.is_empty() { String::new() } else { format!(" Brand--{size}") };
    rsx! {
        svg { class: "Brand{size}", view_box: "0 0 32 32", "aria-hidden": "true",
            path {
                class: "Brand__body",
                d: "M6.3 14.5h19.4c2.4 3 3.8 6 3.8 8.6 0 4.2-4.1 6.4-13.5 6.4S2.5 27.3 2.5 23.1c0-2.6 1.4-5.6 3.8-8.6z",
            }
            path { class: "Brand__clasp", d: "M6 12.2h20", stroke_width: "2.6", stroke_linecap: "round" }
            circle { class: "Brand__bead", cx: "12.7", cy: "6.6", r: "3.4" }
            circle { class: "Brand__bead", cx: "19.3", cy: "6.6", r: "3.4" }
        }
    }
}

/// Nine turns of one line, like the engine-turned ornament of a banknote. Never behind figures.
#[component]
pub fn Rosette(class: String) -> Element {
    rsx! {
        svg { class, view_box: "-100 -100 200 200", "aria-hidden": "true",
            for turn in 0..9_u8 {
                path { d: LINE, transform: TURNS[usize::from(turn)] }
            }
        }
    }
}

const TURNS: [&str; 9] = [
    "rotate(0)",
    "rotate(6.7) scale(.985)",
    "rotate(13.3) scale(.97)",
    "rotate(20) scale(.955)",
    "rotate(26.7) scale(.94)",
    "rotate(33.3) scale(.925)",
    "rotate(40) scale(.91)",
    "rotate(46.7) scale(.895)",
    "rotate(53.3) scale(.88)",
];

const LINE: &str = "\
    M96 0L92.3 4.8L83.5 8.8L74.3 11.8L68.4 14.5L65.7 17.6L62.8 20.4L56.7 21.8L47.6 21.2L38.8 19.8\
    L34.6 20L36.5 23.7L42.1 30.6L47.2 38.2L49.1 44.2L48.1 48.1L46.8 52L47.3 58.5L49.3 67.9L50.4 77.5\
    L48 83.1L42 82.4L34.1 76.7L27 70.2L21.6 66.5L17.6 65.7L13.7 64.6L9.5 60L5.4 51.8L2.3 43.5L0 40\
    L-2.3 43.5L-5.4 51.8L-9.5 60L-13.7 64.6L-17.6 65.7L-21.6 66.5L-27 70.2L-34.1 76.7L-42 82.4L-48 83.1\
    L-50.4 77.5L-49.3 67.9L-47.3 58.5L-46.8 52L-48.1 48.1L-49.1 44.2L-47.2 38.2L-42.1 30.6L-36.5 23.7\
    L-34.6 20L-38.8 19.8L-47.6 21.2L-56.7 21.8L-62.8 20.4L-65.7 17.6L-68.4 14.5L-74.3 11.8L-83.5 8.8\
    L-92.3 4.8L-96 0L-92.3 -4.8L-83.5 -8.8L-74.3 -11.8L-68.4 -14.5L-65.7 -17.6L-62.8 -20.4L-56.7 -21.8\
    L-47.6 -21.2L-38.8 -19.8L-34.6 -20L-36.5 -23.7L-42.1 -30.6L-47.2 -38.2L-49.1 -44.2L-48.1 -48.1\
    L-46.8 -52L-47.3 -58.5L-49.3 -67.9L-50.4 -77.5L-48 -83.1L-42 -82.4L-34.1 -76.7L-27 -70.2L-21.6 -66.5\
    L-17.6 -65.7L-13.7 -64.6L-9.5 -60L-5.4 -51.8L-2.3 -43.5L-0 -40L2.3 -43.5L5.4 -51.8L9.5 -60\
    L13.7 -64.6L17.6 -65.7L21.6 -66.5L27 -70.2L34.1 -76.7L42 -82.4L48 -83.1L50.4 -77.5L49.3 -67.9\
    L47.3 -58.5L46.8 -52L48.1 -48.1L49.1 -44.2L47.2 -38.2L42.1 -30.6L36.5 -23.7L34.6 -20L38.8 -19.8\
    L47.6 -21.2L56.7 -21.8L62.8 -20.4L65.7 -17.6L68.4 -14.5L74.3 -11.8L83.5 -8.8L92.3 -4.8z";
