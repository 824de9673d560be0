//! The ledger in its plainest form: a map of money, and the rules one after the other. Nothing of the engine's is used.

mod account;
mod holds;
mod limits;
mod may;
mod outside;
mod payments;

pub use limits::{SENDING, WITHDRAWING, fee, thresholds};

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
