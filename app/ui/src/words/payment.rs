//! What the outcome of a payment and its detail say. Queued is never called paid, sent or done.

use crate::format::Format;
use purse_bridge::{Network, PaymentKind, PaymentState, PaymentView};

/// The outcome's title.
pub fn outcome(state: &PaymentState, kind: PaymentKind) -> &'static str {
    match (state, kind) {
        (PaymentState::Queued, _) => "Queued",
        (PaymentState::Sending, _) => "Sending",
        (PaymentState::NeedsApproval, _) => "Waiting for your passkey",
        (PaymentState::ConfirmPayee { .. }, _) => "Is this the right person?",
        (PaymentState::Cancelling, _) => "Cancelling",
        (PaymentState::Settled, PaymentKind::Out) => "Paid",
        (PaymentState::Settled, PaymentKind::Withdrawal) => "At your bank",
        (PaymentState::Settled, PaymentKind::Exchange) => "Converted",
        (PaymentState::Settled, PaymentKind::Schedule) => "Planned",
        (PaymentState::Settled, PaymentKind::RefundOut) => "Given back",
        (PaymentState::Settled, PaymentKind::TakenBack | PaymentKind::SetAside) => "Taken back",
        (PaymentState::Settled, PaymentKind::Fee) => "Fee",
        (PaymentState::Settled, _) => "Received",
        (PaymentState::Held, PaymentKind::SetAside | PaymentKind::Deposit) => "Set aside",
        (PaymentState::Held, PaymentKind::Withdrawal) => "On its way to your bank",
        (PaymentState::Held, _) => "On its way",
        (PaymentState::Refused { .. }, PaymentKind::Withdrawal) => "Not withdrawn",
        (PaymentState::Refused { .. }, PaymentKind::Exchange) => "Not converted",
        (PaymentState::Refused { .. }, PaymentKind::RefundOut) => "Not given back",
        (PaymentState::Refused { .. }, PaymentKind::Schedule) => "Not planned",
        (PaymentState::Refused { .. }, PaymentKind::SetAside) => "Free again",
        (PaymentState::Refused { .. }, _) => super::refusal::NOT_PAID,
        (PaymentState::Cancelled, _) => "Cancelled",
        (PaymentState::Pending, _) => "On its way",
    }
}

/// What follows the amount under the title, for every kind.
pub fn outcome_of(payment: &PaymentView, network: Network, format: Format) -> String {
    match (payment.kind, payment.bought, &payment.state) {
        (PaymentKind::Exchange, Some(bought), PaymentState::Settled) => {
            format!(" became {}", format.amount(bought))
        }
        (PaymentKind::Exchange, _, PaymentState::Refused { .. }) => " stayed where it was".into(),
        (PaymentKind::Exchange, Some(bought), PaymentState::Sending) => {
            format!(" is to become {}", format.amount(bought))
        }
        (PaymentKind::Exchange, Some(bought), PaymentState::Queued) => {
            format!(" is to become {}, if it can be sent while the offer holds", format.amount(bought))
        }
        (PaymentKind::Exchange, ..) => " is not converted".into(),
        (PaymentKind::Withdrawal, _, PaymentState::Cancelled) => {
            " stays in your wallet. Nothing was taken.".into()
        }
        (PaymentKind::Withdrawal, _, PaymentState::Held) => {
            " is set aside until your bank has it. That can take a few days.".into()
        }
        (PaymentKind::Deposit, _, PaymentState::Held) => {
            " does not fit into your wallet and is set aside. It is yours: ask us about it.".into()
        }
        (PaymentKind::Schedule, _, PaymentState::Queued) => {
            format!(" to {}: the plan {}", super::whom(payment), will_be_sent(network))
        }
        (PaymentKind::Schedule, _, PaymentState::NeedsApproval) => {
            format!(" to {} is not planned yet", super::whom(payment))
        }
        (PaymentKind::Schedule, _, PaymentState::ConfirmPayee { display_name }) => {
            format!(" would go to {display_name}. Nothing is planned until you say so.")
        }
        (PaymentKind::Schedule, _, PaymentState::Cancelled) => {
            format!(" to {} was not planned. Nothing was taken.", super::whom(payment))
        }
        (PaymentKind::Schedule, _, PaymentState::Refused { .. }) => {
            format!(" to {} will not be paid", super::whom(payment))
        }
        _ => outcome_text(&payment.state, network, super::whom(payment)),
    }
}

