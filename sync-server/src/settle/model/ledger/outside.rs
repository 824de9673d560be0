//! Money that comes from outside the branch: a bank's, and what another branch sent.

use super::*;

impl Ledger {
    /// Once: into its purse, or set aside.
    pub fn deposit(
        &mut self,
        key: (UserId, TransactionId),
        to: Option<Purse>,
        amount: Money,
        is_asked: bool,
    ) -> Booked {
        if let Some(first) = self.booked.get(&key) {
            return Booked::In(self.state(*first).unwrap());
        }
        match self.aside.values().find(|aside| aside.key == key) {
            Some(aside) if aside.is_there => return Booked::Aside,
            Some(_) => return Booked::Nothing,
            None if !is_asked => return Booked::Nothing,
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

    pub fn is_settled(&self, user: UserId, deposit: DepositId) -> bool {
        self.booked.contains_key(&(user, TransactionId(deposit.0)))
    }

    /// Puts what was set aside by this transaction into its purse.
    fn book_aside(&mut self, user: UserId, number: i64) -> MoneyAnswer {
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
        if to != theirs {
            let lost = Lost { owner: payee, payer: Some(payer), purse: theirs, minor, is_there: true };
            self.lost.insert(self.transactions, lost);
        }
    }

    /// Into the purse of whose it is, or back to who paid it.
    pub fn find_again(&mut self, user: UserId, number: i64, goes_back: bool) -> MoneyAnswer {
        let refused = |code| Final(code, None).into_answer();
        let lost = self.lost.get(&number).filter(|lost| lost.owner == user && lost.is_there).cloned();
        let Some(Lost { payer, purse, minor, .. }) = lost else {
            return if goes_back {
                refused(RefusalCode::UnknownPayment)
            } else {
                self.book_aside(user, number)
            };
        };
        let home = self.people.get(&user).is_some_and(|(home, _)| *home == HOME);
        let to = match (goes_back, payer) {
            (true, None) => return refused(RefusalCode::UnknownPayment),
            (true, Some(payer)) => self.way_to(payer, purse.1),
            (false, _) if !home || self.closed.contains(&user) => return refused(RefusalCode::UnknownWallet),
            (false, _) if self.is_too_much_for(user, purse.1, minor) => {
                return refused(RefusalCode::LimitBalance);
            }
            (false, _) => purse,
        };
        self.lost.get_mut(&number).unwrap().is_there = false;
        self.transfer((Account::Lost, purse.1), to, minor);
        self.transactions += 1;
        MoneyAnswer::Done { number: self.transactions }
    }
}
