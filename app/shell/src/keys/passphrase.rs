//! The keys in a file, sealed by a passphrase: for a system without a keychain.
//!
//! The key comes from Argon2id (RFC 9106) with the second set of parameters that its section 4 recommends: 64 MiB, 3
//! passes, 4 lanes, a random salt of 16 bytes. The parameters stand in the file, so that later ones can be stronger.
//! What is sealed is bound to the folder. A checksum over all of it tells a damaged file from a wrong passphrase; it
//! says nothing about the passphrase.

use super::kept::{Kept, KeptError};
use crate::folder::{OpenError, write_durably};
use argon2::{Algorithm, Argon2, Params, Version};
use purse_bridge::PASSPHRASE_CHARS_MIN;
use purse_core::ports::Mark;
use purse_shared::Secret;
use purse_shared::vault::StorageKey;
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};
use uuid::Uuid;
use zeroize::Zeroizing;

pub const PASSPHRASE_BYTES_MAX: usize = 1_024;

const MAGIC: &[u8; 17] = b"purse-sealed-keys";
const VERSION: u8 = 1;
/// Magic, version, three costs, salt.
const HEADER: usize = 17 + 1 + 12 + 16;
const CHECKSUM: usize = 32;
/// Far above ours, and below what would hang a device on a forged file.
const MEMORY_KIB_MAX: u32 = 1_024 * 1_024;
const PASSES_MAX: u32 = 16;
const LANES_MAX: u32 = 16;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Costs {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
}

const COSTS: Costs = Costs { memory_kib: 64 * 1_024, passes: 3, lanes: 4 };

#[derive(Debug, thiserror::Error)]
pub enum PassphraseError {
    #[error("this is not the passphrase")]
    Wrong,
    #[error("the passphrase is too short or too long")]
    Length,
    #[error(transparent)]
    File(#[from] OpenError),
}

impl From<KeptError> for PassphraseError {
    fn from(error: KeptError) -> Self {
        Self::File(match error {
            KeptError::Newer => OpenError::NewerVersion,
            KeptError::OtherFolder | KeptError::Damaged => OpenError::Damaged(error.to_string()),
        })
    }
}

/// The file, and what seals it as long as the app runs.
pub struct SealedFile {
    path: PathBuf,
    folder: Uuid,
    costs: Costs,
    salt: [u8; 16],
    key: StorageKey,
}

impl SealedFile {
    /// Writes the file.
    ///
    /// # Errors
    /// [`PassphraseError::Length`], or what the disk says.
    pub async fn create(
        path: &Path,
        folder: Uuid,
        passphrase: Secret<String>,
        kept: &Kept,
    ) -> Result<Self, PassphraseError> {
        let file = Self::seal_by(path, folder, passphrase).await?;
        file.write(kept, Mark::default())?;
        Ok(file)
    }

    /// Writes what it holds once more, sealed by `new` under a salt of its own, in one step: whenever that is cut off,
    /// either `current` opens the file or `new` does. What the keys themselves seal stays as it is.
    ///
    /// # Errors
    /// [`PassphraseError::Wrong`] when it is not the current one, [`PassphraseError::Length`] of the new one, or what
    /// the disk says: the current one still opens the file.
    pub async fn reseal(
        &self,
        current: Secret<String>,
        new: Secret<String>,
        kept: &Kept,
        mark: Mark,
    ) -> Result<Self, PassphraseError> {
        Self::open(&self.path, self.folder, current).await?;
        let before = fs::read(&self.path).map_err(OpenError::from)?;
        let next = Self::seal_by(&self.path, self.folder, new).await?;
        if let Err(error) = next.write(kept, mark) {
            // It may be in its place, and only not be certain to outlive a power cut. What is said is what is there.
            let is_before = fs::read(&self.path).is_ok_and(|now| now == before);
            if !is_before && let Err(error) = write_durably(&self.path, &before) {
                tracing::error!("either passphrase may open the keys from now on: {error}");
            }
            return Err(error.into());
        }
        Ok(next)
    }

    /// Of new keys or a new passphrase; nothing is written yet.
    async fn seal_by(path: &Path, folder: Uuid, passphrase: Secret<String>) -> Result<Self, PassphraseError> {
        let (path, passphrase) = (path.to_owned(), Zeroizing::new(passphrase.0));
        let right_length = PASSPHRASE_CHARS_MIN <= passphrase.chars().count();
        if !right_length || passphrase.len() > PASSPHRASE_BYTES_MAX {
            return Err(PassphraseError::Length);
        }
        let salt = crate::random();
        let key = derive(passphrase, salt, COSTS).await?;
        Ok(Self { path, folder, costs: COSTS, salt, key })
    }

