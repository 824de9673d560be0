//! A new passphrase, typed twice.

use super::Field;
use crate::words::shut as words;
use dioxus::prelude::*;
use purse_bridge::PASSPHRASE_CHARS_MIN;

/// A new one is at most this long, in UTF-16 units. None of them is more than three bytes, and the host takes 1,024.
const UNITS_MAX: usize = 340;

/// What stands in the two fields.
#[derive(Clone, Copy, PartialEq)]
pub struct Twice {
    pub first: Signal<String>,
    pub again: Signal<String>,
}

/// Empty at first.
pub fn use_twice() -> Twice {
    Twice { first: use_signal(String::new), again: use_signal(String::new) }
}

impl Twice {
    /// Long enough, and the same twice.
    pub fn is_ready(self) -> bool {
        is_ready(&self.first.read(), &self.again.read())
    }

    /// Hands it over and leaves nothing behind.
    pub fn take(mut self) -> String {
        self.again.write().clear();
        std::mem::take(&mut *self.first.write())
    }
}

fn is_ready(first: &str, again: &str) -> bool {
    first.chars().count() >= PASSPHRASE_CHARS_MIN && first == again
}

/// No typing on makes it the same any more. Somebody who is half way through is not told that they are wrong.
fn differs(first: &str, again: &str) -> bool {
    !first.starts_with(again)
}

/// `fault`: what is wrong with the first, in place of the hint.
#[component]
pub fn NewPassphrase(
    twice: Twice,
    label: &'static str,
    #[props(default)] fault: Option<String>,
    #[props(default)] takes_focus: bool,
) -> Element {
    let Twice { mut first, mut again } = twice;
    let differs = differs(&first.read(), &again.read());
    let invalid = fault.is_some();
    rsx! {
        Field {
            label,
            name: "passphrase",
            kind: "password",
            autocomplete: "new-password",
            value: first(),
            hint: fault.unwrap_or_else(words::new_hint),
            invalid,
            verbatim: true,
            takes_focus,
            maxlength: UNITS_MAX,
            test: "passphrase",
            oninput: move |typed| first.set(typed),
        }
        Field {
            label: words::PASSPHRASE_AGAIN,
            name: "passphrase-again",
            kind: "password",
            autocomplete: "new-password",
            value: again(),
            hint: if differs { words::DIFFERS } else { "" },
            invalid: differs,
            verbatim: true,
            maxlength: UNITS_MAX,
            test: "passphrase-again",
            oninput: move |typed| again.set(typed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_enough_and_the_same_twice() {
        let check = |first: &str, again: &str, ready: bool, wrong: bool| {
            assert_eq!(
                (is_ready(first, again), differs(first, again)),
                (ready, wrong),
                "{first:?} {again:?}"
            );
        };
        check("", "", false, false);
        check("too short", "too short", false, false);
        // Ten characters, whatever bytes they are.
        check("zehn Äpfel", "zehn Äpfel", true, false);
        check("violet lamp", "", false, false);
        check("violet lamp", "violet l", false, false);
        check("violet lamp", "Violet", false, true);
        check("violet lamp", "violet lamps", false, true);
    }

    #[test]
    fn the_host_takes_what_the_field_takes() {
        assert!("€".repeat(UNITS_MAX).len() <= 1_024 && "€".encode_utf16().count() == 1);
    }
}
