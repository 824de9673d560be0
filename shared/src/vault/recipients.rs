//! Who can open the vault: the wraps, authenticated as a list.

use super::secret::{DataKey, RecipientKey, X25519};
use crate::protocol::Bytes;
use crate::{DataKeyId, UserId};
use hpke::{Deserializable, Kem, OpModeR, OpModeS, Serializable};
use serde::{Deserialize, Serialize};
use std::fmt;

type Aead = hpke::aead::ChaCha20Poly1305;
type Kdf = hpke::kdf::HkdfSha256;
const INFO: &[u8] = b"purse/vault/wrap/v1";

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecipientKind {
    /// A passkey's PRF output; `name` is the credential id.
    Passkey,
    RecoveryCode,
    /// A browser's or an OS keychain's own key; `name` is the device id.
    Device,
}

/// One way to open the vault.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipient {
    pub kind: RecipientKind,
    pub name: String,
    pub public_key: Bytes,
    /// HPKE: encapsulated key (32 bytes), then the wrapped data key.
    pub wrap: Bytes,
}

impl fmt::Debug for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}({})", self.kind, self.name)
    }
}

/// All of them for one data key. `seal` is the list sealed as a record under the data key itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecipientList {
    pub data_key: DataKeyId,
    pub epoch: u32,
    pub recipients: Vec<Recipient>,
    pub seal: Bytes,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// None of the wraps is for this key: another way may open it.
    #[error("this key opens none of the wraps")]
    NotARecipient,
    /// A wrap for this key does not open, or opens to another data key: damaged or forged.
    #[error("the wrap for this key is damaged")]
    Damaged,
    /// Somebody without the data key changed the list.
    #[error("the list of recipients was changed by someone without the key")]
    ListForged,
}

impl RecipientList {
    /// A list of one.
    pub fn new(
        user: UserId,
        key: &DataKey,
        kind: RecipientKind,
        name: &str,
        public: [u8; 32],
        nonce: [u8; 24],
    ) -> Self {
        let mut list =
            Self { data_key: key.id(), epoch: key.epoch(), recipients: Vec::new(), seal: Bytes::default() };
        list.set(user, key, kind, name, public, nonce);
        list
    }

    /// Adds a way to open, in place of an earlier one of the same kind and name.
    pub fn set(
        &mut self,
        user: UserId,
        key: &DataKey,
        kind: RecipientKind,
        name: &str,
        public: [u8; 32],
        nonce: [u8; 24],
    ) {
        let recipient = Recipient {
            kind,
            name: name.to_owned(),
            public_key: Bytes(public.to_vec()),
            wrap: Bytes(wrap(user, key, public)),
        };
        self.recipients.retain(|r| !(r.kind == kind && r.name == name));
        self.recipients.push(recipient);
        self.reseal(user, key, nonce);
    }

    /// Takes a way to open out of the list. Its holder has seen the data key: rotate the key for full effect.
    pub fn remove(&mut self, user: UserId, key: &DataKey, kind: RecipientKind, name: &str, nonce: [u8; 24]) {
        self.recipients.retain(|r| !(r.kind == kind && r.name == name));
        self.reseal(user, key, nonce);
    }

    /// The data key, after its wrap was tried, its id compared and the list checked.
    ///
    /// # Errors
    /// [`OpenError`], telling a wrong key from a damaged or forged list.
    pub fn open(&self, user: UserId, with: &RecipientKey) -> Result<DataKey, OpenError> {
        let mine = self.recipients.iter().filter(|r| r.public_key.0 == with.public());
        let mut found = Err(OpenError::NotARecipient);
        for recipient in mine {
            match unwrap_key(user, self.data_key, with, &recipient.wrap.0) {
                Some(key) if key.id() == self.data_key && key.epoch() == self.epoch => {
                    return if self.is_genuine(user, &key) { Ok(key) } else { Err(OpenError::ListForged) };
                }
                _ => found = Err(OpenError::Damaged),
            }
        }
        found
    }

    /// True when the list is as somebody with the data key left it.
    pub fn is_genuine(&self, user: UserId, key: &DataKey) -> bool {
        let name = super::RecordName { user, kind: "recipients", id: "1" };
        key.open(name, &self.seal.0).is_ok_and(|inside| inside == self.digest())
    }

