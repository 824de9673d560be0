//! Typed records, sealed: under the device's storage key what must work while locked, under the user's data key
//! all that is personal. The record's key is bound in, so one record cannot stand in for another.

use purse_shared::UserId;
use purse_shared::vault::{DataKey, RecordName, StorageKey};
use serde::Serialize;
use serde::de::DeserializeOwned;

#[derive(Debug, Clone, thiserror::Error)]
#[error("the record {0} on this device cannot be read")]
pub struct Unreadable(pub String);

pub fn seal_for_device(key: &StorageKey, name: &str, value: &impl Serialize, nonce: [u8; 24]) -> Vec<u8> {
    key.seal("device", name, &json(value), nonce)
}

pub fn open_for_device<T: DeserializeOwned>(
    key: &StorageKey,
    name: &str,
    sealed: &[u8],
) -> Result<T, Unreadable> {
    let plain = key.open("device", name, sealed).map_err(|_| Unreadable(name.to_owned()))?;
    serde_json::from_slice(&plain).map_err(|_| Unreadable(name.to_owned()))
}

pub fn seal_for_user(
    key: &DataKey,
    user: UserId,
    name: &str,
    value: &impl Serialize,
    nonce: [u8; 24],
) -> Vec<u8> {
    key.seal(RecordName { user, kind: "local", id: name }, &json(value), nonce)
}

pub fn open_for_user<T: DeserializeOwned>(
    key: &DataKey,
    user: UserId,
    name: &str,
    sealed: &[u8],
) -> Result<T, Unreadable> {
    let record = RecordName { user, kind: "local", id: name };
    let plain = key.open(record, sealed).map_err(|_| Unreadable(name.to_owned()))?;
    serde_json::from_slice(&plain).map_err(|_| Unreadable(name.to_owned()))
}

fn json(value: &impl Serialize) -> Vec<u8> {
    match serde_json::to_vec(value) {
        Ok(bytes) => bytes,
        Err(_) => unreachable!("our records have text keys and no failing Serialize"),
    }
}
