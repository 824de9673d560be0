//! What can be changed about one person: the name, whether they are in the book, whether they may pay.

use crate::parts::{Badge, Button, ButtonKind, Field, Icon};
use crate::state::{use_open, use_send};
use crate::words::contacts as say;
use dioxus::prelude::*;
use purse_bridge::limits::DISPLAY_NAME_CHARS_MAX;
use purse_bridge::{Command, ContactView};

#[component]
pub fn Manage(contact: ContactView) -> Element {
    let send = use_send();
    let Some(open) = use_open() else { return rsx! {} };
    let blocked = contact.user.map_or(contact.blocked, |user| open.blocked.contains(&user));
    let (block, block_sub) =
        if blocked { (say::UNBLOCK, say::UNBLOCK_SUB) } else { (say::BLOCK, say::BLOCK_SUB) };
    let handle = contact.handle.clone();
    rsx! {
        if contact.saved {
            Rename { contact: contact.clone() }
        }
        if contact.saved || contact.user.is_some() {
            ul { class: "List Card",
                if let Some(user) = contact.user {
                    li {
                        button {
                            class: "ListRow ListRow--wrap",
                            r#type: "button",
                            "data-test": "contact-block",
                            "data-blocked": blocked.to_string(),
                            onclick: move |_| send.call(Command::SetBlocked { user, blocked: !blocked }),
                            Badge { icon: if blocked { Icon::Check } else { Icon::Block } }
                            Words { title: block, sub: block_sub }
                        }
                    }
                }
                if contact.saved {
                    li {
                        button {
                            class: "ListRow ListRow--wrap",
                            r#type: "button",
                            "data-test": "contact-remove",
                            onclick: move |_| send.call(Command::RemoveContact { user: handle.clone() }),
                            Badge { icon: Icon::Trash, tint: "bad" }
                            Words { title: say::REMOVE, sub: say::REMOVE_SUB }
                        }
                    }
                }
            }
        }
    }
}

#[component]
fn Words(title: &'static str, sub: &'static str) -> Element {
    rsx! {
        span { class: "ListRow__text",
            span { class: "ListRow__title", {title} }
            span { class: "ListRow__sub", span { {sub} } }
        }
    }
}

#[component]
fn Rename(contact: ContactView) -> Element {
    let send = use_send();
    let kept = contact.name.clone();
    let mut name = use_signal(|| kept.clone());
    let mut last = use_signal(|| kept.clone());
    // Another device renamed them: follow, unless a name is being typed here.
    use_effect(use_reactive!(|kept| {
        if *last.peek() != kept {
            if *name.peek() == *last.peek() {
                name.set(kept.clone());
            }
            last.set(kept);
        }
    }));
    let typed = name.read().trim().to_owned();
    let changed = !typed.is_empty() && typed != contact.name;
    let handle = contact.handle.clone();
    rsx! {
        form {
            class: "Card Card--pad Stack",
            onsubmit: move |event| {
                event.prevent_default();
                let name = name.peek().trim().to_owned();
                if !name.is_empty() {
                    send.call(Command::RenameContact { user: handle.clone(), name });
                }
            },
            Field {
                label: say::NAME,
                name: "name",
                value: name.read().clone(),
                hint: say::NAME_HINT,
                maxlength: DISPLAY_NAME_CHARS_MAX,
                test: "contact-name",
                oninput: move |typed| name.set(typed),
            }
            if changed {
                Button { kind: ButtonKind::Soft, small: true, submit: true, test: "contact-rename", {say::RENAME} }
            }
        }
    }
}
