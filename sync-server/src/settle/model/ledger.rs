//! The ledger in its plainest form: a map of money, and the rules one after the other. Nothing of the engine's is used.

mod holds;
mod may;

use crate::settle::command::{Left, MoneyAnswer};
use crate::settle::rows::HoldStatus;
use purse_shared::intent::{
    Every, ExchangeOrder, Intent, IntentHash, Order, RefundOrder, ScheduleOrder, SendOrder, WithdrawOrder,
};
use purse_shared::protocol::{IntentOutcome, RefusalCode};
use purse_shared::{
    Amount, Currency, DepositId, DeviceId, Handle, MethodId, Money, QuoteId, TransactionId, UnixMillis,
    UserId,
};
use std::collections::{BTreeMap, BTreeSet};

pub const HOME: i16 = 0;
pub const MINUTE: i64 = 60_000;
pub const DAY: i64 = 24 * 60 * MINUTE;
pub const FULL: i128 = 1_000_000_000_000_000_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Account {
    Person(UserId),
    Bank,
    /// On its way to or from that branch.
    Way(i16),
    Lost,
    Fees,
    Exchange,
}
pub type Purse = (Account, Currency);

/// Minor units.
#[derive(Clone, Copy)]
pub struct Thresholds {
    pub confirm_above: i64,
    pub passkey_from: i64,
    pub new_device: i64,
    pub payment: i64,
    pub day: i64,
    pub month: i64,
}

/// 5, 20, 40, 60, 70 and 71 of the euro's size; the last three doubled for who is known well.
pub fn thresholds(currency: Currency, is_verified: bool) -> Thresholds {
    let [confirm_above, passkey_from, new_device, payment, day, month] = match currency.code() {
        "EUR" => [500, 2_000, 4_000, 6_000, 7_000, 7_100],
        "JPY" => [750, 3_000, 6_000, 9_000, 10_500, 10_650],
        "KWD" => [5_000, 20_000, 40_000, 60_000, 70_000, 71_000],
        other => panic!("no history has {other}"),
    };
    let times = if is_verified { 2 } else { 1 };
    let (payment, day, month) = (times * payment, times * day, times * month);
    Thresholds { confirm_above, passkey_from, new_device, payment, day, month }
}

/// One in a hundred for sending, two for the bank; half to even.
pub fn fee(minor: i64, in_a_hundred: i64) -> i64 {
    let (whole, rest) = (minor * in_a_hundred / 100, minor * in_a_hundred % 100);
    whole + i64::from(rest > 50 || (rest == 50 && whole % 2 == 1))
}
pub const SENDING: i64 = 1;
pub const WITHDRAWING: i64 = 2;

/// Balance, held, frozen, and the number of the last entry.
pub type State = (i128, i128, bool, u64);

/// The first answer to an order; it stays.
struct First {
    hash: IntentHash,
    number: (DeviceId, u64),
    answer: IntentOutcome,
}

/// Money set aside.
#[derive(Clone)]
pub struct Hold {
    pub user: UserId,
    purse: Purse,
    minor: i128,
    fee: i128,
    is_review: bool,
    status: HoldStatus,
    expires_at: Option<UnixMillis>,
}

/// A payment that came in.
struct Paid {
    payee: UserId,
    amount: Money,
    returned: i128,
}

/// A deposit that no purse can take.
#[derive(Clone)]
pub struct Aside {
    pub key: (UserId, TransactionId),
    to: Option<Purse>,
    amount: Money,
    is_there: bool,
}

/// What came into the lost purse, other than deposits.
#[derive(Clone)]
pub struct Lost {
    pub owner: UserId,
    /// Of a payment of another branch; what people took has none.
    payer: Option<UserId>,
    purse: Purse,
    minor: i128,
    is_there: bool,
}

/// What became of a deposit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Booked {
    In(State),
    Aside,
    /// It was before, under another id; or nobody asked for it.
    Nothing,
}

pub struct Offer {
    pub user: UserId,
    pub sell: Amount,
    pub buy: Amount,
    pub expires_at: UnixMillis,
    pub is_used: bool,
}

