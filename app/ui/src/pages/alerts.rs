//! What happened without the person looking: money in, answers, and changes to who can get in.

use crate::app::Route;
use crate::parts::{Badge, ButtonKind, ButtonLink, EmptyState, Icon, Screen, TopBar};
use crate::state::{use_format, use_open, use_send};
use crate::words::{alert_list as say, alerts};
use dioxus::prelude::*;
use purse_bridge::{AlertKind, AlertView, Command, UnixMillis};

#[component]
pub fn Alerts() -> Element {
    let send = use_send();
    let open = use_open();
    // What was new when the page opened stays marked while it is open; what comes meanwhile is new too.
    let mut seen_until = use_signal(|| None::<UnixMillis>);
    let (unseen, seen) = open.as_ref().map_or((0, None), |open| {
        (open.unseen_alerts, open.alerts.iter().filter(|alert| alert.seen).map(|alert| alert.at).max())
    });
    use_effect(use_reactive!(|unseen, seen| {
        if seen_until.peek().is_none() {
            seen_until.set(Some(seen.unwrap_or(UnixMillis::MIN)));
        }
        if unseen > 0 {
            send.call(Command::AlertsSeen);
        }
    }));

    let Some(open) = open else { return rsx! {} };
    let until = seen_until().or(seen).unwrap_or(UnixMillis::MIN);
    let (new, earlier): (Vec<AlertView>, Vec<AlertView>) =
        open.alerts.iter().cloned().partition(|alert| alert.at > until);
    let none = open.alerts.is_empty();
    let hidden = open.hide_amounts;
    let kind = if none { "centre" } else { "" };

    rsx! {
        Screen { title: say::TITLE, kind,
            TopBar { title: say::TITLE, back: true }
            div { class: "Screen__scroll",
                if none {
                    EmptyState { icon: Icon::Bell, title: say::EMPTY_TITLE, text: say::EMPTY_TEXT }
                }
                Part { title: say::NEW, list: new, fresh: true, hidden }
                Part { title: say::EARLIER, list: earlier, fresh: false, hidden }
            }
        }
    }
}

#[component]
fn Part(title: &'static str, list: Vec<AlertView>, fresh: bool, hidden: bool) -> Element {
    rsx! {
        if !list.is_empty() {
            section { class: "Section",
                h2 { class: "Section__day", {title} }
                ul { class: "Card Alerts",
                    for alert in list {
                        AlertRow { alert, fresh, hidden }
                    }
                }
            }
        }
    }
}

#[component]
fn AlertRow(alert: AlertView, fresh: bool, hidden: bool) -> Element {
    let format = use_format();
    let said = alerts::alert(&alert.what, format.hiding(hidden));
    let (icon, tint, name) = look(&alert.what);
    // Where to go when it was not you; after the payment itself, for all that is about money.
    let (to, act) = match (&said.payment, &alert.what) {
        (Some(id), _) => (Route::Payment { id: id.to_string() }, ""),
        (None, AlertKind::PasskeyAdded { .. } | AlertKind::PasskeyRevoked { .. }) => {
            (Route::Passkeys {}, say::SEE_PASSKEYS)
        }
        (None, AlertKind::RecoveryCodeMade) => (Route::RecoveryCode {}, say::SEE_CODE),
        (None, AlertKind::DepositSetAside { .. }) => (Route::AddMoney {}, ""),
        (None, _) => (Route::Devices {}, say::SEE_DEVICES),
    };
    rsx! {
        li { class: "Alert", "data-new": if fresh { "true" }, "data-test": "alert-row", "data-kind": name,
            Badge { icon, tint }
            p { class: "Alert__title",
                if fresh {
                    span { class: "sr-only", "{say::NEW}: " }
                }
                if said.security {
                    "{said.title}"
                } else {
                    Link { to: to.clone(), class: "Alert__link", "data-test": "alert-open", "{said.title}" }
                }
            }
            span { class: "ListRow__aside", {format.brief(alert.at)} }
            div { class: "Alert__body",
                p { class: "Alert__text", "{said.text}" }
                if said.security {
                    div { class: "Alert__actions",
                        ButtonLink { to, kind: ButtonKind::Soft, small: true, test: "alert-open", {act} }
                    }
                }
            }
        }
    }
}

/// Icon, tint, and the stable name of its tag.
fn look(what: &AlertKind) -> (Icon, &'static str, &'static str) {
    match what {
        AlertKind::Received { .. } => (Icon::In, "good", "received"),
        AlertKind::Settled { .. } => (Icon::Check, "plain", "settled"),
        AlertKind::Refused { .. } => (Icon::Warn, "bad", "refused"),
        AlertKind::Deposited { .. } => (Icon::Bank, "info", "deposited"),
        AlertKind::DepositSetAside { .. } => (Icon::Warn, "bad", "deposit_set_aside"),
        AlertKind::Withdrawn { .. } => (Icon::Bank, "info", "withdrawn"),
        AlertKind::NotWithdrawn { .. } => (Icon::Warn, "bad", "not_withdrawn"),
        AlertKind::GivenBack { .. } => (Icon::In, "good", "given_back"),
        AlertKind::TakenBack { .. } => (Icon::Warn, "bad", "taken_back"),
        AlertKind::SetAside { .. } => (Icon::Warn, "bad", "set_aside"),
        AlertKind::SetFree { .. } => (Icon::Check, "plain", "set_free"),
        AlertKind::TakenAway { .. } => (Icon::Warn, "bad", "taken_away"),
        AlertKind::DeviceAdded { .. } => (Icon::Laptop, "bad", "device_added"),
        AlertKind::DeviceRevoked { .. } => (Icon::Laptop, "plain", "device_revoked"),
        AlertKind::DeviceForked { .. } => (Icon::Warn, "bad", "device_forked"),
        AlertKind::PasskeyAdded { .. } => (Icon::Passkey, "bad", "passkey_added"),
        AlertKind::PasskeyRevoked { .. } => (Icon::Passkey, "plain", "passkey_revoked"),
        AlertKind::RecoveryCodeMade => (Icon::Key, "bad", "recovery_code_made"),
    }
}
