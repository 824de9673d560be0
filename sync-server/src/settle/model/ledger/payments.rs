//! Payments once they may be made: now, when they are due, and back again.

use super::*;

impl Ledger {
    pub(super) fn pay(&mut self, send: &SendOrder, payer: UserId, id: TransactionId, from: Purse) {
        let (currency, minor) = (send.amount.currency(), send.amount.minor());
        let payee = self.handles[&send.to];
        let to = self.way_to(payee, currency);
        self.transfer(from, to, minor.into());
        self.spend(from, minor);
        if let Account::Person(_) = to.0 {
            self.paid.insert((payer, id), Paid { payee, amount: send.amount.money(), returned: 0 });
        }
        self.take_fee(from, fee(minor, SENDING).into());
    }

    /// One payment of each of these that is due.
    pub fn make_due(&mut self, numbers: &[i64]) {
        for number in numbers {
            let Some(standing) = self.standing.get_mut(number) else { continue };
            if standing.next_at.is_none_or(|at| at > self.now) {
                continue;
            }
            let (user, from, send) = (standing.user, standing.from, standing.order.send.clone());
            standing.made += 1;
            let plan = &standing.order.plan;
            let step = match plan.every {
                Some(Every::Day) => Some(DAY),
                Some(Every::Week) => Some(7 * DAY),
                _ => None,
            };
            let goes_on = plan.times.is_none_or(|times| standing.made < times);
            standing.next_at =
                step.filter(|_| goes_on).map(|step| plan.first_at + i64::from(standing.made) * step);
            self.transactions += 1;
            let how = How { from: Some(from), passkey: true, is_new: false };
            // Nobody chose its id, so nobody finds it to give it back.
            let id = TransactionId::new(self.now, [0; 10]);
            match self.may_pay(&send, user, how) {
                Ok(()) => self.pay(&send, user, id, from),
                Err(_) => self.tell(user),
            }
            self.paid.remove(&(user, id));
            self.tell(user);
        }
    }

    pub(super) fn is_over(&self, user: UserId, id: TransactionId, hash: IntentHash) -> bool {
        let runs =
            |standing: &Standing| (standing.user, standing.id) == (user, id) && standing.next_at.is_some();
        self.first.get(&(user, id)).is_some_and(|first| first.hash == hash)
            && !self.standing.values().any(runs)
    }

    pub fn reverse(&mut self, user: UserId, payer: UserId, of: TransactionId) -> MoneyAnswer {
        let paid = self.paid.get(&(payer, of)).filter(|paid| paid.payee == user);
        let Some(paid) = paid else { return Final(RefusalCode::UnknownPayment, None).into_answer() };
        let left = i128::from(paid.amount.minor) - paid.returned;
        if left == 0 {
            return Final(RefusalCode::RefundTooLarge, Some(0)).into_answer();
        }
        if let Err(no) = self.covers((Account::Person(user), paid.amount.currency), left) {
            return no.into_answer();
        }
        if self.closed.contains(&payer) || self.is_too_much_for(payer, paid.amount.currency, left) {
            return Final(RefusalCode::PayeeCannotReceive, None).into_answer();
        }
        self.transactions += 1;
        let number = self.transactions;
        self.give_back((payer, of), left);
        MoneyAnswer::Done { number }
    }

    pub(super) fn give_back(&mut self, key: (UserId, TransactionId), minor: i128) {
        let paid = self.paid.get_mut(&key).unwrap();
        paid.returned += minor;
        let (payee, currency) = (paid.payee, paid.amount.currency);
        let to = self.way_to(key.0, currency);
        self.transfer((Account::Person(payee), currency), to, minor);
    }

    /// A wallet of another branch is not looked at.
    pub(super) fn is_too_much_for(&self, user: UserId, currency: Currency, minor: i128) -> bool {
        self.money.get(&(Account::Person(user), currency)).is_some_and(|has| has + minor > FULL)
    }

    pub(super) fn way_to(&mut self, who: UserId, currency: Currency) -> Purse {
        let home = self.people[&who].0;
        self.legs_sent += i64::from(home != HOME);
        (if home == HOME { Account::Person(who) } else { Account::Way(home) }, currency)
    }

    pub(super) fn take_fee(&mut self, from: Purse, fee: i128) {
        if fee > 0 {
            self.transfer(from, (Account::Fees, from.1), fee);
            self.transactions += 1;
        }
    }
}
