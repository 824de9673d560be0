//! Who to pay: a name or a handle typed, somebody paid before, or a contact.

use crate::app::Route;
use crate::parts::{Avatar, Button, ContactLine, EmptyState, Field, Icon, IconButton, Screen, TopBar};
use crate::state::use_open;
use crate::words::{pay as say, scan};
use dioxus::prelude::*;
use purse_bridge::find::{matches, words};
use purse_bridge::limits::HANDLE_CHARS_MIN;
use purse_bridge::{ContactView, Handle, Open};

#[component]
pub fn Pay() -> Element {
    let mut typed = use_signal(String::new);
    let mut tried = use_signal(|| false);
    let Some(open) = use_open() else { return rsx! {} };

    let entered = typed.read().clone();
    let found = found(&open, &entered);
    let handle = entered.parse::<Handle>().ok();
    let own = handle.as_ref() == Some(&open.me.handle);
    let ready = handle.clone().filter(|_| !own);
    // A name that no contact has and that can become no handle is a dead end: the hint says what would work.
    let lost = !entered.trim().is_empty()
        && handle.is_none()
        && (found.is_empty() && !unfinished(&entered) || tried());
    let hint = match &handle {
        _ if own => say::OWN_HANDLE.to_owned(),
        _ if lost => say::HANDLE_NEEDED.to_owned(),
        Some(handle) if !open.contacts.iter().any(|contact| contact.handle == *handle) => {
            say::looks_up(handle.as_str())
        }
        _ => String::new(),
    };
    let go = move || match &ready {
        Some(handle) => {
            navigator().push(Route::PayTo { handle: handle.to_string() });
        }
        None => tried.set(true),
    };
    let submit = {
        let mut go = go.clone();
        move |event: FormEvent| {
            event.prevent_default();
            go();
        }
    };
    let nobody_yet = open.contacts.is_empty() && open.recent_payees.is_empty();

    rsx! {
        Screen { title: say::PAY, kind: "narrow",
            TopBar { title: say::PAY, back: true,
                IconButton {
                    label: scan::TITLE,
                    icon: Icon::Code,
                    test: "pay-scan",
                    onclick: move |()| {
                        navigator().push(Route::Scan {});
                    },
                }
            }
            div { class: "Screen__scroll",
                form { onsubmit: submit,
                    Field {
                        label: say::WHO_LABEL,
                        label_hidden: true,
                        name: "payee",
                        kind: "search",
                        icon: Icon::Search,
                        placeholder: say::WHO_PLACEHOLDER,
                        verbatim: true,
                        maxlength: 60,
                        value: entered.clone(),
                        invalid: own || lost,
                        hint,
                        test: "pay-handle",
                        oninput: move |text| {
                            typed.set(text);
                            tried.set(false);
                        },
                    }
                }
                if entered.trim().is_empty() && !open.recent_payees.is_empty() {
                    section { class: "Section",
                        div { class: "Section__head",
                            h2 { class: "Section__title", {say::RECENT} }
                        }
                        ul { class: "FacesRow",
                            for payee in open.recent_payees.iter().cloned() {
                                li { key: "{payee.handle}", Face { contact: payee } }
                            }
                        }
                    }
                }
                if !found.is_empty() {
                    section { class: "Section",
                        div { class: "Section__head",
                            h2 { class: "Section__title", {say::CONTACTS} }
                        }
                        ul { class: "List Card",
                            for contact in found {
                                li { key: "{contact.handle}", PayeeRow { contact } }
                            }
                        }
                    }
                } else if nobody_yet && entered.trim().is_empty() {
                    EmptyState { icon: Icon::People, title: say::NO_CONTACTS_TITLE, text: say::NO_CONTACTS_TEXT }
                }
            }
            footer { class: "Screen__foot",
                Button {
                    block: true,
                    disabled: handle.is_none() || own,
                    test: "pay-next",
                    onclick: { let mut go = go.clone(); move |()| go() },
                    {say::NEXT}
                }
            }
        }
    }
}

/// Too short for a handle so far, but nothing in it speaks against one.
fn unfinished(entered: &str) -> bool {
    let typed = entered.trim().trim_start_matches('@');
    typed.chars().count() < HANDLE_CHARS_MIN && format!("{typed}aaa").parse::<Handle>().is_ok()
}

/// The contacts that fit what was typed; favourites first, each part by name.
fn found(open: &Open, entered: &str) -> Vec<ContactView> {
    let searched = words(entered);
    let mut list: Vec<ContactView> = open
        .contacts
        .iter()
        .filter(|contact| contact.handle != open.me.handle)
        .filter(|contact| matches(&searched, &[&contact.name, contact.handle.as_str()]))
        .cloned()
        .collect();
    list.sort_by_key(|contact| !contact.favourite);
    list
}

/// Somebody paid before: a face and a first name.
#[component]
fn Face(contact: ContactView) -> Element {
    let short = contact.name.split_whitespace().next().unwrap_or(contact.handle.as_str()).to_owned();
    let handle = contact.handle.to_string();
    // The first name for the eye; for the ear the rest follows it.
    let rest = contact.name.trim().strip_prefix(&short).unwrap_or_default().to_owned();
    rsx! {
        Link { to: Route::PayTo { handle: handle.clone() },
            Avatar { name: contact.name.clone(), seed: handle.clone(), size: "l" }
            span {
                bdi { "{short}" }
                span { class: "sr-only", "{rest}, @{handle}" }
            }
        }
    }
}

#[component]
fn PayeeRow(contact: ContactView) -> Element {
    let handle = contact.handle.to_string();
    rsx! {
        Link { to: Route::PayTo { handle: handle.clone() }, class: "ListRow", "data-test": "payee-row", "data-handle": "{handle}",
            ContactLine { contact }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::fixture::{contact, open};

    #[test]
    fn a_short_entry_may_become_a_handle() {
        let check = |typed: &str, want: bool| assert_eq!(unfinished(typed), want, "{typed}");
        check("z", true);
        check("@zo", true);
        check("", true);
        check("1", false);
        check("zoe", false);
        check("z z", false);
    }

    #[test]
    fn favourites_come_first_and_oneself_never() {
        let mut open = open();
        open.contacts =
            vec![contact("ana", "Me"), contact("kavya", "Kavya Raman"), contact("tomas.f", "Tomás")];
        open.contacts[2].favourite = true;
        let check = |typed: &str, want: &[&str]| {
            let got: Vec<_> = found(&open, typed).iter().map(|c| c.handle.to_string()).collect();
            assert_eq!(got, want, "{typed}");
        };
        check("", &["tomas.f", "kavya"]);
        check("tomas", &["tomas.f"]);
        check("@kav", &["kavya"]);
        check("raman", &["kavya"]);
        check("zoe", &[]);
    }
}
