//! Who is paid, as the amount and the review show it: the name, and how sure it is.

use super::draft::{Known, Payee};
use crate::app::Route;
use crate::parts::{Avatar, Banner, BannerKind, Mark, Pill};
use crate::words::pay as say;
use dioxus::prelude::*;

/// On the amount page: with the way back to choose somebody else.
#[component]
pub fn PayeeCard(payee: Payee, online: bool) -> Element {
    let name = payee.shown();
    rsx! {
        Link { to: Route::Pay {}, class: "Payee",
            Avatar { name: name.clone(), seed: payee.handle.to_string() }
            span { class: "ListRow__text",
                span { class: "ListRow__title", bdi { "{name}" } }
                span { class: "ListRow__sub",
                    match (&payee.known, online) {
                        (Known::Checked { .. }, _) => rsx! {
                            Pill { mark: Mark::Done, look: "verified", text: say::NAME_CHECKED }
                        },
                        (Known::Contact, _) => rsx! {
                            span { {say::NAME_KNOWN} }
                        },
                        (Known::PaidBefore, _) => rsx! {
                            span { {say::PAID_BEFORE} }
                        },
                        (Known::NotYet, true) => rsx! {
                            Pill { mark: Mark::Arc, look: "sending", text: say::NAME_ASKING }
                        },
                        (Known::NotYet, false) | (Known::NoAnswer, _) => rsx! {
                            Pill { mark: Mark::Ring, look: "held", text: say::NAME_LATER }
                        },
                        (Known::Nobody | Known::Myself, _) => rsx! {},
                    }
                    if payee.name.is_some() {
                        span { "@{payee.handle}" }
                    }
                }
            }
            span { class: "Payee__change", {say::CHANGE} }
        }
    }
}

/// Why this person cannot be paid; nothing when they can.
#[component]
pub fn PayeeTrouble(known: Known, handle: String) -> Element {
    let (title, text) = match known {
        Known::Nobody => (say::nobody_has(&handle), say::NOBODY_TEXT),
        Known::Myself => (say::OWN_HANDLE.to_owned(), say::OWN_HANDLE_TEXT),
        Known::Contact | Known::PaidBefore | Known::Checked { .. } | Known::NotYet | Known::NoAnswer => {
            return rsx! {};
        }
    };
    rsx! {
        Banner { kind: BannerKind::Bad, test: "payee-trouble",
            strong { "{title}" }
            "{text}"
        }
    }
}

/// On the review: the name in full and what is known of it.
#[component]
pub fn PayeeChecked(payee: Payee, online: bool) -> Element {
    let name = payee.shown();
    let handle = payee.handle.as_str();
    rsx! {
        div { class: "Card",
            div { class: "ListRow ListRow--wrap", "data-test": "review-payee",
                Avatar { name: name.clone(), seed: handle.to_owned() }
                span { class: "ListRow__text",
                    span { class: "ListRow__title ListRow__title--wrap", bdi { "{name}" } }
                    span { class: "ListRow__sub",
                        match &payee.known {
                            Known::Checked { registered_as: None } => rsx! {
                                Pill { mark: Mark::Done, look: "verified", text: say::name_matches(handle) }
                            },
                            Known::Checked { registered_as: Some(_) } => rsx! {
                                Pill { mark: Mark::Done, look: "verified", text: say::known_as(handle) }
                            },
                            Known::Contact => rsx! {
                                span { {say::known_as(handle)} }
                            },
                            Known::PaidBefore => rsx! {
                                span { {say::paid_before(handle)} }
                            },
                            Known::NotYet if online => rsx! {
                                Pill { mark: Mark::Arc, look: "sending", text: say::NAME_ASKING }
                            },
                            Known::NotYet | Known::NoAnswer => rsx! {
                                Pill { mark: Mark::Ring, look: "held", text: say::name_when_sent(handle) }
                            },
                            Known::Nobody | Known::Myself => rsx! {
                                span { "@{handle}" }
                            },
                        }
                    }
                    if let Known::Checked { registered_as: Some(registered) } = &payee.known {
                        span { class: "ListRow__sub", span { {say::registered_as(registered)} } }
                    }
                }
            }
        }
    }
}
