//! Passkeys: which there are, one more, another name, or away with one.

use super::settings_devices::use_refresh_access;
use crate::parts::{
    Badge, Banner, BannerKind, Button, ButtonKind, Field, Icon, IconSvg, Screen, Sheet, Skeleton, TopBar,
};
use crate::state::{use_format, use_open, use_send, use_view};
use dioxus::prelude::*;
use purse_bridge::{Busy, Command, Network, PasskeyView};

/// A passkey's name is for its owner only; as long as a device's.
const NAME_MAX: usize = 60;

#[derive(Clone, PartialEq)]
enum Over {
    Nothing,
    Add,
    /// By id.
    One(String),
}

#[component]
pub fn Passkeys() -> Element {
    let send = use_send();
    let mut over = use_signal(|| Over::Nothing);
    use_refresh_access(send);
    let offline = matches!(use_view().read().network, Network::Offline { .. });
    let Some(open) = use_open() else { return rsx! {} };
    rsx! {
        Screen { title: "Passkeys",
            TopBar { title: "Passkeys", back: true }
            div { class: "Screen__scroll",
                p { class: "Section__note",
                    "A passkey signs you in and confirms large payments. It replaces the password."
                }
                match (&open.passkeys, offline) {
                    (Some(passkeys), _) => rsx! {
                        ul { class: "List Card",
                            for passkey in passkeys.iter().cloned() {
                                li { key: "{passkey.id}",
                                    PasskeyRow {
                                        onclick: {
                                            let id = passkey.id.clone();
                                            move |()| over.set(Over::One(id.clone()))
                                        },
                                        passkey,
                                    }
                                }
                            }
                        }
                        if !open.recovery.by_passkey {
                            WeakNote {}
                        } else if passkeys.len() == 1 {
                            Banner { kind: BannerKind::Info, quiet: true,
                                strong { "This is your only passkey" }
                                "Add another one on a second device or a security key, in case you lose this one."
                            }
                        }
                    },
                    (None, false) => rsx! { Skeleton { rows: 2 } },
                    (None, true) => rsx! { OfflineNote {} },
                }
            }
            footer { class: "Screen__foot",
                Button { block: true, disabled: offline, test: "passkey-add", onclick: move |()| over.set(Over::Add),
                    IconSvg { icon: Icon::Plus, size: "s" }
                    span { "Add a passkey" }
                }
            }
            match over() {
                Over::Nothing => rsx! {},
                Over::Add => rsx! { AddSheet { onclose: move |()| over.set(Over::Nothing) } },
                Over::One(id) => match open.passkeys.iter().flatten().find(|one| one.id == id) {
                    Some(passkey) => rsx! {
                        OneSheet { passkey: passkey.clone(), offline, onclose: move |()| over.set(Over::Nothing) }
                    },
                    None => rsx! {},
                },
            }
        }
    }
}

/// A browser without PRF: said where somebody looks for who can get in.
#[component]
pub(super) fn WeakNote() -> Element {
    rsx! {
        Banner { kind: BannerKind::Info, icon: Icon::Warn, quiet: true, test: "weak-note",
            strong { "Notes and contacts open with this browser’s own key" }
            "This browser’s passkeys cannot seal them. Whoever copies this browser’s files can open them. A recovery code opens them on your other devices."
        }
    }
}

#[component]
pub(super) fn OfflineNote() -> Element {
    rsx! {
        Banner { kind: BannerKind::Offline, quiet: true,
            strong { "You are offline" }
            "This list comes from Purse. It is shown as soon as there is a network."
        }
    }
}

