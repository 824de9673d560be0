//! The canonical bytes. Integer keys in ascending order, definite lengths, shortest integers; what does not
//! encode back to the very bytes that came is refused, so one order has one form.

use super::{Intent, IntentHash, Order, SendOrder, is_message};
use crate::limits::HANDLE_CHARS_MAX;
use crate::{Amount, Currency, DeviceId, TransactionId, UserId, WalletId};
use ciborium::Value;
use uuid::Uuid;

mod key {
    pub const ID: i64 = 1;
    pub const USER: i64 = 2;
    pub const DEVICE: i64 = 3;
    pub const SEQ: i64 = 4;
    pub const PREV: i64 = 5;
    pub const CREATED_AT: i64 = 6;
    pub const EXPIRES_AT: i64 = 7;
    pub const SEND: i64 = 8;
    pub const CANCEL: i64 = 9;

    pub const FROM: i64 = 1;
    pub const TO: i64 = 2;
    pub const PAYEE: i64 = 3;
    pub const AMOUNT: i64 = 4;
    pub const CURRENCY: i64 = 5;
    pub const MESSAGE: i64 = 6;
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a well-formed intent")]
pub struct Malformed;

pub fn encode(intent: &Intent) -> Vec<u8> {
    let (order_key, order) = match &intent.order {
        Order::Send(send) => (key::SEND, send_to_value(send)),
        Order::Cancel { hash } => (key::CANCEL, Value::Bytes(hash.0.to_vec())),
    };
    let map = vec![
        pair(key::ID, uuid_value(intent.id.0)),
        pair(key::USER, uuid_value(intent.user.0)),
        pair(key::DEVICE, uuid_value(intent.device.0)),
        pair(key::SEQ, Value::from(intent.seq)),
        pair(key::PREV, Value::Bytes(intent.prev.0.to_vec())),
        pair(key::CREATED_AT, Value::from(intent.created_at)),
        pair(key::EXPIRES_AT, Value::from(intent.expires_at)),
        pair(order_key, order),
    ];
    to_bytes(&Value::Map(map))
}

fn send_to_value(send: &SendOrder) -> Value {
    let mut map =
        vec![pair(key::FROM, uuid_value(send.from.0)), pair(key::TO, Value::from(send.to.as_str()))];
    if let Some(payee) = send.payee {
        map.push(pair(key::PAYEE, uuid_value(payee.0)));
    }
    map.push(pair(key::AMOUNT, Value::from(send.amount.minor())));
    map.push(pair(key::CURRENCY, Value::from(send.amount.currency().code())));
    if !send.message.is_empty() {
        map.push(pair(key::MESSAGE, Value::from(send.message.as_str())));
    }
    Value::Map(map)
}

/// # Errors
/// [`Malformed`] for anything but the one canonical form of an intent with values in bounds.
pub fn decode(bytes: &[u8]) -> Result<Intent, Malformed> {
    let value: Value = ciborium::de::from_reader_with_recursion_limit(bytes, 8).map_err(|_| Malformed)?;
    let mut map = Fields::of(value)?;
    let intent = Intent {
        id: TransactionId(map.uuid(key::ID)?),
        user: UserId(map.uuid(key::USER)?),
        device: DeviceId(map.uuid(key::DEVICE)?),
        seq: map.integer(key::SEQ)?,
        prev: IntentHash(map.bytes(key::PREV)?),
        created_at: map.integer(key::CREATED_AT)?,
        expires_at: map.integer(key::EXPIRES_AT)?,
        order: match (map.take(key::SEND), map.take(key::CANCEL)) {
            (Some(send), None) => Order::Send(send_from_value(send)?),
            (None, Some(Value::Bytes(hash))) => {
                Order::Cancel { hash: IntentHash(hash.try_into().map_err(|_| Malformed)?) }
            }
            _ => return Err(Malformed),
        },
    };
    let in_bounds = intent.seq >= 1
        && intent.seq <= i64::MAX.unsigned_abs()
        && intent.created_at >= 0
        && intent.expires_at >= 0;
    // Unknown and doubled keys, other orders and longer integers all show here.
    if in_bounds && encode(&intent) == bytes { Ok(intent) } else { Err(Malformed) }
}

fn send_from_value(value: Value) -> Result<SendOrder, Malformed> {
    let mut map = Fields::of(value)?;
    let from = WalletId(map.uuid(key::FROM)?);
    let to = map.text(key::TO, HANDLE_CHARS_MAX)?.parse().map_err(|_| Malformed)?;
    let payee = match map.take(key::PAYEE) {
        Some(value) => Some(UserId(uuid_of(value)?)),
        None => None,
    };
    let minor: i64 = map.integer(key::AMOUNT)?;
    let currency = Currency::from_code(&map.text(key::CURRENCY, 3)?).ok_or(Malformed)?;
    let amount = Amount::new(minor, currency).map_err(|_| Malformed)?;
    let message = match map.take(key::MESSAGE) {
        Some(Value::Text(text)) if is_message(&text) => text,
        Some(_) => return Err(Malformed),
        None => String::new(),
    };
    Ok(SendOrder { from, to, payee, amount, message })
}

struct Fields(Vec<(Value, Value)>);

impl Fields {
    fn of(value: Value) -> Result<Self, Malformed> {
        value.into_map().map(Self).map_err(|_| Malformed)
    }
    fn take(&mut self, key: i64) -> Option<Value> {
        let at = self.0.iter().position(|(k, _)| *k == Value::from(key))?;
        Some(self.0.remove(at).1)
    }
    fn uuid(&mut self, key: i64) -> Result<Uuid, Malformed> {
        uuid_of(self.take(key).ok_or(Malformed)?)
    }
    fn bytes<const N: usize>(&mut self, key: i64) -> Result<[u8; N], Malformed> {
        let bytes = self.take(key).ok_or(Malformed)?.into_bytes().map_err(|_| Malformed)?;
        bytes.try_into().map_err(|_| Malformed)
    }
    fn integer<T: TryFrom<i128>>(&mut self, key: i64) -> Result<T, Malformed> {
        let integer = self.take(key).ok_or(Malformed)?.into_integer().map_err(|_| Malformed)?;
        T::try_from(i128::from(integer)).map_err(|_| Malformed)
    }
    fn text(&mut self, key: i64, bytes_max: usize) -> Result<String, Malformed> {
        let text = self.take(key).ok_or(Malformed)?.into_text().map_err(|_| Malformed)?;
        if text.len() <= bytes_max { Ok(text) } else { Err(Malformed) }
    }
}

fn uuid_of(value: Value) -> Result<Uuid, Malformed> {
    let bytes = value.into_bytes().map_err(|_| Malformed)?;
    Uuid::from_slice(&bytes).map_err(|_| Malformed)
}
fn uuid_value(uuid: Uuid) -> Value {
    Value::Bytes(uuid.as_bytes().to_vec())
}
fn pair(key: i64, value: Value) -> (Value, Value) {
    (Value::from(key), value)
}
fn to_bytes(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    match ciborium::into_writer(value, &mut bytes) {
        Ok(()) => bytes,
        Err(_) => unreachable!("a Vec takes every byte and a Value is always encodable"),
    }
}
