//! Sealed records: 24-byte nonce, then ciphertext and tag (XChaCha20-Poly1305).

use super::secret::{DataKey, expand, secret};
use crate::UserId;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use zeroize::Zeroize;

const NONCE: usize = 24;

/// What a sealed record is: bound to it as associated data, so one cannot stand in for another.
#[derive(Clone, Copy, Debug)]
pub struct RecordName<'a> {
    pub user: UserId,
    pub kind: &'a str,
    pub id: &'a str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the record does not open with this key")]
pub struct SealError;

impl DataKey {
    /// `nonce` is 24 random bytes, fresh for every call.
    pub fn seal(&self, name: RecordName<'_>, plain: &[u8], nonce: [u8; NONCE]) -> Vec<u8> {
        seal(self.bytes(), &associated(name, self.epoch()), plain, nonce)
    }
    /// # Errors
    /// [`SealError`]: another key, another record, or changed bytes.
    pub fn open(&self, name: RecordName<'_>, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        open(self.bytes(), &associated(name, self.epoch()), sealed)
    }
}

/// The device's own key, usable while the vault is locked: for signed envelopes and the cursor.
#[derive(Clone)]
pub struct StorageKey {
    bytes: [u8; 32],
}
secret!(StorageKey);

impl StorageKey {
    /// From the device's 32-byte secret, under a label of its own.
    pub fn derive(device_secret: &[u8; 32]) -> Self {
        let mut bytes = [0; 32];
        expand(device_secret, b"purse/storage/v1", &mut bytes);
        Self { bytes }
    }
    pub fn seal(&self, kind: &str, id: &str, plain: &[u8], nonce: [u8; NONCE]) -> Vec<u8> {
        seal(&self.bytes, &storage_associated(kind, id), plain, nonce)
    }
    /// # Errors
    /// As for [`DataKey::open`].
    pub fn open(&self, kind: &str, id: &str, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        open(&self.bytes, &storage_associated(kind, id), sealed)
    }
}

fn seal(key: &[u8; 32], associated: &[u8], plain: &[u8], nonce: [u8; NONCE]) -> Vec<u8> {
    let cipher = XChaCha20Poly1305::new(key.into());
    let sealed = match cipher.encrypt(&XNonce::from(nonce), Payload { msg: plain, aad: associated }) {
        Ok(sealed) => sealed,
        Err(_) => unreachable!("records are far below the cipher's bound of 256 GiB"),
    };
    [&nonce[..], &sealed[..]].concat()
}

fn open(key: &[u8; 32], associated: &[u8], sealed: &[u8]) -> Result<Vec<u8>, SealError> {
    let (nonce, rest) = sealed.split_first_chunk::<NONCE>().ok_or(SealError)?;
    let cipher = XChaCha20Poly1305::new(key.into());
    cipher.decrypt(&XNonce::from(*nonce), Payload { msg: rest, aad: associated }).map_err(|_| SealError)
}

/// Length-prefixed, so no two names share a form.
fn associated(name: RecordName<'_>, epoch: u32) -> Vec<u8> {
    let mut bytes = b"purse/record/v1\0".to_vec();
    bytes.extend_from_slice(name.user.0.as_bytes());
    bytes.extend_from_slice(&epoch.to_be_bytes());
    push_text(&mut bytes, name.kind);
    push_text(&mut bytes, name.id);
    bytes
}
fn storage_associated(kind: &str, id: &str) -> Vec<u8> {
    let mut bytes = b"purse/storage-record/v1\0".to_vec();
    push_text(&mut bytes, kind);
    push_text(&mut bytes, id);
    bytes
}
fn push_text(bytes: &mut Vec<u8>, text: &str) {
    bytes.extend_from_slice(&u32::try_from(text.len()).unwrap_or(u32::MAX).to_be_bytes());
    bytes.extend_from_slice(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::DataKeyId;
    use proptest::prelude::*;

    #[test]
    fn a_record_opens_under_its_own_name_only() {
        let user = UserId::new(1, [1; 10]);
        let key = DataKey::new(DataKeyId::new(1, [1; 10]), [7; 32]);
        let name = RecordName { user, kind: "note", id: "1" };
        let sealed = key.seal(name, b"olive oil", [3; 24]);
        assert_eq!(key.open(name, &sealed).unwrap(), b"olive oil");
        for wrong in [
            RecordName { kind: "not", id: "e1", ..name },
            RecordName { id: "2", ..name },
            RecordName { user: UserId::new(2, [1; 10]), ..name },
        ] {
            assert_eq!(key.open(wrong, &sealed), Err(SealError));
        }
        let other = DataKey::new(key.id(), [8; 32]);
        assert_eq!(other.open(name, &sealed), Err(SealError));
        assert_eq!(key.open(name, &sealed[..10]), Err(SealError));
    }

    #[test]
    fn secrets_cannot_be_printed() {
        let key = DataKey::new(DataKeyId::new(1, [1; 10]), [7; 32]);
        assert_eq!(format!("{key:?}"), "DataKey(secret)");
        assert_eq!(format!("{:?}", StorageKey::derive(&[7; 32])), "StorageKey(secret)");
    }

    proptest! {
        #[test]
        fn a_changed_byte_is_noticed(plain: Vec<u8>, at: usize, mask in 1u8..) {
            let key = StorageKey::derive(&[5; 32]);
            let mut sealed = key.seal("k", "i", &plain, [1; 24]);
            let at = at % sealed.len();
            sealed[at] ^= mask;
            prop_assert_eq!(key.open("k", "i", &sealed), Err(SealError));
        }
    }
}