/// What follows the amount under the title: "€18.50" and " to Kavya Raman will be sent when you are back online".
pub fn outcome_text(state: &PaymentState, network: Network, name: &str) -> String {
    match state {
        PaymentState::Queued => format!(" to {name} {}", will_be_sent(network)),
        PaymentState::Sending => format!(" to {name} is on its way to Purse"),
        PaymentState::NeedsApproval => format!(" to {name} is not paid yet"),
        PaymentState::ConfirmPayee { display_name } => {
            format!(" would go to {display_name}. Nothing is paid until you say so.")
        }
        PaymentState::Cancelling if network == Network::Online => format!(" to {name} is being taken back"),
        PaymentState::Cancelling => {
            format!(" to {name} is to be taken back {}", super::network::when(network))
        }
        PaymentState::Settled => format!(" to {name}"),
        PaymentState::Refused { .. } => format!(" to {name} was refused"),
        PaymentState::Cancelled => format!(" to {name} was not paid. Nothing was taken."),
        PaymentState::Pending => format!(" to {name} is not confirmed yet"),
        PaymentState::Held => format!(" to {name} is on its way"),
    }
}

fn will_be_sent(network: Network) -> &'static str {
    match network {
        Network::Connecting | Network::Online => "is about to be sent",
        Network::Offline { .. } => "will be sent when you are back online",
        Network::SignInNeeded { revoked: true } => "will be refused: this device was removed",
        Network::SignInNeeded { revoked: false } => "will be sent when you have signed in again",
        Network::UpdateNeeded => "will be sent when Purse is up to date",
    }
}

