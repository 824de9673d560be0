//! The one storage trait: opaque records under text keys, written in batches.
//!
//! Architecture invariant: whoever implements this sees sealed bytes only, and a batch is durable when its
//! `commit` returns, whole or not at all.

mod memory;
pub(crate) mod sealed;
pub mod suite;

pub use memory::MemoryStore;

/// Reads and writes records. Keys are `room/key` (`feed/000000000012`).
#[allow(async_fn_in_trait, reason = "single-threaded by design")]
pub trait Store {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError>;
    /// All records whose key starts with `prefix`, in key order.
    async fn list(&self, prefix: &str) -> Result<Vec<(String, Vec<u8>)>, StoreError>;
    /// Checks every expectation and then writes everything, in one durable transaction.
    async fn commit(&self, batch: Batch) -> Result<(), CommitError>;
}

/// What to write, and what must still be so when it is written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// The bytes that must be there (`None`: nothing).
    pub expected: Vec<(String, Option<Vec<u8>>)>,
    /// The bytes to write (`None`: delete).
    pub writes: Vec<(String, Option<Vec<u8>>)>,
    /// Every record whose key starts with this goes, before the writes.
    pub cleared: Vec<String>,
}

impl Batch {
    pub fn put(&mut self, key: String, value: Vec<u8>) {
        self.writes.push((key, Some(value)));
    }
    pub fn delete(&mut self, key: String) {
        self.writes.push((key, None));
    }
    pub fn clear(&mut self, prefix: &str) {
        self.cleared.push(prefix.to_owned());
    }
    pub fn expect(&mut self, key: &str, value: Option<Vec<u8>>) {
        self.expected.push((key.to_owned(), value));
    }
}

#[derive(Debug, Clone, thiserror::Error)]
#[error("the device's storage failed: {0}")]
pub struct StoreError(pub String);

#[derive(Debug, Clone, thiserror::Error)]
pub enum CommitError {
    /// Somebody else wrote in between: nothing was written.
    #[error("another page wrote in between")]
    Changed,
    #[error(transparent)]
    Store(#[from] StoreError),
}
