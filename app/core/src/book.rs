//! The book: what a person owns rather than the bank. An Automerge document whose changes travel sealed, as a
//! hash chain per device (`chain`), and merge on every device in any order.
//!
//! The document is one flat map (`contact/<handle>/name`, `note/<transaction>`, `request/<reference>`), so that two
//! devices that begin apart never make two maps of one name. Architecture invariant: balances are never in it.

mod chain;
mod reading;
mod requests;

pub use chain::OwnChange;
pub use reading::Noted;
pub use requests::Asked;

use crate::store::sealed::Unreadable;
use automerge::transaction::Transactable;
use automerge::{ActorId, AutoCommit, ROOT, ReadDoc, ScalarValue, Value};
use purse_shared::limits::BOOK_CHANGE_BYTES_MAX;
use purse_shared::protocol::{BookChangeUp, Bytes};
use purse_shared::request::Reference;
use purse_shared::vault::DataKey;
use purse_shared::{DeviceId, Handle, TransactionId, UserId};
use reading::Reading;
use requests::request_key;
use serde::{Deserialize, Serialize};
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

    /// To be stored under `vault/book`.
    pub fn state(&mut self) -> BookState {
        self.state.document = Bytes(self.document.save());
        self.state.clone()
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

#[cfg(test)]
mod tests;
