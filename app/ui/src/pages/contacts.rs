//! The people in the book. Only this person's own devices can read who they are.

mod add;
mod one;
mod person;

pub use person::Contact;

use crate::app::Route;
use crate::parts::{
    Button, ButtonKind, ContactLine, EmptyState, Field, Icon, IconButton, Mark, Pill, Screen, TopBar,
};
use crate::state::use_open;
use crate::words::contacts as say;
use add::AddSheet;
use dioxus::prelude::*;
use purse_bridge::ContactView;
use purse_bridge::find::{matches, words};

/// From so many on, a search stands above the list.
const SEARCH_FROM: usize = 8;

#[component]
pub fn Contacts() -> Element {
    let mut search = use_signal(String::new);
    let mut adding = use_signal(|| false);
    let Some(open) = use_open() else { return rsx! {} };

    let searched = search.read().clone();
    let typed = words(&searched);
    let found =
        open.contacts.iter().filter(|contact| matches(&typed, &[&contact.name, contact.handle.as_str()]));
    let (list, met): (Vec<ContactView>, Vec<ContactView>) = found.cloned().partition(|contact| contact.saved);
    let none = open.contacts.is_empty();
    let kind = if none { "centre" } else { "" };

    rsx! {
        Screen { title: say::TITLE, kind,
            TopBar { title: say::TITLE,
                if !none {
                    IconButton { label: say::ADD, icon: Icon::Plus, test: "contact-add", onclick: move |()| adding.set(true) }
                }
            }
            div { class: "Screen__scroll",
                if none {
                    EmptyState { icon: Icon::People, title: say::EMPTY_TITLE, text: say::EMPTY_TEXT,
                        Button { block: true, test: "contact-add", onclick: move |()| adding.set(true), {say::ADD} }
                    }
                } else {
                    if open.contacts.len() >= SEARCH_FROM || !searched.is_empty() {
                        Field {
                            label: say::SEARCH,
                            label_hidden: true,
                            name: "search",
                            kind: "search",
                            icon: Icon::Search,
                            placeholder: say::SEARCH,
                            value: searched.clone(),
                            test: "contact-search",
                            oninput: move |text| search.set(text),
                        }
                    }
                    if list.is_empty() && met.is_empty() {
                        EmptyState { icon: Icon::Search, title: say::NONE_FOUND_TITLE, text: say::NONE_FOUND,
                            Button { kind: ButtonKind::Soft, block: true, onclick: move |()| search.set(String::new()), {say::SHOW_ALL} }
                        }
                    } else {
                        if !list.is_empty() {
                            ul { class: "List Card",
                                for contact in list {
                                    li { key: "{contact.handle}", Row { contact } }
                                }
                            }
                        }
                        if !met.is_empty() {
                            section { class: "Section", "aria-labelledby": "contacts-met",
                                h2 { class: "Section__title", id: "contacts-met", {say::MET} }
                                ul { class: "List Card",
                                    for contact in met {
                                        li { key: "{contact.handle}", Row { contact } }
                                    }
                                }
                            }
                        }
                    }
                }
            }
            if adding() {
                AddSheet { onclose: move |()| adding.set(false) }
            }
        }
    }
}

#[component]
fn Row(contact: ContactView) -> Element {
    let handle = contact.handle.to_string();
    let here = matches!(use_route::<Route>(), Route::Contact { handle: shown } if shown == handle);
    rsx! {
        Link {
            to: Route::Contact { handle: handle.clone() },
            class: "ListRow",
            "aria-current": if here { "true" },
            "data-test": "contact-row",
            "data-handle": "{handle}",
            "data-favourite": contact.favourite.to_string(),
            ContactLine { contact: contact.clone(),
                if contact.blocked {
                    Pill { mark: Mark::Slash, look: "cancelled", text: say::BLOCKED }
                }
            }
        }
    }
}
