//! What stands in the row of a contact: who it is, when they were paid last, and whether they are a favourite.

use super::{Avatar, Icon, IconSvg};
use crate::state::use_format;
use crate::words::contacts as say;
use dioxus::prelude::*;
use purse_bridge::ContactView;

/// The name, or the handle of somebody who has none yet.
pub fn contact_name(contact: &ContactView) -> String {
    if contact.name.trim().is_empty() { format!("@{}", contact.handle) } else { contact.name.clone() }
}

/// `children`: what is said before the handle.
#[component]
pub fn ContactLine(contact: ContactView, children: Element) -> Element {
    let format = use_format();
    let handle = contact.handle.to_string();
    let name = contact_name(&contact);
    let paid = contact.last_paid_at.map(|at| say::last_paid(&format.ago(at)));
    rsx! {
        Avatar { name: name.clone(), seed: handle.clone() }
        span { class: "ListRow__text",
            span { class: "ListRow__title", bdi { "{name}" } }
            span { class: "ListRow__sub",
                {children}
                span {
                    "@{handle}"
                    if let Some(paid) = paid {
                        " · {paid}"
                    }
                }
            }
        }
        span { class: "ListRow__end ListRow__end--inline",
            if contact.favourite {
                span { class: "Favourite", IconSvg { icon: Icon::Star, size: "s" } }
                span { class: "sr-only", {say::FAVOURITE} }
            }
            IconSvg { icon: Icon::Next, size: "s" }
        }
    }
}