// The timeline.
pub fn signed_on(device: Option<&str>) -> String {
    match device {
        Some(device) => format!("Signed on {device}"),
        None => "Signed on this device".into(),
    }
}
pub const KEPT_IN_QUEUE: &str = "Waited in the queue until it could be sent";
pub const SENT_TO_PURSE: &str = "Sent to Purse";
pub fn sent_when(network: Network) -> &'static str {
    match network {
        Network::Connecting | Network::Online => "In a moment",
        Network::Offline { .. } => "As soon as there is a network",
        Network::SignInNeeded { revoked: true } => "It will be refused: this device was removed",
        Network::SignInNeeded { revoked: false } => "As soon as you have signed in again",
        Network::UpdateNeeded => "As soon as Purse is up to date",
    }
}
pub const SENDING_TO_PURSE: &str = "Sending to Purse";
pub const NO_ANSWER_YET: &str = "No answer yet";
pub const WAITS_FOR_PASSKEY: &str = "Waiting for your passkey";
pub const APPROVE_FIRST: &str = "Nothing is paid before";
pub const CONFIRM_NAME: &str = "Confirm the name";
pub fn turned_out(handle: &str, name: &str) -> String {
    format!("@{handle} turned out to be {name}")
}
pub const SETTLED: &str = "Settled";
pub fn has_the_money(name: &str) -> String {
    format!("{name} has the money.")
}
pub fn only_then(name: &str) -> String {
    format!("{name} has the money only then")
}
pub const REFUSED: &str = "Refused";
pub const CANCELLED: &str = "Cancelled";
pub fn cancellation(network: Network) -> &'static str {
    match network {
        Network::Connecting | Network::Online => "Cancellation is on its way",
        Network::Offline { .. } => "Cancellation will be sent when you are back online",
        Network::SignInNeeded { .. } => "Cancellation will be sent when you have signed in again",
        Network::UpdateNeeded => "Cancellation will be sent when Purse is up to date",
    }
}
pub const CANCELLATION_NOTE: &str = "If it comes too late, the payment goes through";
/// The last step: its title, what it means once it is done, and what it means before.
pub fn last_step(payment: &PaymentView) -> (&'static str, String, String) {
    let name = super::whom(payment);
    match payment.kind {
        PaymentKind::Withdrawal => (AT_BANK, String::new(), AT_BANK_NOTE.into()),
        PaymentKind::Exchange => {
            let wallet = payment.bought.map_or("", |bought| bought.currency().name());
            (CONVERTED, in_wallet(wallet), String::new())
        }
        PaymentKind::RefundOut => (GIVEN_BACK, has_the_money(name), only_then(name)),
        PaymentKind::Schedule => (PLANNED, String::new(), PLANNED_NOTE.into()),
        _ => (SETTLED, has_the_money(name), only_then(name)),
    }
}
pub const AT_BANK: &str = "At your bank";
pub const AT_BANK_NOTE: &str = "Until then the money is yours and set aside";
pub const TAKEN_ASIDE: &str = "Set aside for your bank";
pub const ON_ITS_WAY_TO_BANK: &str = "On its way to your bank";
pub const DAYS: &str = "That can take a few days";
pub const CONVERTED: &str = "Converted";
pub const GIVEN_BACK: &str = "Given back";
pub const PLANNED: &str = "Planned";
pub const PLANNED_NOTE: &str = "Each payment is made on its day";
pub const RECEIVED: &str = "Received";
pub const BANK_ASKED: &str = "Your bank was asked";
pub const BANK_CONFIRMED: &str = "Confirmed by your bank";
pub const BANK_PENDING: &str = "Not confirmed yet";
pub const BANK_REFUSED: &str = "Your bank did not pay it";
pub const NOTHING_ADDED: &str = "Nothing was added.";
pub const ASKED: &str = "Ordered";
pub const NOT_DONE: &str = "Not carried out";
pub const NOT_DECIDED: &str = "Not decided yet";
pub const LOOKED_AT: &str = "Purse is looking into it";
pub const LOOKED_AT_NOTE: &str = "The money stays in your wallet and cannot be spent meanwhile.";
pub fn in_wallet(wallet: &str) -> String {
    format!("It is in your {wallet} wallet.")
}

pub fn expires(date: &str) -> String {
    format!("If it cannot be sent by {date} it expires, and nothing is taken.")
}

// Acts.
/// Before the amount.
pub const ADD: &str = "Add ";
pub fn cancel(kind: PaymentKind) -> &'static str {
    match kind {
        PaymentKind::Withdrawal => "Cancel this withdrawal",
        PaymentKind::Exchange => "Do not convert",
        PaymentKind::RefundOut => "Do not give it back",
        PaymentKind::Schedule => "Do not plan it",
        _ => "Cancel this payment",
    }
}
/// After a refusal, for what is no payment.
pub fn try_again(kind: PaymentKind) -> &'static str {
    match kind {
        PaymentKind::Withdrawal => "Withdraw again",
        PaymentKind::Exchange => "See today’s rate",
        PaymentKind::Schedule => "Plan it again",
        _ => "See the payment",
    }
}
pub const GIVE_BACK: &str = "Give it back";
pub const APPROVE: &str = "Approve with passkey";
/// Before the amount; the name follows it.
pub fn confirm_payee(kind: PaymentKind, name: &str) -> (&'static str, String) {
    let act = if kind == PaymentKind::Schedule { "Yes, plan " } else { "Yes, pay " };
    (act, format!(" to {name}"))
}
pub const NOT_THEM: &str = "No, cancel it";
pub const SEND_AGAIN: &str = "Send again";
pub const OTHER_WALLET: &str = "Pay from another wallet";
pub const OTHER_AMOUNT: &str = "Pay a smaller amount";
pub const OTHER_PERSON: &str = "Pay somebody else";
pub const SEE_DEVICES: &str = "See your devices";
pub const PAY_AGAIN: &str = "Pay again";
pub const PAY_THEM: &str = "Pay them";
pub const CLOSE: &str = "Close";
pub const DONE: &str = "Done";
pub const LATER: &str = "Later";
pub const ONE_MOMENT: &str = "One moment";