pub struct Standing {
    user: UserId,
    id: TransactionId,
    from: Purse,
    order: ScheduleOrder,
    made: u32,
    pub next_at: Option<UnixMillis>,
}

/// From which purse, with a passkey, by a device that is new.
#[derive(Clone, Copy)]
struct How {
    from: Option<Purse>,
    passkey: bool,
    is_new: bool,
}

/// What is said instead of "settled".
enum No {
    Final(RefusalCode, Option<i128>),
    Ask(IntentOutcome),
}
use No::{Ask, Final};

#[derive(Default)]
pub struct Ledger {
    pub now: UnixMillis,
    /// A purse is here from the day it was opened.
    pub money: BTreeMap<Purse, i128>,
    pub entries: BTreeMap<Purse, u64>,
    pub held: BTreeMap<Purse, i128>,
    frozen: BTreeSet<Purse>,
    pub verified: BTreeSet<UserId>,
    pub holds: BTreeMap<i64, Hold>,
    paid: BTreeMap<(UserId, TransactionId), Paid>,
    pub offers: BTreeMap<QuoteId, Offer>,
    pub standing: BTreeMap<i64, Standing>,
    /// Whose bank account it is.
    pub banks: BTreeMap<MethodId, UserId>,
    spent: BTreeMap<(Purse, i64), i128>,
    /// Rows of everybody's feed.
    pub told: BTreeMap<UserId, i64>,
    pub people: BTreeMap<UserId, (i16, String)>,
    pub handles: BTreeMap<Handle, UserId>,
    /// With their owner, and until when they are new.
    pub devices: BTreeMap<DeviceId, (UserId, UnixMillis)>,
    revoked: BTreeSet<DeviceId>,
    pub closed: BTreeSet<UserId>,
    forked: BTreeSet<DeviceId>,
    pub blocks: BTreeSet<(UserId, UserId)>,
    first: BTreeMap<(UserId, TransactionId), First>,
    /// With what each named as the one before it.
    numbers: BTreeMap<(DeviceId, u64), (IntentHash, IntentHash)>,
    taken_back: BTreeSet<(UserId, IntentHash)>,
    pub announced: BTreeSet<(UserId, TransactionId)>,
    booked: BTreeMap<(UserId, TransactionId), Purse>,
    /// By the transaction that set it aside.
    pub aside: BTreeMap<i64, Aside>,
    pub lost: BTreeMap<i64, Lost>,
    /// What people have whose books are elsewhere.
    pub elsewhere: BTreeMap<Purse, i128>,
    /// Deposits for which nobody waits any more.
    closed_deposits: BTreeSet<(UserId, TransactionId)>,
    pub legs_lost: i64,
    pub legs_sent: i64,
    pub legs_taken: i64,
    /// Orders, deposits and legs that were written down.
    pub transactions: i64,
}

