//! COSE_Sign1 around the canonical bytes.

use super::cbor::{self, Malformed};
use super::{INTENT_PURPOSE, Intent, IntentHash};
use crate::DeviceId;
use crate::limits::INTENT_BYTES_MAX;
use coset::{CborSerializable, CoseSign1, CoseSign1Builder, Header, HeaderBuilder, iana};
use sha2::{Digest, Sha256};

/// The `typ` header parameter (RFC 9596), which carries the purpose.
const TYP: i64 = 16;

/// An intent ready to be signed: sign [`Unsigned::to_be_signed`] with the device's key.
#[derive(Clone, Debug)]
pub struct Unsigned {
    sign1: CoseSign1,
    to_be_signed: Vec<u8>,
}

/// A signed intent whose form is right and whose signature nobody has checked yet.
#[derive(Clone, Debug)]
#[cfg_attr(not(feature = "native"), allow(dead_code, reason = "only a verifier reads all of it"))]
pub struct SignedIntent {
    intent: Intent,
    hash: IntentHash,
    to_be_signed: Vec<u8>,
    signature: Vec<u8>,
    bytes: Vec<u8>,
}

/// The signature is by the key of the device that the intent names. Only [`SignedIntent::verify`] makes one.
#[derive(Clone, Debug)]
pub struct VerifiedIntent {
    intent: Intent,
    hash: IntentHash,
    bytes: Vec<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    #[error("the signature is not by this device")]
    BadSignature,
}

impl Unsigned {
    pub fn new(intent: &Intent) -> Self {
        let sign1 =
            CoseSign1Builder::new().protected(protected(intent.device)).payload(cbor::encode(intent)).build();
        let to_be_signed = sign1.tbs_data(&[]);
        Self { sign1, to_be_signed }
    }
    /// The Sig_structure (RFC 9052 section 4.4).
    pub fn to_be_signed(&self) -> &[u8] {
        &self.to_be_signed
    }
    pub fn hash(&self) -> IntentHash {
        IntentHash(Sha256::digest(&self.to_be_signed).into())
    }
    /// The bytes to keep and send, with the 64-byte ES256 signature (r and s).
    ///
    /// # Errors
    /// [`Malformed`] when the envelope would be larger than the limit or the signature has another length.
    pub fn with_signature(mut self, signature: &[u8]) -> Result<Vec<u8>, Malformed> {
        self.sign1.signature = signature.to_vec();
        let bytes = self.sign1.to_vec().map_err(|_| Malformed)?;
        SignedIntent::read(&bytes).map(|_| bytes)
    }
}

fn protected(device: DeviceId) -> Header {
    HeaderBuilder::new()
        .algorithm(iana::Algorithm::ES256)
        .key_id(device.0.as_bytes().to_vec())
        .value(TYP, coset::cbor::Value::from(INTENT_PURPOSE))
        .build()
}

impl SignedIntent {
    /// Checks size and form. The only accepted bytes are those that [`Unsigned::with_signature`] makes.
    ///
    /// # Errors
    /// [`Malformed`], whatever is wrong.
    pub fn read(bytes: &[u8]) -> Result<Self, Malformed> {
        if bytes.len() > INTENT_BYTES_MAX {
            return Err(Malformed);
        }
        let sign1 = CoseSign1::from_slice(bytes).map_err(|_| Malformed)?;
        let intent = cbor::decode(sign1.payload.as_deref().ok_or(Malformed)?)?;
        let mut expected = Unsigned::new(&intent);
        expected.sign1.signature = sign1.signature;
        // Purpose, algorithm, key id, empty unprotected header, deterministic lengths: all at once.
        let canonical = expected.sign1.clone().to_vec().map_err(|_| Malformed)?;
        if canonical != bytes || expected.sign1.signature.len() != 64 {
            return Err(Malformed);
        }
        Ok(Self {
            intent,
            hash: expected.hash(),
            to_be_signed: expected.to_be_signed,
            signature: expected.sign1.signature,
            bytes: canonical,
        })
    }
    /// Who claims to have signed: to look up the key. Believe nothing else before [`SignedIntent::verify`].
    pub fn claimed_device(&self) -> DeviceId {
        self.intent.device
    }
    pub fn hash(&self) -> IntentHash {
        self.hash
    }
    /// The device's own reading of what it signed itself; a server verifies first.
    pub fn own_intent(&self) -> &Intent {
        &self.intent
    }
    /// # Errors
    /// [`VerifyError::BadSignature`].
    #[cfg(feature = "native")]
    pub fn verify(self, public_key: &[u8]) -> Result<VerifiedIntent, VerifyError> {
        if super::es256::verify(public_key, &self.to_be_signed, &self.signature) {
            Ok(VerifiedIntent { intent: self.intent, hash: self.hash, bytes: self.bytes })
        } else {
            Err(VerifyError::BadSignature)
        }
    }
}

