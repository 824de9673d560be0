//! A keychain in memory that asks its owner for something when it is told to, and waits until they have answered.

use keyring_core::api::{Credential, CredentialApi, CredentialPersistence, CredentialStoreApi};
use keyring_core::{CredentialStore, Entry, Error, Result};
use purse_shell::KeychainChoice;
use std::any::Any;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};

#[derive(Clone, Debug, Default)]
pub struct Keychain(Arc<(Mutex<State>, Condvar)>);

#[derive(Debug, Default)]
struct State {
    asks: bool,
    entries: BTreeMap<String, Vec<u8>>,
}

impl Keychain {
    pub fn choice(&self) -> KeychainChoice {
        let store: Arc<CredentialStore> = Arc::new(self.clone());
        KeychainChoice::Given(store)
    }
    pub fn set_asks(&self, asks: bool) {
        self.0.0.lock().unwrap().asks = asks;
        self.0.1.notify_all();
    }
    /// The highest number signed, as it stands there.
    pub fn mark(&self) -> u64 {
        let state = self.0.0.lock().unwrap();
        let mark = state.entries.iter().find(|(name, _)| name.ends_with(" mark"));
        mark.map_or(0, |(_, bytes)| u64::from_be_bytes(bytes[..8].try_into().unwrap()))
    }

    fn answered(&self) -> MutexGuard<'_, State> {
        self.0.1.wait_while(self.0.0.lock().unwrap(), |state| state.asks).unwrap()
    }
}

impl CredentialStoreApi for Keychain {
    fn vendor(&self) -> String {
        "tests".to_owned()
    }
    fn id(&self) -> String {
        "asking".to_owned()
    }
    fn build(&self, _: &str, user: &str, _: Option<&HashMap<&str, &str>>) -> Result<Entry> {
        Ok(Entry::new_with_credential(Arc::new(One { chain: self.clone(), name: user.to_owned() })))
    }
    fn persistence(&self) -> CredentialPersistence {
        CredentialPersistence::UntilDelete
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}

#[derive(Debug)]
struct One {
    chain: Keychain,
    name: String,
}

impl CredentialApi for One {
    fn set_secret(&self, secret: &[u8]) -> Result<()> {
        self.chain.answered().entries.insert(self.name.clone(), secret.to_vec());
        Ok(())
    }
    fn get_secret(&self) -> Result<Vec<u8>> {
        self.chain.answered().entries.get(&self.name).cloned().ok_or(Error::NoEntry)
    }
    fn delete_credential(&self) -> Result<()> {
        self.chain.answered().entries.remove(&self.name).map(drop).ok_or(Error::NoEntry)
    }
    fn get_credential(&self) -> Result<Option<Arc<Credential>>> {
        Ok(None)
    }
    fn get_specifiers(&self) -> Option<(String, String)> {
        Some((String::new(), self.name.clone()))
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}
