//! Deterministic CBOR maps with small integers as keys (RFC 8949, section 4.2): what intents and link requests share.
//!
//! A reader takes the fields it knows, builds the value and encodes it again: unless that gives the very bytes it
//! read, there were unknown or doubled keys, another order or longer integers.

use ciborium::Value;
use uuid::Uuid;

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not in its one canonical form, or out of bounds")]
pub struct Malformed;

/// The fields of a map that are not taken yet.
pub(crate) struct Fields(Vec<(Value, Value)>);

impl Fields {
    /// # Errors
    /// [`Malformed`] for anything but one CBOR map.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, Malformed> {
        ciborium::de::from_reader_with_recursion_limit(bytes, 8).map_err(|_| Malformed).and_then(Self::of)
    }
    pub(crate) fn of(value: Value) -> Result<Self, Malformed> {
        value.into_map().map(Self).map_err(|_| Malformed)
    }
    pub(crate) fn take(&mut self, key: i64) -> Option<Value> {
        let at = self.0.iter().position(|(k, _)| *k == Value::from(key))?;
        Some(self.0.remove(at).1)
    }
    pub(crate) fn has(&self, key: i64) -> bool {
        self.0.iter().any(|(k, _)| *k == Value::from(key))
    }
    pub(crate) fn uuid(&mut self, key: i64) -> Result<Uuid, Malformed> {
        uuid_of(self.take(key).ok_or(Malformed)?)
    }
    pub(crate) fn bytes<const N: usize>(&mut self, key: i64) -> Result<[u8; N], Malformed> {
        let bytes = self.take(key).ok_or(Malformed)?.into_bytes().map_err(|_| Malformed)?;
        bytes.try_into().map_err(|_| Malformed)
    }
    pub(crate) fn integer<T: TryFrom<i128>>(&mut self, key: i64) -> Result<T, Malformed> {
        let integer = self.take(key).ok_or(Malformed)?.into_integer().map_err(|_| Malformed)?;
        T::try_from(i128::from(integer)).map_err(|_| Malformed)
    }
    pub(crate) fn text(&mut self, key: i64, bytes_max: usize) -> Result<String, Malformed> {
        let text = self.take(key).ok_or(Malformed)?.into_text().map_err(|_| Malformed)?;
        if text.len() <= bytes_max { Ok(text) } else { Err(Malformed) }
    }
}

pub(crate) fn uuid_of(value: Value) -> Result<Uuid, Malformed> {
    let bytes = value.into_bytes().map_err(|_| Malformed)?;
    Uuid::from_slice(&bytes).map_err(|_| Malformed)
}
pub(crate) fn uuid_value(uuid: Uuid) -> Value {
    Value::Bytes(uuid.as_bytes().to_vec())
}
pub(crate) fn pair(key: i64, value: Value) -> (Value, Value) {
    (Value::from(key), value)
}
pub(crate) fn to_bytes(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    match ciborium::into_writer(value, &mut bytes) {
        Ok(()) => bytes,
        Err(_) => unreachable!("a Vec takes every byte and a Value is always encodable"),
    }
}
