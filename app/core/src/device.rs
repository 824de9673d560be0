//! What this device knows about itself while locked: whose it is, where its chain of intents stands, and how the
//! person likes the app to look. Sealed under the device's storage key.

use purse_bridge::Theme;
use purse_shared::intent::IntentHash;
use purse_shared::protocol::{Rules, SignedIn, VaultState};
use purse_shared::{DeviceId, Handle, Incarnation, UnixMillis, UserId};
use serde::{Deserialize, Serialize};

pub const PROFILE: &str = "device/profile";
pub const CHAIN: &str = "device/chain";
pub const PREFERENCES: &str = "device/preferences";
/// The session of somebody who signed out here without a network: to be ended. Holds nothing.
pub const SESSION_TO_END: &str = "device/session-to-end";
pub const OUTBOX: &str = "outbox/";
pub const FEED: &str = "feed/";
pub const BOOK: &str = "book/";
pub const LOCAL: &str = "vault/local";
pub const BOOK_STATE: &str = "vault/book";
pub const VAULT: &str = "vault/";

/// Numbered keys sort as text.
pub fn numbered(room: &str, number: u64) -> String {
    format!("{room}{number:016}")
}

/// Whose device this is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    pub user: UserId,
    pub device: DeviceId,
    pub handle: Handle,
    pub display_name: String,
    pub rules: Rules,
    pub incarnation: Incarnation,
    /// The server's clock less this device's.
    pub offset_ms: UnixMillis,
    pub vault: VaultState,
    /// The vault's list was changed here and the server does not have it yet.
    pub vault_unsent: bool,
    pub in_step_at: UnixMillis,
}

impl Profile {
    pub fn new(signed_in: &SignedIn, now: UnixMillis) -> Self {
        Self {
            user: signed_in.user,
            device: signed_in.device,
            handle: signed_in.handle.clone(),
            display_name: signed_in.display_name.clone(),
            rules: signed_in.rules.clone(),
            incarnation: signed_in.incarnation,
            offset_ms: signed_in.server_time - now,
            vault: signed_in.vault.clone(),
            vault_unsent: false,
            in_step_at: 0,
        }
    }
}

/// Where the device's chain of intents stands: what it signs next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chain {
    pub next_seq: u64,
    pub prev: IntentHash,
    /// The outbox's next running number.
    pub next_no: u64,
}

impl Chain {
    pub const START: Self = Self { next_seq: 1, prev: IntentHash::ZERO, next_no: 1 };

    /// The start of another key's chain on this device.
    pub fn restarted(self) -> Self {
        Self { next_no: self.next_no, ..Self::START }
    }

    /// After the server said where it stands. A device whose own chain is ahead (an unsent queue) keeps it;
    /// numbers up to `mark` were signed once and are never used again.
    pub fn joined(self, signed_in: &SignedIn, mark: u64) -> Self {
        let last = signed_in.last_hash.clone().and_then(|bytes| IntentHash::try_from(bytes).ok());
        let mut chain = self;
        if signed_in.next_seq > self.next_seq {
            (chain.next_seq, chain.prev) = (signed_in.next_seq, last.unwrap_or(IntentHash::ZERO));
        }
        chain.next_seq = chain.next_seq.max(mark.saturating_add(1));
        chain
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preferences {
    pub theme: Theme,
    pub hide_amounts: bool,
}
