//! The way round the app: a TabBar at the thumb on a phone, a SideNav beside the page on anything wider.
//! Only one of the two exists at a time.

use crate::app::Route;
use crate::parts::{Avatar, Banner, BannerKind, Brand, Icon, IconSvg, PageLink};
use crate::state::{use_format, use_open, use_view};
use crate::words;
use dioxus::prelude::*;
use purse_bridge::Network;

/// The part of the app that a route belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Room {
    Home,
    Pay,
    Activity,
    Contacts,
    Alerts,
    Settings,
}

fn room(route: &Route) -> Room {
    match route {
        Route::Pay {} | Route::PayTo { .. } | Route::PayFrom { .. } | Route::Review { .. } => Room::Pay,
        Route::Activity {} | Route::Payment { .. } | Route::GiveBack { .. } => Room::Activity,
        Route::Contacts {} | Route::Contact { .. } | Route::AskOf { .. } => Room::Contacts,
        Route::Alerts {} => Room::Alerts,
        Route::Settings {}
        | Route::Passkeys {}
        | Route::Devices {}
        | Route::AddDevice {}
        | Route::RecoveryCode {}
        | Route::ChangePassphrase {}
        | Route::CloseAccount {} => Room::Settings,
        Route::Home {}
        | Route::Register {}
        | Route::AddMoney {}
        | Route::AddMissing { .. }
        | Route::Withdraw {}
        | Route::WithdrawFrom { .. }
        | Route::WithdrawReview {}
        | Route::Convert {}
        | Route::ConvertFrom { .. }
        | Route::ConvertReview {}
        | Route::Planned {}
        | Route::Ask {}
        | Route::Requests {}
        | Route::AskCode { .. }
        | Route::Scan {}
        | Route::LostPhone {}
        | Route::Linking { .. }
        | Route::Join {}
        | Route::Elsewhere { .. } => Room::Home,
    }
}

/// `route`: what the main column shows.
#[component]
pub fn TabBar(route: Route) -> Element {
    let here = room(&route);
    let tab = |to: Route, icon: Icon, label: &'static str, test: &'static str, at: Room| {
        rsx! {
            PageLink {
                to,
                class: "TabBar__item",
                current: (here == at).then_some("page"),
                "data-test": test,
                IconSvg { icon }
                "{label}"
            }
        }
    };
    rsx! {
        nav { class: "TabBar", "aria-label": "Main",
            {tab(Route::Home {}, Icon::Home, "Home", "nav-home", Room::Home)}
            {tab(Route::Activity {}, Icon::List, "Activity", "nav-activity", Room::Activity)}
            PageLink {
                to: Route::Pay {},
                class: "TabBar__item TabBar__main",
                "aria-label": "Pay",
                current: (here == Room::Pay).then_some("page"),
                "data-test": "nav-pay",
                IconSvg { icon: Icon::Out }
            }
            {tab(Route::Contacts {}, Icon::People, "Contacts", "nav-contacts", Room::Contacts)}
            {tab(Route::Settings {}, Icon::Gear, "Settings", "nav-settings", Room::Settings)}
        }
    }
}

#[component]
pub fn SideNav(route: Route) -> Element {
    let here = room(&route);
    let Some(open) = use_open() else { return rsx! {} };
    let item = |to: Route, icon: Icon, label: &'static str, test: &'static str, at: Room| {
        let count = if at == Room::Alerts { open.unseen_alerts } else { 0 };
        rsx! {
            PageLink {
                to,
                class: "SideNav__item",
                title: label,
                current: (here == at).then_some("page"),
                "data-test": test,
                IconSvg { icon, size: "s" }
                span { class: "SideNav__label", "{label}" }
                if count > 0 {
                    span { class: "SideNav__badge", "data-test": "alert-count", "{count}" }
                    span { class: "sr-only", " new" }
                }
            }
        }
    };
    let me = &open.me;
    rsx! {
        nav { class: "SideNav", "aria-label": "Main",
            div { class: "SideNav__brand",
                Brand {}
                span { class: "SideNav__label", "Purse" }
            }
            PageLink {
                to: Route::Pay {},
                class: "Button Button--primary SideNav__pay",
                title: "Pay",
                current: (here == Room::Pay).then_some("page"),
                "data-test": "nav-pay",
                IconSvg { icon: Icon::Out, size: "s" }
                span { class: "SideNav__label", "Pay" }
                span { class: "SideNav__key", "aria-hidden": "true", "P" }
            }
            {item(Route::Home {}, Icon::Home, "Home", "nav-home", Room::Home)}
            {item(Route::Activity {}, Icon::List, "Activity", "nav-activity", Room::Activity)}
            {item(Route::Contacts {}, Icon::People, "Contacts", "nav-contacts", Room::Contacts)}
            {item(Route::Alerts {}, Icon::Bell, "Alerts", "nav-alerts", Room::Alerts)}
            {item(Route::Settings {}, Icon::Gear, "Settings", "nav-settings", Room::Settings)}
            div { class: "SideNav__foot",
                NetworkNote {}
                PageLink { to: Route::Settings {}, class: "SideNav__who", title: "{me.display_name}",
                    Avatar { name: me.display_name.clone(), seed: me.handle.to_string(), size: "s" }
                    span { class: "ListRow__text",
                        span { class: "ListRow__title", bdi { "{me.display_name}" } }
                        span { class: "ListRow__sub", span { "@{me.handle}" } }
                    }
                }
            }
        }
    }
}

/// Offline is a state, not an error: since when, and what waits.
#[component]
fn NetworkNote() -> Element {
    let format = use_format();
    let network = use_view().read().network;
    let Some(open) = use_open() else { return rsx! {} };
    let Network::Offline { since } = network else { return rsx! {} };
    rsx! {
        Banner { kind: BannerKind::Offline, quiet: true,
            strong { "Offline since {format.since(since)}" }
            match open.queued.unsent {
                0 => rsx! { "You can go on paying." },
                count => rsx! { "{words::queued(count)}." },
            }
        }
    }
}
