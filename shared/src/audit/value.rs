//! Taking a decoded CBOR map apart. Whether it was canonical is asked afterwards, by encoding again.

use super::Malformed;
use crate::Currency;
use ciborium::Value;
use uuid::Uuid;

const DEPTH_MAX: usize = 8;

pub(super) fn parse(bytes: &[u8]) -> Result<Value, Malformed> {
    ciborium::de::from_reader_with_recursion_limit(bytes, DEPTH_MAX).map_err(|_| Malformed)
}

pub(super) struct Fields(Vec<(Value, Value)>);

impl Fields {
    pub fn of(bytes: &[u8]) -> Result<Self, Malformed> {
        parse(bytes)?.into_map().map(Self).map_err(|_| Malformed)
    }
    pub fn take(&mut self, key: i64) -> Option<Value> {
        let at = self.0.iter().position(|(k, _)| *k == Value::from(key))?;
        Some(self.0.swap_remove(at).1)
    }
    pub fn must(&mut self, key: i64) -> Result<Value, Malformed> {
        self.take(key).ok_or(Malformed)
    }
    pub fn may<T>(
        &mut self,
        key: i64,
        read: impl FnOnce(Value) -> Result<T, Malformed>,
    ) -> Result<Option<T>, Malformed> {
        self.take(key).map(read).transpose()
    }
}

pub(super) fn int<T: TryFrom<i128>>(value: Value) -> Result<T, Malformed> {
    let integer = value.into_integer().map_err(|_| Malformed)?;
    T::try_from(i128::from(integer)).map_err(|_| Malformed)
}
pub(super) fn bytes<const N: usize>(value: Value) -> Result<[u8; N], Malformed> {
    value.into_bytes().map_err(|_| Malformed)?.try_into().map_err(|_| Malformed)
}
pub(super) fn uuid(value: Value) -> Result<Uuid, Malformed> {
    bytes(value).map(Uuid::from_bytes)
}
pub(super) fn text(value: Value, bytes_max: usize) -> Result<String, Malformed> {
    let text = value.into_text().map_err(|_| Malformed)?;
    if text.len() <= bytes_max { Ok(text) } else { Err(Malformed) }
}
pub(super) fn currency(value: Value) -> Result<Currency, Malformed> {
    Currency::from_code(&text(value, 3)?).ok_or(Malformed)
}
/// Exactly `N` items.
pub(super) fn array<const N: usize>(value: Value) -> Result<[Value; N], Malformed> {
    value.into_array().map_err(|_| Malformed)?.try_into().map_err(|_| Malformed)
}
