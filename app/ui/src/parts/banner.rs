//! A sentence that stands above a page or inside a card. Announced once: refusals at once, the rest politely.

use super::{Icon, IconSvg};
use dioxus::prelude::*;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BannerKind {
    Offline,
    Good,
    Bad,
    Info,
    Plain,
}

#[component]
pub fn Banner(
    kind: BannerKind,
    #[props(default)] test: String,
    /// Another icon than the kind's own.
    #[props(default)]
    icon: Option<Icon>,
    /// Stands there from the beginning, so it is not announced.
    #[props(default)]
    quiet: bool,
    /// It came in place of what had the focus: reading and tabbing go on from here.
    #[props(default)]
    takes_focus: bool,
    children: Element,
) -> Element {
    let (data_kind, own) = match kind {
        BannerKind::Offline => ("offline", Icon::Offline),
        BannerKind::Good => ("good", Icon::Check),
        BannerKind::Bad => ("bad", Icon::Warn),
        BannerKind::Info => ("info", Icon::Info),
        BannerKind::Plain => ("plain", Icon::Info),
    };
    let role = match kind {
        _ if quiet => "note",
        BannerKind::Bad => "alert",
        _ => "status",
    };
    rsx! {
        div {
            class: "Banner",
            "data-kind": data_kind,
            role,
            tabindex: if takes_focus { "-1" },
            "data-test": if !test.is_empty() { test },
            onmounted: move |event| async move {
                if takes_focus {
                    let _ = event.set_focus(true).await;
                }
            },
            IconSvg { icon: icon.unwrap_or(own), size: "s" }
            div { class: "Banner__body", {children} }
        }
    }
}
