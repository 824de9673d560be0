//! The device's keys on a computer or a phone: in the system's keychain, else sealed by a passphrase. Why, and what
//! each protects against: docs/decisions/device-keys.md.
//!
//! Architecture invariant: only this room sees private keys, and none of them is ever in the store.

mod kept;
mod keychain;
mod marks;
mod opening;
mod passphrase;
mod system;

pub use keychain::KeychainError;
pub use opening::{OpenKeysError, Opened, choose, enter, open};
pub use passphrase::{PASSPHRASE_BYTES_MAX, PassphraseError};

use futures::lock::Mutex;
use kept::Kept;
use keychain::Keychain;
use marks::Marks;
use p256::ecdsa::signature::{Signer, Verifier};
use p256::ecdsa::{Signature, SigningKey, VerifyingKey};
use passphrase::SealedFile;
use purse_core::ports::{DeviceKeys, KeyError, Mark, SignedOnce};
use purse_shared::Secret;
use purse_shared::vault::StorageKey;
use std::cell::RefCell;
use std::rc::Rc;

pub struct NativeKeys {
    keeper: Keeper,
    /// As it was written last. Held while it is being written, but for a keychain's mark.
    held: Mutex<Held>,
}

struct Held {
    kept: Kept,
    /// In the sealed file. A keychain has an entry for it alone ([`Marks`]).
    mark: Mark,
}

enum Keeper {
    Keychain(Keychain, Marks),
    /// Another one when the passphrase is changed.
    Passphrase(RefCell<Rc<SealedFile>>),
}

impl Keeper {
    fn of_file(file: SealedFile) -> Self {
        Self::Passphrase(RefCell::new(Rc::new(file)))
    }
}

impl NativeKeys {
    fn new(keeper: Keeper, kept: Kept, mark: Mark) -> Self {
        Self { keeper, held: Mutex::new(Held { kept, mark }) }
    }

    /// Seals what is the host's own and outlives a sign-out.
    pub async fn host_key(&self) -> StorageKey {
        StorageKey::derive(&self.held.lock().await.kept.root)
    }

    /// True when a person has to give their passphrase to unlock.
    pub fn asks_passphrase(&self) -> bool {
        matches!(self.keeper, Keeper::Passphrase(_))
    }

    /// True when it is the passphrase, or when there is none to ask for. Takes as long as opening does.
    pub async fn is_passphrase(&self, passphrase: Secret<String>) -> bool {
        match &self.keeper {
            Keeper::Keychain(..) => true,
            Keeper::Passphrase(file) => {
                let file = file.borrow().clone();
                file.is_passphrase(passphrase).await
            }
        }
    }

    /// Seals the keys by `new` instead of `current`. The keys are the same, and so is all that they seal. Takes twice
    /// as long as opening does; what is to be written meanwhile waits. Where there is no passphrase nothing is done.
    ///
    /// # Errors
    /// [`PassphraseError`]: the current one still opens them.
    pub async fn change_passphrase(
        &self,
        current: Secret<String>,
        new: Secret<String>,
    ) -> Result<(), PassphraseError> {
        let Keeper::Passphrase(kept_in) = &self.keeper else { return Ok(()) };
        // Nothing is written under the key that goes, and of two changes the second one finds the first one done.
        let held = self.held.lock().await;
        let file = kept_in.borrow().clone();
        let next = file.reseal(current, new, &held.kept, held.mark).await?;
        *kept_in.borrow_mut() = Rc::new(next);
        Ok(())
    }

    /// What `change` makes of the keys, with another mark or the same: written first and held then. It is the person's own
    /// act, so a keychain that asks them for something is waited for.
    async fn change(&self, change: impl FnOnce(&mut Kept), mark: Option<Mark>) -> Result<(), KeyError> {
        let mut held = self.held.lock().await;
        let mut next = held.kept.clone();
        change(&mut next);
        match &self.keeper {
            Keeper::Keychain(keychain, marks) => {
                // The mark first: alone, it only makes the core ask the server.
                if let Some(mark) = mark {
                    marks.set(mark).await.map_err(told)?;
                }
                if next != held.kept {
                    keychain.write_keys(&next).await.map_err(told)?;
                }
            }
            Keeper::Passphrase(file) => {
                let mark = mark.unwrap_or(held.mark);
                file.borrow().write(&next, mark).map_err(told)?;
                held.mark = mark;
            }
        }
        held.kept = next;
        Ok(())
    }

    async fn pair(&self) -> Result<SigningKey, KeyError> {
        let known = self.held.lock().await.kept.pair();
        if let Some(pair) = known {
            return Ok(pair);
        }
        self.change(Kept::make_pair_where_none, None).await?;
        self.held.lock().await.kept.pair().ok_or_else(|| KeyError("there is no signing key".to_owned()))
    }
}

impl DeviceKeys for NativeKeys {
    async fn public_key(&self) -> Result<Vec<u8>, KeyError> {
        Ok(public_of(&self.pair().await?))
    }

    async fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        Ok(signed(&self.pair().await?, message))
    }

    async fn verify_es256(
        &self,
        public_key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<bool, KeyError> {
        let key = VerifyingKey::from_sec1_bytes(public_key);
        let signature = Signature::from_slice(signature);
        Ok(matches!((key, signature), (Ok(key), Ok(signature)) if key.verify(message, &signature).is_ok()))
    }

    async fn secret(&self) -> Result<[u8; 32], KeyError> {
        Ok(self.held.lock().await.kept.secret)
    }

    async fn mark(&self) -> Result<Mark, KeyError> {
        Ok(match &self.keeper {
            Keeper::Keychain(_, marks) => marks.written(),
            Keeper::Passphrase(_) => self.held.lock().await.mark,
        })
    }

    async fn raise_mark(&self, mark: Mark) -> Result<(), KeyError> {
        match &self.keeper {
            Keeper::Keychain(_, marks) => marks.raise(mark).await.map_err(told),
            Keeper::Passphrase(_) => self.change(|_same| (), Some(mark)).await,
        }
    }

    async fn renew(&self) -> Result<(), KeyError> {
        self.change(Kept::forget_pair, Some(Mark::default())).await
    }

    async fn forget(&self) -> Result<(), KeyError> {
        let forget = |kept: &mut Kept| {
            kept.forget_pair();
            kept.secret = crate::random();
        };
        self.change(forget, Some(Mark::default())).await
    }

    async fn sign_once(&self, message: impl FnOnce(&[u8]) -> Vec<u8>) -> Result<SignedOnce, KeyError> {
        let pair = kept::new_pair();
        let public_key = public_of(&pair);
        let signature = signed(&pair, &message(&public_key));
        Ok(SignedOnce { public_key, signature })
    }
}

fn public_of(pair: &SigningKey) -> Vec<u8> {
    pair.verifying_key().to_sec1_point(false).as_bytes().to_vec()
}

fn signed(pair: &SigningKey, message: &[u8]) -> Vec<u8> {
    let signature: Signature = pair.sign(message);
    signature.to_bytes().to_vec()
}

fn told(error: impl std::fmt::Display) -> KeyError {
    KeyError(error.to_string())
}
