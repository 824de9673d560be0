//! In the list of devices: what was approved, let in and refused.

use crate::parts::{Badge, Button, ButtonKind, Icon, Mark, Pill};
use crate::state::{use_format, use_open, use_send};
use crate::words::link as words;
use dioxus::prelude::*;
use purse_bridge::{Command, LinkState};

fn look(state: LinkState) -> (Mark, &'static str) {
    match state {
        LinkState::Pending => (Mark::Ring, "held"),
        LinkState::LetIn => (Mark::Done, "verified"),
        LinkState::Refused => (Mark::No, "refused"),
    }
}

#[component]
pub fn LinkSteps() -> Element {
    let send = use_send();
    let format = use_format();
    let links = use_open().and_then(|open| open.links.clone()).unwrap_or_default();
    if links.is_empty() {
        return rsx! {};
    }
    rsx! {
        section { class: "Section", "aria-labelledby": "devices-steps",
            h2 { class: "Section__title", id: "devices-steps", {words::STEPS} }
            ul { class: "List Card",
                for link in links {
                    li { key: "{link.link:?}",
                        div { class: "ListRow ListRow--wrap", "data-test": "link-step", "data-state": "{link.state:?}",
                            Badge { icon: Icon::Laptop }
                            span { class: "ListRow__text",
                                span { class: "ListRow__title", "“" bdi { "{link.name}" } "”" }
                                span { class: "ListRow__sub",
                                    Pill { mark: look(link.state).0, look: look(link.state).1, text: words::state(link.state) }
                                    span { {words::by(link.by.as_deref())} ", " {format.ago(link.at)} }
                                }
                            }
                            if link.state == LinkState::Pending {
                                Button {
                                    kind: ButtonKind::Soft,
                                    small: true,
                                    test: "link-take-back",
                                    onclick: move |()| send(Command::CancelLink { link: link.link }),
                                    {words::TAKE_BACK}
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
