//! What stands around every page: the stage, the navigation, the desktop's Pane, the one notice.

use super::Route;
use super::nav::{SideNav, TabBar};
use super::notice::{NetworkBanner, NoticeToast};
use crate::browser;
use crate::pages::{
    Activity, AddMissing, AddMoney, Alerts, BrokenPage, Contact, Contacts, Devices, Home, LockedPage,
    LostPhone, Passkeys, Pay, PayTo, Payment, RecoveryCode, Register, Settings, Starting, Welcome,
};
use crate::state::{InPane, Room, Trail, Width, use_view};
use dioxus::prelude::*;
use purse_bridge::{Network, Stage};

/// Which page a stage shows whatever the address says.
#[derive(Clone, Debug, PartialEq)]
enum Shown {
    Starting,
    Welcome,
    Locked,
    Broken(String),
    Page,
}

fn shown(stage: &Stage, route: &Route) -> Shown {
    match (stage, route) {
        (Stage::Starting, _) => Shown::Starting,
        (Stage::Welcome, Route::Register {} | Route::LostPhone {}) => Shown::Page,
        (Stage::Welcome, _) => Shown::Welcome,
        (Stage::Locked(_), Route::LostPhone {}) => Shown::Page,
        (Stage::Locked(_), _) => Shown::Locked,
        (Stage::Broken { reason }, _) => Shown::Broken(reason.clone()),
        (Stage::Open(_), _) => Shown::Page,
    }
}

fn stage_name(stage: &Stage) -> &'static str {
    match stage {
        Stage::Starting => "starting",
        Stage::Welcome => "welcome",
        Stage::Locked(_) => "locked",
        Stage::Open(_) => "open",
        Stage::Broken { .. } => "broken",
    }
}

fn network_name(network: Network) -> &'static str {
    match network {
        Network::Connecting => "connecting",
        Network::Online => "online",
        Network::Offline { .. } => "offline",
        Network::UpdateNeeded => "update_needed",
        Network::SignInNeeded { .. } => "sign_in_needed",
    }
}

/// What the main column and the Pane show: on a desktop a detail stands beside the list it was opened from.
fn columns(route: &Route, list: &Route, width: Width) -> (Route, Option<Route>) {
    match route {
        Route::Payment { .. } if width == Width::Desktop => (list.clone(), Some(route.clone())),
        Route::Contact { .. } if width == Width::Desktop => (Route::Contacts {}, Some(route.clone())),
        _ => (route.clone(), None),
    }
}

/// On a phone the act of such a page stands where the tabs would; its way out is the arrow at the top.
fn takes_whole_screen(route: &Route) -> bool {
    matches!(
        route,
        Route::Pay {}
            | Route::PayTo { .. }
            | Route::Payment { .. }
            | Route::Alerts {}
            | Route::AddMoney {}
            | Route::AddMissing { .. }
    )
}

#[component]
pub fn Shell() -> Element {
    let view = use_view();
    let Room(mut width) = use_context::<Room>();
    let route = use_route::<Route>();
    let list = use_trail(&route);
    let theme = use_memo(move || view.read().theme);
    use_effect(move || browser::set_theme(theme()));
    let is_open = use_memo(move || matches!(view.read().stage, Stage::Open(_)));
    let is_welcome = use_memo(move || view.read().stage == Stage::Welcome);
    let mut was_open = use_signal(|| false);
    use_effect(move || {
        // The wallet is made: its form has nothing more to say. Or it was left: the next person begins at Home.
        let made = is_open() && matches!(router().current(), Route::Register {});
        let left = is_welcome() && *was_open.peek();
        if made || left {
            navigator().replace(Route::Home {});
        }
        was_open.set(is_open());
    });

    let (shown, stage, network, open) = {
        let view = view.read();
        let open = matches!(view.stage, Stage::Open(_));
        (shown(&view.stage, &route), stage_name(&view.stage), network_name(view.network), open)
    };
    let (page, pane) = columns(&route, &list, width());
    let keys = move |event: KeyboardEvent| keys(&event, open);
    rsx! {
        div {
            class: "Purse App",
            "data-test": "stage",
            "data-stage": stage,
            "data-network": network,
            "data-plain": if !open { "true" },
            onresize: move |event| {
                if let Ok(size) = event.get_border_box_size() {
                    let now = Width::of(size.width);
                    if *width.peek() != now {
                        width.set(now);
                    }
                }
            },
            onkeydown: keys,
            if open && width() != Width::Phone {
                SideNav { route: page.clone() }
            }
            div { class: "App__page",
                NetworkBanner {}
                match shown {
                    Shown::Starting => rsx! { Starting {} },
                    Shown::Welcome => rsx! { Welcome {} },
                    Shown::Locked => rsx! { LockedPage {} },
                    Shown::Broken(reason) => rsx! { BrokenPage { reason } },
                    Shown::Page => rsx! { Page { route: page.clone() } },
                }
            }
            if open {
                if let Some(pane) = pane {
                    Pane { key: "{pane}", route: pane, list: page.clone() }
                }
            }
            if open && width() == Width::Phone && !takes_whole_screen(&page) {
                TabBar { route: page }
            }
            NoticeToast {}
        }
    }
}

