//! What the branch's writer knows by heart between batches: people, wallets, devices.
//!
//! The writer is the only one who changes these rows, so what it wrote is what is there. After any error all of it is
//! forgotten and read again: memory is never more than a copy of what committed.

use super::rules::{DeviceFacts, Tier, WalletFacts};
use crate::audit::ChainHead;
use purse_shared::intent::IntentHash;
use purse_shared::{Currency, DeviceId, Handle, UserId, WalletId};
use std::collections::{HashMap, HashSet};

/// More than this is forgotten all at once: the next batches read what they need.
const KNOWN_MAX: usize = 400_000;

/// What a wallet of the house is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum House {
    SandboxBank,
    /// Money on its way to and from that branch.
    Transit(i16),
    /// Money that could be credited to nobody, or that people took out of somebody's wallet.
    Suspense,
    Fees,
    /// What the house has of each currency from exchanges.
    Exchange,
}

impl House {
    /// The columns `house` and `transit_branch`.
    pub const fn columns(self) -> (&'static str, Option<i16>) {
        match self {
            Self::SandboxBank => ("sandbox_bank", None),
            Self::Transit(branch) => ("transit", Some(branch)),
            Self::Suspense => ("suspense", None),
            Self::Fees => ("fees", None),
            Self::Exchange => ("exchange", None),
        }
    }
    pub fn of_columns(house: &str, transit_branch: Option<i16>) -> Option<Self> {
        match (house, transit_branch) {
            ("sandbox_bank", None) => Some(Self::SandboxBank),
            ("transit", Some(branch)) => Some(Self::Transit(branch)),
            ("suspense", None) => Some(Self::Suspense),
            ("fees", None) => Some(Self::Fees),
            ("exchange", None) => Some(Self::Exchange),
            _ => None,
        }
    }
}

#[derive(Clone, Debug)]
pub struct WalletRow {
    pub facts: WalletFacts,
    pub house: Option<House>,
    pub entry_no: i64,
    /// The owner's feed number when it last changed.
    pub feed_seq: i64,
}

/// A person of this branch, with all their wallets in [`Books::wallet_of`]; or of another branch, without.
#[derive(Clone, Debug)]
pub struct UserRow {
    pub branch: i16,
    pub handle: Handle,
    pub display_name: String,
    pub tier: Tier,
    /// Nobody pays it, and it pays nobody.
    pub closed: bool,
    pub feed_seq: i64,
    /// Whom they have blocked.
    pub blocked: HashSet<UserId>,
    /// What they cancelled before it came.
    pub tombstones: HashSet<IntentHash>,
}

#[derive(Clone, Debug)]
pub struct DeviceRow {
    pub user: UserId,
    pub name: String,
    pub facts: DeviceFacts,
    /// The highest number that it used, and for which intent.
    pub last_seq: i64,
    pub last_hash: Option<IntentHash>,
}

#[derive(Debug)]
pub struct Books {
    pub branch: i16,
    /// The last transaction's number.
    pub last_number: i64,
    /// Where the branch's audit chain ends.
    pub chain: Option<ChainHead>,
    /// The last leg to each other branch, and the last taken from each.
    pub last_leg_to: HashMap<i16, i64>,
    pub last_leg_from: HashMap<i16, i64>,
    pub wallets: HashMap<WalletId, WalletRow>,
    pub wallet_of: HashMap<(UserId, Currency), WalletId>,
    pub house_of: HashMap<(House, Currency), WalletId>,
    pub users: HashMap<UserId, UserRow>,
    pub handles: HashMap<Handle, UserId>,
    pub devices: HashMap<DeviceId, DeviceRow>,
    /// Those of `users` who are of other branches, and their wallets as they were when the batch was read.
    pub others: HashSet<UserId>,
    pub wallets_elsewhere: HashMap<(UserId, Currency), WalletFacts>,
    /// Whoever was met of other branches: it never changes.
    pub branches: HashMap<UserId, i16>,
}

impl Books {
    pub fn new(branch: i16, last_number: i64) -> Self {
        Self {
            branch,
            last_number,
            chain: None,
            last_leg_to: HashMap::new(),
            last_leg_from: HashMap::new(),
            wallets: HashMap::new(),
            wallet_of: HashMap::new(),
            house_of: HashMap::new(),
            users: HashMap::new(),
            handles: HashMap::new(),
            devices: HashMap::new(),
            others: HashSet::new(),
            branches: HashMap::new(),
            wallets_elsewhere: HashMap::new(),
        }
    }

    /// True when it holds more than it should: the caller reads them anew.
    pub fn are_too_many(&self) -> bool {
        self.wallets.len() + self.users.len() + self.devices.len() + self.branches.len() > KNOWN_MAX
    }

    /// People of other branches are another writer's: what is known of them holds for one batch. (Whose a handle is
    /// never changes; a closed account's is nobody's, and its row says that it is closed.)
    pub fn forget_others(&mut self) {
        for user in self.others.drain() {
            self.users.remove(&user);
        }
        self.wallets_elsewhere.clear();
    }

    /// Somebody of another branch is known for this batch only.
    pub fn put_user(&mut self, user: UserId, row: UserRow) {
        if row.branch != self.branch {
            self.branches.insert(user, row.branch);
            self.others.insert(user);
        }
        self.users.insert(user, row);
    }

    pub fn put_wallet(&mut self, row: WalletRow) {
        let (wallet, currency) = (row.facts.wallet, row.facts.currency);
        match (row.facts.owner, row.house) {
            (Some(owner), _) => drop(self.wallet_of.insert((owner, currency), wallet)),
            (None, Some(house)) => drop(self.house_of.insert((house, currency), wallet)),
            (None, None) => {}
        }
        self.wallets.insert(wallet, row);
    }

    pub fn is_closed(&self, user: UserId) -> bool {
        self.users.get(&user).is_some_and(|row| row.closed)
    }

    pub fn owns(&self, user: UserId, wallet: WalletId) -> bool {
        self.wallets.get(&wallet).is_some_and(|row| row.facts.owner == Some(user))
    }
}

/// An empty wallet.
pub fn new_wallet(
    wallet: WalletId,
    owner: Option<UserId>,
    house: Option<House>,
    currency: Currency,
) -> WalletRow {
    let facts = WalletFacts {
        wallet,
        owner,
        currency,
        balance: 0,
        held: 0,
        frozen: false,
        outflow_day: 0,
        outflow_minor: 0,
        outflow_month_minor: 0,
    };
    WalletRow { facts, house, entry_no: 0, feed_seq: 0 }
}
