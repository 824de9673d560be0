//! How the book travels: each device's changes as a chain by the hash of their sealed bytes, its own kept here, the
//! others' taken in any order.

use super::{Book, BookError};
use crate::device::{BOOK, numbered};
use automerge::Change;
use purse_shared::DeviceId;
use purse_shared::limits::BOOK_CHANGES_PER_SYNC_MAX;
use purse_shared::protocol::{BookChangeDown, BookChangeUp, BookDown, BookUp, Bytes};
use purse_shared::vault::{DataKey, RecordName};
use sha2::{Digest, Sha256};

/// A change of this device's chain and the name of its record (`book/<n>`).
pub type OwnChange = (String, BookChangeUp);

/// What came down and what it did.
#[derive(Debug, Default)]
pub struct Taken {
    /// Store [`Book::state`] and [`Taken::own`].
    pub moved: bool,
    pub own: Vec<OwnChange>,
    /// The server holds more of this device's changes than before.
    pub advanced: bool,
    /// A device's chain was found broken just now.
    pub broken: Option<BookError>,
}

impl Book {
    /// On another device than the stored changes' own: those that the server lacks go into this device's chain.
    /// `Some`: clear `book/` and store these and [`Book::state`].
    pub fn move_in(&mut self, key: &DataKey, nonce: &mut impl FnMut() -> [u8; 24]) -> Option<Vec<OwnChange>> {
        let before = self.state.owner.replace(self.device).filter(|before| *before != self.device)?;
        let stored_n = std::mem::take(&mut self.state.stored_n);
        let unsent = std::mem::take(&mut self.own).into_iter().filter(|change| change.n > stored_n);
        let raw: Vec<Bytes> = unsent.filter_map(|change| self.unsealed(key, before, &change)).collect();
        self.state.unchained.extend(raw);
        Some(self.chain_up(key, nonce))
    }

    /// What to send: own changes that the server lacks, at most `most`.
    pub fn up(&self, most: usize) -> BookUp {
        let stored = self.own.partition_point(|change| change.n <= self.state.stored_n);
        let changes = self.own[stored..].iter().take(most.min(BOOK_CHANGES_PER_SYNC_MAX)).cloned().collect();
        BookUp { cursor: self.state.cursor, changes }
    }

    pub fn has_unsent(&self) -> bool {
        self.own.last().is_some_and(|change| change.n > self.state.stored_n)
    }

    /// Takes what came down. Changes that are known already are skipped. A device whose chain does not continue is
    /// left out from there on, and holds up nobody else's changes.
    pub fn down(&mut self, key: &DataKey, down: &BookDown, nonce: &mut impl FnMut() -> [u8; 24]) -> Taken {
        let before = std::mem::replace(&mut self.state.stored_n, down.stored_n);
        let mut taken = Taken { advanced: down.stored_n > before, ..Taken::default() };
        taken.moved = down.stored_n != before;
        for change in &down.changes {
            if change.number <= self.state.cursor {
                continue;
            }
            self.state.cursor = change.number;
            taken.moved = true;
            if self.state.broken.contains(&change.device) {
                continue;
            }
            match self.take(key, change) {
                Ok(own) => taken.own.extend(own),
                Err(error) => {
                    self.state.broken.insert(change.device);
                    taken.broken = Some(error);
                }
            }
        }
        if !down.more && !self.state.unchained.is_empty() {
            taken.own.extend(self.chain_up(key, nonce));
            taken.moved = true;
        }
        taken
    }