    fn reseal(&mut self, user: UserId, key: &DataKey, nonce: [u8; 24]) {
        let name = super::RecordName { user, kind: "recipients", id: "1" };
        self.seal = Bytes(key.seal(name, &self.digest(), nonce));
    }

    fn digest(&self) -> Vec<u8> {
        use sha2::{Digest, Sha256};
        let listed = serde_json::to_vec(&(self.data_key, self.epoch, &self.recipients)).unwrap_or_default();
        Sha256::digest(listed).to_vec()
    }
}

fn wrap(user: UserId, key: &DataKey, public: [u8; 32]) -> Vec<u8> {
    let public = <X25519 as Kem>::PublicKey::from_bytes(&public);
    let sealed = public.ok().and_then(|public| {
        hpke::single_shot_seal::<Aead, Kdf, X25519>(
            &OpModeS::Base,
            &public,
            INFO,
            &key.to_secret_bytes(),
            &associated(user, key.id()),
        )
        .ok()
    });
    match sealed {
        Some((encapsulated, sealed)) => [&encapsulated.to_bytes()[..], &sealed[..]].concat(),
        None => Vec::new(),
    }
}

fn unwrap_key(user: UserId, id: DataKeyId, with: &RecipientKey, wrap: &[u8]) -> Option<DataKey> {
    let (encapsulated, sealed) = wrap.split_first_chunk::<32>()?;
    let encapsulated = <X25519 as Kem>::EncappedKey::from_bytes(encapsulated).ok()?;
    let plain = hpke::single_shot_open::<Aead, Kdf, X25519>(
        &OpModeR::Base,
        &with.private()?,
        &encapsulated,
        INFO,
        sealed,
        &associated(user, id),
    )
    .ok()?;
    DataKey::from_secret_bytes(&plain)
}

fn associated(user: UserId, id: DataKeyId) -> Vec<u8> {
    [user.0.as_bytes().as_slice(), id.0.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::super::OpeningSecret;
    use super::*;

    fn fixture() -> (UserId, DataKey, RecipientKey, RecipientKey, RecipientList) {
        let user = UserId::new(1, [1; 10]);
        let key = DataKey::new(DataKeyId::new(1, [2; 10]), [7; 32]);
        let (passkey, code) =
            (OpeningSecret::new([1; 32]).recipient_key(), OpeningSecret::new([2; 32]).recipient_key());
        let mut list =
            RecipientList::new(user, &key, RecipientKind::Passkey, "pk", passkey.public(), [1; 24]);
        list.set(user, &key, RecipientKind::RecoveryCode, "", code.public(), [2; 24]);
        (user, key, passkey, code, list)
    }

    #[test]
    fn every_recipient_opens_and_nobody_else() {
        let (user, key, passkey, code, list) = fixture();
        for with in [&passkey, &code] {
            assert_eq!(list.open(user, with).unwrap().to_secret_bytes(), key.to_secret_bytes());
        }
        let stranger = OpeningSecret::new([3; 32]).recipient_key();
        assert_eq!(list.open(user, &stranger).unwrap_err(), OpenError::NotARecipient);
        assert_eq!(list.open(UserId::new(2, [1; 10]), &passkey).unwrap_err(), OpenError::Damaged);
    }

    #[test]
    fn a_server_can_neither_add_nor_take_away() {
        let (user, key, passkey, _, mut list) = fixture();
        let stranger = OpeningSecret::new([3; 32]).recipient_key();
        let mut forged = list.clone();
        forged.recipients.push(Recipient {
            kind: RecipientKind::Device,
            name: "evil".into(),
            public_key: Bytes(stranger.public().to_vec()),
            wrap: Bytes(vec![0; 100]),
        });
        assert_eq!(forged.open(user, &passkey).unwrap_err(), OpenError::ListForged);
        let mut shorter = list.clone();
        shorter.recipients.pop();
        assert_eq!(shorter.open(user, &passkey).unwrap_err(), OpenError::ListForged);
        list.remove(user, &key, RecipientKind::RecoveryCode, "", [4; 24]);
        assert!(list.open(user, &passkey).is_ok());
    }

    #[test]
    fn survives_json() {
        let (user, _, passkey, _, list) = fixture();
        let back: RecipientList = serde_json::from_str(&serde_json::to_string(&list).unwrap()).unwrap();
        assert!(back.open(user, &passkey).is_ok());
    }
}
