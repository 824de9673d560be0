//! A new wallet: a handle, a name, a first currency, then a passkey.

use crate::parts::{Banner, BannerKind, Button, Coin, Field, Icon, IconSvg, Screen, TopBar, use_id};
use crate::state::{use_send, use_view};
use dioxus::prelude::*;
use purse_bridge::{AccountWish, Busy, Command, Currency, Handle, Network, Notice, limits};

const HANDLE_RULE: &str =
    "3 to 30 letters a to z and digits, with single dots, dashes or underscores inside.";

/// What is wrong with the form; empty texts are right.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Faults {
    handle: &'static str,
    name: &'static str,
}

fn faults(handle: &str, name: &str) -> Faults {
    let handle = match handle.trim() {
        "" => "Choose a handle: others pay you by it.",
        typed if typed.parse::<Handle>().is_err() => HANDLE_RULE,
        _ => "",
    };
    let name = match name.trim() {
        "" => "Write the name that others see when they pay you.",
        typed if typed.chars().count() > limits::DISPLAY_NAME_CHARS_MAX => "Write at most 60 letters.",
        _ => "",
    };
    Faults { handle, name }
}

#[component]
pub fn Register() -> Element {
    rsx! { RegisterForm {} }
}

/// `wish`: what the person typed in an app already. `onback`: where a step back leads, on another page than its own.
#[component]
pub(super) fn RegisterForm(
    #[props(default)] wish: Option<AccountWish>,
    #[props(default)] onback: Option<EventHandler<()>>,
) -> Element {
    let send = use_send();
    let wished = wish.clone();
    let mut handle = use_signal(|| wished.as_ref().map(|wish| wish.handle.to_string()).unwrap_or_default());
    let mut name = use_signal(|| wished.as_ref().map(|wish| wish.display_name.clone()).unwrap_or_default());
    let mut currency = use_signal(|| wished.as_ref().map_or(Currency::EUR, |wish| wish.currency));
    let mut tried = use_signal(|| false);
    let (busy, offline, notice) = {
        let view = use_view();
        let view = view.read();
        (view.busy, matches!(view.network, Network::Offline { .. }), view.notice.clone())
    };
    // The server's answer belongs to the handle that was asked for, not to the one typed since.
    let mut asked = use_signal(String::new);
    let taken = notice == Some(Notice::HandleTaken) && *asked.read() == *handle.read();
    let wrong = if tried() { faults(&handle.read(), &name.read()) } else { Faults::default() };

    let submit = move |event: FormEvent| {
        event.prevent_default();
        tried.set(true);
        if faults(&handle.peek(), &name.peek()) != Faults::default() || busy.is_some() {
            return;
        }
        asked.set(handle.peek().clone());
        send(Command::Register {
            handle: handle.peek().trim().to_owned(),
            display_name: name.peek().trim().to_owned(),
            currency: *currency.peek(),
        });
    };
    let handle_hint = match (taken, wrong.handle) {
        (true, _) => "Somebody else has this handle. Choose another.".to_owned(),
        (false, "") => match handle.read().parse::<Handle>() {
            Ok(handle) => format!("Others pay you at @{handle}. It cannot be changed later."),
            Err(_) => "Others pay you by it. It cannot be changed later.".to_owned(),
        },
        (false, fault) => fault.to_owned(),
    };
    rsx! {
        Screen { title: "Create a wallet",
            TopBar { title: "Create a wallet", back: true, onback }
            form { class: "Screen__form", onsubmit: submit, novalidate: true,
                div { class: "Screen__scroll",
                    if offline {
                        Banner { kind: BannerKind::Offline, quiet: true,
                            strong { "You are offline" }
                            "Making a wallet needs a network once. Paying does not."
                        }
                    }
                    Field {
                        label: "Handle",
                        name: "handle",
                        value: handle(),
                        hint: handle_hint,
                        invalid: taken || !wrong.handle.is_empty(),
                        maxlength: limits::HANDLE_CHARS_MAX + 1,
                        autocomplete: "username",
                        verbatim: true,
                        placeholder: "ana.duarte",
                        test: "register-handle",
                        oninput: move |text| handle.set(text),
                    }
                    Field {
                        label: "Your name",
                        name: "name",
                        value: name(),
                        hint: if wrong.name.is_empty() { "Others see it when they pay you." } else { wrong.name },
                        invalid: !wrong.name.is_empty(),
                        maxlength: limits::DISPLAY_NAME_CHARS_MAX * 2,
                        autocomplete: "name",
                        test: "register-name",
                        oninput: move |text| name.set(text),
                    }
                    CurrencyField { currency: currency(), onchange: move |chosen| currency.set(chosen) }
                }
                footer { class: "Screen__foot",
                    Button {
                        block: true,
                        submit: true,
                        busy: busy == Some(Busy::Registering),
                        disabled: offline,
                        test: "register-submit",
                        IconSvg { icon: Icon::Passkey, size: "s" }
                        span { "Create with a passkey" }
                    }
                    p { class: "Fine", "Your device asks for a fingerprint, a face or its own code. Purse never sees it." }
                }
            }
        }
    }
}

#[component]
fn CurrencyField(currency: Currency, onchange: EventHandler<Currency>) -> Element {
    let id = use_id();
    rsx! {
        div { class: "Field",
            label { class: "Field__label", r#for: "{id}", "First currency" }
            div { class: "Field__box Field__box--select",
                Coin { currency, small: true }
                select {
                    id: "{id}",
                    name: "currency",
                    "data-test": "register-currency",
                    "aria-describedby": "{id}-hint",
                    onchange: move |event| {
                        if let Some(chosen) = Currency::from_code(&event.value()) {
                            onchange.call(chosen);
                        }
                    },
                    for one in Currency::all() {
                        option { value: one.code(), selected: one == currency, "{one.name()} ({one.code()})" }
                    }
                }
                IconSvg { icon: Icon::Down, size: "s" }
            }
            p { class: "Field__hint", id: "{id}-hint", "You can open others at any time." }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_says_what_to_mend() {
        let check = |handle: &str, name: &str, right: (bool, bool)| {
            let faults = faults(handle, name);
            assert_eq!((faults.handle.is_empty(), faults.name.is_empty()), right, "{handle} {name}");
        };
        check("ana", "Ana", (true, true));
        check("@Ana.D", " Ana ", (true, true));
        check("", "", (false, false));
        check("a", "Ana", (false, true));
        check("ana b", "Ana", (false, true));
        check("ana", &"a".repeat(60), (true, true));
        check("ana", &"a".repeat(61), (true, false));
    }
}
