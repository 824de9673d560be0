//! Every sentence that a state, a refusal, a notice or an alert becomes. Pure: figures and times come
//! through [`Format`].
//!
//! The rules: plain, short, calm; what happened, then what to do; no codes in front of people. Queued is
//! never called paid, sent or done. A refusal says: not paid, why with figures, nothing was taken, and
//! what to do next.

pub mod activity;
pub mod add_money;
pub mod alert_list;
pub mod alerts;
pub mod ask;
pub mod close_account;
pub mod contacts;
pub mod convert;
pub mod give_back;
pub mod link;
pub mod locking;
pub mod network;
mod notices;
pub mod outside;
pub mod pay;
pub mod payment;
pub mod phone;
pub mod planned;
pub mod receipt;
pub mod refusal;
pub mod scan;
pub mod shut;
pub mod withdraw;

pub use notices::{NoticeTone, notice, notice_name, notice_tone};

use crate::format::Format;
use purse_bridge::{Party, PaymentKind, PaymentState, PaymentView, QueueTotals};

/// A state in one or a few words.
pub fn state(state: &PaymentState, kind: PaymentKind) -> String {
    match (state, kind) {
        (PaymentState::Queued, _) => "Queued",
        (PaymentState::Sending, _) => "Sending",
        (PaymentState::NeedsApproval, _) => "Waits for your passkey",
        (PaymentState::ConfirmPayee { .. }, _) => "Waits: check the name",
        (PaymentState::Cancelling, _) => "Cancelling",
        (PaymentState::Settled, PaymentKind::Out) => "Paid",
        (PaymentState::Settled, PaymentKind::In) => "Received",
        (PaymentState::Settled, PaymentKind::Deposit) => "Added",
        (PaymentState::Settled, PaymentKind::Withdrawal) => "At your bank",
        (PaymentState::Settled, PaymentKind::Exchange) => "Converted",
        (PaymentState::Settled, PaymentKind::Schedule) => "Planned",
        (PaymentState::Settled, PaymentKind::RefundOut) => "Given back",
        (PaymentState::Settled, PaymentKind::RefundIn) => "Came back",
        (PaymentState::Settled, PaymentKind::TakenBack | PaymentKind::SetAside) => "Taken back",
        (PaymentState::Settled, PaymentKind::Fee) => "Fee",
        (PaymentState::Held, PaymentKind::Withdrawal) => "On its way",
        (PaymentState::Held, _) => "Set aside",
        (PaymentState::Refused { .. }, PaymentKind::Deposit | PaymentKind::Withdrawal) => "Did not arrive",
        (PaymentState::Refused { .. }, PaymentKind::SetAside) => "Free again",
        (PaymentState::Refused { .. }, _) => "Refused",
        (PaymentState::Cancelled, _) => "Cancelled",
        (PaymentState::Pending, _) => "Waits for the bank",
    }
    .to_owned()
}

/// The other side of a payment. A deposit comes from one's own bank, whatever that is called.
pub fn party(payment: &PaymentView) -> String {
    match payment.kind {
        PaymentKind::Deposit if payment.party.name.is_empty() => FROM_BANK.to_owned(),
        PaymentKind::Withdrawal => TO_BANK.to_owned(),
        PaymentKind::Exchange => converted(payment),
        PaymentKind::Fee => FEE.to_owned(),
        PaymentKind::SetAside => SET_ASIDE.to_owned(),
        _ => name_of(&payment.party).to_owned(),
    }
}

/// A closed account has no name any more.
pub fn name_of(party: &Party) -> &str {
    if party.name.is_empty() { close_account::CLOSED_ACCOUNT } else { &party.name }
}
/// In a list of payments: what tells it apart from one that was paid now. Empty for most.
pub fn row_note(payment: &PaymentView, format: Format) -> String {
    match (payment.kind, &payment.plan, &payment.state) {
        (PaymentKind::Schedule, Some(plan), _) => planned::in_short(plan, format),
        (
            PaymentKind::RefundOut | PaymentKind::RefundIn | PaymentKind::TakenBack,
            _,
            PaymentState::Settled,
        ) => state(&payment.state, payment.kind),
        _ => String::new(),
    }
}
pub const FROM_BANK: &str = "From your bank";
pub const TO_BANK: &str = "To your bank";
/// "Euro to US dollar"
fn converted(payment: &PaymentView) -> String {
    let from = payment.amount.currency().name();
    let to = payment.bought.map(|bought| bought.currency().name());
    to.map_or_else(|| BETWEEN_WALLETS.to_owned(), |to| format!("{from} to {to}"))
}
pub const BETWEEN_WALLETS: &str = "Between your wallets";
/// Inside a sentence: who gets it.
pub fn whom(payment: &PaymentView) -> &str {
    match payment.kind {
        PaymentKind::Withdrawal => "your bank",
        _ => name_of(&payment.party),
    }
}
pub const FEE: &str = "Fee";
pub const SET_ASIDE: &str = "Set aside by Purse";

/// About the queue as a file.
pub const QUEUE_FILE: &str =
    "The file holds signed payments. Whoever has it can read them and can send them, each once.";

/// `1 payment is queued`, `3 payments are queued`
pub fn queued(count: usize) -> String {
    match count {
        1 => "1 payment is queued".to_owned(),
        _ => format!("{count} payments are queued"),
    }
}

/// `All 12: €340.00, US$20.00`; the sums are what is on its way out.
pub fn queue_all(queued: &QueueTotals, format: Format) -> String {
    let sums: Vec<String> = queued.sums.iter().map(|sum| format.money(*sum)).collect();
    let count = queued.count;
    if sums.is_empty() { format!("All {count}") } else { format!("All {count}: {}", sums.join(", ")) }
}

/// `1 payment waits for you`
pub fn held(count: usize) -> String {
    match count {
        1 => "1 payment waits for you".to_owned(),
        _ => format!("{count} payments wait for you"),
    }
}

#[cfg(test)]
mod tests;
