//! What people bring out of suspense, once: to whom it was to go, or back to who sent it.

use super::super::books::House;
use super::super::command::MoneyAnswer;
use super::super::rows::{Kind, Of, Paid, Suspended, Suspense};
use super::super::rules;
use super::Batch;
use purse_shared::limits::BALANCE_MINOR_MAX;
use purse_shared::protocol::RefusalCode;
use purse_shared::{Amount, TransactionId, UserId};

impl Batch<'_> {
    /// Into the wallet of whose it is: a deposit or a payment as it should have come in, and what people had taken as its
    /// reversal.
    pub(super) fn book_suspended(&mut self, user: UserId, number: i64) -> MoneyAnswer {
        let Some(found) = self.in_suspense(user, number) else { return refused(RefusalCode::UnknownPayment) };
        let (amount, currency) = (found.amount, found.amount.currency());
        let into = self.wallet_of(user, currency);
        let is_its_wallet = match &found.what {
            Suspense::Deposit { wallet, .. } => into.is_some_and(|facts| facts.wallet == *wallet),
            Suspense::Payment { .. } | Suspense::Taken { .. } => true,
        };
        if !self.is_here(user) || !is_its_wallet {
            return refused(RefusalCode::UnknownWallet);
        }
        if !rules::has_room(into, amount.minor(), BALANCE_MINOR_MAX) {
            return refused(RefusalCode::LimitBalance);
        }
        self.found.in_suspense.remove(&number);
        let of = Of { number: Some(number), id: found.id };
        let number = match found.what {
            Suspense::Deposit { deposit, reference, requested_at, .. } => {
                self.book_deposit(user, deposit, amount, of, (reference, requested_at))
            }
            Suspense::Payment { payer, message } => {
                let mut row = self.part(payer, Kind::Send, of);
                (row.payee, row.amount, row.message) = (Some(user), Some(amount), message);
                row.sender = Some(self.house_wallet(House::Suspense, currency));
                row.receiver = Some(self.open_wallet(user, currency));
                let number = row.number;
                self.post(row);
                number
            }
            Suspense::Taken { hold } => self.out_to(user, user, number, hold, amount),
        };
        MoneyAnswer::Done { number }
    }

    /// A payment that `user` was to get, to who paid it: as a leg, where that is another branch. From there on it cannot
    /// fail.
    pub(super) fn return_suspended(&mut self, user: UserId, number: i64) -> MoneyAnswer {
        let found = self.in_suspense(user, number);
        let Some(Suspended { id, amount, what: Suspense::Payment { payer, .. }, .. }) = found else {
            return refused(RefusalCode::UnknownPayment);
        };
        let into = self.wallet_of(payer, amount.currency());
        if self.books.is_closed(payer) || !rules::has_room(into, amount.minor(), BALANCE_MINOR_MAX) {
            return refused(RefusalCode::PayeeCannotReceive);
        }
        self.found.in_suspense.remove(&number);
        MoneyAnswer::Done { number: self.out_to(payer, user, number, id, amount) }
    }

    fn in_suspense(&self, user: UserId, number: i64) -> Option<Suspended> {
        self.found.in_suspense.get(&number).filter(|found| found.owner == user).cloned()
    }

    /// The reversal of the transaction `number`, of `user`'s, which people know as `id`.
    fn out_to(&mut self, to: UserId, user: UserId, number: i64, id: TransactionId, amount: Amount) -> i64 {
        let suspense = self.house_wallet(House::Suspense, amount.currency());
        let paid = Paid { number, amount, payee: user, receiver: suspense, returned: 0 };
        let mut row = self.part(user, Kind::Reversal, Of { number: Some(number), id });
        let number = row.number;
        (row.sender, row.amount) = (Some(suspense), Some(amount));
        self.give_back(to, &paid, amount, row);
        number
    }
}

const fn refused(code: RefusalCode) -> MoneyAnswer {
    MoneyAnswer::Refused { code, figure: None }
}
