//! What stands around every page: the stage, the navigation, the desktop's Pane, the one notice.

use super::Route;
use super::asked::{AskedToast, use_asks};
use super::nav::{SideNav, TabBar};
use super::notice::{NetworkBanner, NetworkSaid, NoticeToast};
use crate::browser;
use crate::pages::{
    Activity, AddDevice, AddMissing, AddMoney, Alerts, Ask, BrokenPage, ChangePassphrase, CloseAccount,
    Contact, Contacts, Convert, Devices, GiveBack, Home, Join, Linking, LockedPage, LostPhone, Passkeys, Pay,
    PayTo, Payment, Planned, RecoveryCode, Register, Requests, Scan, Settings, ShutPage, Starting, VisitPage,
    Welcome, Withdraw,
};
use crate::state::{InPane, Room, SearchWanted, ToRead, Trail, Width, use_instead, use_open, use_view};
use crate::words;
use dioxus::prelude::*;
use purse_bridge::{Network, Shut, Stage};

/// Which page a stage shows whatever the address says.
#[derive(Clone, Debug, PartialEq)]
enum Shown {
    Starting,
    Welcome,
    Locked,
    Shut(Shut),
    Broken(String),
    Page,
}

fn shown(stage: &Stage, route: &Route) -> Shown {
    match (stage, route) {
        (Stage::Starting, _) => Shown::Starting,
        (
            Stage::Welcome,
            Route::Register {} | Route::LostPhone {} | Route::Join {} | Route::Linking { .. },
        ) => Shown::Page,
        (Stage::Welcome, _) => Shown::Welcome,
        (Stage::Locked(_), Route::LostPhone {} | Route::Linking { .. }) => Shown::Page,
        (Stage::Locked(_), _) => Shown::Locked,
        (Stage::Shut(shut), _) => Shown::Shut(*shut),
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
        Stage::Shut(_) => "shut",
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
            | Route::PayFrom { .. }
            | Route::Review { .. }
            | Route::Payment { .. }
            | Route::Alerts {}
            | Route::AddMoney {}
            | Route::AddMissing { .. }
            | Route::Withdraw {}
            | Route::WithdrawFrom { .. }
            | Route::WithdrawReview {}
            | Route::Convert {}
            | Route::ConvertFrom { .. }
            | Route::ConvertReview {}
            | Route::GiveBack { .. }
            | Route::Planned {}
            | Route::AddDevice {}
            | Route::Linking { .. }
            | Route::Ask {}
            | Route::Requests {}
            | Route::AskCode { .. }
            | Route::AskOf { .. }
            | Route::Scan {}
    )
}

#[component]
pub fn Shell() -> Element {
    let view = use_view();
    let Room(mut width) = use_context::<Room>();
    let route = use_route::<Route>();
    let list = use_trail(&route);
    // Before storage is read nobody knows the theme; what `theme.js` has put up stays.
    let theme = use_memo(move || {
        let view = view.read();
        (!matches!(view.stage, Stage::Starting | Stage::Shut(_) | Stage::Broken { .. })).then_some(view.theme)
    });
    use_effect(move || {
        if let Some(theme) = theme() {
            browser::set_theme(theme);
        }
    });
    use_asks();
    let instead = use_instead();
    let SearchWanted(search) = use_context::<SearchWanted>();
    let is_open = use_memo(move || matches!(view.read().stage, Stage::Open(_)));
    let is_welcome = use_memo(move || view.read().stage == Stage::Welcome);
    let mut was_open = use_signal(|| false);
    use_effect(move || {
        // The wallet is made: its form has nothing more to say. Or it was left: the next person begins at Home.
        let made = is_open() && matches!(router().current(), Route::Register {} | Route::Join {});
        let left = is_welcome() && *was_open.peek();
        if made || left {
            instead(Route::Home {});
        }
        was_open.set(is_open());
    });
    // A link that was opened waits until somebody is there who can look at it.
    let ToRead(to_read) = use_context::<ToRead>();
    use_effect(move || {
        if !is_open() || to_read.read().is_none() {
            return;
        }
        match router().current::<Route>() {
            Route::Scan {} => {}
            // Its address says the link still.
            Route::Pay {} => instead(Route::Scan {}),
            _ => {
                navigator().push(Route::Scan {});
            }
        }
    });

    let visit = view.read().links.visit.clone();
    let (shown, stage, network, open) = {
        let view = view.read();
        let open = matches!(view.stage, Stage::Open(_));
        (shown(&view.stage, &route), stage_name(&view.stage), network_name(view.network), open)
    };
    let (page, pane) = columns(&route, &list, width());
    let beside = pane.is_some().then(|| page.clone());
    let keys = move |event: KeyboardEvent| {
        if open {
            keys(&event, beside.as_ref(), search);
        }
    };
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
                    // Whatever was asked for goes on in the browser.
                    _ if visit.is_some() => rsx! {
                        if let Some(visit) = visit {
                            VisitPage { visit }
                        }
                    },
                    Shown::Starting => rsx! { Starting {} },
                    Shown::Welcome => rsx! { Welcome {} },
                    Shown::Locked => rsx! { LockedPage {} },
                    Shown::Shut(shut) => rsx! { ShutPage { shut } },
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
            AskedToast {}
            NetworkSaid {}
        }
    }
}

