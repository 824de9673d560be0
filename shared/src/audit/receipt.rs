//! What one of the two parties keeps: the row, and the way from it to a head that the server signed.

use super::record::{AuditRecord, RECORD_BYTES_MAX, commit_message, leaf};
use super::signed::SignedHead;
use super::{Hash, Malformed, chain, merkle};
use crate::protocol::Bytes;
use serde::{Deserialize, Serialize};

/// Longer than the way to the root of the largest batch.
const PATH_MAX: usize = 64;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Receipt {
    /// The canonical [`AuditRecord`].
    pub record: Bytes,
    /// 32 random bytes that stand before it in its leaf.
    pub salt: Bytes,
    /// `None`: erased since. The rest still proves the payment.
    pub message: Option<String>,
    /// The hashes beside the way to the root, from below.
    pub path: Vec<Bytes>,
    /// Which leaf of how many.
    pub index: u32,
    pub tree_size: u32,
    pub batch: i64,
    /// The branch's head before this batch; 32 zero bytes before its first.
    pub prev_head: Bytes,
    /// COSE_Sign1 over the head after it.
    pub signed_head: Bytes,
}

/// Everything fits but the signature, which is still to be checked.
#[derive(Clone, Debug)]
pub struct CheckedReceipt {
    record: AuditRecord,
    message: Option<String>,
    head: SignedHead,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptFault {
    #[error("this is not a receipt")]
    Malformed,
    #[error("the message is not the one that was settled")]
    MessageDiffers,
    #[error("the payment is not where the receipt says in the chain")]
    OutOfPlace,
    #[error("the payment does not lead to the signed head")]
    HeadDiffers,
    #[error("another key signed it")]
    AnotherKey,
    #[error("the signature is not by this key")]
    BadSignature,
}

impl ReceiptFault {
    /// Stable, for machines.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::MessageDiffers => "message_differs",
            Self::OutOfPlace => "out_of_place",
            Self::HeadDiffers => "head_differs",
            Self::AnotherKey => "another_key",
            Self::BadSignature => "bad_signature",
        }
    }
}
impl From<Malformed> for ReceiptFault {
    fn from(_: Malformed) -> Self {
        Self::Malformed
    }
}

impl Receipt {
    /// Everything but the signature: the message belongs to the record, the record to the leaf, the leaf to the root,
    /// the root to the head, and the head is the one that was signed.
    ///
    /// # Errors
    /// [`ReceiptFault`], the first one found.
    pub fn check_form(&self) -> Result<CheckedReceipt, ReceiptFault> {
        if self.record.0.len() > RECORD_BYTES_MAX || self.path.len() > PATH_MAX {
            return Err(ReceiptFault::Malformed);
        }
        let record = AuditRecord::decode(&self.record.0)?;
        let salt = hash(&self.salt)?;
        let head = SignedHead::read(&self.signed_head.0)?;
        if let Some(message) = &self.message
            && commit_message(&salt, message) != record.message
        {
            return Err(ReceiptFault::MessageDiffers);
        }
        let claims = *head.claims();
        if claims.branch != record.branch || claims.batch != self.batch || claims.size != self.tree_size {
            return Err(ReceiptFault::OutOfPlace);
        }
        let path = self.path.iter().map(hash).collect::<Result<Vec<_>, _>>()?;
        let leaf = leaf(&salt, &self.record.0);
        let root = merkle::climb(&leaf, self.index.into(), self.tree_size.into(), &path);
        let root = root.ok_or(ReceiptFault::OutOfPlace)?;
        if chain(&hash(&self.prev_head)?, record.branch, self.batch, &root) != claims.head {
            return Err(ReceiptFault::HeadDiffers);
        }
        Ok(CheckedReceipt { record, message: self.message.clone(), head })
    }
}

fn hash(bytes: &Bytes) -> Result<Hash, Malformed> {
    bytes.0.as_slice().try_into().map_err(|_| Malformed)
}

impl CheckedReceipt {
    /// What was settled. Believe it after the signature is checked.
    pub fn record(&self) -> &AuditRecord {
        &self.record
    }
    /// `None` when it was erased.
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }
    /// For who checks the signature elsewhere.
    pub fn head(&self) -> &SignedHead {
        &self.head
    }
    /// # Errors
    /// [`ReceiptFault::AnotherKey`], [`ReceiptFault::BadSignature`]
    #[cfg(feature = "native")]
    pub fn verify(self, public_key: &[u8]) -> Result<AuditRecord, ReceiptFault> {
        if self.head.key() != super::KeyId::of(public_key) {
            return Err(ReceiptFault::AnotherKey);
        }
        self.head.verify(public_key).map(|_| self.record).ok_or(ReceiptFault::BadSignature)
    }
}

#[cfg(all(test, feature = "native"))]
#[allow(clippy::unwrap_used, reason = "tests; clippy sees that only in a plain cfg(test)")]
mod tests {
    use super::super::head::Head;
    use super::super::record::tests::{records, sample};
    use super::super::signed::tests::{key, sign};
    use super::*;
    use proptest::prelude::*;
    use ring::signature::{EcdsaKeyPair, KeyPair};

    const SALT: Hash = [7; 32];
    const PREV: Hash = [3; 32];
    const BATCH: i64 = 41;

