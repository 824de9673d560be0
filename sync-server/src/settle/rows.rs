//! The rows that a batch writes, and what it found of earlier ones.

use super::books::{Books, WalletRow};
use super::rules::Tier;
use crate::audit::{ChainHead, ChainLink, Leaf, link};
use purse_shared::audit::{AuditRecord, Hash, Leg, commit_message};
use purse_shared::intent::{IntentHash, ScheduleOrder};
use purse_shared::protocol::{FeedEvent, IntentOutcome, RefusalCode};
use purse_shared::{
    Amount, DepositId, DeviceId, MethodId, Money, QuoteId, TransactionId, UnixMillis, UserId, WalletId,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use uuid::Uuid;

/// The stored answer to an intent or deposit.
#[derive(Clone, Debug)]
pub struct Stored {
    pub number: i64,
    pub hash: Option<IntentHash>,
    pub device: Option<DeviceId>,
    pub seq: Option<i64>,
    pub outcome: IntentOutcome,
    pub receiver: Option<WalletId>,
}

/// A payment that came into a wallet of this branch.
#[derive(Clone, Debug)]
pub struct Paid {
    pub number: i64,
    pub amount: Amount,
    pub payee: UserId,
    pub receiver: WalletId,
    /// Given back so far.
    pub returned: i64,
}

#[derive(Clone, Debug)]
pub struct QuoteRow {
    pub user: UserId,
    pub sell: Amount,
    pub buy: Amount,
    pub expires_at: UnixMillis,
    pub is_used: bool,
}

#[derive(Clone, Debug)]
pub struct HoldRow {
    pub number: i64,
    /// The order's, or the operator's.
    pub id: TransactionId,
    pub user: UserId,
    pub wallet: WalletId,
    pub amount: Amount,
    /// Of the amount.
    pub fee: i64,
    pub purpose: Purpose,
    pub status: HoldStatus,
    pub expires_at: Option<UnixMillis>,
}

/// What money is set aside for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    Withdrawal,
    /// People look at it.
    Review,
}

impl Purpose {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Withdrawal => "withdrawal",
            Self::Review => "review",
        }
    }
    pub fn from_text(text: &str) -> Option<Self> {
        [Self::Withdrawal, Self::Review].into_iter().find(|purpose| purpose.as_str() == text)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HoldStatus {
    Open,
    Captured,
    Released,
    Expired,
}

impl HoldStatus {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Captured => "captured",
            Self::Released => "released",
            Self::Expired => "expired",
        }
    }
    pub fn from_text(text: &str) -> Option<Self> {
        let all = [Self::Open, Self::Captured, Self::Released, Self::Expired];
        all.into_iter().find(|status| status.as_str() == text)
    }
}

#[derive(Clone, Debug)]
pub struct ScheduleRow {
    pub number: i64,
    pub id: TransactionId,
    pub user: UserId,
    pub hash: IntentHash,
    pub order: ScheduleOrder,
    pub made: i32,
    /// `None`: it is over.
    pub next_at: Option<UnixMillis>,
}

/// A deposit that somebody asked for and that is not at its end.
#[derive(Clone, Debug)]
pub struct AskedDeposit {
    pub wallet: WalletId,
    pub amount: Money,
    /// The bank has paid it, and it is booked nowhere.
    pub is_confirmed: bool,
}

/// Money in suspense, by the transaction that brought it there.
#[derive(Clone, Debug)]
pub struct Suspended {
    /// Of that transaction.
    pub id: TransactionId,
    /// Whose it was to be, or from whose wallet it was taken.
    pub owner: UserId,
    pub amount: Amount,
    pub what: Suspense,
}

/// Why money is in suspense.
#[derive(Clone, Debug)]
pub enum Suspense {
    /// No wallet could take what the bank paid.
    Deposit { deposit: DepositId, wallet: WalletId, reference: Option<String>, requested_at: UnixMillis },
    /// A payment of another branch that could be credited to nobody.
    Payment { payer: UserId, message: String },
    /// People took it out of the owner's wallet. `hold` is the id under which it was set aside.
    Taken { hold: TransactionId },
}

