//! The page of one payment.

use super::acts::Acts;
use super::note::Note;
use super::receipt::Receipt;
use super::told::{Steps, Why};
use super::trouble::Trouble;
use crate::app::Route;
use crate::pages::pay::find;
use crate::parts::{
    Avatar, Badge, ButtonLink, EmptyState, Icon, MoneySize, MoneyText, Screen, Skeleton, StatusPill, TopBar,
    direction, kind_icon, money_state, state_name,
};
use crate::state::{use_format, use_open, use_send};
use crate::words::{self, payment as say, planned};
use dioxus::prelude::*;
use purse_bridge::{Command, PaymentKind, PaymentState, PaymentView, TransactionId};

/// Another payment is another page: a note half typed for one is not shown on the next.
#[component]
pub fn Payment(id: String) -> Element {
    let send = use_send();
    let wanted = id.parse::<TransactionId>().ok();
    let open = use_open();
    let found = open.as_ref().and_then(|open| find(open, wanted?)).cloned();
    // The view holds the newest; what is older is on this device all the same.
    let unknown = open.as_ref().and_then(|open| {
        let id = wanted.filter(|_| found.is_none())?;
        (!open.looked_at.iter().any(|looked_at| looked_at.id == id)).then_some(id)
    });
    use_effect(use_reactive!(|unknown| {
        if let Some(id) = unknown {
            send.call(Command::ShowPayment { id });
        }
    }));
    let Some(open) = open else { return rsx! {} };
    let loading = unknown.is_some() || (found.is_none() && open.as_of == 0);
    rsx! {
        if loading {
            Screen { title: say::TITLE,
                TopBar { title: say::TITLE, back: true }
                div { class: "Screen__scroll", Skeleton { rows: 3 } }
            }
        } else if found.is_none() {
            Screen { title: say::TITLE, kind: "centre",
                TopBar { title: say::TITLE, back: true }
                div { class: "Screen__scroll",
                    EmptyState { icon: Icon::Receipt, title: say::GONE_TITLE, text: say::GONE_TEXT,
                        ButtonLink { to: Route::Activity {}, block: true, {say::SEE_ACTIVITY} }
                    }
                }
            }
        }
        for payment in found {
            Detail { key: "{payment.id}", payment: payment.clone() }
        }
    }
}

#[component]
fn Detail(payment: PaymentView) -> Element {
    let refused = match &payment.state {
        PaymentState::Refused { reason } if payment.kind != PaymentKind::Deposit => Some(reason.clone()),
        _ => None,
    };
    rsx! {
        Screen { title: say::TITLE,
            TopBar { title: say::TITLE, back: true }
            div { class: "Screen__scroll", "data-test": "detail", "data-state": state_name(&payment.state),
                Head { payment: payment.clone() }
                if let Some(reason) = refused {
                    Why { payment: payment.clone(), reason }
                }
                Steps { payment: payment.clone() }
                Note { payment: payment.clone() }
                Facts { payment: payment.clone() }
                Receipt { payment: payment.clone() }
                Trouble { payment: payment.clone() }
            }
            footer { class: "Screen__foot",
                Acts { payment: payment.clone() }
            }
        }
    }
}

#[component]
fn Head(payment: PaymentView) -> Element {
    let format = use_format();
    let hidden = use_open().is_some_and(|open| open.hide_amounts);
    let name = words::party(&payment);
    let seed = payment.party.handle.as_ref().map_or_else(|| name.clone(), ToString::to_string);
    let at = payment.decided_at.unwrap_or(payment.ordered_at);
    rsx! {
        div { class: "DetailHead",
            if payment.kind.is_with_the_bank_or_house() {
                Badge { icon: kind_icon(payment.kind), tint: "info", size: "l", square: true }
            } else {
                Avatar { name: name.clone(), seed, size: "l" }
            }
            h2 { class: "DetailHead__name", bdi { "{name}" } }
            MoneyText {
                amount: payment.amount.money(),
                direction: direction(payment.kind),
                state: money_state(&payment.state),
                size: MoneySize::Hero,
                hidden,
            }
            StatusPill { state: payment.state.clone(), kind: payment.kind, boxed: true }
            p { class: "Section__note", {format.moment(at)} }
        }
    }
}

#[component]
fn Facts(payment: PaymentView) -> Element {
    let format = use_format();
    let hidden = use_open().is_some_and(|open| open.hide_amounts);
    let wallet = payment.amount.currency().name();
    let side = if payment.kind.is_in() { say::FACT_TO } else { say::FACT_FROM };
    let expires = payment.expires_at.filter(|_| payment.state == PaymentState::Queued);
    rsx! {
        dl { class: "Facts Card",
            div {
                dt { {side} }
                dd { {wallet} }
            }
            if let Some(handle) = &payment.party.handle {
                div {
                    dt { {say::FACT_HANDLE} }
                    dd {
                        Link { to: Route::Contact { handle: handle.to_string() }, class: "TextLink TextLink--inline", "@{handle}" }
                    }
                }
            }
            if let Some(bought) = payment.bought {
                div {
                    dt { if payment.state == PaymentState::Settled { {say::FACT_BOUGHT} } else { {say::FACT_BUYS} } }
                    dd { MoneyText { amount: bought.money(), hidden } }
                }
            }
            if let Some(fee) = payment.fee {
                div {
                    dt { {say::FACT_FEE} }
                    dd { MoneyText { amount: fee.money(), hidden } }
                }
            }
            if let Some(plan) = &payment.plan {
                div {
                    dt { {say::FACT_WHEN} }
                    dd {
                        {planned::how_often(plan)}
                        small { {planned::first_on(plan, format)} }
                    }
                }
            }
            if let Some(of) = payment.of {
                div {
                    if payment.kind == PaymentKind::Out {
                        dt { {say::FACT_PLANNED} }
                        dd {
                            Link { to: Route::Planned {}, class: "TextLink TextLink--inline", {say::SEE_PLANNED} }
                        }
                    } else {
                        dt { {say::fact_of(payment.kind)} }
                        dd {
                            Link {
                                to: Route::Payment { id: of.to_string() },
                                class: "TextLink TextLink--inline",
                                "data-test": "detail-of",
                                {say::SEE_ORIGINAL}
                            }
                        }
                    }
                }
            }
            if let Some(left) = payment.returnable.filter(|left| *left != payment.amount) {
                div {
                    dt { {say::FACT_LEFT} }
                    dd { MoneyText { amount: left.money(), hidden } }
                }
            }
            if !payment.message.is_empty() {
                div {
                    dt { {say::fact_message(&payment)} }
                    dd { bdi { "{payment.message}" } }
                }
            }
            if let Some(expires) = expires {
                div {
                    dt { {say::FACT_EXPIRES} }
                    dd { {format.moment(expires)} }
                }
            }
            if let Some(device) = &payment.device_name {
                div {
                    dt { {say::FACT_DEVICE} }
                    dd { bdi { "{device}" } }
                }
            }
            if !payment.reference.is_empty() {
                div {
                    dt { {say::FACT_REFERENCE} }
                    dd { "{payment.reference}" }
                }
            }
        }
    }
}
