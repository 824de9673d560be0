//! Money set aside: for the bank, or for people to look at. It ends once, whoever comes first.

use super::super::books::House;
use super::super::command::{MoneyAct, MoneyAnswer};
use super::super::rows::{
    HoldEnd, HoldRow, HoldStatus, Kind, Of, PayoutRow, Purpose, Status, TransactionRow,
};
use super::super::rules::{self, Verdict};
use super::{Batch, Giver};
use purse_shared::intent::WithdrawOrder;
use purse_shared::limits::DAY_MS;
use purse_shared::protocol::RefusalCode;
use purse_shared::{Amount, TransactionId, UnixMillis, UserId, WalletId};

/// A withdrawal that the bank could not be asked for in this time is given up.
const ASK_BANK_WITHIN_MS: UnixMillis = 7 * DAY_MS;

impl Batch<'_> {
    pub(super) fn decide_withdraw(&self, order: &WithdrawOrder, giver: &Giver<'_>) -> Verdict {
        let payer = self.payer(giver, order.from, order.amount.currency());
        let fee = self.settings.fees.withdraw.of(order.amount);
        rules::decide_withdraw(order, &payer, self.found.methods.get(&order.to).copied(), fee, self.now)
    }

    pub(super) fn carry_out_withdraw(&mut self, order: &WithdrawOrder, mut row: TransactionRow) {
        row.kind = Kind::Withdraw;
        row.amount = Some(order.amount);
        row.sender = Some(order.from).filter(|wallet| self.books.owns(row.user, *wallet));
        let (Status::Held, Some(wallet)) = (row.status, row.sender) else { return self.tell_only(row) };
        row.fee = self.settings.fees.withdraw.of(order.amount);
        let all = order.amount.minor().saturating_add(row.fee);
        let Ok(amount) = Amount::new(all, order.amount.currency()) else { return self.tell_only(row) };
        self.rows.payouts.push(PayoutRow {
            number: row.number,
            user: row.user,
            id: row.id,
            method: order.to,
            amount: order.amount,
        });
        self.count_outflow(wallet, order.amount.minor());
        let expires_at = Some(self.now.saturating_add(ASK_BANK_WITHIN_MS));
        self.set_aside(row, wallet, amount, Purpose::Withdrawal, expires_at);
    }

    fn set_aside(
        &mut self,
        mut row: TransactionRow,
        wallet: WalletId,
        amount: Amount,
        purpose: Purpose,
        expires_at: Option<UnixMillis>,
    ) {
        row.debit = self.hold(wallet, amount.minor());
        let hold = HoldRow {
            number: row.number,
            id: row.id,
            user: row.user,
            wallet,
            amount,
            fee: row.fee,
            purpose,
            status: HoldStatus::Open,
            expires_at,
        };
        self.rows.new_holds.push(hold.clone());
        self.found.holds.insert(row.number, hold);
        self.rows.transactions.push(row);
    }

    /// What the bank or the operator does. Nothing is done twice: asked again, it is answered as it stands.
    pub fn money(&mut self, user: UserId, act: &MoneyAct) -> MoneyAnswer {
        match act {
            MoneyAct::HandOver { hold } => match self.open_hold(user, *hold) {
                // Ordered before the wallet was frozen, and not with the bank yet: it waits.
                Ok(found) if self.books.wallets.get(&found.wallet).is_some_and(|row| row.facts.frozen) => {
                    MoneyAnswer::Refused { code: RefusalCode::WalletFrozen, figure: None }
                }
                Ok(found) => {
                    if found.expires_at.is_some() {
                        self.rows.kept_holds.push(*hold);
                        self.found.holds.entry(*hold).and_modify(|hold| hold.expires_at = None);
                    }
                    MoneyAnswer::Done { number: 0 }
                }
                Err(answer) => answer,
            },
            MoneyAct::Capture { hold } => match self.open_hold(user, *hold) {
                Ok(found) => MoneyAnswer::Done { number: self.capture(&found) },
                Err(MoneyAnswer::Ended { status: HoldStatus::Captured }) => MoneyAnswer::Done { number: 0 },
                Err(answer) => answer,
            },
            MoneyAct::Release { hold, code } => match self.open_hold(user, *hold) {
                Ok(found) => MoneyAnswer::Done { number: self.release(&found, HoldStatus::Released, *code) },
                Err(MoneyAnswer::Ended { status: HoldStatus::Released }) => MoneyAnswer::Done { number: 0 },
                Err(answer) => answer,
            },
            MoneyAct::Hold { wallet, amount, expires_at } => {
                self.hold_for_review(user, *wallet, *amount, *expires_at)
            }
            MoneyAct::Reverse { payer, of } => self.reverse(user, *payer, *of),
            MoneyAct::BookSuspended { suspended } => self.book_suspended(user, *suspended),
            MoneyAct::ReturnSuspended { suspended } => self.return_suspended(user, *suspended),
            MoneyAct::CloseAccount => self.close(user),
        }
    }

    /// A hold whose time is up is over, also when nobody has looked yet: expiry and capture have one order.
    fn open_hold(&mut self, user: UserId, number: i64) -> Result<HoldRow, MoneyAnswer> {
        let found = self.found.holds.get(&number).filter(|hold| hold.user == user).cloned();
        let unknown = MoneyAnswer::Refused { code: RefusalCode::UnknownPayment, figure: None };
        let hold = found.ok_or(unknown)?;
        if hold.status != HoldStatus::Open {
            return Err(MoneyAnswer::Ended { status: hold.status });
        }
        if hold.expires_at.is_some_and(|at| at <= self.now) {
            self.release(&hold, HoldStatus::Expired, RefusalCode::HoldExpired);
            return Err(MoneyAnswer::Ended { status: HoldStatus::Expired });
        }
        Ok(hold)
    }

    /// Ends those of these that are due.
    pub fn expire(&mut self, holds: &[i64]) {
        for number in holds {
            let Some(user) = self.found.holds.get(number).map(|hold| hold.user) else { continue };
            let _ended_or_not_due = self.open_hold(user, *number);
        }
    }

    fn capture(&mut self, hold: &HoldRow) -> i64 {
        let currency = hold.amount.currency();
        let of = Of { number: Some(hold.number), id: hold.id };
        let house = match hold.purpose {
            Purpose::Withdrawal => House::SandboxBank,
            Purpose::Review => House::Suspense,
        };
        let mut row = self.part(hold.user, Kind::Capture, of);
        let number = row.number;
        row.sender = Some(hold.wallet);
        row.receiver = Some(self.house_wallet(house, currency));
        row.amount = Amount::new(hold.amount.minor().saturating_sub(hold.fee), currency).ok();
        row.fee = hold.fee;
        if let Some(wallet) = self.books.wallets.get_mut(&hold.wallet) {
            wallet.facts.held = wallet.facts.held.saturating_sub(hold.amount.minor());
        }
        self.post(row);
        self.take_fee(hold.user, hold.wallet, of, hold.fee, currency);
        self.end(hold.number, HoldStatus::Captured, number);
        number
    }

    fn release(&mut self, hold: &HoldRow, status: HoldStatus, code: RefusalCode) -> i64 {
        let mut row = self.part(hold.user, Kind::Release, Of { number: Some(hold.number), id: hold.id });
        let number = row.number;
        row.status = Status::Refused(code);
        row.sender = Some(hold.wallet);
        row.amount = Amount::new(hold.amount.minor().saturating_sub(hold.fee), hold.amount.currency()).ok();
        row.debit = self.hold(hold.wallet, -hold.amount.minor());
        self.rows.transactions.push(row);
        self.end(hold.number, status, number);
        number
    }

    fn end(&mut self, number: i64, status: HoldStatus, by: i64) {
        self.found.holds.entry(number).and_modify(|hold| hold.status = status);
        self.rows.ended_holds.push(HoldEnd { number, status, by });
    }

    fn hold_for_review(
        &mut self,
        user: UserId,
        wallet: WalletId,
        amount: Amount,
        expires_at: Option<UnixMillis>,
    ) -> MoneyAnswer {
        let refused = |code, figure| MoneyAnswer::Refused { code, figure };
        let facts = self.books.wallets.get(&wallet).map(|row| &row.facts);
        let Some(facts) = facts.filter(|facts| facts.owner == Some(user)) else {
            return refused(RefusalCode::UnknownWallet, None);
        };
        if facts.currency != amount.currency() {
            return refused(RefusalCode::CurrencyMismatch, None);
        }
        if amount.minor() > facts.available() {
            return refused(RefusalCode::InsufficientFunds, Some(facts.available()));
        }
        if expires_at.is_some_and(|at| at <= self.now) {
            return refused(RefusalCode::HoldExpired, None);
        }
        let id = TransactionId::new(self.now, (self.random)());
        let mut row = TransactionRow::new(self.take_number(), id, user, Kind::Hold, self.now);
        let number = row.number;
        (row.status, row.sender, row.amount) = (Status::Held, Some(wallet), Some(amount));
        self.set_aside(row, wallet, amount, Purpose::Review, expires_at);
        MoneyAnswer::Done { number }
    }
}