/// Whether an order names its device's order before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// It names another one, or one that has not come.
    Broken(IntentHash),
    /// What it names has come since.
    Whole,
}

/// An order that does not name its device's order before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BreakRow {
    pub user: UserId,
    /// Its transaction's.
    pub number: i64,
    /// What it names.
    pub prev: IntentHash,
}

/// What the database said of the ids, numbers and hashes that a batch names; and what the batch adds to it.
#[derive(Debug, Default)]
pub struct Found {
    pub stored: HashMap<(UserId, TransactionId), Stored>,
    /// Deposits that are not at their end, by the id under which they were asked for; and those that are in suspense.
    pub expected: HashMap<(UserId, TransactionId), AskedDeposit>,
    pub suspended: HashSet<(UserId, TransactionId)>,
    /// Who wants to close their account while the bank was asked for money.
    pub awaiting: HashSet<UserId>,
    /// What is to leave suspense, by the number of the transaction that brought it there.
    pub in_suspense: HashMap<i64, Suspended>,
    pub used_seqs: HashMap<(DeviceId, i64), IntentHash>,
    /// Of the numbers that follow what came late; and what the batch broke and mended.
    pub links: HashMap<(DeviceId, i64), Link>,
    /// Payments that somebody wants to give back, by payer and id; `None`: there is none yet.
    pub paid: HashMap<(UserId, TransactionId), Option<Paid>>,
    pub quotes: HashMap<QuoteId, QuoteRow>,
    /// Whose a verified way out is.
    pub methods: HashMap<MethodId, UserId>,
    pub holds: HashMap<i64, HoldRow>,
    /// Of the people who change theirs, and those that are due.
    pub schedules: HashMap<i64, ScheduleRow>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Send,
    /// What another branch's payment brings to a payee of this one.
    Credit,
    Deposit,
    Cancel,
    /// Sets money aside for the bank; then [`Kind::Capture`] or [`Kind::Release`].
    Withdraw,
    /// Sets money aside for people to look at it.
    Hold,
    /// What was set aside goes out.
    Capture,
    /// What was set aside is free again.
    Release,
    Refund,
    Reversal,
    /// Beside the row that it is taken for.
    Fee,
    /// What is sold; beside it what is bought.
    Exchange,
    ExchangeIn,
    Schedule,
}

impl Kind {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Send => "send",
            Self::Credit => "credit",
            Self::Deposit => "deposit",
            Self::Cancel => "cancel",
            Self::Withdraw => "withdraw",
            Self::Hold => "hold",
            Self::Capture => "capture",
            Self::Release => "release",
            Self::Refund => "refund",
            Self::Reversal => "reversal",
            Self::Fee => "fee",
            Self::Exchange => "exchange",
            Self::ExchangeIn => "exchange_in",
            Self::Schedule => "schedule",
        }
    }
    /// Settled, it is an entry in two wallets.
    pub const fn moves(self) -> bool {
        !matches!(self, Self::Cancel | Self::Schedule | Self::Withdraw | Self::Hold | Self::Release)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Settled,
    /// Money is set aside.
    Held,
    Refused(RefusalCode),
}

impl Status {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Settled => "settled",
            Self::Held => "held",
            Self::Refused(_) => "refused",
        }
    }
    pub const fn refusal(self) -> Option<RefusalCode> {
        match self {
            Self::Refused(code) => Some(code),
            Self::Settled | Self::Held => None,
        }
    }
}

/// One wallet's side of a transaction: its entry, and its place in the owner's feed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Side {
    /// The wallet's last entry. `None` where the order names no wallet of its owner.
    pub entry_no: Option<i64>,
    pub balance_after: Option<i64>,
    pub held_after: i64,
    /// `None` for the house's.
    pub feed_seq: Option<i64>,
}

/// The earlier transaction to which one belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Of {
    /// In this branch.
    pub number: Option<i64>,
    pub id: TransactionId,
}

