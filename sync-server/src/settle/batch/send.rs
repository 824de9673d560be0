//! Payments to people of this branch and of others.

use super::super::books::House;
use super::super::rows::{Kind, Of, Status, TransactionRow};
use super::super::rules::{self, PayeeFacts, Verdict};
use super::{Batch, Giver};
use purse_shared::intent::SendOrder;
use purse_shared::{Currency, UserId, WalletId};

impl Batch<'_> {
    pub(super) fn decide_send(&self, send: &SendOrder, giver: &Giver<'_>) -> Verdict {
        let payee = self.payee_facts(send, giver.user);
        let payer = self.payer(giver, send.from, send.amount.currency());
        let fee = self.settings.fees.send.of(send.amount);
        rules::decide_send(send, &payer, payee.as_ref(), fee, self.now)
    }

    pub(super) fn payee_facts(&self, send: &SendOrder, payer: UserId) -> Option<PayeeFacts> {
        let currency = send.amount.currency();
        let payee = self.books.handles.get(&send.to)?;
        let row = self.books.users.get(payee).filter(|row| !row.closed)?;
        Some(PayeeFacts {
            user: *payee,
            has_blocked_payer: row.blocked.contains(&payer),
            wallet: self
                .wallet_of(*payee, currency)
                .or_else(|| self.books.wallets_elsewhere.get(&(*payee, currency)))
                .cloned(),
            balance_max: self.limits(*payee, currency).balance,
        })
    }

    /// Into which wallet it went.
    pub(super) fn carry_out_send(&mut self, send: &SendOrder, mut row: TransactionRow) -> Option<WalletId> {
        row.kind = Kind::Send;
        row.amount = Some(send.amount);
        row.message.clone_from(&send.message);
        row.sender = Some(send.from).filter(|wallet| self.books.owns(row.user, *wallet));
        let payee = self.books.handles.get(&send.to).copied();
        let (Status::Settled, Some(sender), Some(payee)) = (row.status, row.sender, payee) else {
            // A refused payment is none of the payee's business.
            self.tell_only(row);
            return None;
        };
        let (user, currency) = (row.user, send.amount.currency());
        let (receiver, leg) = self.way_to(payee, currency);
        (row.payee, row.receiver, row.leg) = (Some(payee), Some(receiver), leg);
        row.fee = self.settings.fees.send.of(send.amount);
        let (fee, of) = (row.fee, Of { number: Some(row.number), id: row.id });
        self.note_paid(&row);
        self.post(row);
        self.take_fee(user, sender, of, fee, currency);
        self.count_outflow(sender, send.amount.minor());
        Some(receiver)
    }

    /// Where a payee's money goes in this branch: their own wallet, or onto the way to their branch. From there on it
    /// cannot fail.
    pub(super) fn way_to(&mut self, payee: UserId, currency: Currency) -> (WalletId, Option<(i16, i64)>) {
        let branch = self.books.users.get(&payee).map_or(self.books.branch, |row| row.branch);
        if branch == self.books.branch {
            return (self.open_wallet(payee, currency), None);
        }
        let last = self.books.last_leg_to.entry(branch).or_insert(0);
        *last += 1;
        let leg = (branch, *last);
        self.rows.legs_leave = true;
        (self.house_wallet(House::Transit(branch), currency), Some(leg))
    }

    pub(super) fn count_outflow(&mut self, wallet: WalletId, minor: i64) {
        if let Some(row) = self.books.wallets.get_mut(&wallet) {
            row.facts.add_outflow(minor, self.now);
        }
    }
}
