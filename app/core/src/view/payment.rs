//! One payment as it is shown: from the outbox as long as it waits, from the feed once it is decided.

use super::Pages;
use crate::book::Contact;
use crate::outbox::{Need, Queued};
use purse_bridge::{Network, Party, PaymentKind, PaymentState, PaymentView, Refusal};
use purse_shared::intent::{Order, Plan, SendOrder};
use purse_shared::protocol::{
    Counterparty, Direction, IntentOutcome, RefusalCode, TransactionKind, TransactionRecord,
};
use purse_shared::{Amount, Handle, MethodId, Money, TransactionId, WalletId};
use std::collections::BTreeMap;

impl Pages<'_> {
    pub(crate) fn queued(
        &self,
        queued: &Queued,
        contacts: &BTreeMap<Handle, Contact>,
    ) -> Option<PaymentView> {
        let Shown { kind, to, wallet, amount, fee, message, of, bought, plan } =
            self.shown(&queued.intent.order)?;
        let entry = &queued.entry;
        let state = match (&entry.answer, &entry.needs) {
            // Only the list of schedules tells of what goes on.
            (Some(IntentOutcome::Settled { .. }), _) if kind == PaymentKind::Schedule => return None,
            (Some(outcome), _) => final_state(outcome, with_fee(amount, fee)),
            (None, _) if entry.cancelled => PaymentState::Cancelling,
            (None, Some(Need::Payee { display_name, .. })) => {
                PaymentState::ConfirmPayee { display_name: display_name.clone() }
            }
            (None, Some(Need::Approval)) if entry.step_up.is_none() => PaymentState::NeedsApproval,
            (None, _) if self.state.sending.contains(&entry.no) && self.state.network == Network::Online => {
                PaymentState::Sending
            }
            (None, _) => PaymentState::Queued,
        };
        Some(PaymentView {
            id: queued.intent.id,
            in_place_of: self.state.outbox.in_place_of(queued.intent.id),
            kind,
            party: match to {
                To::Person(handle) => self.party(Some(handle), None, contacts),
                To::Payer(other) => self.party(other.handle.as_ref(), Some(other), contacts),
                To::Bank(name) => Party { handle: None, user: None, name, is_contact: false },
            },
            amount,
            wallet,
            message: message.to_owned(),
            private_note: self.open.book.note(queued.intent.id),
            state,
            ordered_at: queued.intent.created_at,
            sent_at: entry.sent_at,
            decided_at: entry.answered_at,
            // An exchange is over with its quote, long before.
            expires_at: (kind != PaymentKind::Exchange).then_some(queued.intent.expires_at),
            reference: String::new(),
            reported: false,
            device_name: self.open.ledger.device_names.get(&queued.intent.device).cloned(),
            of,
            fee,
            bought,
            plan: plan.cloned(),
            returnable: None,
        })
    }

    /// What a queued order shows; `None` for a cancellation, and for what names a wallet that is not known here.
    fn shown<'a>(&'a self, order: &'a Order) -> Option<Shown<'a>> {
        let ledger = &self.open.ledger;
        let fee_in = |fee: i64, amount: Amount| Amount::new(fee, amount.currency()).ok();
        let of_send = |kind, send: &'a SendOrder, plan| Shown {
            kind,
            to: To::Person(&send.to),
            wallet: send.from,
            amount: send.amount,
            fee: fee_in(send.fee, send.amount),
            message: &send.message,
            of: None,
            bought: None,
            plan,
        };
        Some(match order {
            Order::Send(send) => of_send(PaymentKind::Out, send, None),
            Order::Schedule(order) => of_send(PaymentKind::Schedule, &order.send, Some(&order.plan)),
            Order::Withdraw(order) => Shown {
                kind: PaymentKind::Withdrawal,
                to: To::Bank(self.bank(order.to)),
                wallet: order.from,
                amount: order.amount,
                fee: fee_in(order.fee, order.amount),
                message: "",
                of: None,
                bought: None,
                plan: None,
            },
            Order::Exchange(order) => Shown {
                kind: PaymentKind::Exchange,
                to: To::Bank(String::new()),
                wallet: order.from,
                amount: order.sell,
                fee: None,
                message: "",
                of: None,
                bought: Some(order.buy),
                plan: None,
            },
            Order::Refund(order) => {
                let paid = ledger.received(order.of)?;
                Shown {
                    kind: PaymentKind::RefundOut,
                    to: To::Payer(paid.counterparty.as_ref()?),
                    wallet: paid.wallet?,
                    amount: order.amount,
                    fee: None,
                    message: &order.message,
                    of: Some(order.of),
                    bought: None,
                    plan: None,
                }
            }
            Order::Cancel { .. } => return None,
        })
    }

    /// "Sandbox bank", as far as it is known.
    fn bank(&self, method: MethodId) -> String {
        let methods = self.open.local.methods.as_deref().unwrap_or_default();
        methods.iter().find(|known| known.id == method).map(|known| known.name.clone()).unwrap_or_default()
    }

    /// What of a settled payment to this person can still be given back.
    fn returnable(&self, record: &TransactionRecord) -> Option<Amount> {
        let ledger = &self.open.ledger;
        let received = ledger.received(record.id).filter(|received| *received == record)?;
        let payer = received.counterparty.as_ref()?.user?;
        let queued = self.state.outbox.going_back(payer, record.id);
        let back = ledger.returned(payer, record.id).saturating_add(queued);
        Amount::new(record.amount.minor().saturating_sub(back), record.amount.currency()).ok()
    }

    pub(super) fn decided(
        &self,
        record: &TransactionRecord,
        contacts: &BTreeMap<Handle, Contact>,
    ) -> Option<PaymentView> {
        let kind = kind_of(record);
        let other = record.counterparty.as_ref();
        let here = self.state.outbox.order(record.id);
        // A schedule that was refused is told like a payment.
        let (kind, plan) = match here.map(|queued| &queued.intent.order) {
            Some(Order::Schedule(order)) if kind == PaymentKind::Out => {
                (PaymentKind::Schedule, Some(order.plan.clone()))
            }
            _ => (kind, None),
        };
        let fee = record.fee.and_then(|fee| Amount::new(fee.minor, fee.currency).ok());
        Some(PaymentView {
            id: record.id,
            in_place_of: self.state.outbox.in_place_of(record.id),
            kind,
            party: self.party(other.and_then(|o| o.handle.as_ref()), other, contacts),
            amount: record.amount,
            // Refused for a wallet that nobody knows: shown with the first.
            wallet: record.wallet.or_else(|| self.open.ledger.wallets.keys().next().copied())?,
            message: record.message.clone(),
            private_note: self.open.book.note(record.id),
            state: final_state(&record.outcome, with_fee(record.amount, fee)),
            ordered_at: record.created_at,
            sent_at: here.and_then(|queued| queued.entry.sent_at),
            decided_at: Some(record.decided_at),
            expires_at: None,
            reference: record.reference.clone(),
            reported: self.open.local.reported.contains(&record.id),
            device_name: record.device.and_then(|id| self.open.ledger.device_names.get(&id)).cloned(),
            of: record.of,
            fee,
            bought: record.bought.and_then(|bought| Amount::new(bought.minor, bought.currency).ok()),
            plan,
            returnable: self.returnable(record),
        })
    }
}

