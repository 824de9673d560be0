//! Money that is set aside, and how that ends.

use super::*;

impl Ledger {
    pub(super) fn set_aside(&mut self, hold: Hold) {
        *self.held.entry(hold.purse).or_default() += hold.minor;
        self.tell(hold.user);
        self.holds.insert(self.transactions, hold);
    }

    /// Free again, by a row of its own.
    pub(super) fn release(&mut self, number: i64, status: HoldStatus) -> i64 {
        let hold = self.holds.get_mut(&number).unwrap();
        hold.status = status;
        let (user, purse, minor) = (hold.user, hold.purse, hold.minor);
        *self.held.get_mut(&purse).unwrap() -= minor;
        self.tell(user);
        self.transactions += 1;
        self.transactions
    }

    pub(super) fn open(&mut self, user: UserId, number: i64) -> Result<Hold, MoneyAnswer> {
        let hold = self.holds.get(&number).filter(|hold| hold.user == user).cloned();
        let unknown = MoneyAnswer::Refused { code: RefusalCode::UnknownPayment, figure: None };
        let hold = hold.ok_or(unknown)?;
        if hold.status != HoldStatus::Open {
            return Err(MoneyAnswer::Ended { status: hold.status });
        }
        if hold.expires_at.is_some_and(|at| at <= self.now) {
            self.release(number, HoldStatus::Expired);
            return Err(MoneyAnswer::Ended { status: HoldStatus::Expired });
        }
        Ok(hold)
    }

    pub fn expire(&mut self, numbers: &[i64]) {
        for number in numbers {
            let user = self.holds[number].user;
            let _ended_or_not_due = self.open(user, *number);
        }
    }

    pub fn hand_over(&mut self, user: UserId, number: i64) -> MoneyAnswer {
        match self.open(user, number) {
            Ok(hold) if self.frozen.contains(&hold.purse) => {
                Final(RefusalCode::WalletFrozen, None).into_answer()
            }
            Ok(_) => {
                self.holds.get_mut(&number).unwrap().expires_at = None;
                MoneyAnswer::Done { number: 0 }
            }
            Err(answer) => answer,
        }
    }

    pub fn end(&mut self, user: UserId, number: i64, captured: bool) -> MoneyAnswer {
        let wanted = if captured { HoldStatus::Captured } else { HoldStatus::Released };
        match self.open(user, number) {
            Err(MoneyAnswer::Ended { status }) if status == wanted => MoneyAnswer::Done { number: 0 },
            Err(answer) => answer,
            Ok(_) if !captured => MoneyAnswer::Done { number: self.release(number, wanted) },
            Ok(hold) => {
                self.holds.get_mut(&number).unwrap().status = wanted;
                *self.held.get_mut(&hold.purse).unwrap() -= hold.minor;
                let to = if hold.is_review { Account::Lost } else { Account::Bank };
                self.transactions += 1;
                let number = self.transactions;
                self.transfer(hold.purse, (to, hold.purse.1), hold.minor - hold.fee);
                if hold.is_review {
                    let lost = Lost {
                        owner: user,
                        payer: None,
                        purse: hold.purse,
                        minor: hold.minor,
                        is_there: true,
                    };
                    self.lost.insert(number, lost);
                }
                self.take_fee(hold.purse, hold.fee);
                MoneyAnswer::Done { number }
            }
        }
    }

    pub fn review(
        &mut self,
        user: UserId,
        purse: Option<Purse>,
        amount: Amount,
        expires_at: Option<UnixMillis>,
    ) -> MoneyAnswer {
        let minor = i128::from(amount.minor());
        let checked = self.own(user, purse, amount.currency()).and_then(|purse| {
            self.covers(purse, minor)?;
            let is_past = expires_at.is_some_and(|at| at <= self.now);
            if is_past { Err(Final(RefusalCode::HoldExpired, None)) } else { Ok(purse) }
        });
        match checked {
            Ok(purse) => {
                self.transactions += 1;
                let status = HoldStatus::Open;
                self.set_aside(Hold { user, purse, minor, fee: 0, is_review: true, status, expires_at });
                MoneyAnswer::Done { number: self.transactions }
            }
            Err(no) => no.into_answer(),
        }
    }
}
