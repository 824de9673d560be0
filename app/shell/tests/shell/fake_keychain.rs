//! A keychain in memory for tests: what a system's does, and what it does on a bad day.

use keyring_core::api::{Credential, CredentialApi, CredentialPersistence, CredentialStoreApi};
use keyring_core::{CredentialStore, Entry, Error, Result};
use purse_shell::KeychainChoice;
use std::any::Any;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mood {
    #[default]
    Good,
    /// Nothing works: it is locked, or its daemon is not there.
    Away,
    /// Reads work, writes do not.
    ReadOnly,
    /// Takes everything and keeps nothing.
    Sieve,
    /// Waits until its owner has answered, that is for another mood.
    Asks,
    /// Says that it forgets at the next start of the machine.
    Forgetful,
}

#[derive(Clone, Debug, Default)]
pub struct FakeKeychain(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    mood: Mood,
    entries: BTreeMap<(String, String), Vec<u8>>,
}

impl FakeKeychain {
    pub fn choice(&self) -> KeychainChoice {
        let store: Arc<CredentialStore> = Arc::new(self.clone());
        KeychainChoice::Given(store)
    }
    pub fn set(&self, mood: Mood) {
        self.0.lock().unwrap().mood = mood;
    }
    pub fn names(&self) -> Vec<String> {
        self.0.lock().unwrap().entries.keys().map(|(_, user)| user.clone()).collect()
    }
    pub fn secrets(&self) -> Vec<Vec<u8>> {
        self.0.lock().unwrap().entries.values().cloned().collect()
    }
    /// Every entry under another folder's name.
    pub fn rename(&self, from: &str, to: &str) {
        let mut state = self.0.lock().unwrap();
        let entries = std::mem::take(&mut state.entries).into_iter();
        state.entries = entries.map(|((service, user), v)| ((service, user.replace(from, to)), v)).collect();
    }
    /// One bit of every entry, somewhere.
    pub fn damage(&self, at: usize) {
        for secret in self.0.lock().unwrap().entries.values_mut() {
            let at = at % secret.len();
            secret[at] ^= 1;
        }
    }
    pub fn clear(&self) {
        self.0.lock().unwrap().entries.clear();
    }
}

impl FakeKeychain {
    fn answered(&self) -> MutexGuard<'_, State> {
        loop {
            let state = self.0.lock().unwrap();
            if state.mood != Mood::Asks {
                return state;
            }
            drop(state);
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

fn away() -> Error {
    Error::NoStorageAccess("told to be away".into())
}

impl CredentialStoreApi for FakeKeychain {
    fn vendor(&self) -> String {
        "tests".to_owned()
    }
    fn id(&self) -> String {
        "fake".to_owned()
    }
    fn build(&self, service: &str, user: &str, _: Option<&HashMap<&str, &str>>) -> Result<Entry> {
        let entry = FakeEntry { chain: self.clone(), name: (service.to_owned(), user.to_owned()) };
        Ok(Entry::new_with_credential(Arc::new(entry)))
    }
    fn persistence(&self) -> CredentialPersistence {
        match self.0.lock().unwrap().mood {
            Mood::Forgetful => CredentialPersistence::UntilReboot,
            _ => CredentialPersistence::UntilDelete,
        }
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}

#[derive(Debug)]
struct FakeEntry {
    chain: FakeKeychain,
    name: (String, String),
}

impl CredentialApi for FakeEntry {
    fn set_secret(&self, secret: &[u8]) -> Result<()> {
        let mut state = self.chain.answered();
        match state.mood {
            Mood::Away | Mood::ReadOnly => return Err(away()),
            Mood::Sieve => {}
            Mood::Good | Mood::Forgetful | Mood::Asks => {
                drop(state.entries.insert(self.name.clone(), secret.to_vec()))
            }
        }
        Ok(())
    }
    fn get_secret(&self) -> Result<Vec<u8>> {
        let state = self.chain.answered();
        if state.mood == Mood::Away {
            return Err(away());
        }
        state.entries.get(&self.name).cloned().ok_or(Error::NoEntry)
    }
    fn delete_credential(&self) -> Result<()> {
        let mut state = self.chain.answered();
        match state.mood {
            Mood::Away | Mood::ReadOnly => Err(away()),
            Mood::Sieve => Ok(()),
            Mood::Good | Mood::Forgetful | Mood::Asks => {
                state.entries.remove(&self.name).map(drop).ok_or(Error::NoEntry)
            }
        }
    }
    fn get_credential(&self) -> Result<Option<Arc<Credential>>> {
        Ok(None)
    }
    fn get_specifiers(&self) -> Option<(String, String)> {
        Some(self.name.clone())
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}
