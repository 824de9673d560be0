//! The book: what a person owns rather than the bank. An Automerge document whose changes travel sealed, as a
//! hash chain per device, and merge on every device in any order.
//!
//! The document is one flat map (`contact/<handle>/name`, `note/<transaction>`, `request/<reference>`), so that two
//! devices that begin apart never make two maps of one name. Architecture invariant: balances are never in it.

mod reading;
mod requests;

pub use reading::Noted;
pub use requests::Asked;

use crate::device::{BOOK, numbered};
use crate::store::sealed::Unreadable;
use automerge::transaction::Transactable;
use automerge::{ActorId, AutoCommit, Change, ROOT, ReadDoc, ScalarValue, Value};
use purse_shared::limits::{BOOK_CHANGE_BYTES_MAX, BOOK_CHANGES_PER_SYNC_MAX};
use purse_shared::protocol::{BookChangeDown, BookChangeUp, BookDown, BookUp, Bytes};
use purse_shared::request::Reference;
use purse_shared::vault::{DataKey, RecordName};
use purse_shared::{DeviceId, Handle, TransactionId, UserId};
use reading::Reading;
use requests::request_key;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// Stored under `vault/book`, sealed for the person.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct BookState {
    document: Bytes,
    /// The last number of the server's order that is in the document.
    cursor: u64,
    /// Each device's last change in the document: its number and the SHA-256 of its sealed form.
    heads: BTreeMap<DeviceId, (u64, Bytes)>,
    /// Which device's chain the stored changes (`book/<n>`) are: a revoked device comes back as another.
    owner: Option<DeviceId>,
    /// The highest number of that chain that the server is known to hold.
    stored_n: u64,
    /// Own changes that are in the document and have no number in this device's chain yet, oldest first.
    unchained: Vec<Bytes>,
    /// Devices whose chain did not continue: said once, and left out until the server has another life.
    broken: BTreeSet<DeviceId>,
}

