//! Money that comes from outside the branch: a bank's, and what another branch sent.

use super::*;

impl Ledger {
    /// Once: into its purse, or set aside.
    pub fn deposit(&mut self, key: (UserId, TransactionId), to: Option<Purse>, amount: Money) -> Booked {
        if let Some(first) = self.booked.get(&key) {
            return Booked::In(self.state(*first).unwrap());
        }
        match self.aside.values().find(|aside| aside.key == key) {
            Some(aside) if aside.is_there => return Booked::Aside,
            Some(_) => return Booked::Nothing,
            None => {}
        }
        let minor = i128::from(amount.minor);
        let own = to.filter(|to| *to == (Account::Person(key.0), amount.currency));
        let is_open = !self.closed.contains(&key.0) && !self.first.contains_key(&key);
        let fits = own.filter(|to| is_open && self.money[to] + minor <= FULL);
        self.transactions += 1;
        let bank = (Account::Bank, amount.currency);
        let Some(to) = fits else {
            self.transfer(bank, (Account::Lost, amount.currency), minor);
            self.tell(key.0);
            self.aside.insert(self.transactions, Aside { key, to: own, amount, is_there: true });
            return Booked::Aside;
        };
        self.transfer(bank, to, minor);
        self.booked.insert(key, to);
        Booked::In(self.state(to).unwrap())
    }

    /// Puts what was set aside by this transaction into its purse.
    pub fn book_aside(&mut self, user: UserId, number: i64) -> MoneyAnswer {
        let refused = |code| Final(code, None).into_answer();
        let aside = self.aside.get(&number).filter(|aside| aside.key.0 == user && aside.is_there).cloned();
        let Some(Aside { key, to, amount, .. }) = aside else { return refused(RefusalCode::UnknownPayment) };
        let to = to.filter(|_| !self.closed.contains(&user));
        let Some(to) = to else { return refused(RefusalCode::UnknownWallet) };
        if self.is_too_much_for(user, amount.currency, amount.minor.into()) {
            return refused(RefusalCode::LimitBalance);
        }
        self.aside.get_mut(&number).unwrap().is_there = false;
        self.closed_deposits.insert(key);
        self.transfer((Account::Lost, amount.currency), to, amount.minor.into());
        self.transactions += 1;
        if !self.first.contains_key(&key) {
            self.booked.insert(key, to);
        }
        MoneyAnswer::Done { number: self.transactions }
    }

    pub fn leg(
        &mut self,
        from: i16,
        no: i64,
        (payer, payee): (UserId, UserId),
        id: TransactionId,
        amount: Money,
        gives_back: bool,
    ) {
        if no != self.legs_taken + 1 {
            return;
        }
        self.legs_taken = no;
        let (currency, minor) = (amount.currency, i128::from(amount.minor));
        let theirs = (Account::Person(payee), currency);
        let is_here =
            self.people.get(&payee).is_some_and(|(home, _)| *home == HOME) && !self.closed.contains(&payee);
        let fits = self.money.get(&theirs).copied().unwrap_or(0) + minor <= FULL;
        let to = if is_here && fits { theirs } else { (Account::Lost, currency) };
        self.legs_lost += i64::from(to != theirs);
        if to == theirs && !gives_back {
            self.paid.insert((payer, id), Paid { payee, amount, returned: 0 });
        }
        self.transfer((Account::Way(from), currency), to, minor);
        self.transactions += 1;
    }
}