#[component]
fn PasskeyRow(passkey: PasskeyView, onclick: EventHandler<()>) -> Element {
    let format = use_format();
    let used = match passkey.last_used_at {
        Some(at) => format!("Last used {}", format.ago(at)),
        None => format!("Added {}, not used yet", format.ago(passkey.created_at)),
    };
    rsx! {
        button {
            class: "ListRow ListRow--wrap",
            r#type: "button",
            "data-test": "passkey-row",
            "data-id": "{passkey.id}",
            onclick: move |_| onclick.call(()),
            Badge { icon: Icon::Passkey }
            span { class: "ListRow__text",
                span { class: "ListRow__title", bdi { "{passkey.name}" } }
                span { class: "ListRow__sub",
                    span {
                        "{used}"
                        if !passkey.opens_vault {
                            " · signs in, but does not open notes and contacts"
                        }
                    }
                }
            }
            IconSvg { icon: Icon::Next, size: "s" }
        }
    }
}

#[component]
fn AddSheet(onclose: EventHandler<()>) -> Element {
    let send = use_send();
    let busy = use_view().read().busy == Some(Busy::Saving);
    let mut name = use_signal(String::new);
    let empty = name.read().trim().is_empty();
    rsx! {
        Sheet { title: "Add a passkey", onclose,
            form {
                class: "Sheet__form",
                onsubmit: move |event| {
                    event.prevent_default();
                    let name = name.peek().trim().to_owned();
                    if !name.is_empty() && !busy {
                        send(Command::AddPasskey { name });
                        onclose.call(());
                    }
                },
                Field {
                    label: "Name",
                    name: "passkey-name",
                    value: name(),
                    hint: "So that you know it again: “Phone”, “Key in the drawer”.",
                    maxlength: NAME_MAX,
                    test: "passkey-name",
                    oninput: move |text| name.set(text),
                }
                div { class: "Sheet__act",
                    Button { block: true, submit: true, busy, disabled: empty, test: "passkey-add-confirm",
                        IconSvg { icon: Icon::Passkey, size: "s" }
                        span { "Make the passkey" }
                    }
                }
            }
        }
    }
}

#[component]
fn OneSheet(passkey: PasskeyView, offline: bool, onclose: EventHandler<()>) -> Element {
    let send = use_send();
    let format = use_format();
    let mut name = use_signal(|| passkey.name.clone());
    let mut sure = use_signal(|| false);
    let id = passkey.id.clone();
    let changed = !name.read().trim().is_empty() && name.read().trim() != passkey.name;
    let rename = move |event: FormEvent| {
        event.prevent_default();
        if changed && !offline {
            send(Command::RenamePasskey { id: id.clone(), name: name.peek().trim().to_owned() });
            onclose.call(());
        }
    };
    let id = passkey.id.clone();
    rsx! {
        Sheet { title: passkey.name.clone(), onclose,
            p { class: "Section__note", "Added {format.ago(passkey.created_at)}." }
            form { class: "Sheet__form", onsubmit: rename,
                Field {
                    label: "Name",
                    name: "passkey-rename",
                    value: name(),
                    maxlength: NAME_MAX,
                    test: "passkey-rename",
                    oninput: move |text| name.set(text),
                }
                Button { kind: ButtonKind::Soft, block: true, submit: true, disabled: !changed || offline, "Save the name" }
            }
            div { class: "Sheet__act",
                if sure() {
                    Banner { kind: BannerKind::Bad, icon: Icon::Warn, takes_focus: true,
                        strong { "It will no longer sign you in" }
                        "Delete it in your device’s own settings too. You confirm this with a passkey."
                    }
                    Button {
                        kind: ButtonKind::Danger,
                        block: true,
                        disabled: offline,
                        test: "passkey-revoke-confirm",
                        onclick: move |()| {
                            send(Command::RevokePasskey { id: id.clone() });
                            onclose.call(());
                        },
                        "Remove {passkey.name}"
                    }
                } else {
                    Button {
                        kind: ButtonKind::Quiet,
                        block: true,
                        disabled: offline,
                        test: "passkey-revoke",
                        onclick: move |()| sure.set(true),
                        "Remove this passkey"
                    }
                }
            }
        }
    }
}