// Detail.
pub const TITLE: &str = "Payment";
/// For whoever hears which payment stands beside the list.
pub fn titled(payment: &PaymentView) -> String {
    match payment.kind {
        PaymentKind::Out => format!("Payment to {}", payment.party.name),
        PaymentKind::In => format!("Payment from {}", payment.party.name),
        PaymentKind::Deposit => "Money from your bank".into(),
        PaymentKind::Withdrawal => "Money to your bank".into(),
        PaymentKind::Exchange => super::BETWEEN_WALLETS.into(),
        PaymentKind::Schedule => format!("Payments to {}", payment.party.name),
        PaymentKind::RefundOut => format!("Given back to {}", payment.party.name),
        PaymentKind::RefundIn => format!("Given back by {}", payment.party.name),
        PaymentKind::TakenBack => "Taken back by Purse".into(),
        PaymentKind::Fee => "Fee".into(),
        PaymentKind::SetAside => "Set aside by Purse".into(),
    }
}
pub fn left_in(wallet: &str) -> String {
    format!("Left in {wallet}")
}
pub const NOTE_LABEL: &str = "Private note";
pub const NOTE_HINT: &str = "Only you can read it.";
pub const NOTE_SAVE: &str = "Save the note";
pub const NOTE_SAVED: &str = "The note is saved.";
pub const FACT_FROM: &str = "From";
pub const FACT_TO: &str = "To";
pub const FACT_HANDLE: &str = "Handle";
pub const FACT_REFERENCE: &str = "Reference";
pub const FACT_EXPIRES: &str = "Expires if not sent";
pub const FACT_DEVICE: &str = "Device";
pub const FACT_FEE: &str = "Fee";
pub const FACT_BOUGHT: &str = "You got";
pub const FACT_BUYS: &str = "You get";
pub const FACT_WHEN: &str = "When";
pub const FACT_PLANNED: &str = "Planned";
pub const SEE_PLANNED: &str = "One of your planned payments";
pub const FACT_LEFT: &str = "Can still be given back";
/// What a payment belongs to.
pub fn fact_of(kind: PaymentKind) -> &'static str {
    match kind {
        PaymentKind::Fee => "For",
        _ => "Gives back",
    }
}
pub const SEE_ORIGINAL: &str = "See the payment";
pub fn fact_message(payment: &PaymentView) -> String {
    match payment.kind {
        PaymentKind::Out | PaymentKind::RefundOut | PaymentKind::Schedule => {
            format!("Message to {}", payment.party.name)
        }
        _ => "Message".into(),
    }
}
pub const WRONG_TITLE: &str = "Something wrong?";
pub const REPORT: &str = "Report this payment";
pub const REPORT_SUB: &str = "Purse looks into it";
pub const REPORTED: &str = "Reported";
pub const REPORTED_SUB: &str = "Purse is looking into it";
pub const REPORT_TITLE: &str = "What is wrong with it?";
pub const REPORT_LABEL: &str = "In your words";
pub const REPORT_HINT: &str = "Purse reads this beside the payment. Your private note is not sent.";
pub const REPORT_SEND: &str = "Send the report";
pub fn report_later(network: Network) -> String {
    format!("A report can be sent {}", super::network::when(network))
}
pub fn block(name: &str) -> String {
    format!("Block {name}")
}
pub const BLOCK_SUB: &str = "They can no longer pay you. They are not told.";
pub fn unblock(name: &str) -> String {
    format!("Unblock {name}")
}
pub const UNBLOCK_SUB: &str = "They can pay you again";
pub const GONE_TITLE: &str = "This payment is not here";
pub const GONE_TEXT: &str =
    "This device does not hold it. It may belong to another wallet, or not have arrived here yet.";
pub const SEE_ACTIVITY: &str = "See your activity";
