//! One payment in a list: who, what happened, how much, when. A link to all of it.

use super::{Avatar, Badge, Direction, Icon, MoneyState, MoneyText, PageLink, StatusPill};
use crate::app::Route;
use crate::state::{use_format, use_open};
use crate::words;
use dioxus::prelude::*;
use purse_bridge::{PaymentKind, PaymentState, PaymentView};

/// How an amount of this payment looks: dashed until it is final, struck through when it never was.
pub fn money_state(state: &PaymentState) -> MoneyState {
    match state {
        PaymentState::Settled => MoneyState::Settled,
        PaymentState::Refused { .. } | PaymentState::Cancelled => MoneyState::Void,
        PaymentState::Queued => MoneyState::Queued,
        PaymentState::Sending
        | PaymentState::NeedsApproval
        | PaymentState::ConfirmPayee { .. }
        | PaymentState::Cancelling
        | PaymentState::Pending
        | PaymentState::Held => MoneyState::Waiting,
    }
}

pub fn direction(kind: PaymentKind) -> Direction {
    match kind {
        kind if kind.is_in() => Direction::In,
        _ => Direction::Out,
    }
}

/// For what has no person on its other side.
pub fn kind_icon(kind: PaymentKind) -> Icon {
    match kind {
        PaymentKind::Exchange => Icon::Swap,
        PaymentKind::Fee => Icon::Receipt,
        PaymentKind::SetAside => Icon::Clock,
        PaymentKind::Deposit | PaymentKind::Withdrawal => Icon::Bank,
        PaymentKind::Out
        | PaymentKind::In
        | PaymentKind::Schedule
        | PaymentKind::RefundOut
        | PaymentKind::RefundIn
        | PaymentKind::TakenBack => Icon::List,
    }
}

/// The state's stable name, for tests and styles.
pub fn state_name(state: &PaymentState) -> &'static str {
    match state {
        PaymentState::Queued => "queued",
        PaymentState::Sending => "sending",
        PaymentState::NeedsApproval => "needs_approval",
        PaymentState::ConfirmPayee { .. } => "confirm_payee",
        PaymentState::Cancelling => "cancelling",
        PaymentState::Settled => "settled",
        PaymentState::Refused { .. } => "refused",
        PaymentState::Cancelled => "cancelled",
        PaymentState::Pending => "pending",
        PaymentState::Held => "held",
    }
}

#[component]
pub fn PaymentRow(
    payment: PaymentView,
    /// Below a heading that names the day: the time alone.
    #[props(default)]
    timed: bool,
) -> Element {
    let format = use_format();
    let hidden = use_open().is_some_and(|open| open.hide_amounts);
    let look = money_state(&payment.state);
    let id = payment.id.to_string();
    let at = payment.decided_at.unwrap_or(payment.ordered_at);
    let here = matches!(use_route::<Route>(), Route::Payment { id: shown } if shown == id);
    let seed = payment.party.handle.as_ref().map_or_else(|| payment.party.name.clone(), ToString::to_string);
    let texts = [words::row_note(&payment, format), payment.message.clone(), payment.private_note.clone()];
    let sub = texts.into_iter().find(|text| !text.is_empty()).unwrap_or_default();
    rsx! {
        PageLink {
            to: Route::Payment { id: id.clone() },
            class: "ListRow",
            current: here.then_some("true"),
            "data-test": if look.is_open() { "queue-row" } else { "payment-row" },
            "data-id": "{id}",
            "data-state": state_name(&payment.state),
            "data-minor": payment.amount.minor().to_string(),
            if payment.kind.is_with_the_bank_or_house() {
                Badge { icon: kind_icon(payment.kind), tint: "info", size: "", square: true }
            } else {
                Avatar { name: payment.party.name.clone(), seed }
            }
            span { class: "ListRow__text",
                span { class: "ListRow__title", bdi { {words::party(&payment)} } }
                span { class: "ListRow__sub",
                    if payment.state != PaymentState::Settled {
                        StatusPill { state: payment.state.clone(), kind: payment.kind }
                    }
                    if !sub.is_empty() {
                        span { bdi { "{sub}" } }
                    }
                }
            }
            span { class: "ListRow__end",
                MoneyText { amount: payment.amount.money(), direction: direction(payment.kind), state: look, hidden }
                span { class: "ListRow__aside", {if timed { format.time(at) } else { format.brief(at) }} }
            }
        }
    }
}
