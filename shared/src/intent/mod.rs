//! What a person orders, its canonical bytes and its signature.
//!
//! An intent is a deterministic CBOR map (RFC 8949 section 4.2) in a COSE_Sign1 (RFC 9052), ES256. The
//! protected header carries the algorithm, the purpose as `typ` (RFC 9596) and the device as key id; the
//! unprotected header is empty. **The identity of an intent is the SHA-256 of its Sig_structure**, never of its
//! signature, which is random and malleable. Reading: size, then signature, then contents; only
//! [`SignedIntent::verify`] makes a [`VerifiedIntent`].

mod cbor;
mod envelope;
mod order;

pub use envelope::{SignedIntent, Unsigned, VerifiedIntent, VerifyError};
pub use order::{Every, ExchangeOrder, Order, Plan, RefundOrder, ScheduleOrder, SendOrder, WithdrawOrder};

use crate::cbor::Malformed;
use crate::limits::MESSAGE_BYTES_MAX;
use crate::{DeviceId, TransactionId, UnixMillis, UserId};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Inside what is signed: a signature for one purpose is none for another.
pub const INTENT_PURPOSE: &str = "purse/intent/v1";
pub const SESSION_PURPOSE: &str = "purse/session/v1";
pub const STEP_UP_PURPOSE: &str = "purse/step-up/v1";

/// An order as its device signs it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    /// Made on the device before the first send; the transaction's id.
    pub id: TransactionId,
    pub user: UserId,
    pub device: DeviceId,
    /// The device's next number, from 1. Order and evidence, not a gate.
    pub seq: u64,
    /// The identity of this device's intent before.
    pub prev: IntentHash,
    pub created_at: UnixMillis,
    pub expires_at: UnixMillis,
    pub order: Order,
}

impl Intent {
    /// The canonical bytes: the payload of what is signed.
    pub fn to_canonical(&self) -> Vec<u8> {
        cbor::encode(self)
    }
    /// # Errors
    /// [`Malformed`] for anything but the one canonical form of an intent with values in bounds.
    pub fn from_canonical(bytes: &[u8]) -> Result<Self, Malformed> {
        cbor::decode(bytes)
    }
}

/// Words for the payee: at most `MESSAGE_BYTES_MAX`, one line, no control characters (U+0000 cannot be stored, the
/// others draw nothing or draw where they should not). All else is text and comes back as it was signed.
pub fn is_message(text: &str) -> bool {
    text.len() <= MESSAGE_BYTES_MAX && !text.chars().any(char::is_control)
}

/// SHA-256 of an intent's Sig_structure. `ZERO` stands before a device's first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "crate::protocol::Bytes", into = "crate::protocol::Bytes")]
pub struct IntentHash(pub [u8; 32]);

impl IntentHash {
    pub const ZERO: Self = Self([0; 32]);
    pub fn to_bytes(self) -> crate::protocol::Bytes {
        crate::protocol::Bytes(self.0.to_vec())
    }
    /// The WebAuthn challenge that binds a passkey assertion to this intent alone.
    pub fn step_up_challenge(self) -> [u8; 32] {
        let mut hasher = Sha256::new();
        hasher.update(STEP_UP_PURPOSE.as_bytes());
        hasher.update(self.0);
        hasher.finalize().into()
    }
}
impl std::fmt::Debug for IntentHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.to_bytes().to_text())
    }
}
#[derive(Debug, thiserror::Error)]
#[error("a hash has 32 bytes")]
pub struct NotAHash;
impl TryFrom<crate::protocol::Bytes> for IntentHash {
    type Error = NotAHash;
    fn try_from(bytes: crate::protocol::Bytes) -> Result<Self, NotAHash> {
        bytes.0.try_into().map(Self).map_err(|_| NotAHash)
    }
}
impl From<IntentHash> for crate::protocol::Bytes {
    fn from(hash: IntentHash) -> Self {
        hash.to_bytes()
    }
}

/// What a device signs to prove its key in a ceremony: purpose, ceremony id, its public key (SEC1, 65 bytes).
/// The purpose and a zero byte stand first, so it can never be read as a COSE Sig_structure.
pub fn session_message(ceremony: uuid::Uuid, public_key: &[u8]) -> Vec<u8> {
    let mut message = SESSION_PURPOSE.as_bytes().to_vec();
    message.push(0);
    message.extend_from_slice(ceremony.as_bytes());
    message.extend_from_slice(public_key);
    message
}

/// ES256 (P-256, SHA-256), fixed 64-byte signatures, SEC1 uncompressed keys.
#[cfg(feature = "native")]
pub mod es256 {
    use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};

    /// True when `signature` (r and s, 64 bytes) over `message` is by `public_key` (65 bytes).
    pub fn verify(public_key: &[u8], message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, public_key).verify(message, signature).is_ok()
    }
}
