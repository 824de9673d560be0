//! One person: paying them, what they are called, and what went between the two.

use super::add::AddSheet;
use super::one::Manage;
use crate::app::Route;
use crate::parts::{
    Avatar, Button, ButtonKind, ButtonLink, EmptyState, Icon, IconButton, IconSvg, Mark, More, PaymentRow,
    Pill, Screen, TopBar, contact_name,
};
use crate::state::{use_open, use_send};
use crate::words::{self, contacts as say};
use dioxus::prelude::*;
use purse_bridge::{Between, Command, ContactView, Handle, Open};

/// So many payments stand there at first, and so many more each time they are asked for.
const PAYMENTS_FIRST: usize = 10;
const PAYMENTS_MORE: usize = 50;

/// Another person is another page.
#[component]
pub fn Contact(handle: String) -> Element {
    let parsed = handle.parse::<Handle>().ok();
    rsx! {
        if parsed.is_none() {
            Screen { title: say::TITLE, kind: "centre",
                TopBar { title: say::TITLE, back: true }
                div { class: "Screen__scroll",
                    EmptyState { icon: Icon::People, title: say::WRONG_TITLE, text: say::WRONG_TEXT,
                        ButtonLink { to: Route::Contacts {}, block: true, {say::SEE_ALL} }
                    }
                }
            }
        }
        for handle in parsed {
            Person { key: "{handle}", handle: handle.clone() }
        }
    }
}

/// Somebody in the book, somebody paid before, or only a handle.
fn person(open: &Open, handle: &Handle) -> ContactView {
    let known = open.contacts.iter().chain(&open.recent_payees).find(|contact| contact.handle == *handle);
    let party = || between(open, handle)?.payments.first().map(|payment| payment.party.clone());
    known.cloned().unwrap_or_else(|| {
        let party = party();
        let user = party.as_ref().and_then(|party| party.user);
        ContactView {
            handle: handle.clone(),
            name: party.map(|party| party.name).unwrap_or_default(),
            user,
            favourite: false,
            blocked: user.is_some_and(|user| open.blocked.contains(&user)),
            last_paid_at: None,
            saved: false,
        }
    })
}

/// What went between the two; `None` until the core has looked.
fn between<'a>(open: &'a Open, handle: &Handle) -> Option<&'a Between> {
    open.between.iter().find(|between| between.handle == *handle)
}

#[component]
fn Person(handle: Handle) -> Element {
    let send = use_send();
    let mut adding = use_signal(|| false);
    // Removing by mistake should not cost the name.
    let mut kept_name = use_signal(String::new);
    let open = use_open();
    let unasked = open.as_ref().and_then(|open| between(open, &handle).is_none().then(|| handle.clone()));
    use_effect(use_reactive!(|unasked| {
        if let Some(handle) = unasked {
            send.call(Command::ShowPerson { handle, shown: PAYMENTS_FIRST });
        }
    }));
    let Some(open) = open else { return rsx! {} };

    let contact = person(&open, &handle);
    let name = contact_name(&contact);
    if contact.saved && *kept_name.peek() != contact.name {
        kept_name.set(contact.name.clone());
    }
    let payments = between(&open, &handle).filter(|between| !between.payments.is_empty()).cloned();
    let own = open.me.handle == handle;
    let favourite = contact.favourite;
    let key = handle.clone();

    rsx! {
        Screen { title: name.clone(),
            TopBar { title: say::CONTACT, back: true,
                if contact.saved {
                    IconButton {
                        label: if favourite { say::NO_FAVOURITE } else { say::MAKE_FAVOURITE },
                        icon: Icon::Star,
                        pressed: favourite,
                        fills: true,
                        test: "contact-favourite",
                        onclick: move |()| {
                            send.call(Command::SetFavourite { user: key.clone(), favourite: !favourite });
                        },
                    }
                }
            }
            div { class: "Screen__scroll", "data-test": "contact", "data-saved": contact.saved.to_string(),
                div { class: "DetailHead",
                    Avatar { name: name.clone(), seed: handle.to_string(), size: "l" }
                    h2 { class: "DetailHead__name DetailHead__name--large", bdi { "{name}" } }
                    p { class: "Section__note", "@{handle}" }
                    if contact.blocked {
                        Pill { mark: Mark::Slash, look: "cancelled", text: say::BLOCKED, boxed: true }
                    }
                    if !contact.saved && !own {
                        p { class: "Section__note", {say::NOT_SAVED} }
                    }
                }
                if let Some(Between { handle, shown, payments, complete }) = payments {
                    section { class: "Section", "data-test": "contact-payments", "data-complete": complete.to_string(),
                        h2 { class: "Section__title", {say::PAYMENTS} }
                        ul { class: "List Card",
                            for payment in payments.iter().cloned() {
                                li { key: "{payment.id}", PaymentRow { payment } }
                            }
                        }
                        if !complete {
                            More {
                                loaded: payments.len(),
                                say: words::activity::LOAD_OLDER,
                                command: Command::ShowPerson { handle, shown: shown + PAYMENTS_MORE },
                                test: "contact-older",
                            }
                        }
                    }
                }
                if !own {
                    Manage { contact: contact.clone() }
                }
            }
            if !own {
                footer { class: "Screen__foot",
                    ButtonLink { to: Route::PayTo { handle: handle.to_string() }, block: true, test: "contact-pay",
                        IconSvg { icon: Icon::Out, size: "s" }
                        span { {say::pay(&name)} }
                    }
                    ButtonLink { to: Route::AskOf { handle: handle.to_string() }, kind: ButtonKind::Soft, block: true, test: "contact-ask",
                        IconSvg { icon: Icon::In, size: "s" }
                        span { {words::ask::TITLE} }
                    }
                    if !contact.saved {
                        Button { kind: ButtonKind::Soft, block: true, test: "contact-keep", onclick: move |()| adding.set(true), {say::KEEP} }
                    }
                }
            }
            if adding() {
                AddSheet { handle: handle.to_string(), name: kept_name.peek().clone(), onclose: move |()| adding.set(false) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::fixture::{handle, open, paid};
    use purse_bridge::PaymentState;

    #[test]
    fn a_person_need_not_be_in_the_book() {
        let mut open = open();
        assert!(person(&open, &handle("kavya")).saved);
        open.contacts.clear();
        let payments = vec![paid(1, PaymentState::Settled)];
        open.between = vec![Between { handle: handle("kavya"), shown: 10, payments, complete: true }];
        let stranger = person(&open, &handle("kavya"));
        assert_eq!((stranger.name.as_str(), stranger.saved), ("Kavya Raman", false));
        assert_eq!(contact_name(&person(&open, &handle("lea"))), "@lea");
        assert!(between(&open, &handle("kavya")).is_some());
        assert!(between(&open, &handle("lea")).is_none());
    }
}
