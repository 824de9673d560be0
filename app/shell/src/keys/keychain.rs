//! The keys in the system's keychain: one entry for the keys, one for the mark, both named after the folder.
//!
//! A keychain may ask its owner for a password first, so every call waits on a thread of its own. The mark, which every
//! payment raises, is not waited for without end ([`Marks`]).

use super::kept::{Kept, KeptError};
use super::marks::Marks;
use super::system;
use crate::setup::KeychainChoice;
use keyring_core::api::CredentialPersistence;
use keyring_core::{CredentialStore, Entry, Error};
use purse_core::ports::Mark;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use uuid::Uuid;
use zeroize::Zeroizing;

const SERVICE: &str = "Purse";
const KEYS: &str = "keys";
const MARK: &str = "mark";

#[derive(Debug, Clone, thiserror::Error)]
pub enum KeychainError {
    #[error("the keychain cannot be used: {0}")]
    Away(String),
    /// It would forget the keys by itself.
    #[error("the keychain does not outlive the session")]
    Forgetful,
    #[error("the keychain does not give back what was written")]
    Untrue,
    #[error("the keychain has not answered yet")]
    Silent,
    #[error(transparent)]
    Kept(#[from] KeptError),
}

#[derive(Clone)]
pub struct Keychain(Arc<Inner>);

struct Inner {
    folder: Uuid,
    /// The system's can be connected to again.
    is_system: bool,
    store: Mutex<Arc<CredentialStore>>,
}

impl Keychain {
    /// # Errors
    /// [`KeychainError::Away`], also where the system has none.
    pub async fn connect(choice: &KeychainChoice, folder: Uuid) -> Result<Self, KeychainError> {
        let (store, is_system) = match choice {
            KeychainChoice::Given(store) => (store.clone(), false),
            KeychainChoice::System | KeychainChoice::Passphrase => (apart(system::connect).await?, true),
        };
        Ok(Self(Arc::new(Inner { folder, is_system, store: Mutex::new(store) })))
    }

    /// Writes something, reads it back, and takes it away.
    ///
    /// # Errors
    /// [`KeychainError`]: nothing should be kept there.
    pub async fn check(&self) -> Result<(), KeychainError> {
        let inner = self.0.clone();
        apart(move || {
            if !matches!(inner.store().persistence(), CredentialPersistence::UntilDelete) {
                return Err(KeychainError::Forgetful);
            }
            let name = format!("check {}", crate::random_id().simple());
            let probe: [u8; 32] = crate::random();
            inner.write(&name, &probe)?;
            let found = inner.read(&name);
            inner.delete(&name)?;
            match found?.is_some_and(|found| found.as_slice() == probe) && inner.read(&name)?.is_none() {
                true => Ok(()),
                false => Err(KeychainError::Untrue),
            }
        })
        .await
    }

    /// `None`: it holds nothing for this folder.
    ///
    /// # Errors
    /// [`KeychainError`].
    pub async fn read(&self) -> Result<Option<(Kept, Mark)>, KeychainError> {
        let inner = self.0.clone();
        apart(move || {
            let Some(keys) = inner.read(KEYS)? else { return Ok(None) };
            let kept = Kept::from_bytes(inner.folder, &keys)?;
            let mark = match inner.read(MARK)? {
                Some(mark) => read_mark(&mark).ok_or(KeptError::Damaged)?,
                None => Mark::default(),
            };
            Ok(Some((kept, mark)))
        })
        .await
    }

    /// Written and read back.
    ///
    /// # Errors
    /// [`KeychainError`]: what is there now is either of the two.
    pub async fn write_keys(&self, kept: &Kept) -> Result<(), KeychainError> {
        let (inner, bytes) = (self.0.clone(), kept.to_bytes(self.0.folder));
        apart(move || inner.write_and_read_back(KEYS, &bytes)).await
    }

    /// `mark`: as it was read.
    pub fn marks(&self, mark: Mark) -> Marks {
        let inner = self.0.clone();
        Marks::new(mark, move |mark| inner.write_and_read_back(MARK, &mark_bytes(mark)))
    }
}

impl Inner {
    fn read(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeychainError> {
        self.act(name, |entry| match entry.get_secret() {
            Ok(secret) => Ok(Some(Zeroizing::new(secret))),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(error),
        })
    }

    fn write(&self, name: &str, secret: &[u8]) -> Result<(), KeychainError> {
        self.act(name, |entry| entry.set_secret(secret))
    }

    fn write_and_read_back(&self, name: &str, secret: &[u8]) -> Result<(), KeychainError> {
        self.write(name, secret)?;
        match self.read(name)?.is_some_and(|found| found.as_slice() == secret) {
            true => Ok(()),
            false => Err(KeychainError::Untrue),
        }
    }

    fn delete(&self, name: &str) -> Result<(), KeychainError> {
        self.act(name, Entry::delete_credential)
    }

    /// Once more over a new connection where the old one is broken: keychains are started anew, too.
    fn act<T>(
        &self,
        name: &str,
        act: impl Fn(&Entry) -> keyring_core::Result<T>,
    ) -> Result<T, KeychainError> {
        let user = format!("{} {name}", self.folder.simple());
        let once = |store: &Arc<CredentialStore>| {
            let said = if self.is_system { system::modifiers(&user) } else { Vec::new() };
            let said: HashMap<&str, &str> =
                said.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let modifiers = Some(&said).filter(|said| !said.is_empty());
            store.build(SERVICE, &user, modifiers).and_then(|entry| act(&entry))
        };
        match once(&self.store()) {
            Err(Error::PlatformFailure(_)) if self.is_system => {
                let again = system::connect()?;
                *self.store.lock().unwrap_or_else(PoisonError::into_inner) = again.clone();
                once(&again).map_err(|error| away(&error))
            }
            done => done.map_err(|error| away(&error)),
        }
    }

    fn store(&self) -> Arc<CredentialStore> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Never with what was stored: some of these errors carry it.
pub fn away(error: &Error) -> KeychainError {
    KeychainError::Away(error.to_string())
}

async fn apart<T: Send + 'static>(
    call: impl FnOnce() -> Result<T, KeychainError> + Send + 'static,
) -> Result<T, KeychainError> {
    let done = tokio::task::spawn_blocking(call).await;
    done.unwrap_or_else(|stopped| Err(KeychainError::Away(stopped.to_string())))
}

fn mark_bytes(mark: Mark) -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&mark.seq.to_be_bytes());
    bytes[8..].copy_from_slice(&mark.generation.to_be_bytes());
    bytes
}

fn read_mark(bytes: &[u8]) -> Option<Mark> {
    let (seq, generation) = bytes.split_first_chunk::<8>()?;
    Some(Mark { seq: u64::from_be_bytes(*seq), generation: u64::from_be_bytes(generation.try_into().ok()?) })
}
