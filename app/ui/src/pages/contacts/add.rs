//! Adding somebody: a handle, and what this person calls them.

use crate::parts::{Button, ButtonKind, Field, Sheet};
use crate::state::{use_open, use_send, use_view};
use crate::words::contacts as say;
use dioxus::prelude::*;
use purse_bridge::limits::{DISPLAY_NAME_CHARS_MAX, HANDLE_CHARS_MAX};
use purse_bridge::{Busy, Command, Handle, Notice, Open};

/// Whether a typed handle can be added, and what to say when not.
#[derive(Clone, Debug, PartialEq)]
enum Entry {
    Empty,
    Wrong,
    Own,
    Known,
    Good(Handle),
}

fn entry(open: &Open, typed: &str) -> Entry {
    if typed.trim().trim_start_matches('@').is_empty() {
        return Entry::Empty;
    }
    let Ok(handle) = typed.parse::<Handle>() else { return Entry::Wrong };
    if handle == open.me.handle {
        Entry::Own
    } else if open.contacts.iter().any(|contact| contact.saved && contact.handle == handle) {
        Entry::Known
    } else {
        Entry::Good(handle)
    }
}

#[component]
pub fn AddSheet(
    onclose: EventHandler<()>,
    #[props(default)] handle: String,
    #[props(default)] name: String,
) -> Element {
    let send = use_send();
    let mut handle = use_signal(|| handle);
    let mut name = use_signal(|| name);
    // The fix is shown once somebody tried, not at the first letter.
    let mut tried = use_signal(|| false);
    // What was asked for stays written until the core has it: a handle that nobody has is mended, not typed anew.
    let mut asked = use_signal(|| None::<Handle>);
    let view = use_view();
    use_effect(move || {
        let view = view.read();
        let Some(handle) = asked.peek().clone() else { return };
        let saved = |open: &Open| open.contacts.iter().any(|one| one.saved && one.handle == handle);
        if matches!(&view.stage, purse_bridge::Stage::Open(open) if saved(open)) {
            onclose.call(());
        } else if view.busy != Some(Busy::Saving) && view.notice.is_some() {
            asked.set(None);
        }
    });
    let unknown = match &view.read().notice {
        Some(Notice::UnknownHandle { handle }) => Some(handle.clone()),
        _ => None,
    };
    let Some(open) = use_open() else { return rsx! {} };

    let entered = entry(&open, &handle.read());
    let busy = asked.read().is_some();
    let (hint, invalid) = match &entered {
        Entry::Own => (say::HANDLE_OWN.to_owned(), true),
        Entry::Known if !busy => (say::HANDLE_TAKEN.to_owned(), true),
        Entry::Wrong | Entry::Empty if tried() => (say::HANDLE_WRONG.to_owned(), true),
        Entry::Good(handle) if unknown.as_ref() == Some(handle) => (say::nobody_has(handle.as_str()), true),
        Entry::Wrong | Entry::Empty | Entry::Known | Entry::Good(_) => (say::HANDLE_HINT.to_owned(), false),
    };
    rsx! {
        Sheet { title: say::ADD, onclose: move |()| onclose.call(()),
            form {
                class: "Stack",
                onsubmit: move |event| {
                    event.prevent_default();
                    if asked.peek().is_some() {
                        return;
                    }
                    if let Entry::Good(handle) = &entered {
                        let name = name.peek().trim().to_owned();
                        if view.peek().notice.is_some() {
                            send.call(Command::DismissNotice);
                        }
                        asked.set(Some(handle.clone()));
                        send.call(Command::AddContact { handle: handle.clone(), name });
                    } else {
                        tried.set(true);
                    }
                },
                Field {
                    label: say::HANDLE,
                    name: "handle",
                    verbatim: true,
                    value: handle.read().clone(),
                    hint,
                    invalid,
                    // With its sign, and room to see that it is too long.
                    maxlength: HANDLE_CHARS_MAX + 10,
                    test: "contact-add-handle",
                    oninput: move |typed| {
                        handle.set(typed);
                        tried.set(false);
                    },
                }
                Field {
                    label: say::NAME,
                    name: "name",
                    value: name.read().clone(),
                    hint: say::NAME_HINT,
                    maxlength: DISPLAY_NAME_CHARS_MAX,
                    test: "contact-add-name",
                    oninput: move |typed| name.set(typed),
                }
                div { class: "Sheet__act",
                    Button { block: true, submit: true, busy, test: "contact-add-submit", {say::ADD} }
                    Button { kind: ButtonKind::Quiet, block: true, onclick: move |()| onclose.call(()), {say::CLOSE} }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::fixture::{handle, open};

    #[test]
    fn who_can_be_added() {
        let check = |typed: &str, want: Entry| assert_eq!(entry(&open(), typed), want, "{typed}");
        check("", Entry::Empty);
        check(" @ ", Entry::Empty);
        check("ab", Entry::Wrong);
        check("two words", Entry::Wrong);
        check("@Ana", Entry::Own);
        check("kavya", Entry::Known);
        check("@Lea.F", Entry::Good(handle("lea.f")));
    }
}
