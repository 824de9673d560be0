//! Reading the book: contacts and requests for every view, notes for every payment that is shown or looked for.

use super::{Asked, Book, Contact, Edit, favourite_key, note_key};
use automerge::{ROOT, ReadDoc, ScalarValue, Value};
use purse_shared::request::Reference;
use purse_shared::{Handle, TransactionId};
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// What was read, until the book changes.
#[derive(Default)]
pub(super) struct Reading {
    contacts: OnceCell<Rc<BTreeMap<Handle, Contact>>>,
    pub requests: OnceCell<Rc<BTreeMap<Reference, Asked>>>,
    changes: u64,
    noted: Noted,
}

/// Payments whose notes changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Noted {
    These(BTreeSet<TransactionId>),
    /// Another device's changes came in.
    Any,
}

impl Default for Noted {
    fn default() -> Self {
        Self::These(BTreeSet::new())
    }
}

impl Book {
    pub fn contacts(&self) -> Rc<BTreeMap<Handle, Contact>> {
        self.reading.contacts.get_or_init(|| Rc::new(self.read_contacts())).clone()
    }

    fn read_contacts(&self) -> BTreeMap<Handle, Contact> {
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

    pub(super) fn text(&self, key: &str) -> Option<String> {
        match self.document.get(ROOT, key) {
            Ok(Some((Value::Scalar(value), _))) => value.as_str().map(str::to_owned),
            _ => None,
        }
    }

    /// Another number after each change.
    pub fn changes(&self) -> u64 {
        self.reading.changes
    }
    /// Whose notes changed since the last call.
    pub fn take_noted(&mut self) -> Noted {
        std::mem::take(&mut self.reading.noted)
    }

    pub(super) fn was_edited(&mut self, edit: &Edit) {
        self.forget_reading();
        if let (Edit::Note(id, _), Noted::These(ids)) = (edit, &mut self.reading.noted) {
            ids.insert(*id);
        }
    }
    pub(super) fn was_merged(&mut self) {
        self.forget_reading();
        self.reading.noted = Noted::Any;
    }
    fn forget_reading(&mut self) {
        self.reading.contacts.take();
        self.reading.requests.take();
        self.reading.changes += 1;
    }
}
