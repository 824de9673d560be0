//! The book: what a person owns rather than the bank. An Automerge document whose changes travel sealed, as a
//! hash chain per device, and merge on every device in any order.
//!
//! The document is one flat map (`contact/<handle>/name`, `note/<transaction>`), so that two devices that begin
//! apart never make two maps of one name. Architecture invariant: balances are never in it.

use crate::device::{BOOK, numbered};
use crate::store::sealed::Unreadable;
use automerge::transaction::Transactable;
use automerge::{ActorId, AutoCommit, Change, ROOT, ReadDoc, ScalarValue, Value};
use purse_shared::limits::{BOOK_CHANGE_BYTES_MAX, BOOK_CHANGES_PER_SYNC_MAX};
use purse_shared::protocol::{BookChangeDown, BookChangeUp, BookDown, BookUp, Bytes};
use purse_shared::vault::{DataKey, RecordName};
use purse_shared::{DeviceId, Handle, TransactionId, UserId};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Stored under `vault/book`, sealed for the person.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct BookState {
    document: Bytes,
    /// The last number of the server's order that is in the document.
    cursor: u64,
    /// Each device's last change in the document: its number and the SHA-256 of its sealed form.
    heads: BTreeMap<DeviceId, (u64, Bytes)>,
}

pub struct Book {
    document: AutoCommit,
    state: BookState,
    /// This device's own changes, all of them: ciphertext, sent again to a server that was restored.
    own: Vec<BookChangeUp>,
    /// The highest of them that the server is known to hold.
    stored_n: u64,
    device: DeviceId,
    user: UserId,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    pub name: String,
    pub favourite: bool,
}

/// What a person does to the book.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    Name(Handle, String),
    Favourite(Handle, bool),
    Remove(Handle),
    /// An empty text removes it.
    Note(TransactionId, String),
    /// The recovery code with this public key is written down.
    CodeWritten([u8; 32]),
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BookError {
    /// A change from the server does not open, or does not continue its device's chain.
    #[error("a change of the book from device {0} is forged, missing or damaged")]
    Broken(DeviceId),
    #[error("the text is too long for the book")]
    TooLarge,
    #[error("the book on this device cannot be read")]
    Unreadable,
}

impl From<Unreadable> for BookError {
    fn from(_: Unreadable) -> Self {
        Self::Unreadable
    }
}

impl Book {
    /// # Errors
    /// [`BookError::Unreadable`]
    pub fn open(
        user: UserId,
        device: DeviceId,
        state: BookState,
        own: Vec<BookChangeUp>,
    ) -> Result<Self, BookError> {
        let document = if state.document.0.is_empty() {
            AutoCommit::new()
        } else {
            AutoCommit::load(&state.document.0).map_err(|_| BookError::Unreadable)?
        };
        let document = document.with_actor(ActorId::from(device.0.as_bytes().as_slice()));
        Ok(Self { document, state, own, stored_n: 0, device, user })
    }

    pub fn contacts(&self) -> BTreeMap<Handle, Contact> {
        let mut contacts = BTreeMap::new();
        for key in self.document.keys(ROOT) {
            let Some(handle) = key.strip_prefix("contact/").and_then(|k| k.strip_suffix("/name")) else {
                continue;
            };
            let (Ok(handle), Some(name)) = (handle.parse::<Handle>(), self.text(&key)) else { continue };
            let favourite = matches!(
                self.document.get(ROOT, favourite_key(&handle)),
                Ok(Some((Value::Scalar(value), _))) if matches!(*value, ScalarValue::Boolean(true))
            );
            contacts.insert(handle, Contact { name, favourite });
        }
        contacts
    }

    pub fn note(&self, id: TransactionId) -> String {
        self.text(&note_key(id)).unwrap_or_default()
    }

    /// Whether the recovery code with this public key was said to be written down, on any device.
    pub fn is_code_written(&self, public_key: &[u8]) -> bool {
        let written = self.document.get(ROOT, CODE_WRITTEN);
        matches!(
            written,
            Ok(Some((Value::Scalar(value), _))) if matches!(&*value, ScalarValue::Bytes(key) if key == public_key)
        )
    }

