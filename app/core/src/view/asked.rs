//! What a passkey would sign for, in the terms of a person: the whole of each payment, or none of it.
//!
//! Architecture invariant: computed from the signed bytes, and from names that this person's own wallet has for the
//! ids in them. Nothing that the asking app says besides is shown.

use super::Pages;
use purse_bridge::{AskedOrder, AskedPayment, AskedPayments, PaymentMethodView};
use purse_shared::intent::{Intent, Order, RefundOrder};
use purse_shared::protocol::TransactionRecord;
use purse_shared::{Amount, MethodId, Money, UserId};

/// Why a payment cannot be put into words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unsaid {
    /// A cancellation takes nothing, so its passkey is never asked for.
    Never,
    /// See [`AskedPayments::Closed`].
    Closed,
    /// See [`AskedPayments::Unknown`].
    Unknown,
}

/// `pages`: of the wallet that is open here, whosever it is.
pub(crate) fn asked_payments(intents: &[Intent], pages: Option<&Pages>) -> AskedPayments {
    match intents.iter().map(|intent| asked_payment(intent, pages)).collect() {
        Ok(all) => AskedPayments::All(all),
        Err(Unsaid::Closed) => AskedPayments::Closed,
        Err(Unsaid::Never | Unsaid::Unknown) => AskedPayments::Unknown,
    }
}

/// # Errors
/// [`Unsaid`]
pub(crate) fn asked_payment(intent: &Intent, pages: Option<&Pages>) -> Result<AskedPayment, Unsaid> {
    let own = |user: UserId| pages.filter(|pages| pages.profile.user == user).ok_or(Unsaid::Closed);
    let fee = |minor: i64, amount: Amount| Money::new(minor, amount.currency());
    let (order, amount) = match &intent.order {
        Order::Send(send) => {
            let (to, message) = (send.to.clone(), send.message.clone());
            (AskedOrder::Send { to, fee: fee(send.fee, send.amount), message }, send.amount)
        }
        Order::Schedule(order) => {
            let send = &order.send;
            let (to, message, plan) = (send.to.clone(), send.message.clone(), order.plan.clone());
            (AskedOrder::Schedule { to, fee: fee(send.fee, send.amount), message, plan }, send.amount)
        }
        Order::Withdraw(order) => {
            let account = own(intent.user)?.account(order.to).ok_or(Unsaid::Unknown)?;
            (AskedOrder::Withdraw { account, fee: fee(order.fee, order.amount) }, order.amount)
        }
        Order::Exchange(order) => (AskedOrder::Exchange { buy: order.buy }, order.sell),
        Order::Refund(order) => {
            let pages = own(intent.user)?;
            let paid = pages.paid(order).ok_or(Unsaid::Unknown)?;
            (pages.refund(order, paid), order.amount)
        }
        Order::Cancel { .. } => return Err(Unsaid::Never),
    };
    Ok(AskedPayment { order, amount, expires_at: intent.expires_at })
}

impl Pages<'_> {
    fn account(&self, method: MethodId) -> Option<PaymentMethodView> {
        let methods = self.open.local.methods.as_deref().unwrap_or_default();
        methods.iter().find(|known| known.id == method).cloned()
    }

    /// The payment of which something goes back, if the payer that was signed for had paid it.
    fn paid(&self, order: &RefundOrder) -> Option<&TransactionRecord> {
        let paid = self.open.ledger.received(order.of)?;
        (paid.counterparty.as_ref()?.user == Some(order.payer)).then_some(paid)
    }

    fn refund(&self, order: &RefundOrder, paid: &TransactionRecord) -> AskedOrder {
        let other = paid.counterparty.as_ref();
        let handle = other.and_then(|other| other.handle.as_ref());
        AskedOrder::Refund {
            to: self.party(handle, other, &self.open.book.contacts()),
            paid: paid.amount,
            paid_at: paid.decided_at,
            reference: paid.reference.clone(),
            message: order.message.clone(),
        }
    }
}

#[cfg(test)]
mod tests;
