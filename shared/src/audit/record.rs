//! One transaction row, as bytes that anybody makes again from the same row.

use super::value::{self, Fields};
use super::write::Writer;
use super::{Hash, Malformed, merkle};
use crate::intent::IntentHash;
use crate::{Money, TransactionId, UnixMillis, UserId, WalletId};
use ciborium::Value;
use sha2::{Digest, Sha256};
use std::borrow::Cow;

/// Before what is committed to, with a zero byte.
pub const MESSAGE_PURPOSE: &str = "purse/message/v1";

/// A word of the schema: `send`, `settled`, `insufficient_funds`.
const WORD_BYTES_MAX: usize = 40;
const REFERENCE_BYTES_MAX: usize = 200;
/// A whole record, encoded.
pub(super) const RECORD_BYTES_MAX: usize = 1_024;
const _: () = assert!(REFERENCE_BYTES_MAX + 3 * WORD_BYTES_MAX + 512 < RECORD_BYTES_MAX);

/// Both parties of a payment may see all of it: what is the payer's alone (device, its number, the balance at the
/// time) is not in it, or only in rows that no payee gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRecord {
    pub branch: i16,
    /// Without gaps within the branch, from 1.
    pub number: i64,
    pub transaction: TransactionId,
    /// Whose order.
    pub user: UserId,
    /// `transaction_type`, `status` and `refusal` as the row has them.
    pub kind: Cow<'static, str>,
    pub status: Cow<'static, str>,
    pub refusal: Option<Cow<'static, str>>,
    /// Minor units: what explains the refusal.
    pub figure: Option<i64>,
    pub sender: Option<WalletId>,
    pub receiver: Option<WalletId>,
    pub payee: Option<UserId>,
    pub amount: Option<Money>,
    /// Minor units of the amount's currency.
    pub fee: i64,
    /// What came out of an exchange.
    pub bought: Option<Money>,
    /// The row of this branch that this one ends, takes or returns.
    pub of_number: Option<i64>,
    /// Out of this branch, and into it.
    pub to: Option<Leg>,
    pub from: Option<Leg>,
    pub intent: Option<IntentHash>,
    pub created_at: UnixMillis,
    pub timestamp: UnixMillis,
    pub reference: String,
    /// See [`commit_message`].
    pub message: Hash,
}

/// A payment between branches, as one of them numbers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leg {
    /// The other one.
    pub branch: i16,
    pub no: i64,
}

/// Stands for the message in the record. Who holds the salt and knows the message can show that they belong together.
pub fn commit_message(salt: &Hash, message: &str) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update(MESSAGE_PURPOSE.as_bytes());
    hasher.update([0]);
    hasher.update(salt);
    hasher.update(message.as_bytes());
    hasher.finalize().into()
}

/// The leaf (RFC 6962 section 2.1) of a record behind its salt.
pub fn leaf(salt: &Hash, record: &[u8]) -> Hash {
    merkle::leaf(&[salt, record])
}

mod key {
    pub const BRANCH: i64 = 1;
    pub const NUMBER: i64 = 2;
    pub const TRANSACTION: i64 = 3;
    pub const USER: i64 = 4;
    pub const KIND: i64 = 5;
    pub const STATUS: i64 = 6;
    pub const REFUSAL: i64 = 7;
    pub const FIGURE: i64 = 8;
    pub const SENDER: i64 = 9;
    pub const RECEIVER: i64 = 10;
    pub const PAYEE: i64 = 11;
    pub const AMOUNT: i64 = 12;
    pub const FEE: i64 = 13;
    pub const BOUGHT: i64 = 14;
    pub const OF_NUMBER: i64 = 15;
    pub const TO: i64 = 16;
    pub const FROM: i64 = 17;
    pub const INTENT: i64 = 18;
    pub const CREATED_AT: i64 = 19;
    pub const TIMESTAMP: i64 = 20;
    pub const REFERENCE: i64 = 21;
    pub const MESSAGE: i64 = 22;
}
/// Keys that are always there.
const ALWAYS: usize = 11;