    /// # Errors
    /// [`PassphraseError::Wrong`] only when the file is whole.
    pub async fn open(
        path: &Path,
        folder: Uuid,
        passphrase: Secret<String>,
    ) -> Result<(Self, Kept, Mark), PassphraseError> {
        let bytes = fs::read(path).map_err(OpenError::from)?;
        let (costs, salt, sealed) = read(&bytes)?;
        let key = derive(Zeroizing::new(passphrase.0), salt, costs).await?;
        let opened = key.open("keys", &folder.simple().to_string(), sealed);
        let opened = Zeroizing::new(opened.map_err(|_| PassphraseError::Wrong)?);
        let (kept, mark) = opened.split_last_chunk::<16>().ok_or(KeptError::Damaged)?;
        let (seq, generation) = mark.split_at(8);
        let number = |bytes: &[u8]| bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte));
        let mark = Mark { seq: number(seq), generation: number(generation) };
        let kept = Kept::from_bytes(folder, kept)?;
        Ok((Self { path: path.to_owned(), folder, costs, salt, key }, kept, mark))
    }

    /// # Errors
    /// As the disk says it; what was there is still there.
    pub fn write(&self, kept: &Kept, mark: Mark) -> Result<(), OpenError> {
        let mut plain = kept.to_bytes(self.folder);
        plain.extend_from_slice(&mark.seq.to_be_bytes());
        plain.extend_from_slice(&mark.generation.to_be_bytes());
        let mut bytes = header(self.costs, self.salt);
        let id = self.folder.simple().to_string();
        bytes.extend_from_slice(&self.key.seal("keys", &id, &plain, crate::random()));
        let checksum = Sha256::digest(&bytes);
        bytes.extend_from_slice(&checksum);
        write_durably(&self.path, &bytes).map_err(OpenError::from)
    }

    /// Asks the file, as opening it does.
    pub async fn is_passphrase(&self, passphrase: Secret<String>) -> bool {
        Self::open(&self.path, self.folder, passphrase).await.is_ok()
    }
}

fn header(costs: Costs, salt: [u8; 16]) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    bytes.push(VERSION);
    for cost in [costs.memory_kib, costs.passes, costs.lanes] {
        bytes.extend_from_slice(&cost.to_be_bytes());
    }
    bytes.extend_from_slice(&salt);
    bytes
}

fn read(bytes: &[u8]) -> Result<(Costs, [u8; 16], &[u8]), OpenError> {
    let damaged = || OpenError::Damaged("the sealed keys are damaged".to_owned());
    if bytes.len() < HEADER + CHECKSUM || !bytes.starts_with(MAGIC) {
        return Err(damaged());
    }
    let (body, checksum) = bytes.split_at(bytes.len() - CHECKSUM);
    if Sha256::digest(body).as_slice() != checksum {
        return Err(damaged());
    }
    if body[MAGIC.len()] != VERSION {
        return Err(OpenError::NewerVersion);
    }
    let (header, sealed) = body.split_at(HEADER);
    let (costs, salt) = header[MAGIC.len() + 1..].split_at(12);
    let mut costs = costs.as_chunks::<4>().0.iter().map(|cost| u32::from_be_bytes(*cost));
    let mut next = || costs.next().ok_or_else(damaged);
    let costs = Costs { memory_kib: next()?, passes: next()?, lanes: next()? };
    if costs.memory_kib > MEMORY_KIB_MAX || costs.passes > PASSES_MAX || costs.lanes > LANES_MAX {
        return Err(damaged());
    }
    Ok((costs, salt.try_into().map_err(|_| damaged())?, sealed))
}

/// On a thread of its own: it takes its time, and its memory.
async fn derive(
    passphrase: Zeroizing<String>,
    salt: [u8; 16],
    costs: Costs,
) -> Result<StorageKey, OpenError> {
    let derived = tokio::task::spawn_blocking(move || {
        let Costs { memory_kib, passes, lanes } = costs;
        let params = Params::new(memory_kib, passes, lanes, Some(32))?;
        let mut key = Zeroizing::new([0; 32]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params).hash_password_into(
            passphrase.as_bytes(),
            &salt,
            key.as_mut_slice(),
        )?;
        Ok(StorageKey::derive(&key))
    });
    let derived: Result<StorageKey, argon2::Error> =
        derived.await.map_err(|stopped| OpenError::NoAccess(stopped.to_string()))?;
    derived.map_err(|error| OpenError::NoAccess(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forged_header_costs_nothing() {
        let with = |costs: Costs| {
            let mut bytes = header(costs, [7; 16]);
            bytes.extend_from_slice(&[0; 60]);
            let checksum = Sha256::digest(&bytes);
            [bytes, checksum.to_vec()].concat()
        };
        assert!(read(&with(COSTS)).is_ok());
        let huge = [
            Costs { memory_kib: MEMORY_KIB_MAX + 1, ..COSTS },
            Costs { passes: PASSES_MAX + 1, ..COSTS },
            Costs { lanes: LANES_MAX + 1, ..COSTS },
        ];
        for costs in huge {
            assert!(matches!(read(&with(costs)), Err(OpenError::Damaged(_))), "{costs:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_stop(bytes: Vec<u8>, at: usize, mask in 1_u8..) {
            drop(read(&bytes));
            let mut whole = header(COSTS, [7; 16]);
            whole.extend_from_slice(&[3; 60]);
            let checksum = Sha256::digest(&whole);
            whole.extend_from_slice(&checksum);
            let at = at % whole.len();
            whole[at] ^= mask;
            proptest::prop_assert!(read(&whole).is_err());
        }
    }
}