/// Keeps the way into the app, and remembers the last list, which a detail stands beside.
fn use_trail(route: &Route) -> Route {
    let Trail { mut pages, mut instead } = use_context::<Trail>();
    let mut list = use_signal(|| Route::Activity {});
    let at = route.clone();
    use_effect(use_reactive!(|at| {
        if pages.peek().last() != Some(&at) {
            let replaced = instead.replace(false);
            step(&mut pages.write(), at.clone(), replaced);
        }
        if matches!(at, Route::Home {} | Route::Activity {} | Route::Alerts {}) {
            list.set(at);
        }
    }));
    list()
}

/// A page that was on the way already is a step back, or looks like one; whatever it was, the way is no longer
/// than that of the browser's history.
fn step(pages: &mut Vec<Route>, at: Route, replaced: bool) {
    if replaced {
        pages.pop();
    }
    match pages.iter().position(|page| *page == at) {
        Some(place) => pages.truncate(place + 1),
        None => pages.push(at),
    }
}

/// `P` pays, `/` searches, arrows go through the list, Escape closes the Pane; never while somebody types, nor
/// behind a dialog. `beside`: the list that the Pane stands beside.
fn keys(event: &KeyboardEvent, beside: Option<&Route>, mut search: Signal<bool>) {
    let modifiers = event.modifiers();
    // On many keyboards "/" needs Shift.
    let plain = modifiers.is_empty() || modifiers == Modifiers::SHIFT;
    if !plain || browser::is_typing() || browser::is_asking() {
        return;
    }
    match event.key() {
        Key::Character(key) if key.eq_ignore_ascii_case("p") => {
            navigator().push(Route::Pay {});
        }
        Key::Character(key) if key == "/" => {
            event.prevent_default();
            search.set(true);
            navigator().push(Route::Activity {});
        }
        Key::ArrowDown if browser::move_in_list(true) => event.prevent_default(),
        Key::ArrowUp if browser::move_in_list(false) => event.prevent_default(),
        Key::Escape => {
            if let Some(list) = beside {
                navigator().push(list.clone());
            }
        }
        _ => {}
    }
}

/// The detail beside its list. The focus goes back to its row when it closes.
#[component]
fn Pane(route: Route, list: Route) -> Element {
    use_context_provider(|| InPane(list));
    let label = match (&route, use_open()) {
        (Route::Payment { id }, Some(open)) => {
            let payment = id.parse().ok().and_then(|id| crate::pages::pay::find(&open, id));
            payment.map_or_else(|| words::payment::TITLE.to_owned(), words::payment::titled)
        }
        (Route::Contact { handle }, Some(open)) => {
            let known = open.contacts.iter().find(|contact| contact.handle.as_str() == handle);
            known.map_or_else(|| format!("@{handle}"), |contact| contact.name.clone())
        }
        _ => words::payment::TITLE.to_owned(),
    };
    let row = match &route {
        Route::Payment { id } => format!(".App__page [data-id='{id}']"),
        _ => "main".to_owned(),
    };
    use_drop(move || browser::focus(&row));
    rsx! {
        aside {
            class: "Pane",
            "aria-label": label,
            Page { route }
        }
    }
}

/// A page of several steps: one component for all of them, so that what was typed is kept from step to step.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Steps {
    Paying { handle: String, currency: String },
    Withdrawing { currency: String },
    Converting { currency: String },
    Asking { handle: String, reference: String },
}