pub struct Book {
    document: AutoCommit,
    state: BookState,
    /// This device's own changes, all of them: ciphertext, sent again to a server that was restored.
    own: Vec<BookChangeUp>,
    device: DeviceId,
    user: UserId,
    reading: Reading,
}

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
    /// A new request, and those that are kept no longer. One that is there stays as it is.
    Ask {
        reference: Reference,
        asked: Asked,
        without: Vec<Reference>,
    },
    Dismiss(Reference),
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
    /// `actor` is random, another for each opening: a storage that was set back would else give one actor's numbers
    /// twice, and Automerge would refuse one of the two changes on every device.
    ///
    /// # Errors
    /// [`BookError::Unreadable`]
    pub fn open(
        user: UserId,
        device: DeviceId,
        actor: [u8; 16],
        state: BookState,
        own: Vec<BookChangeUp>,
    ) -> Result<Self, BookError> {
        let document = if state.document.0.is_empty() {
            AutoCommit::new()
        } else {
            AutoCommit::load(&state.document.0).map_err(|_| BookError::Unreadable)?
        };
        let document = document.with_actor(ActorId::from(actor.as_slice()));
        let mut book = Self { document, state, own, device, user, reading: Reading::default() };
        // Rows after the head are in `unchained` already: the app was closed while another copy's numbers came in.
        let last = book.head(book.owner()).0;
        book.own.retain(|change| change.n <= last);
        Ok(book)
    }

    fn owner(&self) -> DeviceId {
        self.state.owner.unwrap_or(self.device)
    }

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
    fn sealed(&self, key: &DataKey, raw: &[u8], nonce: [u8; 24]) -> BookChangeUp {
        let (n, prev) = self.head(self.device);
        let sealed = key.seal(self.name(&change_id(self.device, n + 1)), raw, nonce);
        BookChangeUp { n: n + 1, prev, epoch: key.epoch(), sealed: Bytes(sealed) }
    }

    fn append(&mut self, up: BookChangeUp) -> OwnChange {
        self.state.heads.insert(self.device, (up.n, hash_of(&up.sealed)));
        self.own.push(up.clone());
        (numbered(BOOK, up.n), up)
    }

    /// Whether the recovery code with this public key was said to be written down, on any device.
    pub fn is_code_written(&self, public_key: &[u8]) -> bool {
        let written = self.document.get(ROOT, CODE_WRITTEN);
        matches!(
            written,
            Ok(Some((Value::Scalar(value), _))) if matches!(&*value, ScalarValue::Bytes(key) if key == public_key)
        )
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
    ) -> Result<Option<OwnChange>, BookError> {
        let before = self.document.clone();
        let written = match edit {
            Edit::Name(handle, name) => self.put(&name_key(handle), name.as_str()),
            Edit::Favourite(handle, favourite) => self.put(&favourite_key(handle), *favourite),
            Edit::Remove(handle) => self.delete(&name_key(handle)).and(self.delete(&favourite_key(handle))),
            Edit::Note(id, note) if note.is_empty() => self.delete(&note_key(*id)),
            Edit::Note(id, note) => self.put(&note_key(*id), note.as_str()),
            Edit::Ask { reference, .. } if self.requests().contains_key(reference) => Ok(()),
            Edit::Ask { reference, asked, without } => without
                .iter()
                .try_for_each(|old| self.delete(&request_key(old)))
                .and_then(|()| self.put(&request_key(reference), asked.to_text())),
            Edit::Dismiss(reference) => self.delete(&request_key(reference)),
            Edit::CodeWritten(public_key) => self.put(CODE_WRITTEN, public_key.to_vec()),
        };
        written.map_err(|_| BookError::Unreadable)?;
        if self.document.commit().is_none() {
            return Ok(None);
        }
        let Some(change) = self.document.get_last_local_change() else { return Ok(None) };
        let bytes = change.raw_bytes().to_vec();
        let up = self.sealed(key, &bytes, nonce);
        if up.sealed.0.len() > BOOK_CHANGE_BYTES_MAX {
            self.document = before;
            return Err(BookError::TooLarge);
        }
        self.was_edited(edit);
        self.state.owner = Some(self.device);
        Ok(Some(self.append(up)))
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
    fn nonces(from: u8) -> impl FnMut() -> [u8; 24] {
        let mut next = from;
        move || {
            next = next.wrapping_add(1);
            [next; 24]
        }
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
            let book = Book::open(user(), device, [n; 16], BookState::default(), Vec::new()).unwrap();
            Self { device, book, nonce: n }
        }
        fn edit(&mut self, edit: Edit) {
            self.nonce = self.nonce.wrapping_add(2);
            self.book.edit(&key(), &edit, [self.nonce; 24]).unwrap();
        }
        fn sync(&mut self, relay: &mut Relay) -> Result<bool, BookError> {
            let down = relay.exchange(self.device, self.book.up(usize::MAX));
            let taken = self.book.down(&key(), &down, &mut nonces(self.nonce.wrapping_mul(31)));
            taken.broken.map_or(Ok(taken.moved), Err)
        }
        /// As it would be after the app was opened again, from what was stored.
        fn copy(&mut self) -> (BookState, Vec<BookChangeUp>) {
            (self.book.state(), self.book.own.clone())
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
    fn requests_are_written_once_and_dismissed_on_all_devices() {
        use purse_shared::request::Sum;
        let (mut a, mut b, mut relay) = (Phone::new(1), Phone::new(2), Relay::default());
        let asked = |at, note: &str| Asked {
            at,
            to: "ana".parse().unwrap(),
            sum: Sum::Exactly(purse_shared::Amount::new(1_850, purse_shared::Currency::EUR).unwrap()),
            note: note.parse().unwrap(),
        };
        let ask = |reference: &str, asked: Asked, without: &[&str]| Edit::Ask {
            reference: reference.parse().unwrap(),
            asked,
            without: without.iter().map(|old| old.parse().unwrap()).collect(),
        };
        let shown = |phone: &Phone| {
            let all = phone.book.requests();
            all.iter()
                .map(|(reference, asked)| format!("{reference} {}", asked.note.as_str()))
                .collect::<Vec<_>>()
        };
        a.edit(ask("A", asked(5, "Lunch"), &[]));
        a.edit(ask("B", asked(6, "Rent"), &[]));
        // Asked for twice by one page: the first stands.
        a.edit(ask("A", asked(7, "Dinner"), &[]));
        assert_eq!(shown(&a), ["A Lunch", "B Rent"]);
        assert_eq!(a.book.requests()[&"A".parse().unwrap()], asked(5, "Lunch"));
        a.sync(&mut relay).unwrap();
        b.sync(&mut relay).unwrap();
        assert_eq!(shown(&b), shown(&a));
        // One device dismisses what the other leaves out while it asks anew; nothing comes back.
        b.edit(Edit::Dismiss("A".parse().unwrap()));
        a.edit(ask("C", asked(8, "Bread"), &["A"]));
        for _ in 0..2 {
            a.sync(&mut relay).unwrap();
            b.sync(&mut relay).unwrap();
        }
        assert_eq!((shown(&a), shown(&b)), (vec!["B Rent".into(), "C Bread".into()], shown(&a)));
        // What a newer app may write there is left alone.
        a.book.put("request/D", "{\"at\":1,\"sum\":\"by_weight\"}").unwrap();
        a.edit(Edit::Dismiss("B".parse().unwrap()));
        assert_eq!(shown(&a), ["C Bread"]);
        // As it is after the app was opened again.
        let (state, own) = a.copy();
        a.book = Book::open(user(), a.device, [31; 16], state, own).unwrap();
        assert_eq!(shown(&a), ["C Bread"]);
        assert!(a.book.contacts().is_empty());
    }

    #[test]
    fn survives_storage_and_a_restored_server() {
        let (mut a, mut relay) = (Phone::new(1), Relay::default());
        a.edit(Edit::Name(kavya(), "Kavya".into()));
        a.sync(&mut relay).unwrap();
        a.edit(Edit::Name(kavya(), "Kavya N".into()));
        let (state, own) = (a.book.state(), a.book.own.clone());
        let stored: BookState = serde_json::from_str(&serde_json::to_string(&state).unwrap()).unwrap();
        a.book = Book::open(user(), a.device, [21; 16], stored, own).unwrap();
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
    fn a_broken_chain_holds_up_nobody_else() {
        let (mut a, mut b, mut relay) = (Phone::new(1), Phone::new(2), Relay::default());
        a.edit(Edit::Name(kavya(), "Kavya".into()));
        a.sync(&mut relay).unwrap();
        b.edit(Edit::Name("tom".parse().unwrap(), "Tom".into()));
        b.sync(&mut relay).unwrap();
        relay.all[0].sealed.0[30] ^= 1;
        let mut c = Phone::new(3);
        assert!(matches!(c.sync(&mut relay), Err(BookError::Broken(device)) if device == a.device));
        assert_eq!(c.book.contacts().keys().map(Handle::as_str).collect::<Vec<_>>(), ["tom"]);
        a.edit(Edit::Name(kavya(), "Kavya N".into()));
        a.sync(&mut relay).unwrap();
        c.sync(&mut relay).expect("said once");
        c.edit(Edit::Name("ana".parse().unwrap(), "Ana".into()));
        c.sync(&mut relay).unwrap();
        assert_eq!(c.book.contacts().len(), 2);
        // A server in another life may have it whole.
        relay.all[0].sealed.0[30] ^= 1;
        c.book.rewind();
        c.sync(&mut relay).unwrap();
        assert_eq!(c.book.contacts()[&kavya()].name, "Kavya N");
    }

    #[test]
    fn another_device_takes_over_what_was_not_sent() {
        let (mut a, mut relay) = (Phone::new(1), Relay::default());
        a.edit(Edit::Name(kavya(), "Kavya".into()));
        a.sync(&mut relay).unwrap();
        a.edit(Edit::Favourite(kavya(), true));
        let (state, own) = a.copy();
        let mut again = Phone::new(9);
        again.book = Book::open(user(), again.device, [22; 16], state, own).unwrap();
        let moved = again.book.move_in(&key(), &mut nonces(200)).expect("other rows");
        assert_eq!(moved.len(), 1, "what the server lacks");
        assert!(again.book.move_in(&key(), &mut nonces(210)).is_none(), "once");
        again.sync(&mut relay).unwrap();
        let mut b = Phone::new(2);
        b.sync(&mut relay).unwrap();
        assert_eq!(b.book.contacts(), a.book.contacts());
    }

    #[test]
    fn a_number_given_twice_by_a_restored_storage_is_given_anew() {
        let (mut a, mut relay) = (Phone::new(1), Relay::default());
        a.edit(Edit::Name(kavya(), "Kavya".into()));
        a.sync(&mut relay).unwrap();
        let (state, own) = a.copy();
        for name in ["two", "three"] {
            a.edit(Edit::Name(kavya(), name.into()));
        }
        a.sync(&mut relay).unwrap();
        // Set back to after the first; another edit takes number two again.
        a.book = Book::open(user(), a.device, [23; 16], state, own).unwrap();
        a.nonce = 101;
        a.edit(Edit::Favourite(kavya(), true));
        a.sync(&mut relay).unwrap();
        a.sync(&mut relay).unwrap();
        assert_eq!(relay.all.iter().map(|change| change.n).collect::<Vec<_>>(), [1, 2, 3, 4]);
        let (state, own) = a.copy();
        a.book = Book::open(user(), a.device, [24; 16], state, own).unwrap();
        let mut b = Phone::new(2);
        b.sync(&mut relay).unwrap();
        assert_eq!(b.book.contacts()[&kavya()], Contact { name: "three".into(), favourite: true });
        assert_eq!(a.book.contacts(), b.book.contacts());
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
        assert!(a.book.up(usize::MAX).changes.is_empty());
        a.edit(Edit::Name(kavya(), "Kavya".into()));
        assert!(
            a.book.edit(&key(), &Edit::Name(kavya(), "Kavya".into()), [9; 24]).unwrap().is_none(),
            "no change"
        );
        assert_eq!(a.book.up(usize::MAX).changes.len(), 1);
    }
}
