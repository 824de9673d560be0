//! What goes back: by who was paid, or by the operator. Never more than was paid.

use super::super::command::MoneyAnswer;
use super::super::rows::{Kind, Of, Paid, Returned, Status, TransactionRow};
use super::super::rules::{self, PaidFacts, Verdict};
use super::{Batch, Giver};
use purse_shared::intent::RefundOrder;
use purse_shared::limits::BALANCE_MINOR_MAX;
use purse_shared::protocol::RefusalCode;
use purse_shared::{Amount, TransactionId, UserId};

impl Batch<'_> {
    pub(super) fn decide_refund(&self, order: &RefundOrder, giver: &Giver<'_>) -> Verdict {
        let currency = order.amount.currency();
        let paid = self.paid(order.payer, order.of);
        // Where there is no such payment there is no wallet to look at either.
        let wallet = paid.and_then(|paid| self.books.wallets.get(&paid.receiver)).map(|row| &row.facts);
        let payer = rules::PayerFacts {
            user: giver.user,
            device: giver.device,
            wallet,
            stepped_up: giver.stepped_up,
            limits: self.limits(giver.user, currency),
        };
        let facts =
            paid.map(|paid| PaidFacts { payee: paid.payee, amount: paid.amount, returned: paid.returned });
        match rules::decide_refund(order, &payer, facts, self.wallet_of(order.payer, currency)) {
            Verdict::Settle if self.books.is_closed(order.payer) => {
                Verdict::Refuse { code: RefusalCode::PayeeCannotReceive, figure: None }
            }
            verdict => verdict,
        }
    }

    fn paid(&self, payer: UserId, of: TransactionId) -> Option<&Paid> {
        self.found.paid.get(&(payer, of))?.as_ref()
    }

    pub(super) fn carry_out_refund(&mut self, order: &RefundOrder, mut row: TransactionRow) {
        row.kind = Kind::Refund;
        row.amount = Some(order.amount);
        row.message.clone_from(&order.message);
        let paid = self.paid(order.payer, order.of).filter(|paid| paid.payee == row.user).cloned();
        row.of = Some(Of { number: paid.as_ref().map(|paid| paid.number), id: order.of });
        row.sender = paid.as_ref().map(|paid| paid.receiver);
        match (row.status, paid) {
            (Status::Settled, Some(paid)) => self.give_back(order.payer, &paid, order.amount, row),
            _ => self.tell_only(row),
        }
    }

    /// Takes back all that is left of what `user` received, once.
    pub(super) fn reverse(&mut self, user: UserId, payer: UserId, of: TransactionId) -> MoneyAnswer {
        let refused = |code, figure| MoneyAnswer::Refused { code, figure };
        let Some(paid) = self.paid(payer, of).filter(|paid| paid.payee == user).cloned() else {
            return refused(RefusalCode::UnknownPayment, None);
        };
        let Ok(left) = Amount::new(paid.amount.minor().saturating_sub(paid.returned), paid.amount.currency())
        else {
            return refused(RefusalCode::RefundTooLarge, Some(0));
        };
        let available = self.books.wallets.get(&paid.receiver).map_or(0, |row| row.facts.available());
        if left.minor() > available {
            return refused(RefusalCode::InsufficientFunds, Some(available));
        }
        let into = self.wallet_of(payer, left.currency());
        if self.books.is_closed(payer) || !rules::has_room(into, left.minor(), BALANCE_MINOR_MAX) {
            return refused(RefusalCode::PayeeCannotReceive, None);
        }
        let mut row = self.part(user, Kind::Reversal, Of { number: Some(paid.number), id: of });
        let number = row.number;
        (row.sender, row.amount) = (Some(paid.receiver), Some(left));
        self.give_back(payer, &paid, left, row);
        MoneyAnswer::Done { number }
    }

    pub(super) fn give_back(&mut self, payer: UserId, paid: &Paid, amount: Amount, mut row: TransactionRow) {
        let (receiver, leg) = self.way_to(payer, amount.currency());
        (row.payee, row.receiver, row.leg) = (Some(payer), Some(receiver), leg);
        let returned = paid.returned.saturating_add(amount.minor());
        let Some(of) = row.of else { return };
        if let Some(Some(known)) = self.found.paid.get_mut(&(payer, of.id)) {
            known.returned = returned;
        }
        let now = Returned { paid: paid.amount.minor(), before: paid.returned, now: returned };
        self.rows.returns.entry(paid.number).and_modify(|all| all.now = returned).or_insert(now);
        self.post(row);
    }

    /// A payment of this very batch that somebody wants to give back in it.
    pub(super) fn note_paid(&mut self, row: &TransactionRow) {
        let Some(wanted @ None) = self.found.paid.get_mut(&(row.user, row.id)) else { return };
        // Paid into another branch, it is given back there.
        if let (Some(amount), Some(payee), Some(receiver), None) =
            (row.amount, row.payee, row.receiver, row.leg)
        {
            *wanted = Some(Paid { number: row.number, amount, payee, receiver, returned: 0 });
        }
    }
}
