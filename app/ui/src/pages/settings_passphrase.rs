//! Another passphrase for the keys of this device, where a passphrase seals them.

use super::shut::PASSPHRASE_UNITS_MAX;
use crate::app::Route;
use crate::parts::{Button, Field, Icon, IconSvg, NewPassphrase, Screen, TopBar, use_leave, use_twice};
use crate::state::{use_instead, use_send, use_view};
use crate::words::{locking as say, shut as words};
use dioxus::prelude::*;
use purse_bridge::{Busy, Command, Notice, Secret};

/// The page is left when it is done. After a wrong current one the new one stands there still, so that it need not be
/// typed a third time.
#[component]
pub fn ChangePassphrase() -> Element {
    let send = use_send();
    let leave = use_leave();
    let instead = use_instead();
    let mut current = use_signal(String::new);
    let twice = use_twice();
    // What a notice says is about what was asked here.
    let mut asked = use_signal(|| false);
    let view = use_view();
    let has_passphrase = use_memo(move || view.read().app.is_some_and(|app| app.has_passphrase));
    let changed = use_memo(move || view.read().notice == Some(Notice::PassphraseChanged));
    use_effect(move || {
        if !has_passphrase() {
            instead(Route::Settings {});
        } else if changed() && *asked.peek() {
            asked.set(false);
            leave.call(());
        }
    });
    let (busy, wrong) = {
        let view = view.read();
        let wrong = asked() && view.notice == Some(Notice::WrongPassphrase) && current.read().is_empty();
        (view.busy == Some(Busy::Saving), wrong)
    };
    let is_current = !twice.first.read().is_empty() && *twice.first.read() == *current.read();
    let ready = !current.read().is_empty() && twice.is_ready() && !is_current;
    rsx! {
        Screen { title: say::CHANGE, kind: "narrow",
            TopBar { title: say::CHANGE, back: true }
            form {
                class: "Screen__form",
                novalidate: true,
                onsubmit: move |event| {
                    event.prevent_default();
                    if ready && !busy {
                        asked.set(true);
                        let current = Secret(std::mem::take(&mut *current.write()));
                        let new = Secret(twice.first.peek().clone());
                        send(Command::ChangePassphrase { current, new });
                    }
                },
                div { class: "Screen__scroll",
                    p { class: "Section__note", {say::CHANGE_NOTE} }
                    Field {
                        label: say::CURRENT,
                        name: "passphrase-current",
                        kind: "password",
                        autocomplete: "current-password",
                        value: current(),
                        hint: if wrong { words::ASK_WRONG } else { words::ASK_HINT },
                        invalid: wrong,
                        verbatim: true,
                        maxlength: PASSPHRASE_UNITS_MAX,
                        test: "passphrase-current",
                        oninput: move |typed| current.set(typed),
                    }
                    NewPassphrase {
                        twice,
                        label: say::NEW,
                        fault: is_current.then(|| say::NEW_IS_CURRENT.to_owned()),
                    }
                    p { class: "Section__note", {say::OLD_COPIES} }
                }
                footer { class: "Screen__foot",
                    Button { block: true, submit: true, busy, disabled: !ready, test: "passphrase-change",
                        IconSvg { icon: Icon::Key, size: "s" }
                        span { {say::CHANGE} }
                    }
                }
            }
        }
    }
}