impl AuditRecord {
    pub fn encode(&self) -> Vec<u8> {
        let optional = [
            self.refusal.is_some(),
            self.figure.is_some(),
            self.sender.is_some(),
            self.receiver.is_some(),
            self.payee.is_some(),
            self.amount.is_some(),
            self.bought.is_some(),
            self.of_number.is_some(),
            self.to.is_some(),
            self.from.is_some(),
            self.intent.is_some(),
        ];
        let mut to = Writer::with_capacity(320);
        to.map(ALWAYS + optional.into_iter().filter(|is_there| *is_there).count());
        to.pair(key::BRANCH, i64::from(self.branch), Writer::int);
        to.pair(key::NUMBER, self.number, Writer::int);
        to.pair(key::TRANSACTION, self.transaction.0.as_bytes(), |to, id| to.bytes(id));
        to.pair(key::USER, self.user.0.as_bytes(), |to, id| to.bytes(id));
        to.pair(key::KIND, &*self.kind, Writer::text);
        to.pair(key::STATUS, &*self.status, Writer::text);
        to.may(key::REFUSAL, self.refusal.as_deref(), Writer::text);
        to.may(key::FIGURE, self.figure, Writer::int);
        to.may(key::SENDER, self.sender.map(|id| id.0), |to, id| to.bytes(id.as_bytes()));
        to.may(key::RECEIVER, self.receiver.map(|id| id.0), |to, id| to.bytes(id.as_bytes()));
        to.may(key::PAYEE, self.payee.map(|id| id.0), |to, id| to.bytes(id.as_bytes()));
        to.may(key::AMOUNT, self.amount, Writer::money);
        to.pair(key::FEE, self.fee, Writer::int);
        to.may(key::BOUGHT, self.bought, Writer::money);
        to.may(key::OF_NUMBER, self.of_number, Writer::int);
        to.may(key::TO, self.to, Writer::leg);
        to.may(key::FROM, self.from, Writer::leg);
        to.may(key::INTENT, self.intent, |to, hash| to.bytes(&hash.0));
        to.pair(key::CREATED_AT, self.created_at, Writer::int);
        to.pair(key::TIMESTAMP, self.timestamp, Writer::int);
        to.pair(key::REFERENCE, &*self.reference, Writer::text);
        to.pair(key::MESSAGE, &self.message, |to, hash| to.bytes(hash));
        to.into_bytes()
    }

    /// # Errors
    /// [`Malformed`] for anything but the one canonical form of a record.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        if bytes.len() > RECORD_BYTES_MAX {
            return Err(Malformed);
        }
        let mut map = Fields::of(bytes)?;
        let record = Self {
            branch: value::int(map.must(key::BRANCH)?)?,
            number: value::int(map.must(key::NUMBER)?)?,
            transaction: TransactionId(value::uuid(map.must(key::TRANSACTION)?)?),
            user: UserId(value::uuid(map.must(key::USER)?)?),
            kind: word(map.must(key::KIND)?)?,
            status: word(map.must(key::STATUS)?)?,
            refusal: map.may(key::REFUSAL, word)?,
            figure: map.may(key::FIGURE, value::int)?,
            sender: map.may(key::SENDER, value::uuid)?.map(WalletId),
            receiver: map.may(key::RECEIVER, value::uuid)?.map(WalletId),
            payee: map.may(key::PAYEE, value::uuid)?.map(UserId),
            amount: map.may(key::AMOUNT, money)?,
            fee: value::int(map.must(key::FEE)?)?,
            bought: map.may(key::BOUGHT, money)?,
            of_number: map.may(key::OF_NUMBER, value::int)?,
            to: map.may(key::TO, leg)?,
            from: map.may(key::FROM, leg)?,
            intent: map.may(key::INTENT, value::bytes)?.map(IntentHash),
            created_at: value::int(map.must(key::CREATED_AT)?)?,
            timestamp: value::int(map.must(key::TIMESTAMP)?)?,
            reference: value::text(map.must(key::REFERENCE)?, REFERENCE_BYTES_MAX)?,
            message: value::bytes(map.must(key::MESSAGE)?)?,
        };
        // Unknown and doubled keys, another order and longer integers all show here.
        let in_bounds = record.branch >= 0 && record.number >= 1;
        if in_bounds && record.encode() == bytes { Ok(record) } else { Err(Malformed) }
    }
}

impl Writer {
    fn pair<T>(&mut self, key: i64, value: T, write: impl FnOnce(&mut Self, T)) {
        self.int(key);
        write(self, value);
    }
    fn may<T>(&mut self, key: i64, value: Option<T>, write: impl FnOnce(&mut Self, T)) {
        if let Some(value) = value {
            self.pair(key, value, write);
        }
    }
    fn money(&mut self, money: Money) {
        self.array(2);
        self.int(money.minor);
        self.text(money.currency.code());
    }
    fn leg(&mut self, leg: Leg) {
        self.array(2);
        self.int(i64::from(leg.branch));
        self.int(leg.no);
    }
}

