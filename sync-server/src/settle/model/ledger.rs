//! The ledger in its plainest form: a map of money, and the rules one after the other. Nothing of the engine's is used.

use purse_shared::intent::{Intent, IntentHash, Order, SendOrder};
use purse_shared::protocol::{IntentOutcome, RefusalCode};
use purse_shared::{Currency, DeviceId, Handle, Money, TransactionId, UnixMillis, UserId};
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
}

/// 5, 20, 40, 60 and 70 of the euro's size.
pub fn thresholds(currency: Currency) -> Thresholds {
    let [confirm_above, passkey_from, new_device, payment, day] = match currency.code() {
        "EUR" => [500, 2_000, 4_000, 6_000, 7_000],
        "JPY" => [750, 3_000, 6_000, 9_000, 10_500],
        "KWD" => [5_000, 20_000, 40_000, 60_000, 70_000],
        other => panic!("no history has {other}"),
    };
    Thresholds { confirm_above, passkey_from, new_device, payment, day }
}

/// Balance, held, frozen, and the number of the last entry.
pub type State = (i128, i128, bool, u64);

/// The first answer to an order; it stays.
struct First {
    hash: IntentHash,
    number: (DeviceId, u64),
    answer: IntentOutcome,
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
    spent: BTreeMap<(Purse, i64), i128>,
    /// Rows of everybody's feed.
    pub told: BTreeMap<UserId, i64>,
    pub people: BTreeMap<UserId, (i16, String)>,
    pub handles: BTreeMap<Handle, UserId>,
    /// With their owner, and until when they are new.
    pub devices: BTreeMap<DeviceId, (UserId, UnixMillis)>,
    revoked: BTreeSet<DeviceId>,
    forked: BTreeSet<DeviceId>,
    pub blocks: BTreeSet<(UserId, UserId)>,
    first: BTreeMap<(UserId, TransactionId), First>,
    numbers: BTreeMap<(DeviceId, u64), IntentHash>,
    decided: BTreeSet<(UserId, IntentHash)>,
    taken_back: BTreeSet<(UserId, IntentHash)>,
    pub announced: BTreeSet<(UserId, TransactionId)>,
    booked: BTreeMap<(UserId, TransactionId), Purse>,
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
        if self.numbers.get(&number).is_some_and(|used| *used != hash) {
            self.fork(intent.device);
        }
        let verdict = self.standing(intent).and_then(|()| match &intent.order {
            Order::Cancel { hash } if self.decided.contains(&(intent.user, *hash)) => {
                Err(Final(RefusalCode::AlreadyDecided, None))
            }
            Order::Cancel { .. } => Ok(()),
            Order::Send(_) if self.taken_back.contains(&(intent.user, hash)) => {
                Err(Final(RefusalCode::Cancelled, None))
            }
            Order::Send(send) => self.may_pay(send, intent, from, passkey),
        });
        let answer = match (&verdict, &intent.order) {
            (Err(Ask(question)), _) => return question.clone(),
            (Err(Final(code, figure)), order) => {
                let Order::Send(send) = order else { return self.keep(key, number, hash, *code, None) };
                self.tell(intent.user);
                return self.keep(key, number, hash, *code, figure.map(|figure| money(figure, send)));
            }
            (Ok(()), Order::Cancel { hash }) => {
                self.taken_back.insert((intent.user, *hash));
                IntentOutcome::Settled { at: self.now }
            }
            (Ok(()), Order::Send(send)) => {
                let (currency, minor) = (send.amount.currency(), i128::from(send.amount.minor()));
                let (payer, payee) = (from.unwrap(), self.handles[&send.to]);
                let home = self.people[&payee].0;
                self.legs_sent += i64::from(home != HOME);
                let to = if home == HOME { Account::Person(payee) } else { Account::Way(home) };
                self.transfer(payer, (to, currency), minor);
                *self.spent.entry((payer, self.now / DAY)).or_default() += minor;
                IntentOutcome::Settled { at: self.now }
            }
        };
        self.remember(key, number, hash, answer)
    }

    fn standing(&self, intent: &Intent) -> Result<(), No> {
        let no = |code| Err(Final(code, None));
        let life = intent.expires_at - intent.created_at;
        match () {
            () if self.revoked.contains(&intent.device) => no(RefusalCode::DeviceRevoked),
            () if self.forked.contains(&intent.device) => no(RefusalCode::DeviceForked),
            () if life <= 0 || life > 30 * DAY => no(RefusalCode::BadExpiry),
            () if intent.created_at > self.now + 10 * MINUTE => no(RefusalCode::ClockSkew),
            () if intent.expires_at <= self.now => no(RefusalCode::Expired),
            () => Ok(()),
        }
    }

    fn may_pay(
        &self,
        send: &SendOrder,
        intent: &Intent,
        from: Option<Purse>,
        passkey: bool,
    ) -> Result<(), No> {
        let no = |code| Err(Final(code, None));
        let (currency, amount) = (send.amount.currency(), i128::from(send.amount.minor()));
        let limit = thresholds(currency);
        let above = |code, limit: i64| Err(Final(code, Some(i128::from(limit))));
        let me = Account::Person(intent.user);
        let Some(purse) = from.filter(|(owner, _)| *owner == me) else {
            return no(RefusalCode::UnknownWallet);
        };
        if purse.1 != currency {
            return no(RefusalCode::CurrencyMismatch);
        }
        let Some(payee) =
            self.handles.get(&send.to).filter(|who| send.payee.is_none_or(|named| named == **who))
        else {
            return no(RefusalCode::UnknownPayee);
        };
        let theirs = (Account::Person(*payee), currency);
        let in_theirs = self.money.get(&theirs).copied().unwrap_or(0);
        let have = self.money[&purse] - self.held.get(&purse).copied().unwrap_or(0);
        let today = i128::from(self.spent_today(purse));
        let is_new = self.devices[&intent.device].1 > self.now;
        match () {
            () if *payee == intent.user => no(RefusalCode::PaymentToSelf),
            () if self.frozen.contains(&purse) => no(RefusalCode::WalletFrozen),
            () if self.blocks.contains(&(*payee, intent.user)) => no(RefusalCode::PayeeCannotReceive),
            () if self.frozen.contains(&theirs) => no(RefusalCode::PayeeCannotReceive),
            () if amount > i128::from(limit.payment) => above(RefusalCode::LimitPerPayment, limit.payment),
            () if is_new && amount > i128::from(limit.new_device) => {
                above(RefusalCode::LimitNewDevice, limit.new_device)
            }
            () if today + amount > i128::from(limit.day) => above(RefusalCode::LimitPerDay, limit.day),
            () if amount > have => Err(Final(RefusalCode::InsufficientFunds, Some(have))),
            () if in_theirs + amount > FULL => no(RefusalCode::PayeeCannotReceive),
            () if send.payee.is_none() && amount > i128::from(limit.confirm_above) => {
                let display_name = self.people[payee].1.clone();
                Err(Ask(IntentOutcome::ConfirmPayee { user: *payee, display_name }))
            }
            () if !passkey && amount >= i128::from(limit.passkey_from) => {
                Err(Ask(IntentOutcome::ApprovalRequired))
            }
            () => Ok(()),
        }
    }

    /// Once; `None`: not booked.
    pub fn deposit(
        &mut self,
        key: (UserId, TransactionId),
        to: Option<Purse>,
        amount: Money,
    ) -> Option<State> {
        if let Some(first) = self.booked.get(&key) {
            return self.state(*first);
        }
        let to = to.filter(|to| *to == (Account::Person(key.0), amount.currency))?;
        if self.first.contains_key(&key) || self.money[&to] + i128::from(amount.minor) > FULL {
            return None;
        }
        self.transfer((Account::Bank, to.1), to, i128::from(amount.minor));
        self.transactions += 1;
        self.booked.insert(key, to);
        self.state(to)
    }

    pub fn leg(&mut self, from: i16, no: i64, payee: UserId, amount: Money) {
        if no != self.legs_taken + 1 {
            return;
        }
        self.legs_taken = no;
        let (currency, minor) = (amount.currency, i128::from(amount.minor));
        let theirs = (Account::Person(payee), currency);
        let is_here = self.people.get(&payee).is_some_and(|(home, _)| *home == HOME);
        let fits = self.money.get(&theirs).copied().unwrap_or(0) + minor <= FULL;
        let to = if is_here && fits { theirs } else { (Account::Lost, currency) };
        self.transfer((Account::Way(from), currency), to, minor);
        self.transactions += 1;
    }

    pub fn open(&mut self, user: UserId, currency: Currency) -> Option<State> {
        let purse = (Account::Person(user), currency);
        if self.state(purse).is_none() {
            self.money.insert(purse, 0);
            self.tell(user);
        }
        self.state(purse)
    }

    pub fn revoke(&mut self, user: UserId, device: DeviceId) {
        let is_theirs = self.devices.get(&device).is_some_and(|(owner, _)| *owner == user);
        if is_theirs && self.revoked.insert(device) {
            self.tell(user);
        }
    }

    pub fn block(&mut self, user: UserId, other: UserId, blocked: bool) {
        let pair = (user, other);
        if if blocked { self.blocks.insert(pair) } else { self.blocks.remove(&pair) } {
            self.tell(user);
        }
    }

    pub fn freeze(&mut self, user: UserId, purse: Option<Purse>, frozen: bool) -> Option<State> {
        let purse = purse.filter(|(owner, _)| *owner == Account::Person(user))?;
        if if frozen { self.frozen.insert(purse) } else { self.frozen.remove(&purse) } {
            self.tell(user);
        }
        self.state(purse)
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

    fn keep(
        &mut self,
        key: (UserId, TransactionId),
        number: (DeviceId, u64),
        hash: IntentHash,
        code: RefusalCode,
        figure: Option<Money>,
    ) -> IntentOutcome {
        let answer = self.refused(code, figure);
        self.remember(key, number, hash, answer)
    }

    fn remember(
        &mut self,
        key: (UserId, TransactionId),
        number: (DeviceId, u64),
        hash: IntentHash,
        answer: IntentOutcome,
    ) -> IntentOutcome {
        self.transactions += 1;
        self.numbers.entry(number).or_insert(hash);
        self.decided.insert((key.0, hash));
        self.first.insert(key, First { hash, number, answer: answer.clone() });
        answer
    }
}

fn money(minor: i128, send: &SendOrder) -> Money {
    Money::new(i64::try_from(minor).unwrap(), send.amount.currency())
}