/// One debit and one credit of one amount; or an order that moved nothing.
#[derive(Clone, Debug)]
pub struct TransactionRow {
    pub number: i64,
    pub id: TransactionId,
    pub user: UserId,
    pub kind: Kind,
    pub status: Status,
    pub figure: Option<i64>,
    pub sender: Option<WalletId>,
    pub receiver: Option<WalletId>,
    pub payee: Option<UserId>,
    pub amount: Option<Amount>,
    /// Taken on top, by a row of its own.
    pub fee: i64,
    /// What came out of an exchange, by a row of its own.
    pub bought: Option<Amount>,
    pub of: Option<Of>,
    pub message: String,
    pub hash: Option<IntentHash>,
    pub envelope: Option<Vec<u8>>,
    pub device: Option<DeviceId>,
    pub seq: Option<i64>,
    pub created_at: UnixMillis,
    /// The bank's own; `None`: made of the id.
    pub reference: Option<String>,
    /// To which branch, and as which leg.
    pub leg: Option<(i16, i64)>,
    /// From which branch, and which leg.
    pub from_leg: Option<(i16, i64)>,
    pub debit: Side,
    pub credit: Side,
}

impl TransactionRow {
    /// Nobody signed it, it names no wallets, and it is settled.
    pub fn new(number: i64, id: TransactionId, user: UserId, kind: Kind, created_at: UnixMillis) -> Self {
        Self {
            number,
            id,
            user,
            kind,
            status: Status::Settled,
            figure: None,
            sender: None,
            receiver: None,
            payee: None,
            amount: None,
            fee: 0,
            bought: None,
            of: None,
            message: String::new(),
            hash: None,
            envelope: None,
            device: None,
            seq: None,
            created_at,
            reference: None,
            leg: None,
            from_leg: None,
            debit: Side::default(),
            credit: Side::default(),
        }
    }

    /// The people in whose feeds it is, and where.
    pub fn told(&self) -> impl Iterator<Item = (UserId, i64)> {
        let debit = self.debit.feed_seq.map(|seq| (self.user, seq));
        let credit = self.credit.feed_seq.map(|seq| (self.payee.unwrap_or(self.user), seq));
        debit.into_iter().chain(credit)
    }

    /// The row as the audit chain has it: what `audit::store` makes of it when it is read back.
    pub fn record(&self, branch: i16, now: UnixMillis, salt: &Hash) -> AuditRecord {
        let leg = |leg: Option<(i16, i64)>| leg.map(|(branch, no)| Leg { branch, no });
        AuditRecord {
            branch,
            number: self.number,
            transaction: self.id,
            user: self.user,
            kind: Cow::Borrowed(self.kind.as_str()),
            status: Cow::Borrowed(self.status.as_str()),
            refusal: self.status.refusal().map(|code| Cow::Borrowed(code.as_str())),
            figure: self.figure,
            sender: self.sender,
            receiver: self.receiver,
            payee: self.payee,
            amount: self.amount.map(Amount::money),
            fee: self.fee,
            bought: self.bought.map(Amount::money),
            of_number: self.of.and_then(|of| of.number),
            to: leg(self.leg),
            from: leg(self.from_leg),
            intent: self.hash,
            created_at: self.created_at,
            timestamp: now,
            reference: self.reference.clone().unwrap_or_else(|| reference(self.id)),
            message: commit_message(salt, &self.message),
        }
    }
}

/// What people read out to support: eight characters of the id's random part, without look-alikes.
pub fn reference(id: TransactionId) -> String {
    const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let bytes = id.0.as_bytes();
    let random = bytes[8..16].iter().fold(0_u64, |all, byte| (all << 8) | u64::from(*byte));
    let text: String = (0..8)
        .map(|at| char::from(ALPHABET[usize::try_from((random >> (at * 5)) & 31).unwrap_or(0)]))
        .collect();
    format!("{}-{}", &text[..4], &text[4..])
}

/// Something to tell that is no transaction.
#[derive(Clone, Debug)]
pub struct FeedRow {
    pub user: UserId,
    pub seq: i64,
    pub event: Box<FeedEvent>,
}

/// How a hold ended.
#[derive(Clone, Debug)]
pub struct HoldEnd {
    pub number: i64,
    pub status: HoldStatus,
    /// The transaction that ended it.
    pub by: i64,
}