    fn text(&self, key: &str) -> Option<String> {
        match self.document.get(ROOT, key) {
            Ok(Some((Value::Scalar(value), _))) => value.as_str().map(str::to_owned),
            _ => None,
        }
    }

    /// Makes the edit; the record of the change is what to store (`book/<n>`), or `None` when nothing changed.
    ///
    /// # Errors
    /// [`BookError::TooLarge`]; the book is as before then.
    pub fn edit(
        &mut self,
        key: &DataKey,
        edit: &Edit,
        nonce: [u8; 24],
    ) -> Result<Option<(String, BookChangeUp)>, BookError> {
        let before = self.document.clone();
        let written = match edit {
            Edit::Name(handle, name) => self.put(&name_key(handle), name.as_str()),
            Edit::Favourite(handle, favourite) => self.put(&favourite_key(handle), *favourite),
            Edit::Remove(handle) => self.delete(&name_key(handle)).and(self.delete(&favourite_key(handle))),
            Edit::Note(id, note) if note.is_empty() => self.delete(&note_key(*id)),
            Edit::Note(id, note) => self.put(&note_key(*id), note.as_str()),
            Edit::CodeWritten(public_key) => self.put(CODE_WRITTEN, public_key.to_vec()),
        };
        written.map_err(|_| BookError::Unreadable)?;
        if self.document.commit().is_none() {
            return Ok(None);
        }
        let Some(change) = self.document.get_last_local_change() else { return Ok(None) };
        let bytes = change.raw_bytes().to_vec();
        let (n, prev) = self.head(self.device);
        let n = n + 1;
        let sealed = key.seal(self.name(&change_id(self.device, n)), &bytes, nonce);
        if sealed.len() > BOOK_CHANGE_BYTES_MAX {
            self.document = before;
            return Err(BookError::TooLarge);
        }
        let up = BookChangeUp { n, prev, epoch: key.epoch(), sealed: Bytes(sealed) };
        self.state.heads.insert(self.device, (n, hash_of(&up.sealed)));
        self.own.push(up.clone());
        Ok(Some((numbered(BOOK, n), up)))
    }

    /// What to send: own changes that the server lacks.
    pub fn up(&self) -> BookUp {
        let missing = self.own.iter().filter(|change| change.n > self.stored_n);
        let changes = missing.take(BOOK_CHANGES_PER_SYNC_MAX).cloned().collect();
        BookUp { cursor: self.state.cursor, changes }
    }

    pub fn has_unsent(&self) -> bool {
        self.own.last().is_some_and(|change| change.n > self.stored_n)
    }

    /// Takes what came down. Changes that are known already are skipped. True when the document changed or the
    /// cursor moved: store [`Book::state`] then.
    ///
    /// # Errors
    /// [`BookError::Broken`]: nothing after the broken change is taken, and the cursor stays before it.
    pub fn down(&mut self, key: &DataKey, down: &BookDown) -> Result<bool, BookError> {
        self.stored_n = down.stored_n;
        let mut moved = false;
        for change in &down.changes {
            if change.number <= self.state.cursor {
                continue;
            }
            self.take(key, change)?;
            self.state.cursor = change.number;
            moved = true;
        }
        Ok(moved)
    }

    fn take(&mut self, key: &DataKey, change: &BookChangeDown) -> Result<(), BookError> {
        let broken = BookError::Broken(change.device);
        let (n, head) = self.head(change.device);
        if change.n <= n {
            return Ok(());
        }
        if change.n != n + 1 || change.prev != head || change.epoch != key.epoch() {
            return Err(broken);
        }
        let name = change_id(change.device, change.n);
        let bytes = key.open(self.name(&name), &change.sealed.0).map_err(|_| broken.clone())?;
        let decoded = Change::from_bytes(bytes).map_err(|_| broken.clone())?;
        self.document.apply_changes([decoded]).map_err(|_| broken)?;
        self.state.heads.insert(change.device, (change.n, hash_of(&change.sealed)));
        if change.device == self.device {
            // This device's own, from before its storage was lost.
            let (n, prev, epoch) = (change.n, change.prev.clone(), change.epoch);
            self.own.push(BookChangeUp { n, prev, epoch, sealed: change.sealed.clone() });
        }
        Ok(())
    }