    fn receipt(
        mut record: AuditRecord,
        message: &str,
        index: usize,
        size: usize,
        key: &EcdsaKeyPair,
    ) -> Receipt {
        record.message = commit_message(&SALT, message);
        let bytes = record.encode();
        let mut leaves: Vec<Hash> = (0..size).map(|n| merkle::leaf(&[&n.to_be_bytes()])).collect();
        leaves[index] = leaf(&SALT, &bytes);
        let head = chain(&PREV, record.branch, BATCH, &merkle::root(&leaves));
        let head =
            Head { branch: record.branch, batch: BATCH, head, size: u32::try_from(size).unwrap(), at: 5 };
        Receipt {
            record: bytes.into(),
            salt: SALT.to_vec().into(),
            message: Some(message.to_owned()),
            path: merkle::path(&leaves, index).unwrap().iter().map(|hash| Bytes(hash.to_vec())).collect(),
            index: u32::try_from(index).unwrap(),
            tree_size: u32::try_from(size).unwrap(),
            batch: BATCH,
            prev_head: PREV.to_vec().into(),
            signed_head: sign(&head, key).into(),
        }
    }
    fn fault(receipt: &Receipt, key: &EcdsaKeyPair) -> Option<ReceiptFault> {
        receipt.check_form().and_then(|checked| checked.verify(key.public_key().as_ref())).err()
    }

    #[test]
    fn good_and_bad() {
        let (key, other) = (key(), key());
        let good = receipt(sample([0; 32]), "Lunch", 4, 9, &key);
        let check = |change: &dyn Fn(&mut Receipt), want: Option<ReceiptFault>| {
            let mut receipt = good.clone();
            change(&mut receipt);
            assert_eq!(fault(&receipt, &key), want);
        };
        check(&|_| {}, None);
        check(&|r| r.message = None, None);
        check(&|r| r.message = Some("Dinner".to_owned()), Some(ReceiptFault::MessageDiffers));
        check(&|r| r.message = Some(String::new()), Some(ReceiptFault::MessageDiffers));
        check(&|r| r.index = 5, Some(ReceiptFault::HeadDiffers));
        check(&|r| r.index = 9, Some(ReceiptFault::OutOfPlace));
        check(&|r| r.tree_size = 900, Some(ReceiptFault::OutOfPlace));
        check(&|r| r.batch = 42, Some(ReceiptFault::OutOfPlace));
        check(&|r| r.prev_head = vec![0; 32].into(), Some(ReceiptFault::HeadDiffers));
        check(&|r| r.prev_head = vec![0; 31].into(), Some(ReceiptFault::Malformed));
        check(&|r| r.record.0.push(0), Some(ReceiptFault::Malformed));
        let mut more = sample(commit_message(&SALT, "Lunch"));
        more.amount = more.amount.map(|amount| crate::Money { minor: amount.minor + 1, ..amount });
        check(&|r| r.record = more.encode().into(), Some(ReceiptFault::HeadDiffers));
        assert_eq!(fault(&good, &other), Some(ReceiptFault::AnotherKey));
        let last = good.signed_head.0.len() - 1;
        check(&|r| r.signed_head.0[last] ^= 1, Some(ReceiptFault::BadSignature));
        assert_eq!(good.check_form().unwrap().message(), Some("Lunch"));
    }

    #[test]
    fn json_there_and_back() {
        let good = receipt(sample([0; 32]), "Lunch", 0, 1, &key());
        let json = serde_json::to_string(&good).unwrap();
        assert_eq!(serde_json::from_str::<Receipt>(&json).unwrap(), good);
        assert!(serde_json::from_str::<Receipt>(&json.replacen('{', "{\"more\":1,", 1)).is_err());
    }

    proptest! {
        #[test]
        fn any_record_anywhere(record in records(), message in ".{0,20}", size in 1usize..40, at in 0usize..40) {
            let key = key();
            prop_assert_eq!(fault(&receipt(record, &message, at % size, size, &key), &key), None);
        }

        /// Of every field, as bytes.
        #[test]
        fn one_flipped_bit_is_noticed(field in 0usize..9, position in 0usize..2_000, bit in 0u32..8) {
            let key = key();
            let mut receipt = receipt(sample([0; 32]), "Lunch", 4, 9, &key);
            let flip = |bytes: &mut Bytes| {
                let position = position % bytes.0.len();
                bytes.0[position] ^= 1 << bit;
            };
            match field {
                0 => flip(&mut receipt.record),
                1 => flip(&mut receipt.salt),
                2 => {
                    let mut message = Bytes(b"Lunch".to_vec());
                    flip(&mut message);
                    receipt.message = Some(String::from_utf8_lossy(&message.0).into_owned());
                }
                3 => {
                    let at = position % receipt.path.len();
                    flip(&mut receipt.path[at]);
                }
                4 => receipt.index ^= 1 << (bit * 4),
                5 => receipt.tree_size ^= 1 << (bit * 4),
                6 => receipt.batch ^= 1 << bit,
                7 => flip(&mut receipt.prev_head),
                _ => flip(&mut receipt.signed_head),
            }
            prop_assert!(fault(&receipt, &key).is_some());
        }
    }
}
