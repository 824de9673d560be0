//! Who asks, as they say themselves.

use crate::parts::{Badge, Icon};
use crate::words::link as words;
use dioxus::prelude::*;
use purse_bridge::DeviceKind;

fn icon(kind: DeviceKind) -> Icon {
    match kind {
        DeviceKind::Phone => Icon::Phone,
        DeviceKind::Desktop | DeviceKind::Browser => Icon::Laptop,
    }
}

/// "A desktop app that calls itself “Purse on ana-laptop” asks to be let into your wallet."
#[component]
pub(super) fn Claim(name: String, kind: DeviceKind, wants: String) -> Element {
    rsx! {
        div { class: "Card Card--pad",
            div { class: "ListRow ListRow--wrap", "data-test": "link-claim",
                Badge { icon: icon(kind) }
                span { class: "ListRow__text",
                    span { class: "ListRow__sub", {words::claims(kind)} }
                    span { class: "ListRow__title", "“" bdi { "{name}" } "”" }
                    span { class: "ListRow__sub", "{wants}" }
                }
            }
        }
    }
}

/// Groups that two screens show, or that one shows and the other is given.
#[component]
pub(super) fn Groups(label: String, groups: Vec<String>, test: String) -> Element {
    rsx! {
        div { class: "Card RecoveryCode",
            ol { "data-test": test, "aria-label": label,
                for (place, group) in groups.iter().enumerate() {
                    li { key: "{place}", "{group}" }
                }
            }
        }
    }
}

pub(super) fn split(text: &str) -> Vec<String> {
    text.split(' ').map(str::to_owned).collect()
}