    /// The server was restored: everything is asked for again and skipped where it is known.
    pub fn rewind(&mut self) {
        (self.state.cursor, self.stored_n) = (0, 0);
    }

    /// To be stored under `vault/book`.
    pub fn state(&mut self) -> BookState {
        self.state.document = Bytes(self.document.save());
        self.state.clone()
    }

    fn head(&self, device: DeviceId) -> (u64, Bytes) {
        self.state.heads.get(&device).cloned().unwrap_or_else(|| (0, Bytes(vec![0; 32])))
    }
    fn name<'a>(&self, id: &'a str) -> RecordName<'a> {
        RecordName { user: self.user, kind: "book", id }
    }
    fn put(&mut self, key: &str, value: impl Into<ScalarValue>) -> Result<(), automerge::AutomergeError> {
        let value = value.into();
        let same = matches!(self.document.get(ROOT, key), Ok(Some((Value::Scalar(old), _))) if *old == value);
        if same { Ok(()) } else { self.document.put(ROOT, key, value) }
    }
    fn delete(&mut self, key: &str) -> Result<(), automerge::AutomergeError> {
        match self.document.get(ROOT, key)? {
            Some(_) => self.document.delete(ROOT, key),
            None => Ok(()),
        }
    }
}

/// Which recovery code is written down: a newer one is not, until its owner says so.
const CODE_WRITTEN: &str = "recovery/written";

