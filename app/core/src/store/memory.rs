//! A store in memory: for tests, and for simulated devices that lose power.

use super::{Batch, CommitError, Store, StoreError};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

/// Clones share their records, as two openings of one database do.
#[derive(Clone, Default)]
pub struct MemoryStore {
    records: Rc<RefCell<BTreeMap<String, Vec<u8>>>>,
    fails: Rc<Cell<bool>>,
}

impl MemoryStore {
    /// From now on every commit fails (a full disk), until told otherwise.
    pub fn fail(&self, fails: bool) {
        self.fails.set(fails);
    }
    /// A copy of everything, as a backup would hold it.
    pub fn backup(&self) -> Self {
        Self { records: Rc::new(RefCell::new(self.records.borrow().clone())), fails: Rc::default() }
    }
    /// Every byte that is stored, for tests that look for what must not be there.
    pub fn all_bytes(&self) -> Vec<u8> {
        self.records.borrow().iter().flat_map(|(k, v)| [k.as_bytes(), v].concat()).collect()
    }
}

impl Store for MemoryStore {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.records.borrow().get(key).cloned())
    }

    async fn list(&self, prefix: &str) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        let records = self.records.borrow();
        let from = records.range(prefix.to_owned()..);
        Ok(from.take_while(|(key, _)| key.starts_with(prefix)).map(|(k, v)| (k.clone(), v.clone())).collect())
    }

    async fn commit(&self, batch: Batch) -> Result<(), CommitError> {
        if self.fails.get() {
            return Err(StoreError("told to fail".to_owned()).into());
        }
        let mut records = self.records.borrow_mut();
        if batch.expected.iter().any(|(key, value)| records.get(key) != value.as_ref()) {
            return Err(CommitError::Changed);
        }
        for prefix in &batch.cleared {
            records.retain(|key, _| !key.starts_with(prefix));
        }
        for (key, value) in batch.writes {
            match value {
                Some(value) => records.insert(key, value),
                None => records.remove(&key),
            };
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passes_the_suite() {
        futures::executor::block_on(super::super::suite::run(&MemoryStore::default())).unwrap();
    }
}
