//! An app cannot get at what it keeps on this device: a passphrase, a keychain, or trouble with its files.

use crate::parts::{
    Banner, BannerKind, Brand, Button, ButtonKind, Field, Icon, IconSvg, NewPassphrase, Screen, use_twice,
};
use crate::state::{use_send, use_view};
use crate::words::shut as words;
use dioxus::prelude::*;
use purse_bridge::{Busy, Command, Secret, Shut};

/// What a passphrase field takes; the host counts bytes.
pub(super) const PASSPHRASE_UNITS_MAX: usize = 512;

#[component]
pub fn ShutPage(shut: Shut) -> Element {
    let send = use_send();
    let mut afresh = use_signal(|| false);
    let (title, text) = words::said(shut);
    let waits = shut == Shut::KeychainAsks;
    let asks = matches!(shut, Shut::ChoosePassphrase { .. } | Shut::AskPassphrase { .. });
    let foot = match shut {
        _ if afresh() => rsx! {
            Afresh { onnot: move |()| afresh.set(false) }
        },
        Shut::ChoosePassphrase { refused } => rsx! { Choose { refused } },
        Shut::AskPassphrase { wrong } => rsx! {
            Ask { wrong, onforgotten: move |()| afresh.set(true) }
        },
        Shut::KeychainAsks => rsx! {},
        _ => rsx! {
            footer { class: "Screen__foot",
                Button { block: true, test: "shut-retry", onclick: move |()| send(Command::Retry),
                    IconSvg { icon: Icon::Retry, size: "s" }
                    span { {words::TRY_AGAIN} }
                }
                if shut.may_start_afresh() {
                    Button { kind: ButtonKind::Quiet, block: true, test: "shut-afresh", onclick: move |()| afresh.set(true),
                        {words::AFRESH}
                    }
                }
            }
        },
    };
    rsx! {
        Screen { title, kind: "centre", busy: waits, takes_focus: !asks,
            div { class: "Screen__scroll",
                div { class: "EmptyState", role: if asks || waits { "status" } else { "alert" },
                    Brand { size: "m" }
                    h1 { class: "EmptyState__title", "data-test": "shut", "data-shut": name(shut), "{title}" }
                    p { class: "EmptyState__text", "{text}" }
                }
            }
            {foot}
        }
    }
}

/// A last look before what is here is put aside.
#[component]
fn Afresh(onnot: EventHandler<()>) -> Element {
    let send = use_send();
    rsx! {
        footer { class: "Screen__foot",
            Banner { kind: BannerKind::Bad, icon: Icon::Warn, takes_focus: true, test: "shut-afresh-said",
                strong { {words::AFRESH_SURE} }
                {words::AFRESH_TEXT}
            }
            Button {
                kind: ButtonKind::Danger,
                block: true,
                test: "shut-afresh-sure",
                onclick: move |()| {
                    onnot.call(());
                    send(Command::StartAfresh);
                },
                {words::AFRESH}
            }
            Button { kind: ButtonKind::Quiet, block: true, test: "shut-afresh-not", onclick: move |()| onnot.call(()), {words::NOT_NOW} }
        }
    }
}

/// The fields are emptied as soon as they were sent: the page keeps no secret.
#[component]
fn Choose(refused: bool) -> Element {
    let send = use_send();
    let twice = use_twice();
    let trying = use_view().read().busy == Some(Busy::Unlocking);
    let ready = twice.is_ready();
    let refused = refused && !trying && twice.first.read().is_empty();
    rsx! {
        form {
            class: "Screen__foot",
            novalidate: true,
            onsubmit: move |event| {
                event.prevent_default();
                if ready && !trying {
                    send(Command::GivePassphrase { passphrase: Secret(twice.take()) });
                }
            },
            div { class: "Stack",
                NewPassphrase {
                    twice,
                    label: words::PASSPHRASE,
                    fault: refused.then(words::new_refused),
                    takes_focus: true,
                }
            }
            Button { block: true, submit: true, busy: trying, disabled: !ready, test: "passphrase-submit",
                IconSvg { icon: Icon::Key, size: "s" }
                span { {words::USE} }
            }
            Button { kind: ButtonKind::Quiet, block: true, test: "shut-retry", onclick: move |()| send(Command::Retry), {words::LOOK_AGAIN} }
        }
    }
}

/// When Purse starts; and when a locked wallet is to be opened, which can stay locked.
#[component]
fn Ask(wrong: bool, onforgotten: EventHandler<()>) -> Element {
    let send = use_send();
    let mut text = use_signal(String::new);
    let (trying, from_lock) = {
        let view = use_view();
        let view = view.read();
        (view.busy == Some(Busy::Unlocking), view.app.is_some())
    };
    let ready = !text.read().is_empty();
    // The answer belongs to what was tried, not to what is typed or tried since.
    let wrong = wrong && !trying && !ready;
    rsx! {
        form {
            class: "Screen__foot",
            novalidate: true,
            onsubmit: move |event| {
                event.prevent_default();
                if ready && !trying {
                    send(Command::GivePassphrase { passphrase: Secret(std::mem::take(&mut *text.write())) });
                }
            },
            Field {
                label: words::PASSPHRASE,
                name: "passphrase",
                kind: "password",
                autocomplete: "current-password",
                value: text(),
                hint: if wrong { words::ASK_WRONG } else { words::ASK_HINT },
                invalid: wrong,
                verbatim: true,
                takes_focus: true,
                maxlength: PASSPHRASE_UNITS_MAX,
                test: "passphrase",
                oninput: move |typed| text.set(typed),
            }
            Button { block: true, submit: true, busy: trying, disabled: !ready, test: "passphrase-submit",
                IconSvg { icon: Icon::Key, size: "s" }
                span { {words::OPEN} }
            }
            if from_lock {
                Button { kind: ButtonKind::Quiet, block: true, test: "passphrase-not-now", onclick: move |()| send(Command::Lock), {words::NOT_NOW} }
            }
            Button { kind: ButtonKind::Quiet, block: true, test: "passphrase-forgotten", onclick: move |()| onforgotten.call(()), {words::FORGOTTEN} }
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