fn name_key(handle: &Handle) -> String {
    format!("contact/{handle}/name")
}
fn favourite_key(handle: &Handle) -> String {
    format!("contact/{handle}/favourite")
}
fn note_key(id: TransactionId) -> String {
    format!("note/{id}")
}
fn change_id(device: DeviceId, n: u64) -> String {
    format!("{device}/{n}")
}
fn hash_of(sealed: &Bytes) -> Bytes {
    Bytes(Sha256::digest(&sealed.0).to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use purse_shared::DataKeyId;

    /// What the server does, in short: an order of the user's own.
    #[derive(Default)]
    struct Relay {
        all: Vec<BookChangeDown>,
    }
    impl Relay {
        fn exchange(&mut self, device: DeviceId, up: BookUp) -> BookDown {
            let stored = |all: &[BookChangeDown]| {
                all.iter().filter(|c| c.device == device).map(|c| c.n).max().unwrap_or(0)
            };
            for change in up.changes {
                if change.n == stored(&self.all) + 1 {
                    let number = self.all.len() as u64 + 1;
                    let BookChangeUp { n, prev, epoch, sealed } = change;
                    self.all.push(BookChangeDown { number, device, n, prev, epoch, sealed });
                }
            }
            let changes: Vec<_> = self.all.iter().filter(|c| c.number > up.cursor).cloned().collect();
            let cursor = changes.last().map_or(up.cursor, |c| c.number);
            BookDown { stored_n: stored(&self.all), changes, cursor, more: false }
        }
    }
    struct Phone {
        device: DeviceId,
        book: Book,
        nonce: u8,
    }
    fn user() -> UserId {
        UserId::new(1, [1; 10])
    }
    fn key() -> DataKey {
        DataKey::new(DataKeyId::new(1, [1; 10]), [5; 32])
    }
    impl Phone {
        fn new(n: u8) -> Self {
            let device = DeviceId::new(1, [n; 10]);
            let book = Book::open(user(), device, BookState::default(), Vec::new()).unwrap();
            Self { device, book, nonce: n }
        }
        fn edit(&mut self, edit: Edit) {
            self.nonce = self.nonce.wrapping_add(2);
            self.book.edit(&key(), &edit, [self.nonce; 24]).unwrap();
        }
        fn sync(&mut self, relay: &mut Relay) -> Result<bool, BookError> {
            let down = relay.exchange(self.device, self.book.up());
            self.book.down(&key(), &down)
        }
    }
    fn kavya() -> Handle {
        "kavya".parse().unwrap()
    }

    #[test]
    fn two_devices_that_edit_apart_agree() {
        let (mut a, mut b, mut relay) = (Phone::new(1), Phone::new(2), Relay::default());
        let note = TransactionId::new(5, [5; 10]);
        a.edit(Edit::Name(kavya(), "Kavya".into()));
        a.edit(Edit::Note(note, "dinner".into()));
        b.edit(Edit::Favourite(kavya(), true));
        b.edit(Edit::Name("tom".parse().unwrap(), "Tom".into()));
        for _ in 0..2 {
            a.sync(&mut relay).unwrap();
            b.sync(&mut relay).unwrap();
        }
        assert_eq!(a.book.contacts(), b.book.contacts());
        assert_eq!(a.book.contacts()[&kavya()], Contact { name: "Kavya".into(), favourite: true });
        assert_eq!(b.book.note(note), "dinner");
        assert!(!a.book.has_unsent());
        b.edit(Edit::Remove(kavya()));
        b.edit(Edit::Note(note, String::new()));
        b.sync(&mut relay).unwrap();
        a.sync(&mut relay).unwrap();
        assert!(!a.book.contacts().contains_key(&kavya()));
        assert_eq!(a.book.note(note), "");
    }

    #[test]
    fn survives_storage_and_a_restored_server() {
        let (mut a, mut relay) = (Phone::new(1), Relay::default());
        a.edit(Edit::Name(kavya(), "Kavya".into()));
        a.sync(&mut relay).unwrap();
        a.edit(Edit::Name(kavya(), "Kavya N".into()));
        let (state, own) = (a.book.state(), a.book.own.clone());
        let stored: BookState = serde_json::from_str(&serde_json::to_string(&state).unwrap()).unwrap();
        a.book = Book::open(user(), a.device, stored, own).unwrap();
        assert_eq!(a.book.contacts()[&kavya()].name, "Kavya N");

        // The server forgot everything: both changes go up again, in order.
        let mut empty = Relay::default();
        a.book.rewind();
        a.sync(&mut empty).unwrap();
        assert_eq!(empty.all.len(), 2);
        let mut b = Phone::new(2);
        b.sync(&mut empty).unwrap();
        assert_eq!(b.book.contacts(), a.book.contacts());
        // A phone that lost its storage reads its own changes back and goes on counting.
        let mut lost = Phone::new(1);
        lost.sync(&mut empty).unwrap();
        lost.edit(Edit::Favourite(kavya(), true));
        lost.sync(&mut empty).unwrap();
        assert_eq!(empty.all.len(), 3);
    }

    #[test]
    fn a_server_cannot_forge_drop_or_reorder() {
        let (mut a, mut relay) = (Phone::new(1), Relay::default());
        for name in ["one", "two", "three"] {
            a.edit(Edit::Name(kavya(), name.into()));
        }
        a.sync(&mut relay).unwrap();
        let refused = |change: &dyn Fn(&mut Vec<BookChangeDown>)| {
            let mut all = relay.all.clone();
            change(&mut all);
            let mut b = Phone::new(2);
            assert!(matches!(b.sync(&mut Relay { all }), Err(BookError::Broken(_))));
        };
        refused(&|all| {
            all.remove(1);
        });
        refused(&|all| all.swap(0, 1));
        refused(&|all| all[2].sealed.0[30] ^= 1);
        refused(&|all| all[1].prev = Bytes(vec![1; 32]));
        refused(&|all| all[1].device = DeviceId::new(9, [9; 10]));
        refused(&|all| all[1].epoch = 2);
        assert!(Phone::new(2).sync(&mut relay).unwrap());
    }

    #[test]
    fn what_does_not_fit_changes_nothing() {
        let mut a = Phone::new(1);
        // Not compressible, so that Automerge cannot make it small.
        let noise: String = (0..200_000_u32)
            .map(|i| char::from(b'!' + (i.wrapping_mul(2_654_435_761) >> 20) as u8 % 90))
            .collect();
        let edit = Edit::Note(TransactionId::new(5, [5; 10]), noise);
        assert_eq!(a.book.edit(&key(), &edit, [1; 24]).unwrap_err(), BookError::TooLarge);
        assert!(a.book.up().changes.is_empty());
        a.edit(Edit::Name(kavya(), "Kavya".into()));
        assert!(
            a.book.edit(&key(), &Edit::Name(kavya(), "Kavya".into()), [9; 24]).unwrap().is_none(),
            "no change"
        );
        assert_eq!(a.book.up().changes.len(), 1);
    }
}