    /// `Some`: to be stored, since it is this device's own.
    fn take(&mut self, key: &DataKey, change: &BookChangeDown) -> Result<Option<OwnChange>, BookError> {
        let broken = BookError::Broken(change.device);
        if change.device == self.device {
            self.give_way(key, change);
        }
        let (n, head) = self.head(change.device);
        if change.n <= n {
            return Ok(None);
        }
        if change.n != n + 1 || change.prev != head || change.epoch != key.epoch() {
            return Err(broken);
        }
        let name = change_id(change.device, change.n);
        let bytes = key.open(self.name(&name), &change.sealed.0).map_err(|_| broken.clone())?;
        let decoded = Change::from_bytes(bytes).map_err(|_| broken.clone())?;
        self.document.apply_changes([decoded]).map_err(|_| broken)?;
        self.was_merged();
        if change.device == self.device {
            // This device's own, from before its storage was lost or set back.
            self.state.owner = Some(self.device);
            let (n, prev, epoch) = (change.n, change.prev.clone(), change.epoch);
            return Ok(Some(self.append(BookChangeUp { n, prev, epoch, sealed: change.sealed.clone() })));
        }
        self.state.heads.insert(change.device, (change.n, hash_of(&change.sealed)));
        Ok(None)
    }

    /// The server holds another change under this number: the storage here was set back, and the number given
    /// twice. What is here from it on gets other numbers, after the server's.
    fn give_way(&mut self, key: &DataKey, change: &BookChangeDown) {
        let same_number = self.own.iter().position(|own| own.n == change.n);
        let Some(at) = same_number.filter(|at| self.own[*at].sealed != change.sealed) else { return };
        let displaced = self.own.split_off(at);
        let raw: Vec<Bytes> =
            displaced.iter().filter_map(|own| self.unsealed(key, self.device, own)).collect();
        self.state.unchained.extend(raw);
        match self.own.last() {
            Some(last) => self.state.heads.insert(self.device, (last.n, hash_of(&last.sealed))),
            None => self.state.heads.remove(&self.device),
        };
    }

    /// The server was restored: everything is asked for again and skipped where it is known.
    pub fn rewind(&mut self) {
        (self.state.cursor, self.state.stored_n) = (0, 0);
        self.state.broken.clear();
    }

    pub(super) fn owner(&self) -> DeviceId {
        self.state.owner.unwrap_or(self.device)
    }

    /// What an own change says. `None` only for one that this device damaged: the document has it all the same.
    fn unsealed(&self, key: &DataKey, device: DeviceId, change: &BookChangeUp) -> Option<Bytes> {
        key.open(self.name(&change_id(device, change.n)), &change.sealed.0).ok().map(Bytes)
    }

    /// Gives numbers to what has none.
    fn chain_up(&mut self, key: &DataKey, nonce: &mut impl FnMut() -> [u8; 24]) -> Vec<OwnChange> {
        let raw = std::mem::take(&mut self.state.unchained);
        raw.iter().map(|raw| self.append(self.sealed(key, &raw.0, nonce()))).collect()
    }

    /// As the next of this device's chain.
    pub(super) fn sealed(&self, key: &DataKey, raw: &[u8], nonce: [u8; 24]) -> BookChangeUp {
        let (n, prev) = self.head(self.device);
        let sealed = key.seal(self.name(&change_id(self.device, n + 1)), raw, nonce);
        BookChangeUp { n: n + 1, prev, epoch: key.epoch(), sealed: Bytes(sealed) }
    }

    pub(super) fn append(&mut self, up: BookChangeUp) -> OwnChange {
        self.state.heads.insert(self.device, (up.n, hash_of(&up.sealed)));
        self.own.push(up.clone());
        (numbered(BOOK, up.n), up)
    }

    pub(super) fn head(&self, device: DeviceId) -> (u64, Bytes) {
        self.state.heads.get(&device).cloned().unwrap_or_else(|| (0, Bytes(vec![0; 32])))
    }

    fn name<'a>(&self, id: &'a str) -> RecordName<'a> {
        RecordName { user: self.user, kind: "book", id }
    }
}

fn change_id(device: DeviceId, n: u64) -> String {
    format!("{device}/{n}")
}
fn hash_of(sealed: &Bytes) -> Bytes {
    Bytes(Sha256::digest(&sealed.0).to_vec())
}