fn word(value: Value) -> Result<Cow<'static, str>, Malformed> {
    value::text(value, WORD_BYTES_MAX).map(Cow::Owned)
}
fn money(value: Value) -> Result<Money, Malformed> {
    let [minor, currency] = value::array(value)?;
    Ok(Money::new(value::int(minor)?, value::currency(currency)?))
}
fn leg(value: Value) -> Result<Leg, Malformed> {
    let [branch, no] = value::array(value)?;
    Ok(Leg { branch: value::int(branch)?, no: value::int(no)? })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::Currency;
    use proptest::prelude::*;

    pub fn sample(message: Hash) -> AuditRecord {
        AuditRecord {
            branch: 3,
            number: 70_000,
            transaction: TransactionId::new(1_700_000_000_000, [1; 10]),
            user: UserId::new(1, [2; 10]),
            kind: "send".into(),
            status: "settled".into(),
            refusal: None,
            figure: None,
            sender: Some(WalletId::new(2, [3; 10])),
            receiver: Some(WalletId::new(3, [4; 10])),
            payee: Some(UserId::new(4, [5; 10])),
            amount: Some(Money::new(1850, Currency::EUR)),
            fee: 0,
            bought: None,
            of_number: None,
            to: None,
            from: None,
            intent: Some(IntentHash([9; 32])),
            created_at: 1_700_000_000_000,
            timestamp: 1_700_000_000_500,
            reference: "PRS-1234".to_owned(),
            message,
        }
    }

    /// Every kind of null and value.
    pub fn records() -> impl Strategy<Value = AuditRecord> {
        let money = || {
            prop::option::of(
                (any::<i64>(), 0usize..12)
                    .prop_map(|(minor, at)| Money::new(minor, Currency::all().nth(at).unwrap())),
            )
        };
        let id = || prop::option::of(any::<[u8; 16]>().prop_map(uuid::Uuid::from_bytes));
        let leg =
            || prop::option::of((any::<i16>(), any::<i64>()).prop_map(|(branch, no)| Leg { branch, no }));
        let words = ("[a-z_]{1,20}", "[a-z]{1,10}", prop::option::of("[a-z_]{1,30}"), ".{0,40}");
        let ids = (id(), id(), id(), any::<[u8; 16]>(), any::<[u8; 16]>());
        let figures =
            (0i16.., 1i64.., prop::option::of(any::<i64>()), any::<i64>(), prop::option::of(1i64..));
        let rest = (any::<i64>(), any::<i64>(), prop::option::of(any::<Hash>()), any::<Hash>());
        (words, ids, figures, (money(), money()), (leg(), leg()), rest).prop_map(
            |(words, ids, figures, money, legs, rest)| AuditRecord {
                branch: figures.0,
                number: figures.1,
                transaction: TransactionId(uuid::Uuid::from_bytes(ids.3)),
                user: UserId(uuid::Uuid::from_bytes(ids.4)),
                kind: words.0.into(),
                status: words.1.into(),
                refusal: words.2.map(Cow::Owned),
                figure: figures.2,
                sender: ids.0.map(WalletId),
                receiver: ids.1.map(WalletId),
                payee: ids.2.map(UserId),
                amount: money.0,
                fee: figures.3,
                bought: money.1,
                of_number: figures.4,
                to: legs.0,
                from: legs.1,
                intent: rest.2.map(IntentHash),
                created_at: rest.0,
                timestamp: rest.1,
                reference: words.3,
                message: rest.3,
            },
        )
    }

    /// Receipts are kept for years: these bytes never change. Another form is another version of the purpose.
    #[test]
    fn the_form_is_fixed() {
        let bytes = sample(commit_message(&[7; 32], "Lunch")).encode();
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        assert_eq!(hex(&Sha256::digest(&bytes)), RECORD_DIGEST);
        assert_eq!(hex(&commit_message(&[7; 32], "Lunch")), MESSAGE_DIGEST);
        assert_eq!(AuditRecord::decode(&bytes), Ok(sample(commit_message(&[7; 32], "Lunch"))));
    }
    const RECORD_DIGEST: &str = "c435ebf708c3834693cd87a6e22cd061697769e7ce26cd4a90fd3a9218013e15";
    const MESSAGE_DIGEST: &str = "55aad183905c3b58a1422d1271ad79a4672cc6322011427d57c6c7f20006c1dc";

    proptest! {
        #[test]
        fn encoded_then_decoded(record in records()) {
            let bytes = record.encode();
            prop_assert!(bytes.len() <= RECORD_BYTES_MAX);
            prop_assert_eq!(AuditRecord::decode(&bytes), Ok(record));
        }

        /// Another value, or none: never the same record from other bytes.
        #[test]
        fn one_flipped_bit_is_another_record(record in records(), position in 0usize..2_000, bit in 0u8..8) {
            let mut bytes = record.encode();
            let position = position % bytes.len();
            bytes[position] ^= 1 << bit;
            prop_assert_ne!(AuditRecord::decode(&bytes), Ok(record));
        }

        #[test]
        fn garbage_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            prop_assert_eq!(AuditRecord::decode(&bytes), Err(Malformed));
        }
    }
}