/// What a told payment is to this person.
pub(crate) fn kind_of(record: &TransactionRecord) -> PaymentKind {
    match (record.kind, record.direction) {
        (TransactionKind::Deposit, _) => PaymentKind::Deposit,
        (TransactionKind::Send, Direction::Out) => PaymentKind::Out,
        (TransactionKind::Send, Direction::In) => PaymentKind::In,
        (TransactionKind::Withdraw, _) => PaymentKind::Withdrawal,
        (TransactionKind::Exchange, _) => PaymentKind::Exchange,
        (TransactionKind::Refund, Direction::Out) => PaymentKind::RefundOut,
        (TransactionKind::Refund | TransactionKind::Reversal, Direction::In) => PaymentKind::RefundIn,
        (TransactionKind::Reversal, Direction::Out) => PaymentKind::TakenBack,
        (TransactionKind::Fee, _) => PaymentKind::Fee,
        (TransactionKind::Hold, _) => PaymentKind::SetAside,
    }
}

/// A queued order in the terms of a payment.
struct Shown<'a> {
    kind: PaymentKind,
    to: To<'a>,
    wallet: WalletId,
    amount: Amount,
    fee: Option<Amount>,
    message: &'a str,
    of: Option<TransactionId>,
    bought: Option<Amount>,
    plan: Option<&'a Plan>,
}

enum To<'a> {
    Person(&'a Handle),
    Payer(&'a Counterparty),
    /// The bank's name, or none for the person's own wallets.
    Bank(String),
}

/// What must be there for it.
fn with_fee(amount: Amount, fee: Option<Amount>) -> Money {
    fee.and_then(|fee| amount.money().plus(fee.money()).ok()).unwrap_or(amount.money())
}

/// `needed`: with the fee.
pub(super) fn final_state(outcome: &IntentOutcome, needed: Money) -> PaymentState {
    match outcome {
        IntentOutcome::Settled { .. } => PaymentState::Settled,
        IntentOutcome::Held { .. } => PaymentState::Held,
        IntentOutcome::Refused { code: RefusalCode::Cancelled, .. } => PaymentState::Cancelled,
        IntentOutcome::Refused { code, figure, .. } => {
            let missing = figure.and_then(|available| needed.minus(available).ok());
            let (available, figure) = match code {
                RefusalCode::InsufficientFunds => (*figure, missing),
                _ => (None, *figure),
            };
            PaymentState::Refused { reason: Refusal { code: code.as_str().to_owned(), available, figure } }
        }
        IntentOutcome::ApprovalRequired => PaymentState::NeedsApproval,
        IntentOutcome::ConfirmPayee { display_name, .. } => {
            PaymentState::ConfirmPayee { display_name: display_name.clone() }
        }
        IntentOutcome::TryAgain => PaymentState::Queued,
    }
}
