//! COSE_Sign1 (RFC 9052) around a statement of the server, as `intent` has it around an order: ES256, the purpose as
//! `typ` (RFC 9596), the key's id, nothing unprotected, and one form only.

use super::head::{Checkpoint, Head};
use super::{Hash, Malformed};
use coset::{CborSerializable, CoseSign1, CoseSign1Builder, Header, HeaderBuilder, iana};
use sha2::{Digest, Sha256};

/// The `typ` header parameter.
const TYP: i64 = 16;
/// r and s.
const SIGNATURE_BYTES: usize = 64;

pub type SignedHead = Signed<Head>;
pub type SignedCheckpoint = Signed<Checkpoint>;

/// What the audit key signs. One purpose each: a signature under one is none under another.
pub trait Statement: Sized {
    const PURPOSE: &'static str;
    /// A whole envelope.
    const BYTES_MAX: usize;
    /// Deterministic CBOR.
    fn encode(&self) -> Vec<u8>;
    /// # Errors
    /// [`Malformed`]. Need not ask whether the bytes were canonical: [`Signed::read`] does.
    fn decode(bytes: &[u8]) -> Result<Self, Malformed>;
}

/// The first 16 bytes of the SHA-256 of a public key (SEC1, 65 bytes).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyId(pub [u8; 16]);

impl KeyId {
    pub fn of(public_key: &[u8]) -> Self {
        let hash: Hash = Sha256::digest(public_key).into();
        let mut id = [0; 16];
        id.copy_from_slice(&hash[..16]);
        Self(id)
    }
}

/// Ready to be signed.
#[derive(Clone, Debug)]
pub struct Unsigned {
    sign1: CoseSign1,
    to_be_signed: Vec<u8>,
}

impl Unsigned {
    pub fn new<T: Statement>(statement: &T, key: KeyId) -> Self {
        let sign1 =
            CoseSign1Builder::new().protected(protected::<T>(key)).payload(statement.encode()).build();
        let to_be_signed = sign1.tbs_data(&[]);
        Self { sign1, to_be_signed }
    }
    /// The Sig_structure (RFC 9052 section 4.4).
    pub fn to_be_signed(&self) -> &[u8] {
        &self.to_be_signed
    }
    /// The bytes to keep, with the 64-byte ES256 signature.
    ///
    /// # Errors
    /// [`Malformed`] when the signature has another length.
    pub fn with_signature(mut self, signature: &[u8]) -> Result<Vec<u8>, Malformed> {
        if signature.len() != SIGNATURE_BYTES {
            return Err(Malformed);
        }
        self.sign1.signature = signature.to_vec();
        self.sign1.to_vec().map_err(|_| Malformed)
    }
}

fn protected<T: Statement>(key: KeyId) -> Header {
    HeaderBuilder::new()
        .algorithm(iana::Algorithm::ES256)
        .key_id(key.0.to_vec())
        .value(TYP, coset::cbor::Value::from(T::PURPOSE))
        .build()
}

/// Its form is right and nobody has checked the signature yet.
#[derive(Clone, Debug)]
pub struct Signed<T> {
    statement: T,
    key: KeyId,
    to_be_signed: Vec<u8>,
    signature: Vec<u8>,
}

impl<T: Statement> Signed<T> {
    /// # Errors
    /// [`Malformed`] for anything but the one form.
    pub fn read(bytes: &[u8]) -> Result<Self, Malformed> {
        if bytes.len() > T::BYTES_MAX {
            return Err(Malformed);
        }
        let sign1 = CoseSign1::from_slice(bytes).map_err(|_| Malformed)?;
        let statement = T::decode(sign1.payload.as_deref().ok_or(Malformed)?)?;
        let key = KeyId(sign1.protected.header.key_id.as_slice().try_into().map_err(|_| Malformed)?);
        let expected = Unsigned::new(&statement, key);
        let to_be_signed = expected.to_be_signed.clone();
        // Purpose, algorithm, empty unprotected header, canonical payload: all at once.
        if expected.with_signature(&sign1.signature)? != bytes {
            return Err(Malformed);
        }
        Ok(Self { statement, key, to_be_signed, signature: sign1.signature })
    }
    /// What it says. Believe it after the signature is checked.
    pub fn claims(&self) -> &T {
        &self.statement
    }
    pub fn key(&self) -> KeyId {
        self.key
    }
    /// For who checks the signature elsewhere (WebCrypto): [`Signed::to_be_signed`] by the key, as ES256.
    pub fn to_be_signed(&self) -> &[u8] {
        &self.to_be_signed
    }
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }
    /// What it says, when this key (SEC1, 65 bytes) said so.
    #[cfg(feature = "native")]
    pub fn verify(self, public_key: &[u8]) -> Option<T> {
        let by_it = self.key == KeyId::of(public_key)
            && crate::intent::es256::verify(public_key, &self.to_be_signed, &self.signature);
        by_it.then_some(self.statement)
    }
}