/// Counts the way into the app, and remembers the last list, which a detail stands beside.
fn use_trail(route: &Route) -> Route {
    let Trail(mut trail) = use_context::<Trail>();
    let mut list = use_signal(|| Route::Activity {});
    let mut last = use_signal(|| route.clone());
    let at = route.clone();
    use_effect(use_reactive!(|at| {
        if *last.peek() != at {
            last.set(at.clone());
            let steps = *trail.peek();
            trail.set(steps + 1);
        }
        if matches!(at, Route::Home {} | Route::Activity {} | Route::Alerts {}) {
            list.set(at);
        }
    }));
    list()
}

/// `P` pays, `/` searches, arrows go through the list; never while somebody types.
fn keys(event: &KeyboardEvent, open: bool) {
    if !open || !event.modifiers().is_empty() || browser::is_typing() {
        return;
    }
    match event.key() {
        Key::Character(key) if key.eq_ignore_ascii_case("p") => {
            navigator().push(Route::Pay {});
        }
        Key::Character(key) if key == "/" => {
            event.prevent_default();
            navigator().push(Route::Activity {});
        }
        Key::ArrowDown => {
            event.prevent_default();
            browser::move_in_list(true);
        }
        Key::ArrowUp => {
            event.prevent_default();
            browser::move_in_list(false);
        }
        _ => {}
    }
}

/// The detail beside its list. Escape closes it; the focus then goes back to its row.
#[component]
fn Pane(route: Route, list: Route) -> Element {
    use_context_provider(|| InPane(list));
    let leave = crate::parts::use_leave();
    let row = match &route {
        Route::Payment { id } => format!(".App__page [data-id='{id}']"),
        _ => "main".to_owned(),
    };
    use_drop(move || browser::focus(&row));
    rsx! {
        aside {
            class: "Pane",
            "aria-label": "Detail",
            onkeydown: move |event| {
                if event.key() == Key::Escape {
                    leave.call(());
                }
            },
            Page { route }
        }
    }
}

/// The page of a route. Not the router's `Outlet`, because a desktop shows two at once.
#[component]
fn Page(route: Route) -> Element {
    match route {
        Route::Home {} => rsx! { Home {} },
        Route::Register {} => rsx! { Register {} },
        Route::Pay {} => rsx! { Pay {} },
        Route::PayTo { handle } => rsx! { PayTo { key: "{handle}", handle: handle.clone() } },
        Route::Payment { id } => rsx! { Payment { key: "{id}", id: id.clone() } },
        Route::Activity {} => rsx! { Activity {} },
        Route::Alerts {} => rsx! { Alerts {} },
        Route::Contacts {} => rsx! { Contacts {} },
        Route::Contact { handle } => rsx! { Contact { key: "{handle}", handle: handle.clone() } },
        Route::AddMoney {} => rsx! { AddMoney {} },
        Route::AddMissing { currency, amount } => rsx! { AddMissing { currency, amount } },
        Route::Settings {} => rsx! { Settings {} },
        Route::Passkeys {} => rsx! { Passkeys {} },
        Route::Devices {} => rsx! { Devices {} },
        Route::RecoveryCode {} => rsx! { RecoveryCode {} },
        Route::LostPhone {} => rsx! { LostPhone {} },
        Route::Elsewhere { path } => rsx! { super::Elsewhere { path } },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stage_decides_over_the_address() {
        let check =
            |stage: Stage, route: Route, want: Shown| assert_eq!(shown(&stage, &route), want, "{route}");
        check(Stage::Starting, Route::Activity {}, Shown::Starting);
        check(Stage::Welcome, Route::Activity {}, Shown::Welcome);
        check(Stage::Welcome, Route::Register {}, Shown::Page);
        check(Stage::Welcome, Route::LostPhone {}, Shown::Page);
        let broken = Stage::Broken { reason: "x".into() };
        check(broken, Route::LostPhone {}, Shown::Broken("x".into()));
    }

    #[test]
    fn a_detail_stands_beside_its_list_only_on_a_desktop() {
        let payment = Route::Payment { id: "1".into() };
        let home = Route::Home {};
        assert_eq!(columns(&payment, &home, Width::Phone), (payment.clone(), None));
        assert_eq!(columns(&payment, &home, Width::Tablet), (payment.clone(), None));
        assert_eq!(columns(&payment, &home, Width::Desktop), (home.clone(), Some(payment)));
        assert_eq!(columns(&home, &home, Width::Desktop), (home.clone(), None));
    }
}