impl Ledger {
    pub fn order(
        &mut self,
        intent: &Intent,
        hash: IntentHash,
        from: Option<Purse>,
        passkey: bool,
    ) -> IntentOutcome {
        let (key, number) = ((intent.user, intent.id), (intent.device, intent.seq));
        if let Some(first) = self.first.get(&key) {
            if first.hash == hash {
                return first.answer.clone();
            }
            if first.number == number {
                self.fork(intent.device);
            }
            return self.refused(RefusalCode::Conflict, None);
        }
        if self.announced.contains(&key) {
            return self.refused(RefusalCode::Conflict, None);
        }
        if self.devices.get(&intent.device).is_none_or(|(owner, _)| *owner != intent.user) {
            return self.refused(RefusalCode::BadSignature, None);
        }
        if self.numbers.get(&number).is_some_and(|(used, _)| *used != hash) {
            self.fork(intent.device);
        }
        let how = How { from, passkey, is_new: self.devices[&intent.device].1 > self.now };
        let verdict = self.is_in_time(intent).and_then(|()| match &intent.order {
            Order::Cancel { id, hash } if self.is_over(intent.user, *id, *hash) => {
                Err(Final(RefusalCode::AlreadyDecided, None))
            }
            Order::Cancel { .. } => Ok(()),
            _ if self.taken_back.contains(&(intent.user, hash)) => Err(Final(RefusalCode::Cancelled, None)),
            Order::Send(send) => self.may_pay(send, intent.user, how),
            Order::Withdraw(withdraw) => self.may_withdraw(withdraw, intent.user, how),
            Order::Exchange(exchange) => self.may_exchange(exchange, intent.user, how),
            Order::Refund(refund) => self.may_refund(refund, intent.user, how).and_then(|()| {
                let is_closed = self.closed.contains(&refund.payer);
                if is_closed { Err(Final(RefusalCode::PayeeCannotReceive, None)) } else { Ok(()) }
            }),
            Order::Schedule(schedule) => self.may_plan(schedule, intent.user, how),
        });
        let answer = match (&verdict, &intent.order) {
            (Err(Ask(question)), _) => return question.clone(),
            (Err(Final(code, figure)), order) => {
                if let Some(currency) = currency_of(order) {
                    self.tell(intent.user);
                    let figure = figure.map(|figure| Money::new(i64::try_from(figure).unwrap(), currency));
                    self.refused(*code, figure)
                } else {
                    self.refused(*code, None)
                }
            }
            (Ok(()), order) => {
                // Its own row comes first.
                self.transactions += 1;
                self.carry_out(intent, order, from);
                self.transactions -= 1;
                if matches!(order, Order::Withdraw(_)) {
                    IntentOutcome::Held { at: self.now }
                } else {
                    IntentOutcome::Settled { at: self.now }
                }
            }
        };
        self.numbers.entry(number).or_insert((hash, intent.prev));
        self.remember(key, number, hash, answer)
    }

    fn carry_out(&mut self, intent: &Intent, order: &Order, from: Option<Purse>) {
        match order {
            Order::Cancel { id, hash } => {
                if self.first.get(&(intent.user, *id)).is_none_or(|first| first.hash != *hash) {
                    self.taken_back.insert((intent.user, *hash));
                    return;
                }
                let is = |standing: &&mut Standing| (standing.user, standing.id) == (intent.user, *id);
                self.standing.values_mut().find(is).unwrap().next_at = None;
                self.tell(intent.user);
            }
            Order::Send(send) => self.pay(send, intent.user, intent.id, from.unwrap()),
            Order::Withdraw(withdraw) => {
                let minor = withdraw.amount.minor();
                let fee = i128::from(fee(minor, WITHDRAWING));
                let hold = Hold {
                    user: intent.user,
                    purse: from.unwrap(),
                    minor: i128::from(minor) + fee,
                    fee,
                    is_review: false,
                    status: HoldStatus::Open,
                    expires_at: Some(self.now + 7 * DAY),
                };
                self.spend(hold.purse, minor);
                self.set_aside(hold);
            }
            Order::Exchange(exchange) => {
                self.offers.get_mut(&exchange.quote).unwrap().is_used = true;
                let (sell, buy) = (exchange.sell, exchange.buy);
                let me = Account::Person(intent.user);
                self.transfer(from.unwrap(), (Account::Exchange, sell.currency()), sell.minor().into());
                self.transfer((Account::Exchange, buy.currency()), (me, buy.currency()), buy.minor().into());
                self.transactions += 1;
            }
            Order::Refund(refund) => {
                self.give_back((refund.payer, refund.of), i128::from(refund.amount.minor()));
            }
            Order::Schedule(schedule) => {
                let standing = Standing {
                    user: intent.user,
                    id: intent.id,
                    from: from.unwrap(),
                    order: schedule.clone(),
                    made: 0,
                    next_at: Some(schedule.plan.first_at),
                };
                self.standing.insert(self.transactions, standing);
                self.tell(intent.user);
            }
        }
    }

