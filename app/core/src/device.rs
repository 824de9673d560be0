//! What this device knows about itself while locked: whose it is, where its chain of intents stands, and how the
//! person likes the app to look and to lock. Sealed under the device's storage key.

use crate::ports::Mark;
use crate::vault::Change;
use purse_bridge::{LockAfter, Theme};
use purse_shared::intent::IntentHash;
use purse_shared::protocol::{Bytes, Rules, SignedIn, VaultState};
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
    /// As in [`SignedIn::limited_until`], by the server's clock.
    #[serde(default)]
    pub limited_until: Option<UnixMillis>,
    pub incarnation: Incarnation,
    /// The server's clock less this device's.
    pub offset_ms: UnixMillis,
    /// The list as this device knows it, with `vault_changes` made.
    pub vault: VaultState,
    /// Changes to the list that the server does not have yet. They are made anew to whatever it holds by then.
    #[serde(default)]
    pub vault_changes: Vec<Change>,
    /// The server's other life was noticed while locked: the book and the deposits hear of it at the next opening.
    #[serde(default)]
    pub restored: bool,
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
            limited_until: signed_in.limited_until,
            incarnation: signed_in.incarnation,
            offset_ms: signed_in.server_time - now,
            vault: signed_in.vault.clone(),
            vault_changes: Vec::new(),
            restored: false,
            in_step_at: 0,
        }
    }

    /// Until when this device is new; `None`: it is not. All by the server's clock.
    pub fn new_until(&self, now: UnixMillis) -> Option<UnixMillis> {
        self.limited_until.filter(|until| *until > now)
    }
}

/// Where the device's chain of intents stands: what it signs next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chain {
    pub next_seq: u64,
    pub prev: IntentHash,
    /// The outbox's next running number.
    pub next_no: u64,
    /// Drawn anew with each signing and written beside the key too.
    #[serde(default)]
    pub generation: u64,
    /// The one before: power may have been lost before the key's side was written.
    #[serde(default)]
    pub generation_before: u64,
}

impl Chain {
    pub const START: Self =
        Self { next_seq: 1, prev: IntentHash::ZERO, next_no: 1, generation: 0, generation_before: 0 };

    /// The start of another key's chain on this device.
    pub fn restarted(self) -> Self {
        Self { next_no: self.next_no, ..Self::START }
    }

    /// After an intent with this hash; `generation` is random.
    pub fn after(self, hash: IntentHash, generation: u64) -> Self {
        let generation_before =
            if self.generation == generation { self.generation_before } else { self.generation };
        Self {
            next_seq: self.next_seq + 1,
            prev: hash,
            next_no: self.next_no + 1,
            generation,
            generation_before,
        }
    }

    /// What stands beside the key once this is stored.
    pub fn mark(self) -> Mark {
        Mark { seq: self.next_seq - 1, generation: self.generation }
    }

    /// False: one of the two is from a backup, and only the server knows what was signed since.
    pub fn agrees_with(self, mark: Mark) -> bool {
        mark.seq < self.next_seq
            && (mark.generation == self.generation || mark.generation == self.generation_before)
    }

    /// After the server said where it stands. A device whose own chain is ahead (an unsent queue) keeps it;
    /// numbers up to `mark` were signed once and are never used again.
    pub fn joined(self, next_seq: u64, last_hash: Option<&Bytes>, mark: Mark) -> Self {
        let mut chain = self;
        if next_seq > self.next_seq {
            let last = last_hash.cloned().and_then(|bytes| IntentHash::try_from(bytes).ok());
            (chain.next_seq, chain.prev) = (next_seq, last.unwrap_or(IntentHash::ZERO));
        }
        chain.next_seq = chain.next_seq.max(mark.seq.saturating_add(1));
        (chain.generation, chain.generation_before) = (mark.generation, mark.generation);
        chain
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preferences {
    pub theme: Theme,
    pub hide_amounts: bool,
    /// Read by an app's host.
    #[serde(default)]
    pub lock_after: LockAfter,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_and_storage_of_different_days_disagree() {
        let hash = IntentHash([1; 32]);
        let chain = Chain::START.after(hash, 7).after(hash, 8);
        assert!(chain.agrees_with(chain.mark()));
        assert!(chain.agrees_with(Mark { seq: 1, generation: 7 }), "power lost before the key's side");
        // The same numbers on both sides, but of two lives after one backup.
        assert!(!chain.agrees_with(Mark { seq: 2, generation: 9 }));
        assert!(!chain.agrees_with(Mark { seq: 3, generation: 8 }));
        assert!(!chain.agrees_with(Mark { seq: 1, generation: 6 }));
    }

    #[test]
    fn preferences_of_an_older_app_are_read() {
        let read: Preferences = serde_json::from_str(r#"{"theme":"dark","hide_amounts":true}"#).unwrap();
        let lock_after = LockAfter::FiveMinutes;
        assert_eq!(read, Preferences { theme: Theme::Dark, hide_amounts: true, lock_after });
        let stored = serde_json::to_value(Preferences { lock_after: LockAfter::OneHour, ..read }).unwrap();
        assert_eq!(stored["lock_after"], "one_hour");
    }

    #[test]
    fn a_server_that_knows_more_is_joined() {
        let hash = IntentHash([1; 32]);
        let last = IntentHash([2; 32]).to_bytes();
        let chain = Chain::START.after(hash, 7);
        let joined = chain.joined(5, Some(&last), chain.mark());
        assert_eq!((joined.next_seq, joined.prev, joined.next_no), (5, IntentHash([2; 32]), 2));
        assert!(joined.agrees_with(chain.mark()));
        let ahead = chain.joined(1, None, chain.mark());
        assert_eq!((ahead.next_seq, ahead.prev), (2, hash), "an unsent queue");
        let behind_the_key = chain.joined(1, None, Mark { seq: 9, generation: 3 });
        assert_eq!(behind_the_key.next_seq, 10);
        assert!(behind_the_key.agrees_with(Mark { seq: 9, generation: 3 }));
    }
}
