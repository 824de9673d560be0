//! IndexedDB: the records (sealed by the core) and, apart from them, the device's keys.

use indexed_db_futures::database::Database;
use indexed_db_futures::prelude::*;
use indexed_db_futures::transaction::{TransactionDurability, TransactionMode, TransactionOptions};
use indexed_db_futures::{KeyRange, OpenDbResult};
use js_sys::Uint8Array;
use purse_core::store::{Batch, CommitError, Store, StoreError};
use std::rc::Rc;
use wasm_bindgen::JsValue;

pub const RECORDS: &str = "records";
pub const KEYS: &str = "keys";

/// The database `purse`, version 1.
///
/// # Errors
/// When the browser has no storage for us (a private window of some browsers).
pub async fn open(name: &str) -> OpenDbResult<Rc<Database>> {
    let opened = Database::open(name).with_version(1_u8).with_on_upgrade_needed(|event, db| {
        if event.old_version() < 1.0 {
            db.create_object_store(RECORDS).build()?;
            db.create_object_store(KEYS).build()?;
        }
        Ok(())
    });
    opened.await.map(Rc::new)
}

/// Writes reach the disk before they are reported done.
pub fn strict() -> TransactionOptions {
    TransactionOptions::new().with_durability(TransactionDurability::Strict)
}

#[derive(Clone)]
pub struct IndexedDb(pub Rc<Database>);

impl IndexedDb {
    async fn read_one(&self, key: &str) -> indexed_db_futures::Result<Option<Vec<u8>>> {
        let transaction = self.0.transaction(RECORDS).build()?;
        let store = transaction.object_store(RECORDS)?;
        let found: Option<JsValue> = store.get(key).primitive()?.await?;
        Ok(found.as_ref().map(to_bytes))
    }

    async fn read_room(&self, prefix: &str) -> indexed_db_futures::Result<Vec<(String, Vec<u8>)>> {
        let transaction = self.0.transaction(RECORDS).build()?;
        let store = transaction.object_store(RECORDS)?;
        let keys = store.get_all_keys::<String>().with_query::<String, _>(room(prefix)).primitive()?;
        let values = store.get_all::<JsValue>().with_query::<String, _>(room(prefix)).primitive()?;
        let keys = keys.await?.collect::<Result<Vec<String>, _>>()?;
        let values = values.await?.collect::<Result<Vec<JsValue>, _>>()?;
        Ok(keys.into_iter().zip(values.iter().map(to_bytes)).collect())
    }

    async fn write(&self, batch: Batch) -> Result<bool, indexed_db_futures::error::Error> {
        let transaction = self
            .0
            .transaction(RECORDS)
            .with_mode(TransactionMode::Readwrite)
            .with_options(strict())
            .build()?;
        let store = transaction.object_store(RECORDS)?;
        for (key, expected) in &batch.expected {
            let found: Option<JsValue> = store.get(key.as_str()).primitive()?.await?;
            if found.as_ref().map(to_bytes) != *expected {
                // Dropped without a commit: rolled back.
                return Ok(false);
            }
        }
        for prefix in &batch.cleared {
            store.delete::<String, _>(room(prefix)).primitive()?.await?;
        }
        for (key, value) in batch.writes {
            match value {
                Some(value) => {
                    let value: JsValue = Uint8Array::from(value.as_slice()).into();
                    store.put(value).with_key(key).primitive()?.await?;
                }
                None => store.delete(key.as_str()).primitive()?.await?,
            }
        }
        transaction.commit().await?;
        Ok(true)
    }
}

impl Store for IndexedDb {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.read_one(key).await.map_err(failed)
    }
    async fn list(&self, prefix: &str) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        self.read_room(prefix).await.map_err(failed)
    }
    async fn commit(&self, batch: Batch) -> Result<(), CommitError> {
        if self.write(batch).await.map_err(failed)? { Ok(()) } else { Err(CommitError::Changed) }
    }
}

/// Every key that starts with `prefix`: our keys are ASCII, so nothing sorts after the last code point.
fn room(prefix: &str) -> KeyRange<String> {
    KeyRange::Bound(prefix.to_owned(), false, format!("{prefix}\u{10ffff}"), false)
}

fn to_bytes(value: &JsValue) -> Vec<u8> {
    Uint8Array::new(value).to_vec()
}

fn failed(error: impl std::fmt::Display) -> StoreError {
    StoreError(error.to_string())
}
