//! Key material.

use crate::DataKeyId;
use hkdf::Hkdf;
use hpke::{Deserializable, Kem, Serializable};
use sha2::Sha256;
use zeroize::Zeroize;

pub(super) type X25519 = hpke::kem::X25519HkdfSha256;

/// The one constant salt that every passkey's PRF is asked with (as UTF-8 bytes).
pub const PRF_SALT: &str = "purse/vault/v1";

macro_rules! secret {
    ($name:ident) => {
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(secret)"))
            }
        }
        impl Drop for $name {
            fn drop(&mut self) {
                self.bytes.zeroize();
            }
        }
    };
}
pub(super) use secret;

/// The 256-bit key that seals a user's personal records. `id` says which one a wrap holds.
#[derive(Clone)]
pub struct DataKey {
    id: DataKeyId,
    epoch: u32,
    bytes: [u8; 32],
}
secret!(DataKey);

impl DataKey {
    /// A new key of the first epoch, from 32 random bytes.
    pub fn new(id: DataKeyId, random: [u8; 32]) -> Self {
        Self { id, epoch: 1, bytes: random }
    }
    pub fn id(&self) -> DataKeyId {
        self.id
    }
    pub fn epoch(&self) -> u32 {
        self.epoch
    }
    pub(super) fn bytes(&self) -> &[u8; 32] {
        &self.bytes
    }
    /// For the wrap, and for handing an open vault to another tab of the same profile: id, epoch, key.
    pub fn to_secret_bytes(&self) -> Vec<u8> {
        let mut all = self.id.0.as_bytes().to_vec();
        all.extend_from_slice(&self.epoch.to_be_bytes());
        all.extend_from_slice(&self.bytes);
        all
    }
    /// The inverse of [`DataKey::to_secret_bytes`].
    pub fn from_secret_bytes(bytes: &[u8]) -> Option<Self> {
        let (id, rest) = bytes.split_first_chunk::<16>()?;
        let (epoch, key) = rest.split_first_chunk::<4>()?;
        let id = DataKeyId(uuid::Uuid::from_bytes(*id));
        Some(Self { id, epoch: u32::from_be_bytes(*epoch), bytes: key.try_into().ok()? })
    }
}

/// What a person or device has that opens the vault: 32 bytes from a PRF, a recovery code or a browser's key.
#[derive(Clone)]
pub struct OpeningSecret {
    bytes: [u8; 32],
}
secret!(OpeningSecret);

impl OpeningSecret {
    pub fn new(bytes: [u8; 32]) -> Self {
        Self { bytes }
    }
    /// The X25519 key pair of this way to open, by HKDF-SHA256 with a label.
    pub fn recipient_key(&self) -> RecipientKey {
        let mut seed = [0_u8; 32];
        expand(&self.bytes, b"purse/vault/recipient/v1", &mut seed);
        let (private, public) = X25519::derive_keypair(&seed);
        let key = RecipientKey { bytes: private.to_bytes().into(), public: public.to_bytes().into() };
        seed.zeroize();
        key
    }
}

/// The private half of a recipient.
#[derive(Clone)]
pub struct RecipientKey {
    bytes: [u8; 32],
    public: [u8; 32],
}
secret!(RecipientKey);

impl RecipientKey {
    pub fn public(&self) -> [u8; 32] {
        self.public
    }
    pub(super) fn private(&self) -> Option<<X25519 as Kem>::PrivateKey> {
        <X25519 as Kem>::PrivateKey::from_bytes(&self.bytes).ok()
    }
}

pub(super) fn expand(secret: &[u8], label: &[u8], out: &mut [u8; 32]) {
    let hkdf = Hkdf::<Sha256>::new(None, secret);
    match hkdf.expand(label, out) {
        Ok(()) => {}
        Err(_) => unreachable!("32 bytes are within HKDF-SHA256's bound"),
    }
}
