//! What came of a payment, as far as the view knows. The mark stands in the same place whatever the answer:
//! dashed while it waits, solid when it is final.

use super::order::{find, find_planned};
use crate::app::Route;
use crate::pages::payment::{Acts, Steps, Why};
use crate::parts::{Button, ButtonKind, ButtonLink, Mark, MarkSvg, MoneyText, Screen, state_name};
use crate::state::{use_format, use_instead, use_open, use_view};
use crate::words::{payment as say, planned};
use dioxus::prelude::*;
use purse_bridge::{PaymentKind, PaymentState, PaymentView, ScheduleView, TransactionId};

#[component]
pub fn OutcomeStep(id: String) -> Element {
    let (payment, planned) = match (use_open(), id.parse::<TransactionId>()) {
        (Some(open), Ok(id)) => (find(&open, id).cloned(), find_planned(&open, id).cloned()),
        _ => (None, None),
    };
    rsx! {
        if let Some(payment) = payment {
            Outcome { payment }
        } else if let Some(schedule) = planned {
            Planned { schedule }
        } else {
            Screen { title: say::ONE_MOMENT, kind: "outcome", busy: true,
                div { class: "Screen__scroll",
                    div { class: "Outcome", role: "status",
                        h1 { class: "Outcome__title", {say::ONE_MOMENT} }
                    }
                }
            }
        }
    }
}

#[component]
fn Outcome(payment: PaymentView) -> Element {
    let network = use_view().read().network;
    let format = use_format();
    let instead = use_instead();
    let Some(open) = use_open() else { return rsx! {} };

    let title = say::outcome(&payment.state, payment.kind);
    let refused = match &payment.state {
        PaymentState::Refused { reason } => Some(reason.clone()),
        _ => None,
    };
    let left = open
        .wallets
        .iter()
        .find(|wallet| wallet.wallet == payment.wallet)
        .filter(|_| {
            payment.state == PaymentState::Settled
                || (payment.kind, &payment.state) == (PaymentKind::Withdrawal, &PaymentState::Held)
        })
        .map(|wallet| wallet.available);
    let expires = payment.expires_at.filter(|_| payment.state == PaymentState::Queued);
    let amount = payment.amount.money();
    let role = if refused.is_some() { "alert" } else { "status" };
    let code = refused.as_ref().map(|reason| reason.code.clone()).unwrap_or_default();

    rsx! {
        Screen { title, kind: "outcome", takes_focus: false,
            div { class: "Screen__scroll",
                div {
                    class: "Outcome",
                    role,
                    "data-test": "outcome",
                    "data-state": state_name(&payment.state),
                    "data-code": code,
                    OutcomeMark { state: payment.state.clone() }
                    h1 {
                        class: "Outcome__title",
                        tabindex: "-1",
                        onmounted: move |event| async move {
                            // A page that cannot take the focus is still read from the top.
                            let _ = event.set_focus(true).await;
                        },
                        "{title}"
                    }
                    p { class: "Outcome__text",
                        MoneyText { amount, hidden: open.hide_amounts }
                        bdi { {say::outcome_of(&payment, network, format.hiding(open.hide_amounts))} }
                    }
                }
                if let Some(reason) = refused {
                    Why { payment: payment.clone(), reason }
                } else {
                    Steps { payment: payment.clone() }
                }
                if let Some(left) = left {
                    dl { class: "Facts Card",
                        div {
                            dt { {say::left_in(amount.currency.name())} }
                            dd { MoneyText { amount: left, hidden: open.hide_amounts } }
                        }
                    }
                }
                if let Some(expires) = expires {
                    p { class: "Fine", {say::expires(&format.date(expires))} }
                }
            }
            footer { class: "Screen__foot",
                Acts {
                    payment: payment.clone(),
                    ondone: move |()| instead(Route::Home {}),
                }
            }
        }
    }
}

/// Ordered, and nothing paid yet: the ring stays dashed.
#[component]
fn Planned(schedule: ScheduleView) -> Element {
    let format = use_format();
    let instead = use_instead();
    let Some(open) = use_open() else { return rsx! {} };
    rsx! {
        Screen { title: planned::OUTCOME, kind: "outcome", takes_focus: false,
            div { class: "Screen__scroll",
                div {
                    class: "Outcome",
                    role: "status",
                    "data-test": "outcome",
                    "data-state": "planned",
                    OutcomeMark { state: PaymentState::Queued }
                    h1 {
                        class: "Outcome__title",
                        tabindex: "-1",
                        onmounted: move |event| async move {
                            let _ = event.set_focus(true).await;
                        },
                        {planned::OUTCOME}
                    }
                    p { class: "Outcome__text",
                        MoneyText { amount: schedule.amount.money(), hidden: open.hide_amounts }
                        bdi { {planned::outcome_text(&schedule.party.name, &schedule.plan)} }
                    }
                }
                dl { class: "Facts Card",
                    div {
                        dt { {planned::HOW_OFTEN} }
                        dd { {planned::how_often(&schedule.plan)} }
                    }
                    div {
                        dt { {planned::FIRST} }
                        dd { {format.date(schedule.next_at)} }
                    }
                }
                p { class: "Fine", {planned::RULES} }
            }
            footer { class: "Screen__foot",
                Button { block: true, test: "outcome-done", onclick: move |()| instead(Route::Home {}), {planned::DONE} }
                ButtonLink { to: Route::Planned {}, kind: ButtonKind::Quiet, block: true, test: "outcome-planned", {planned::SEE} }
            }
        }
    }
}

#[component]
fn OutcomeMark(state: PaymentState) -> Element {
    match state {
        PaymentState::Settled => rsx! {
            MarkSvg { mark: Mark::Done, class: "Outcome__mark Outcome__mark--done" }
        },
        PaymentState::Refused { .. } => rsx! {
            MarkSvg { mark: Mark::No, class: "Outcome__mark Outcome__mark--no" }
        },
        PaymentState::Cancelled => rsx! {
            MarkSvg { mark: Mark::Slash, class: "Outcome__mark Outcome__mark--slash" }
        },
        PaymentState::Queued
        | PaymentState::Sending
        | PaymentState::NeedsApproval
        | PaymentState::ConfirmPayee { .. }
        | PaymentState::Cancelling
        | PaymentState::Pending
        | PaymentState::Held => rsx! {
            svg {
                class: "Outcome__mark",
                "data-turns": if matches!(state, PaymentState::Sending | PaymentState::Cancelling) { "true" },
                view_box: "0 0 88 88",
                "aria-hidden": "true",
                circle { class: "Outcome__ring", cx: "44", cy: "44", r: "40" }
                g { class: "Outcome__purse", transform: "translate(24 23) scale(1.25)",
                    path { d: "M6.3 14.5h19.4c2.4 3 3.8 6 3.8 8.6 0 4.2-4.1 6.4-13.5 6.4S2.5 27.3 2.5 23.1c0-2.6 1.4-5.6 3.8-8.6z" }
                    path { class: "Outcome__clasp", d: "M6 12.2h20" }
                    circle { cx: "12.7", cy: "6.6", r: "3.4" }
                    circle { cx: "19.3", cy: "6.6", r: "3.4" }
                }
            }
        },
    }
}