impl VerifiedIntent {
    pub fn intent(&self) -> &Intent {
        &self.intent
    }
    pub fn hash(&self) -> IntentHash {
        self.hash
    }
    /// The envelope as it was signed and sent.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

#[cfg(all(test, feature = "native"))]
#[allow(clippy::unwrap_used, reason = "tests; clippy sees that only in a plain cfg(test)")]
mod tests {
    use super::*;
    use crate::intent::{
        Every, ExchangeOrder, Order, Plan, RefundOrder, ScheduleOrder, SendOrder, WithdrawOrder,
    };
    use crate::limits::MESSAGE_BYTES_MAX;
    use crate::{Amount, Currency, MethodId, QuoteId, TransactionId, UserId, WalletId};
    use proptest::prelude::*;
    use ring::rand::SystemRandom;
    use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};

    fn key() -> EcdsaKeyPair {
        let rng = SystemRandom::new();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &rng).unwrap();
        EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref(), &rng).unwrap()
    }
    fn sign(intent: &Intent, key: &EcdsaKeyPair) -> Vec<u8> {
        let unsigned = Unsigned::new(intent);
        let signature = key.sign(&SystemRandom::new(), unsigned.to_be_signed()).unwrap();
        unsigned.with_signature(signature.as_ref()).unwrap()
    }
    fn intent(message: &str, payee: bool) -> Intent {
        Intent {
            id: TransactionId::new(1_700_000_000_000, [1; 10]),
            user: UserId::new(1, [2; 10]),
            device: DeviceId::new(2, [3; 10]),
            seq: 7,
            prev: IntentHash([9; 32]),
            created_at: 1_700_000_000_000,
            expires_at: 1_700_600_000_000,
            order: Order::Send(SendOrder {
                from: WalletId::new(3, [4; 10]),
                to: "kavya".parse().unwrap(),
                payee: payee.then(|| UserId::new(5, [6; 10])),
                amount: Amount::new(1850, Currency::EUR).unwrap(),
                fee: 0,
                message: message.to_owned(),
            }),
        }
    }

    fn orders() -> Vec<Order> {
        let Order::Send(send) = intent("Rent", true).order else { unreachable!() };
        let euro = |minor| Amount::new(minor, Currency::EUR).unwrap();
        let plan = |every, times| Plan { first_at: 1_700_000_000_000, every, times };
        let schedule = |plan| Order::Schedule(ScheduleOrder { send: send.clone(), plan });
        let from = WalletId::new(3, [4; 10]);
        let buy = Amount::new(1, Currency::JPY).unwrap();
        let refund = RefundOrder {
            payer: UserId::new(5, [6; 10]),
            of: TransactionId::new(1, [1; 10]),
            amount: euro(5),
            message: "Sorry".to_owned(),
        };
        vec![
            Order::Send(SendOrder { fee: 35, ..send.clone() }),
            Order::Withdraw(WithdrawOrder { from, to: MethodId::new(1, [1; 10]), amount: euro(5), fee: 1 }),
            Order::Exchange(ExchangeOrder { quote: QuoteId::new(1, [1; 10]), from, sell: euro(5), buy }),
            Order::Refund(RefundOrder { message: String::new(), ..refund.clone() }),
            Order::Refund(refund),
            schedule(plan(None, None)),
            schedule(plan(Some(Every::Month), None)),
            schedule(plan(Some(Every::Day), Some(u32::MAX))),
        ]
    }

    #[test]
    fn signed_then_verified() {
        let key = key();
        let cancel = Intent {
            order: Order::Cancel { id: TransactionId::new(4, [7; 10]), hash: IntentHash([1; 32]) },
            ..intent("", true)
        };
        let others = orders().into_iter().map(|order| Intent { order, ..intent("", true) });
        let some = [intent("Lunch", true), intent("", false), intent("<b>💸</b>", true), cancel];
        for intent in some.into_iter().chain(others) {
            let bytes = sign(&intent, &key);
            let verified = SignedIntent::read(&bytes).unwrap().verify(key.public_key().as_ref()).unwrap();
            assert_eq!(verified.intent(), &intent);
            assert_eq!(verified.bytes(), bytes);
        }
    }

    #[test]
    fn identity_does_not_depend_on_the_signature() {
        let key = key();
        let intent = intent("Lunch", true);
        let (a, b) = (sign(&intent, &key), sign(&intent, &key));
        assert_ne!(a, b, "ECDSA signatures are random");
        assert_eq!(SignedIntent::read(&a).unwrap().hash(), SignedIntent::read(&b).unwrap().hash());
    }

    #[test]
    fn another_purpose_key_or_form_is_refused() {
        let (key, other) = (key(), key());
        let bytes = sign(&intent("Lunch", true), &key);
        let read = SignedIntent::read(&bytes).unwrap();
        assert_eq!(read.verify(other.public_key().as_ref()).unwrap_err(), VerifyError::BadSignature);

        // The same payload under another purpose.
        let payload = cbor::encode(&intent("Lunch", true));
        let header = HeaderBuilder::new()
            .algorithm(iana::Algorithm::ES256)
            .key_id(intent("", true).device.0.as_bytes().to_vec())
            .value(TYP, coset::cbor::Value::from("purse/other/v1"))
            .build();
        let sign1 = CoseSign1Builder::new()
            .protected(header)
            .payload(payload)
            .create_signature(&[], |tbs| key.sign(&SystemRandom::new(), tbs).unwrap().as_ref().to_vec())
            .build();
        assert!(SignedIntent::read(&sign1.to_vec().unwrap()).is_err());

        let mut longer = bytes.clone();
        longer.push(0);
        for wrong in [&longer[..], &bytes[1..], &[][..], &[0; INTENT_BYTES_MAX + 1][..]] {
            assert!(SignedIntent::read(wrong).is_err());
        }
    }

    #[test]
    fn what_makes_no_sense_is_not_signed() {
        let Order::Send(send) = intent("", true).order else { unreachable!() };
        let plan = |every, times| Plan { first_at: 1, every, times };
        let early = Plan { first_at: -1, every: None, times: None };
        let plans = [plan(None, Some(2)), plan(Some(Every::Week), Some(0)), early];
        let schedules = plans.map(|plan| Order::Schedule(ScheduleOrder { send: send.clone(), plan }));
        let fees = [-1, i64::MAX].map(|fee| Order::Send(SendOrder { fee, ..send.clone() }));
        for order in schedules.into_iter().chain(fees) {
            let intent = Intent { order, ..intent("", true) };
            assert!(Unsigned::new(&intent).with_signature(&[1; 64]).is_err(), "{intent:?}");
        }
    }

    #[test]
    fn what_is_no_message_is_not_signed() {
        for words in ["x".repeat(MESSAGE_BYTES_MAX + 1), "zero\0".to_owned(), "two\nlines".to_owned()] {
            assert!(Unsigned::new(&intent(&words, true)).with_signature(&[1; 64]).is_err(), "{words:?}");
        }
        assert!(Unsigned::new(&intent("", true)).with_signature(&[1; 63]).is_err());
    }

    proptest! {
        #[test]
        fn one_flipped_bit_is_noticed(position in 0usize..2000, bit in 0u8..8) {
            let key = key();
            let mut bytes = sign(&intent("Lunch", true), &key);
            let position = position % bytes.len();
            bytes[position] ^= 1 << bit;
            let accepted = SignedIntent::read(&bytes).is_ok_and(|read| read.verify(key.public_key().as_ref()).is_ok());
            prop_assert!(!accepted);
        }

        #[test]
        fn garbage_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            prop_assert!(SignedIntent::read(&bytes).is_err());
            prop_assert!(cbor::decode(&bytes).is_err());
        }
    }
}