/// `currency`: of the wallet to begin with; empty where the address names none.
fn steps(route: &Route) -> Option<Steps> {
    let none = String::new();
    Some(match route {
        Route::PayTo { handle } | Route::Review { handle } => {
            Steps::Paying { handle: handle.clone(), currency: none }
        }
        Route::PayFrom { handle, currency } => {
            Steps::Paying { handle: handle.clone(), currency: currency.clone() }
        }
        Route::Withdraw {} | Route::WithdrawReview {} => Steps::Withdrawing { currency: none },
        Route::WithdrawFrom { currency } => Steps::Withdrawing { currency: currency.clone() },
        Route::Convert {} | Route::ConvertReview {} => Steps::Converting { currency: none },
        Route::ConvertFrom { currency } => Steps::Converting { currency: currency.clone() },
        Route::Ask {} => Steps::Asking { handle: none.clone(), reference: none },
        Route::AskOf { handle } => Steps::Asking { handle: handle.clone(), reference: none },
        Route::AskCode { reference } => Steps::Asking { handle: none, reference: reference.clone() },
        _ => return None,
    })
}

/// The page of a route. Not the router's `Outlet`, because a desktop shows two at once.
#[component]
fn Page(route: Route) -> Element {
    match steps(&route) {
        Some(Steps::Paying { handle, currency }) => {
            return rsx! { PayTo { key: "{handle}", handle: handle.clone(), currency } };
        }
        Some(Steps::Withdrawing { currency }) => return rsx! { Withdraw { currency } },
        Some(Steps::Converting { currency }) => return rsx! { Convert { currency } },
        Some(Steps::Asking { handle, reference }) => return rsx! { Ask { handle, reference } },
        None => {}
    }
    match route {
        Route::GiveBack { id } => rsx! { GiveBack { key: "{id}", id: id.clone() } },
        Route::Planned {} => rsx! { Planned {} },
        Route::Home {} => rsx! { Home {} },
        Route::Register {} => rsx! { Register {} },
        Route::Pay {} => rsx! { Pay {} },
        Route::PayTo { .. }
        | Route::PayFrom { .. }
        | Route::Review { .. }
        | Route::Withdraw {}
        | Route::WithdrawFrom { .. }
        | Route::WithdrawReview {}
        | Route::Convert {}
        | Route::ConvertFrom { .. }
        | Route::ConvertReview {}
        | Route::Ask {}
        | Route::AskCode { .. }
        | Route::AskOf { .. } => rsx! {},
        Route::Requests {} => rsx! { Requests {} },
        Route::Scan {} => rsx! { Scan {} },
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
        Route::ChangePassphrase {} => rsx! { ChangePassphrase {} },
        Route::RecoveryCode {} => rsx! { RecoveryCode {} },
        Route::CloseAccount {} => rsx! { CloseAccount {} },
        Route::LostPhone {} => rsx! { LostPhone {} },
        Route::AddDevice {} => rsx! { AddDevice {} },
        Route::Join {} => rsx! { Join {} },
        Route::Linking { request } => rsx! { Linking { key: "{request}", request: request.clone() } },
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
        check(Stage::Welcome, Route::Linking { request: "x".into() }, Shown::Page);
        let shut = Shut::AskPassphrase { wrong: true };
        check(Stage::Shut(shut), Route::Settings {}, Shown::Shut(shut));
        let broken = Stage::Broken { reason: "x".into() };
        check(broken, Route::LostPhone {}, Shown::Broken("x".into()));
    }

    #[test]
    fn the_way_back_never_leads_out() {
        let (home, list, pay) = (Route::Home {}, Route::Activity {}, Route::Pay {});
        let check = |walk: &[(&Route, bool)], want: &[&Route]| {
            let mut pages = Vec::new();
            walk.iter().for_each(|(page, replaced)| step(&mut pages, (*page).clone(), *replaced));
            assert_eq!(pages.iter().collect::<Vec<_>>(), want);
        };
        check(&[(&list, false)], &[&list]);
        // Opened by its address, on, and back again: nothing lies behind it.
        check(&[(&list, false), (&pay, false), (&list, false)], &[&list]);
        check(&[(&home, false), (&list, false), (&pay, false)], &[&home, &list, &pay]);
        // Paid: Home took the place of the last step.
        check(&[(&home, false), (&pay, false), (&home, true)], &[&home]);
        check(&[(&pay, false), (&home, true)], &[&home]);
        check(&[(&home, false), (&pay, false), (&list, true)], &[&home, &list]);
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
