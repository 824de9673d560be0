//! The rows that a batch writes, and what it found of earlier ones.

use crate::audit::{ChainHead, ChainLink, Leaf, link};
use purse_shared::audit::{AuditRecord, Hash, Leg, commit_message};
use purse_shared::intent::IntentHash;
use purse_shared::protocol::{FeedEvent, IntentOutcome, RefusalCode};
use purse_shared::{Amount, DeviceId, TransactionId, UnixMillis, UserId, WalletId};
use serde_json::Value;
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};
use uuid::Uuid;

/// The stored answer to an intent or deposit.
#[derive(Clone, Debug)]
pub struct Stored {
    pub hash: Option<IntentHash>,
    pub device: Option<DeviceId>,
    pub seq: Option<i64>,
    pub outcome: IntentOutcome,
    pub receiver: Option<WalletId>,
}

/// What the database said of the ids, numbers and hashes that a batch names.
#[derive(Debug, Default)]
pub struct Found {
    pub stored: HashMap<(UserId, TransactionId), Stored>,
    /// Ids under which deposits were asked for and are not booked yet.
    pub expected: HashSet<(UserId, TransactionId)>,
    /// Of the hashes that are to be cancelled, those that have an answer.
    pub decided: HashSet<(UserId, IntentHash)>,
    pub used_seqs: HashMap<(DeviceId, i64), IntentHash>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Send,
    /// What another branch's `Send` brings to a payee of this one.
    Credit,
    Deposit,
    Cancel,
}

impl Kind {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Send => "send",
            Self::Credit => "credit",
            Self::Deposit => "deposit",
            Self::Cancel => "cancel",
        }
    }
}

#[derive(Clone, Debug)]
pub struct TransactionRow {
    pub number: i64,
    pub id: TransactionId,
    pub user: UserId,
    pub kind: Kind,
    pub refusal: Option<RefusalCode>,
    pub figure: Option<i64>,
    pub sender: Option<WalletId>,
    pub receiver: Option<WalletId>,
    pub payee: Option<UserId>,
    pub amount: Option<Amount>,
    pub message: String,
    pub hash: Option<IntentHash>,
    pub envelope: Option<Vec<u8>>,
    pub device: Option<DeviceId>,
    pub seq: Option<i64>,
    pub created_at: UnixMillis,
    pub reference: String,
    /// To which branch, and as which leg.
    pub leg: Option<(i16, i64)>,
    /// From which branch, and which leg.
    pub from_leg: Option<(i16, i64)>,
}

impl TransactionRow {
    /// The row as the audit chain has it: what `audit::store` makes of it when it is read back.
    pub fn record(&self, branch: i16, now: UnixMillis, salt: &Hash) -> AuditRecord {
        let leg = |leg: Option<(i16, i64)>| leg.map(|(branch, no)| Leg { branch, no });
        AuditRecord {
            branch,
            number: self.number,
            transaction: self.id,
            user: self.user,
            kind: Cow::Borrowed(self.kind.as_str()),
            status: Cow::Borrowed(if self.refusal.is_some() { "refused" } else { "settled" }),
            refusal: self.refusal.map(|code| Cow::Borrowed(code.as_str())),
            figure: self.figure,
            sender: self.sender,
            receiver: self.receiver,
            payee: self.payee,
            amount: self.amount.map(Amount::money),
            fee: 0,
            bought: None,
            of_number: None,
            to: leg(self.leg),
            from: leg(self.from_leg),
            intent: self.hash,
            created_at: self.created_at,
            timestamp: now,
            reference: self.reference.clone(),
            message: commit_message(salt, &self.message),
        }
    }
}

#[derive(Clone, Debug)]
pub struct EntryRow {
    pub wallet: WalletId,
    pub entry_no: i64,
    pub number: i64,
    pub amount: i64,
    pub balance_after: i64,
    pub held_after: i64,
    /// Whose feed it is in, and where; `None` for the house's.
    pub feed: Option<(UserId, i64)>,
}

/// What a row of the feed tells of, when no ledger entry does.
#[derive(Clone, Debug)]
pub enum Told {
    Event(Box<FeedEvent>),
    /// A decided order that moved nothing.
    Number(i64),
}

#[derive(Clone, Debug)]
pub struct FeedRow {
    pub user: UserId,
    pub seq: i64,
    pub told: Told,
}

/// To be written in one commit.
#[derive(Debug, Default)]
pub struct Rows {
    pub transactions: Vec<TransactionRow>,
    pub entries: Vec<EntryRow>,
    pub feed: Vec<FeedRow>,
    pub new_wallets: Vec<WalletId>,
    /// With the number of their last entry before the batch: what must still be there.
    pub changed_wallets: BTreeMap<WalletId, i64>,
    /// Whose last feed number is in no wallet's row.
    pub told_users: BTreeMap<UserId, i64>,
    pub tombstones: Vec<(UserId, IntentHash)>,
    pub revoked: Vec<DeviceId>,
    pub forked: Vec<DeviceId>,
    pub block_changes: Vec<(UserId, UserId, bool)>,
    /// The salts of the transactions' leaves, in their order, and the batch's link.
    pub leaf_salts: Vec<Hash>,
    pub link: Option<ChainLink>,
    /// Something leaves for another branch.
    pub legs_leave: bool,
    /// Answers to what came through the inbox.
    pub answered: Vec<(Uuid, Value)>,
}

impl Rows {
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
