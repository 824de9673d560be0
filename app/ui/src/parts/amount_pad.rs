//! Figures large, keys at the thumb. The figure is a real text field without the system's keyboard, so
//! that a keyboard, a switch or a screen reader types into it as into any other.

use super::{Icon, IconSvg};
use crate::format::{Direction, Separators, plural};
use crate::state::use_format;
use dioxus::prelude::*;
use purse_bridge::{Amount, Currency};

/// More figures than any limit allows; what stands here stays readable.
const WHOLE_DIGITS_MAX: usize = 12;

/// One press on the pad.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Press {
    Digit(char),
    Separator,
    Delete,
}

/// What the figure becomes. Typed text has at most one `.`, never more decimals than the currency has,
/// and no needless zero in front.
fn press(text: &str, press: Press, currency: Currency) -> String {
    match press {
        Press::Digit(digit) => clean(&format!("{text}{digit}"), currency),
        Press::Separator => clean(&format!("{text}."), currency),
        Press::Delete => {
            let mut shorter = text.to_owned();
            shorter.pop();
            if shorter == "0" { String::new() } else { shorter }
        }
    }
}

/// Any text a person types or pastes into the field, as the pad keeps it.
fn entered(typed: &str, currency: Currency, separators: Separators) -> String {
    clean(&separators.read(typed, usize::from(currency.exponent())), currency)
}

/// Digits and at most one `.`, as the pad keeps it. Stops at the first thing that does not fit, so that nothing is
/// ever read as more than it says.
fn clean(typed: &str, currency: Currency) -> String {
    let decimals = usize::from(currency.exponent());
    let mut kept = String::new();
    let mut after_point = None;
    for sign in typed.trim().chars() {
        match (sign, after_point) {
            ('0'..='9', None) if kept == "0" => kept = sign.to_string(),
            ('0'..='9', None) if kept.len() < WHOLE_DIGITS_MAX => kept.push(sign),
            ('0'..='9', Some(digits)) if digits < decimals => {
                kept.push(sign);
                after_point = Some(digits + 1);
            }
            ('.', None) if decimals > 0 => {
                if kept.is_empty() {
                    kept.push('0');
                }
                kept.push('.');
                after_point = Some(0);
            }
            _ => break,
        }
    }
    kept
}

/// `(typed, still to come)`: `420` and `.00`; without anything typed all of it is still to come.
fn figure(text: &str, currency: Currency, group: impl Fn(&str) -> String, point: char) -> (String, String) {
    let decimals = usize::from(currency.exponent());
    let (whole, minor) = text.split_once('.').map_or((text, None), |(whole, minor)| (whole, Some(minor)));
    let typed = if whole.is_empty() { String::new() } else { group(whole) };
    let zeros = |count: usize| "0".repeat(count);
    match minor {
        Some(minor) => (format!("{typed}{point}{minor}"), zeros(decimals.saturating_sub(minor.len()))),
        None if decimals == 0 => (typed.clone(), if typed.is_empty() { zeros(1) } else { String::new() }),
        None => {
            let whole = if typed.is_empty() { "0" } else { "" };
            (typed, format!("{whole}{point}{}", zeros(decimals)))
        }
    }
}

