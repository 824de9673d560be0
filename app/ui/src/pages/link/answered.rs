//! The answer is given: back to the app on this machine.

use crate::browser;
use crate::parts::{Icon, IconSvg, Screen};
use crate::words::link as words;
use dioxus::prelude::*;

/// `go`: at once, as the person answered on this page a moment ago. The link is there for browsers that want a click
/// before they open another program.
#[component]
pub(super) fn Answered(address: String, refused: bool, go: bool) -> Element {
    let to = address.clone();
    use_effect(move || {
        if go {
            browser::leave_for(&to);
        }
    });
    rsx! {
        Screen { title: words::ANSWERED, kind: "centre",
            div { class: "Screen__scroll",
                div { class: "EmptyState", role: "status", "data-test": "link-answered", "data-refused": refused.to_string(),
                    span { class: "EmptyState__icon", "aria-hidden": "true",
                        IconSvg { icon: if refused { Icon::Block } else { Icon::Check } }
                    }
                    h1 { class: "EmptyState__title", {words::ANSWERED} }
                    p { class: "EmptyState__text",
                        if refused { {words::ANSWERED_NO} } else { {words::ANSWERED_YES} }
                    }
                }
            }
            footer { class: "Screen__foot",
                a { class: "Button Button--primary Button--block", href: address, "data-test": "link-back",
                    {words::GO_BACK}
                }
            }
        }
    }
}
