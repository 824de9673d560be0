//! The recovery code: made once, shown once, kept on paper.

use super::settings_passkeys::WeakNote;
use crate::browser;
use crate::parts::{Banner, BannerKind, Button, ButtonKind, Icon, IconSvg, Screen, TopBar};
use crate::state::{use_open, use_send, use_view};
use dioxus::prelude::*;
use purse_bridge::{Busy, Command, Network};

#[component]
pub fn RecoveryCode() -> Element {
    let Some(open) = use_open() else { return rsx! {} };
    rsx! {
        Screen { title: "Recovery code",
            TopBar { title: "Recovery code", back: true }
            match &open.recovery.code_to_show {
                Some(groups) => rsx! { Shown { groups: groups.0.clone() } },
                None => rsx! { Make { saved: open.recovery.saved, by_passkey: open.recovery.by_passkey } },
            }
        }
    }
}

#[component]
fn Make(saved: bool, by_passkey: bool) -> Element {
    let send = use_send();
    let (busy, offline) = {
        let view = use_view();
        let view = view.read();
        (view.busy == Some(Busy::Saving), matches!(view.network, Network::Offline { .. }))
    };
    rsx! {
        div { class: "Screen__scroll",
            if saved {
                Banner { kind: BannerKind::Good, quiet: true,
                    strong { "You have written one down" }
                    "A new code takes its place: the old one then opens nothing."
                }
            } else {
                Banner { kind: BannerKind::Info, icon: Icon::Key, quiet: true,
                    strong { "Not saved yet" }
                    "Without it, losing every passkey and device means losing your notes and contacts."
                }
            }
            if !by_passkey {
                WeakNote {}
            }
            p { class: "Section__note",
                "The code opens your notes and contacts when no passkey can. It does not pay, and it does not sign in. Have a pen and paper ready: it is shown once."
            }
            if offline {
                p { class: "Section__note", "Making it needs a network." }
            }
        }
        footer { class: "Screen__foot",
            Button {
                block: true,
                busy,
                disabled: offline,
                test: "recovery-make",
                onclick: move |()| send(Command::MakeRecoveryCode),
                IconSvg { icon: Icon::Key, size: "s" }
                span {
                    if saved {
                        "Make a new code"
                    } else {
                        "Show the recovery code"
                    }
                }
            }
        }
    }
}

#[component]
fn Shown(groups: Vec<String>) -> Element {
    let send = use_send();
    // `None`: not tried. The browser may refuse.
    let mut copied = use_signal(|| None::<bool>);
    let text = groups.join(" ");
    rsx! {
        div { class: "Screen__scroll",
            div { class: "Outcome__lead",
                h2 { class: "EmptyState__title", "Write this down" }
                p { class: "Section__note",
                    "It opens your notes and contacts if you lose every passkey and device. It is shown once."
                }
            }
            div { class: "Card RecoveryCode",
                ol { "data-test": "recovery-code", "aria-label": "Recovery code",
                    for (place, group) in groups.iter().enumerate() {
                        li { key: "{place}", "{group}" }
                    }
                }
            }
            Banner { kind: BannerKind::Plain, icon: Icon::Lock, quiet: true,
                strong { "Keep it on paper" }
                "Nobody at Purse can see it, send it again or open your notes without it."
            }
        }
        footer { class: "Screen__foot",
            Button { block: true, test: "recovery-done", onclick: move |()| send(Command::RecoveryCodeWritten),
                "I have written it down"
            }
            Button { kind: ButtonKind::Quiet, block: true, test: "recovery-copy", onclick: move |()| {
                    let text = text.clone();
                    spawn(async move { copied.set(Some(browser::copy(text).await)) });
                },
                IconSvg { icon: if copied() == Some(true) { Icon::Check } else { Icon::Copy }, size: "s" }
                span {
                    if copied() == Some(true) {
                        "Copied"
                    } else {
                        "Copy the code"
                    }
                }
            }
            p { class: if copied() == Some(false) { "Fine" } else { "sr-only" }, role: "status",
                match copied() {
                    None => "",
                    Some(true) => "The code is copied. Keep it where nobody else looks.",
                    Some(false) => "This browser does not let it be copied. Write it down.",
                }
            }
        }
    }
}