/// A withdrawal that goes to the bank.
#[derive(Clone, Debug)]
pub struct PayoutRow {
    pub number: i64,
    pub user: UserId,
    pub id: TransactionId,
    pub method: MethodId,
    pub amount: Amount,
}

/// To be written in one commit.
#[derive(Debug, Default)]
pub struct Rows {
    pub transactions: Vec<TransactionRow>,
    pub feed: Vec<FeedRow>,
    pub new_wallets: Vec<WalletId>,
    /// New and changed wallets as they are after the batch.
    pub wallets: HashMap<WalletId, WalletRow>,
    /// With the number of their last entry before the batch: what must still be there.
    pub changed_wallets: BTreeMap<WalletId, i64>,
    /// Whose last feed number is in no wallet's row.
    pub told_users: BTreeMap<UserId, i64>,
    pub tombstones: Vec<(UserId, IntentHash)>,
    pub revoked: Vec<DeviceId>,
    pub forked: Vec<DeviceId>,
    /// Orders that do not follow, by device and number; and those whose predecessor came late.
    pub new_breaks: BTreeMap<(DeviceId, i64), BreakRow>,
    pub mended_breaks: BTreeSet<(DeviceId, i64)>,
    pub block_changes: Vec<(UserId, UserId, bool)>,
    pub tiers: Vec<(UserId, Tier)>,
    pub closed: Vec<UserId>,
    /// Numbers of holds that were opened, as they are in [`Found::holds`]; each is written before it is ended.
    pub new_holds: Vec<HoldRow>,
    pub payouts: Vec<PayoutRow>,
    /// Those that the bank has taken over: they no longer end by themselves.
    pub kept_holds: Vec<i64>,
    pub ended_holds: Vec<HoldEnd>,
    /// By the payment's number: what was paid, and what was returned before and is now.
    pub returns: BTreeMap<i64, Returned>,
    pub used_quotes: Vec<(QuoteId, i64)>,
    /// Deposits that went into suspense, each by its transaction's number; and those that came out of it.
    pub suspended: Vec<(UserId, DepositId, i64)>,
    pub unsuspended: Vec<(UserId, DepositId)>,
    pub new_schedules: Vec<i64>,
    /// With how many payments they had made before the batch.
    pub changed_schedules: BTreeMap<i64, i32>,
    /// What the schedules of this batch are now.
    pub schedules: BTreeMap<i64, ScheduleRow>,
    /// The salts of the transactions' leaves, in their order, and the batch's link.
    pub leaf_salts: Vec<Hash>,
    pub link: Option<ChainLink>,
    /// Something leaves for another branch.
    pub legs_leave: bool,
    /// One came from another branch before those that it follows.
    pub legs_missing: bool,
    /// Answers to what came through the inbox.
    pub answered: Vec<(Uuid, Value)>,
}

#[derive(Clone, Copy, Debug)]
pub struct Returned {
    pub paid: i64,
    pub before: i64,
    pub now: i64,
}

impl Rows {
    /// The books go on to the next batch: what is to be written of them is kept here.
    pub fn copy_wallets(&mut self, books: &Books) {
        let all = self.new_wallets.iter().chain(self.changed_wallets.keys());
        self.wallets = all.filter_map(|id| Some((*id, books.wallets.get(id)?.clone()))).collect();
    }

    /// Links the batch's transactions to the branch's chain. Nothing to link is no link.
    pub fn seal(&mut self, prev: Option<&ChainHead>, branch: i16, now: UnixMillis, salt: fn() -> Hash) {
        let Some(first) = self.transactions.first().map(|row| row.number) else { return };
        self.leaf_salts = self.transactions.iter().map(|_| salt()).collect();
        let rows = self.transactions.iter().zip(&self.leaf_salts);
        let leaves: Vec<Hash> =
            rows.map(|(row, salt)| Leaf::of(*salt, &row.record(branch, now, salt)).hash).collect();
        self.link = Some(link(prev, branch, first, &leaves));
    }
}
