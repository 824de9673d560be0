//! A database in memory: reads for a batch what `store::load` reads, takes what `store::write` writes, and refuses
//! what the constraints refuse. Whatever it holds came in a commit.

mod check;
mod load;
mod write;

use crate::settle::books::{Books, DeviceRow, House, UserRow, WalletRow, new_wallet};
use crate::settle::command::{AccountChange, DepositOrder, Leg, MoneyAct, SendIntent};
use crate::settle::rows::{
    AskedDeposit, BreakRow, FeedRow, Found, HoldRow, HoldStatus, Kind, Link, Of, Paid, QuoteRow, Rows,
    ScheduleRow, Side, Status, Stored, Suspended, Suspense, TransactionRow,
};
use crate::settle::rules::{DeviceFacts, Tier, WalletFacts};
use purse_shared::intent::{IntentHash, Order};
use purse_shared::protocol::IntentOutcome;
use purse_shared::{
    Amount, Currency, DeviceId, Handle, MethodId, Money, QuoteId, TransactionId, UnixMillis, UserId, WalletId,
};
use std::collections::{BTreeMap, BTreeSet, HashMap};

#[derive(Clone, Debug)]
pub enum Command {
    Intent(SendIntent),
    Deposit(DepositOrder),
    Account(UserId, AccountChange),
    Leg(i16, Leg),
    Money(UserId, MoneyAct),
    Due(Vec<i64>, Vec<i64>),
}

impl Command {
    /// What the writer decides while the batch before it is written.
    pub fn is_plain(&self) -> bool {
        match self {
            Self::Intent(order) => matches!(order.intent.intent().order, Order::Send(_)),
            Self::Deposit(_) | Self::Leg(..) => true,
            Self::Account(..) | Self::Money(..) | Self::Due(..) => false,
        }
    }
}

/// A wallet's side of a transaction.
struct Entry {
    wallet: WalletId,
    minor: i64,
    side: Side,
    owner: Option<UserId>,
}

pub struct Asked {
    pub order: DepositOrder,
    pub state: AskedState,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AskedState {
    /// Also when it is booked: nobody has looked since.
    Open,
    /// By the transaction with this number.
    Suspended(i64),
    /// Out of suspense.
    Settled,
}

#[derive(Default)]
pub struct Store {
    pub branch: i16,
    pub people: BTreeMap<UserId, (i16, Handle, String)>,
    pub handles: HashMap<Handle, UserId>,
    pub devices: BTreeMap<DeviceId, (UserId, DeviceFacts)>,
    pub wallets: BTreeMap<WalletId, WalletRow>,
    /// Of people of other branches.
    pub wallets_elsewhere: Vec<WalletFacts>,
    /// Asked for at the bank, booked or not.
    pub deposits: BTreeMap<(UserId, TransactionId), Asked>,
    pub blocks: BTreeSet<(UserId, UserId)>,
    feed_seq: BTreeMap<UserId, i64>,
    tombstones: BTreeSet<(UserId, IntentHash)>,
    pub transactions: Vec<(UnixMillis, TransactionRow)>,
    feed: Vec<FeedRow>,
    tiers: BTreeMap<UserId, Tier>,
    pub methods: BTreeMap<MethodId, UserId>,
    pub quotes: BTreeMap<QuoteId, QuoteRow>,
    holds: BTreeMap<i64, HoldRow>,
    /// Paid and returned, by the payment's number.
    returns: BTreeMap<i64, (i64, i64)>,
    schedules: BTreeMap<i64, ScheduleRow>,
    pub breaks: BTreeMap<(DeviceId, i64), BreakRow>,
    closed: BTreeSet<UserId>,
}

impl Store {
    fn rows(&self) -> impl Iterator<Item = &TransactionRow> {
        self.transactions.iter().map(|(_, row)| row)
    }

    fn wallets_of(&self, user: UserId) -> impl Iterator<Item = &WalletRow> {
        self.wallets.values().filter(move |row| row.facts.owner == Some(user))
    }

    pub fn wallet_of(&self, user: UserId, currency: Currency) -> Option<&WalletRow> {
        self.wallets_of(user).find(|row| row.facts.currency == currency)
    }

    pub fn house_wallet(&self, house: House, currency: Currency) -> Option<&WalletRow> {
        let is = |row: &&WalletRow| row.house == Some(house) && row.facts.currency == currency;
        self.wallets.values().find(is)
    }

    /// The last number of the user's feed, as it is read from the rows of the user and of their wallets.
    pub fn last_told(&self, user: UserId) -> i64 {
        let own = self.feed_seq.get(&user).copied().unwrap_or(0);
        self.wallets_of(user).map(|row| row.feed_seq).fold(own, i64::max)
    }

    /// Both of what moved.
    fn entries_of(&self, row: &TransactionRow) -> Vec<Entry> {
        if row.status != Status::Settled || !row.kind.moves() {
            assert_eq!((row.receiver, row.credit), (None, Side::default()), "{row:?}");
            return Vec::new();
        }
        let currency = self.wallets[&row.sender.unwrap()].facts.currency;
        assert!(row.amount.is_none_or(|amount| amount.currency() == currency), "in its wallets' currency");
        // What was there before the history may be more than one amount.
        let minor = row.amount.map_or_else(|| row.credit.balance_after.unwrap(), Amount::minor);
        let entry = |wallet: Option<WalletId>, minor, side, owner| {
            let wallet = wallet.unwrap();
            let facts = &self.wallets[&wallet].facts;
            assert_eq!(facts.currency, currency, "in the currency of both wallets");
            Entry { wallet, minor, side, owner: facts.owner.inspect(|is| assert_eq!(*is, owner)) }
        };
        vec![
            entry(row.sender, -minor, row.debit, row.user),
            entry(row.receiver, minor, row.credit, row.payee.unwrap_or(row.user)),
        ]
    }

    /// The last number that a device used, and what for.
    fn last_of(&self, device: DeviceId) -> (i64, Option<IntentHash>) {
        let own = self.rows().filter(|row| row.device == Some(device));
        let last = own.filter_map(|row| Some((row.seq?, row.hash))).max_by_key(|(seq, _)| *seq);
        last.unwrap_or((0, None))
    }
}

fn of<T: Copy + Ord>(pairs: &BTreeSet<(UserId, T)>, user: UserId) -> impl Iterator<Item = T> {
    pairs.iter().filter(move |(owner, _)| *owner == user).map(|(_, other)| *other)
}