    fn pay(&mut self, send: &SendOrder, payer: UserId, id: TransactionId, from: Purse) {
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

    fn way_to(&mut self, who: UserId, currency: Currency) -> Purse {
        let home = self.people[&who].0;
        self.legs_sent += i64::from(home != HOME);
        (if home == HOME { Account::Person(who) } else { Account::Way(home) }, currency)
    }

    fn take_fee(&mut self, from: Purse, fee: i128) {
        if fee > 0 {
            self.transfer(from, (Account::Fees, from.1), fee);
            self.transactions += 1;
        }
    }

    fn spend(&mut self, purse: Purse, minor: i64) {
        *self.spent.entry((purse, self.now / DAY)).or_default() += i128::from(minor);
    }

    fn is_over(&self, user: UserId, id: TransactionId, hash: IntentHash) -> bool {
        let runs =
            |standing: &Standing| (standing.user, standing.id) == (user, id) && standing.next_at.is_some();
        self.first.get(&(user, id)).is_some_and(|first| first.hash == hash)
            && !self.standing.values().any(runs)
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

    /// A wallet of another branch is not looked at.
    fn is_too_much_for(&self, user: UserId, currency: Currency, minor: i128) -> bool {
        self.money.get(&(Account::Person(user), currency)).is_some_and(|has| has + minor > FULL)
    }

    fn give_back(&mut self, key: (UserId, TransactionId), minor: i128) {
        let paid = self.paid.get_mut(&key).unwrap();
        paid.returned += minor;
        let (payee, currency) = (paid.payee, paid.amount.currency);
        let to = self.way_to(key.0, currency);
        self.transfer((Account::Person(payee), currency), to, minor);
    }

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

    pub fn open_purse(&mut self, user: UserId, currency: Currency) -> Option<State> {
        let purse = (Account::Person(user), currency);
        if self.closed.contains(&user) {
            return None;
        }
        if self.state(purse).is_none() {
            self.money.insert(purse, 0);
            self.tell(user);
        }
        self.state(purse)
    }

    /// Why not, if not.
    pub fn close(&mut self, user: UserId) -> MoneyAnswer {
        let own = |purse: &Purse| purse.0 == Account::Person(user);
        let waits = |key: &(UserId, TransactionId)| key.0 == user && !self.closed_deposits.contains(key);
        let left = match () {
            () if self.closed.contains(&user) => None,
            () if self.money.iter().any(|(purse, minor)| own(purse) && *minor != 0) => Some(Left::Money),
            () if self.held.iter().any(|(purse, minor)| own(purse) && *minor != 0) => Some(Left::Money),
            () if self.frozen.iter().any(own) => Some(Left::Frozen),
            () if self.announced.iter().any(waits) => Some(Left::Deposit),
            () if self.standing.values().any(|plan| plan.user == user && plan.next_at.is_some()) => {
                Some(Left::Schedule)
            }
            () => None,
        };
        match left {
            Some(left) => MoneyAnswer::Left { left },
            None => {
                self.closed.insert(user);
                MoneyAnswer::Done { number: 0 }
            }
        }
    }

    pub fn revoke(&mut self, user: UserId, device: DeviceId) {
        if self.closed.contains(&user) {
            return;
        }
        let is_theirs = self.devices.get(&device).is_some_and(|(owner, _)| *owner == user);
        if is_theirs && self.revoked.insert(device) {
            self.tell(user);
        }
    }

    pub fn block(&mut self, user: UserId, other: UserId, blocked: bool) {
        if self.closed.contains(&user) {
            return;
        }
        let pair = (user, other);
        if if blocked { self.blocks.insert(pair) } else { self.blocks.remove(&pair) } {
            self.tell(user);
        }
    }

    pub fn freeze(&mut self, user: UserId, purse: Option<Purse>, frozen: bool) -> Option<State> {
        let is_open = !self.closed.contains(&user);
        let purse = purse.filter(|(owner, _)| is_open && *owner == Account::Person(user))?;
        if if frozen { self.frozen.insert(purse) } else { self.frozen.remove(&purse) } {
            self.tell(user);
        }
        self.state(purse)
    }

    /// Orders that do not name the one before them, and whether that one is there.
    pub fn breaks(&self) -> BTreeMap<(DeviceId, u64), bool> {
        let does_not_follow = |(number, (_, named)): (&(DeviceId, u64), &(IntentHash, IntentHash))| {
            let (device, seq) = *number;
            let before = self.numbers.get(&(device, seq - 1)).map(|(hash, _)| *hash);
            let before = if seq == 1 { Some(IntentHash::ZERO) } else { before };
            (before != Some(*named)).then_some((*number, before.is_some()))
        };
        self.numbers.iter().filter_map(does_not_follow).collect()
    }

    pub fn tell(&mut self, user: UserId) {
        *self.told.entry(user).or_default() += 1;
    }

    pub fn transfer(&mut self, from: Purse, to: Purse, minor: i128) {
        for (purse, change) in [(from, -minor), (to, minor)] {
            *self.money.entry(purse).or_default() += change;
            *self.entries.entry(purse).or_default() += 1;
            if let Account::Person(user) = purse.0 {
                self.tell(user);
            }
        }
    }

    pub fn state(&self, purse: Purse) -> Option<State> {
        let of = |map: &BTreeMap<Purse, i128>| map.get(&purse).copied().unwrap_or(0);
        let entries = self.entries.get(&purse).copied().unwrap_or(0);
        Some((*self.money.get(&purse)?, of(&self.held), self.frozen.contains(&purse), entries))
    }

    pub fn spent_today(&self, purse: Purse) -> i64 {
        let spent = self.spent.get(&(purse, self.now / DAY)).copied().unwrap_or(0);
        i64::try_from(spent).unwrap()
    }

    pub fn spent_this_month(&self, purse: Purse) -> i64 {
        let month = month_of(self.now / DAY);
        let of = |((spender, day), minor): (&(Purse, i64), &i128)| {
            (*spender == purse && month_of(*day) == month).then_some(*minor)
        };
        i64::try_from(self.spent.iter().filter_map(of).sum::<i128>()).unwrap()
    }

    fn fork(&mut self, device: DeviceId) {
        if let Some((owner, _)) = self.devices.get(&device).copied()
            && self.forked.insert(device)
        {
            self.tell(owner);
        }
    }

    fn refused(&self, code: RefusalCode, figure: Option<Money>) -> IntentOutcome {
        IntentOutcome::Refused { code, at: self.now, figure }
    }

    fn remember(
        &mut self,
        key: (UserId, TransactionId),
        number: (DeviceId, u64),
        hash: IntentHash,
        answer: IntentOutcome,
    ) -> IntentOutcome {
        self.transactions += 1;
        self.first.insert(key, First { hash, number, answer: answer.clone() });
        answer
    }
}

impl No {
    fn into_answer(self) -> MoneyAnswer {
        match self {
            Final(code, figure) => {
                MoneyAnswer::Refused { code, figure: figure.map(|figure| i64::try_from(figure).unwrap()) }
            }
            Ask(_) => panic!("nobody is asked"),
        }
    }
}

/// In which a refusal's figure is; `None` for a cancel, of which nobody is told.
fn currency_of(order: &Order) -> Option<Currency> {
    Some(match order {
        Order::Send(send) => send.amount.currency(),
        Order::Withdraw(withdraw) => withdraw.amount.currency(),
        Order::Exchange(exchange) => exchange.sell.currency(),
        Order::Refund(refund) => refund.amount.currency(),
        Order::Schedule(schedule) => schedule.send.amount.currency(),
        Order::Cancel { .. } => return None,
    })
}

/// Months since the year 0, by counting days of whole years and months.
fn month_of(day: i64) -> i64 {
    let (mut year, mut left) = (1970, day);
    let days = |year: i64| 365 + i64::from(year % 4 == 0 && (year % 100 != 0 || year % 400 == 0));
    while left >= days(year) {
        left -= days(year);
        year += 1;
    }
    let mut month = 0;
    for length in [31, days(year) - 337, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if left < length {
            break;
        }
        left -= length;
        month += 1;
    }
    year * 12 + month
}
