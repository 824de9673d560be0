//! An app cannot get at what it keeps on this device: a passphrase, a keychain, or trouble with its files.

use crate::parts::{Brand, Button, ButtonKind, Field, Icon, IconSvg, Screen};
use crate::state::{use_send, use_view};
use crate::words::shut as words;
use dioxus::prelude::*;
use purse_bridge::{Busy, Command, PASSPHRASE_CHARS_MIN, Secret, Shut};

/// What a passphrase field takes; the host counts bytes.
const PASSPHRASE_UNITS_MAX: usize = 512;

#[component]
pub fn ShutPage(shut: Shut) -> Element {
    let send = use_send();
    let mut afresh = use_signal(|| false);
    let (title, text) = words::said(shut);
    let asks = matches!(shut, Shut::ChoosePassphrase { .. } | Shut::AskPassphrase { .. });
    let waits = shut == Shut::KeychainAsks;
    rsx! {
        Screen { title, kind: "centre", busy: waits,
            div { class: "Screen__scroll",
                div { class: "EmptyState", role: if asks || waits { "status" } else { "alert" },
                    Brand { size: "m" }
                    h1 { class: "EmptyState__title", "data-test": "shut", "data-shut": name(shut), "{title}" }
                    p { class: "EmptyState__text", "{text}" }
                    if afresh() {
                        p { class: "EmptyState__text", "data-test": "shut-afresh-said", {words::START_AFRESH} }
                    }
                }
            }
            if afresh() {
                footer { class: "Screen__foot",
                    Button {
                        kind: ButtonKind::Danger,
                        block: true,
                        test: "shut-afresh-sure",
                        onclick: move |()| {
                            afresh.set(false);
                            send(Command::StartAfresh);
                        },
                        "Start again on this device"
                    }
                    Button { kind: ButtonKind::Quiet, block: true, test: "shut-afresh-not", onclick: move |()| afresh.set(false), "Not now" }
                }
            } else if asks {
                Passphrase { shut, onforgotten: move |()| afresh.set(true) }
            } else if !waits {
                footer { class: "Screen__foot",
                    Button { block: true, test: "shut-retry", onclick: move |()| send(Command::Retry),
                        IconSvg { icon: Icon::Retry, size: "s" }
                        span { "Try again" }
                    }
                    if shut.may_start_afresh() {
                        Button { kind: ButtonKind::Quiet, block: true, test: "shut-afresh", onclick: move |()| afresh.set(true),
                            "Start again on this device"
                        }
                    }
                }
            }
        }
    }
}

/// The field is emptied as soon as it was sent: the page keeps no secret.
#[component]
fn Passphrase(shut: Shut, onforgotten: EventHandler<()>) -> Element {
    let send = use_send();
    let view = use_view();
    let mut text = use_signal(String::new);
    let mut again = use_signal(String::new);
    let choosing = matches!(shut, Shut::ChoosePassphrase { .. });
    let trying = view.read().busy == Some(Busy::Unlocking);
    let invalid =
        matches!(shut, Shut::ChoosePassphrase { refused: true } | Shut::AskPassphrase { wrong: true })
            && text.read().is_empty();
    let differs = choosing && !again.read().is_empty() && *again.read() != *text.read();
    let ready = match choosing {
        true => text.read().chars().count() >= PASSPHRASE_CHARS_MIN && *again.read() == *text.read(),
        false => !text.read().is_empty(),
    };
    rsx! {
        form {
            class: "Screen__foot",
            onsubmit: move |event| {
                event.prevent_default();
                if ready && !trying {
                    let passphrase = Secret(std::mem::take(&mut *text.write()));
                    again.write().clear();
                    send(Command::GivePassphrase { passphrase });
                }
            },
            Field {
                label: "Passphrase",
                name: "passphrase",
                kind: "password",
                autocomplete: if choosing { "new-password" } else { "current-password" },
                value: text(),
                hint: words::hint(shut),
                invalid,
                verbatim: true,
                takes_focus: true,
                maxlength: PASSPHRASE_UNITS_MAX,
                test: "passphrase",
                oninput: move |typed| text.set(typed),
            }
            if choosing {
                Field {
                    label: "The same again",
                    name: "passphrase-again",
                    kind: "password",
                    autocomplete: "new-password",
                    value: again(),
                    hint: if differs { "The two are not the same yet." } else { "" },
                    invalid: differs,
                    verbatim: true,
                    maxlength: PASSPHRASE_UNITS_MAX,
                    test: "passphrase-again",
                    oninput: move |typed| again.set(typed),
                }
            }
            Button { block: true, submit: true, busy: trying, disabled: !ready, test: "passphrase-submit",
                IconSvg { icon: Icon::Key, size: "s" }
                span { if choosing { "Use this passphrase" } else { "Open" } }
            }
            if choosing {
                Button { kind: ButtonKind::Quiet, block: true, test: "shut-retry", onclick: move |()| send(Command::Retry), "Look for the keychain again" }
            } else {
                Button { kind: ButtonKind::Quiet, block: true, test: "passphrase-forgotten", onclick: move |()| onforgotten.call(()), "I have forgotten it" }
            }
        }
    }
}

/// For tests.
fn name(shut: Shut) -> &'static str {
    match shut {
        Shut::ChoosePassphrase { .. } => "choose-passphrase",
        Shut::AskPassphrase { .. } => "ask-passphrase",
        Shut::KeychainAsks => "keychain-asks",
        Shut::KeychainAway => "keychain-away",
        Shut::KeysElsewhere => "keys-elsewhere",
        Shut::OpenElsewhere => "open-elsewhere",
        Shut::NewerVersion => "newer-version",
        Shut::Damaged => "damaged",
        Shut::NoRoom => "no-room",
        Shut::NoAccess => "no-access",
    }
}