#[cfg(all(test, feature = "native"))]
#[allow(clippy::unwrap_used, reason = "tests; clippy sees that only in a plain cfg(test)")]
pub(super) mod tests {
    use super::super::head::{ActsHead, CheckpointHead};
    use super::*;
    use crate::Incarnation;
    use proptest::prelude::*;
    use ring::rand::SystemRandom;
    use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};

    pub fn key() -> EcdsaKeyPair {
        let rng = SystemRandom::new();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &rng).unwrap();
        EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref(), &rng).unwrap()
    }
    pub fn sign<T: Statement>(statement: &T, key: &EcdsaKeyPair) -> Vec<u8> {
        let unsigned = Unsigned::new(statement, KeyId::of(key.public_key().as_ref()));
        let signature = key.sign(&SystemRandom::new(), unsigned.to_be_signed()).unwrap();
        unsigned.with_signature(signature.as_ref()).unwrap()
    }
    fn head() -> Head {
        Head { branch: 1, batch: 300, head: [8; 32], size: 9, at: 1_700_000_000_000 }
    }
    fn checkpoint() -> Checkpoint {
        let heads = vec![
            CheckpointHead { branch: 0, batch: 70_000, head: [1; 32] },
            CheckpointHead { branch: 2, batch: 1, head: [2; 32] },
        ];
        let acts = Some(ActsHead { position: 300, head: [3; 32] });
        Checkpoint { incarnation: Incarnation::new(7, [7; 10]), at: 1_700_000_000_000, heads, acts }
    }

    #[test]
    fn signed_then_verified_by_that_key_alone() {
        let (key, other) = (key(), key());
        let public = key.public_key().as_ref();
        let read = |bytes: &[u8]| SignedHead::read(bytes).unwrap();
        let bytes = sign(&head(), &key);
        assert_eq!(read(&bytes).verify(public), Some(head()));
        assert_eq!(read(&bytes).verify(other.public_key().as_ref()), None);
        let bytes = sign(&checkpoint(), &key);
        assert_eq!(SignedCheckpoint::read(&bytes).unwrap().verify(public), Some(checkpoint()));
        assert!(SignedHead::read(&bytes).is_err());
        // The right key's signature under another's id.
        let unsigned = Unsigned::new(&head(), KeyId([1; 16]));
        let signature = key.sign(&SystemRandom::new(), unsigned.to_be_signed()).unwrap();
        let bytes = unsigned.with_signature(signature.as_ref()).unwrap();
        assert_eq!(read(&bytes).verify(public), None);
    }

    #[test]
    fn one_purpose_is_not_another() {
        struct Other;
        impl Statement for Other {
            const PURPOSE: &'static str = "purse/other/v1";
            const BYTES_MAX: usize = 256;
            fn encode(&self) -> Vec<u8> {
                head().encode()
            }
            fn decode(_: &[u8]) -> Result<Self, Malformed> {
                Ok(Self)
            }
        }
        let key = key();
        let bytes = sign(&Other, &key);
        assert!(Signed::<Other>::read(&bytes).is_ok());
        assert!(SignedHead::read(&bytes).is_err());
    }

    proptest! {
        #[test]
        fn one_flipped_bit_is_noticed(position in 0usize..2000, bit in 0u8..8) {
            fn noticed<T: Statement>(statement: &T, position: usize, bit: u8) -> bool {
                let key = key();
                let mut bytes = sign(statement, &key);
                let position = position % bytes.len();
                bytes[position] ^= 1 << bit;
                Signed::<T>::read(&bytes).map_or(true, |read| read.verify(key.public_key().as_ref()).is_none())
            }
            prop_assert!(noticed(&head(), position, bit));
            prop_assert!(noticed(&checkpoint(), position, bit));
        }

        #[test]
        fn garbage_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            prop_assert!(SignedHead::read(&bytes).is_err());
            prop_assert!(SignedCheckpoint::read(&bytes).is_err());
        }
    }
}