/// `text` is what was typed, with `.`; read it with `Amount::parse`. `above` stands between the figure
/// and the keys (the wallet, the note), `children` below the keys (the act).
#[component]
pub fn AmountPad(
    currency: Currency,
    mut text: Signal<String>,
    #[props(default)] hint: String,
    #[props(default)] bad: bool,
    #[props(default = VNode::empty())] above: Element,
    /// Enter in the figure.
    #[props(default)]
    onenter: EventHandler<()>,
    children: Element,
) -> Element {
    let format = use_format();
    let id = super::use_id();
    // The keys do not have the field's focus: what they made of the figure is said. What is typed into the field
    // is said by the screen reader itself.
    let mut said = use_signal(String::new);
    let (typed, todo) =
        figure(&text.read(), currency, |whole| format.separators.group(whole), format.separators.decimal);
    let (before, after) = format.around(currency);
    let long =
        before.chars().count() + typed.chars().count() + todo.chars().count() + after.chars().count() >= 11;
    let mut act = move |what| {
        let next = press(&text.peek(), what, currency);
        let amount = Amount::parse(&next, currency).map(Amount::money);
        said.set(amount.map_or_else(|_| plural(currency).to_owned(), |m| format.spoken(m, Direction::None)));
        text.set(next);
    };
    let point = format.separators.decimal;
    let shown = text.read().replace('.', point.encode_utf8(&mut [0; 4]));
    let key = |digit: char| {
        rsx! {
            button {
                class: "AmountPad__key",
                r#type: "button",
                "data-test": "pad-{digit}",
                onclick: move |_| act(Press::Digit(digit)),
                "{digit}"
            }
        }
    };
    rsx! {
        div { class: "AmountPad",
            div { class: "AmountPad__top",
                div { class: "AmountPad__shown", "data-state": if bad { "bad" },
                    span { class: "MoneyText MoneyText--display", "aria-hidden": "true", "data-long": if long { "true" },
                        "{before}{typed}"
                        i { class: "AmountPad__caret" }
                        span { class: "MoneyText__todo", "{todo}{after}" }
                    }
                    input {
                        class: "AmountPad__input",
                        r#type: "text",
                        inputmode: "none",
                        autocomplete: "off",
                        "aria-label": "Amount in {plural(currency)}",
                        "aria-invalid": if bad { "true" },
                        "aria-describedby": if !hint.is_empty() { "{id}" },
                        "data-test": "amount-input",
                        value: "{shown}",
                        oninput: move |event| {
                            said.set(String::new());
                            text.set(entered(&event.value(), currency, format.separators));
                        },
                        onkeydown: move |event| {
                            if event.key() == Key::Enter {
                                event.prevent_default();
                                onenter.call(());
                            }
                        },
                        onmounted: move |event| async move {
                            let _ = event.set_focus(true).await;
                        },
                    }
                }
                p { class: "sr-only", "aria-live": "polite", "{said}" }
                p { class: "AmountPad__hint", id: "{id}", "data-bad": if bad { "true" }, role: "status", "{hint}" }
                {above}
            }
            div { class: "AmountPad__dock",
                div { class: "AmountPad__keys", role: "group", "aria-label": "Keys",
                    for digit in '1'..='9' {
                        {key(digit)}
                    }
                    button {
                        class: "AmountPad__key",
                        r#type: "button",
                        "aria-label": "Decimal point",
                        "aria-disabled": if currency.exponent() == 0 { "true" },
                        "data-test": "pad-sep",
                        onclick: move |_| act(Press::Separator),
                        if currency.exponent() > 0 {
                            "{format.separators.decimal}"
                        }
                    }
                    {key('0')}
                    button {
                        class: "AmountPad__key",
                        r#type: "button",
                        "aria-label": "Delete",
                        "data-test": "pad-del",
                        onclick: move |_| act(Press::Delete),
                        IconSvg { icon: Icon::Erase }
                    }
                }
                {children}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed() {
        let check = |typed, currency, want: &str| {
            assert_eq!(entered(typed, currency, Separators::of("en")), want, "{typed}");
        };
        check("1,284.60", Currency::EUR, "1284.60");
        check("1,500", Currency::JPY, "1500");
        check("18.5", Currency::EUR, "18.5");
        check("18,50", Currency::EUR, "18.50");
        check("18.505", Currency::EUR, "18.50");
        check("007", Currency::EUR, "7");
        check("0.05", Currency::EUR, "0.05");
        check(".5", Currency::EUR, "0.5");
        check("1.2.3", Currency::EUR, "1.2");
        check("1.5", Currency::JPY, "1");
        check("1.2345", Currency::KWD, "1.234");
        check("12x34", Currency::EUR, "12");
        check("-5", Currency::EUR, "");
        check("1234567890123", Currency::EUR, "123456789012");
        check(" 5", Currency::EUR, "5");
    }

    #[test]
    fn presses() {
        let typed = |keys: &str, currency| {
            keys.chars().fold(String::new(), |text, key| {
                let what = match key {
                    '<' => Press::Delete,
                    '.' => Press::Separator,
                    digit => Press::Digit(digit),
                };
                press(&text, what, currency)
            })
        };
        assert_eq!(typed("18.50", Currency::EUR), "18.50");
        assert_eq!(typed("18.50<<", Currency::EUR), "18.");
        assert_eq!(typed(".5<<", Currency::EUR), "");
        assert_eq!(typed("100<", Currency::JPY), "10");
        assert_eq!(typed("5.", Currency::JPY), "5");
        assert_eq!(typed("0012", Currency::EUR), "12");
        assert_eq!(typed("<", Currency::EUR), "");
    }

    #[test]
    fn what_is_still_to_come_is_shown_pale() {
        let check = |text, currency, typed: &str, todo: &str| {
            let got = figure(text, currency, str::to_owned, '.');
            assert_eq!(got, (typed.to_owned(), todo.to_owned()), "{text}");
        };
        check("", Currency::EUR, "", "0.00");
        check("420", Currency::EUR, "420", ".00");
        check("420.", Currency::EUR, "420.", "00");
        check("420.5", Currency::EUR, "420.5", "0");
        check("420.50", Currency::EUR, "420.50", "");
        check("", Currency::JPY, "", "0");
        check("5", Currency::JPY, "5", "");
        check("", Currency::KWD, "", "0.000");
    }
}
