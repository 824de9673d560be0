//! Envelopes that no honest device makes.

use ciborium::Value;
use coset::{CborSerializable, CoseSign1, CoseSign1Builder, Header, HeaderBuilder, iana};
use purse_shared::intent::{INTENT_PURPOSE, Intent, IntentHash, Order, Unsigned};
use purse_shared::limits::INTENT_LIFE_DEFAULT_MS;
use purse_shared::protocol::{Bytes, IntentUpload};
use purse_shared::{DeviceId, TransactionId, UnixMillis};
use purse_tests::person::random10;
use purse_tests::{Person, TestDevice};

/// Keys of the canonical map (`shared/src/intent/cbor.rs`).
pub mod key {
    pub const SEQ: i64 = 4;
    pub const CREATED_AT: i64 = 6;
    pub const SEND: i64 = 8;
    pub const TO: i64 = 2;
    pub const AMOUNT: i64 = 4;
    pub const CURRENCY: i64 = 5;
    pub const MESSAGE: i64 = 6;
}

pub fn upload(envelope: Vec<u8>) -> IntentUpload {
    IntentUpload { envelope: Bytes(envelope), step_up: None }
}

/// What the person's device would sign next; its number is not used up.
pub fn next(person: &Person, order: Order, now: UnixMillis) -> Intent {
    Intent {
        id: TransactionId::new(now, random10()),
        user: person.user,
        device: person.device.id,
        seq: person.device.next_seq,
        prev: person.device.prev,
        created_at: now,
        expires_at: now + INTENT_LIFE_DEFAULT_MS,
        order,
    }
}

pub fn hash(intent: &Intent) -> IntentHash {
    Unsigned::new(intent).hash()
}

/// Well formed, signed by `device`, whatever it says.
pub fn sign(intent: &Intent, device: &TestDevice) -> IntentUpload {
    let unsigned = Unsigned::new(intent);
    let signature = device.sign(unsigned.to_be_signed());
    upload(unsigned.with_signature(&signature).unwrap())
}

/// The intent's canonical map, changed.
pub fn payload(intent: &Intent, change: impl FnOnce(&mut Vec<(Value, Value)>)) -> Vec<u8> {
    let bytes = Unsigned::new(intent).with_signature(&[1; 64]).unwrap();
    let payload = CoseSign1::from_slice(&bytes).unwrap().payload.unwrap();
    let mut map = ciborium::from_reader::<Value, _>(&payload[..]).unwrap().into_map().unwrap();
    change(&mut map);
    encoded(&Value::Map(map))
}

/// The map of its send order, changed.
pub fn send_payload(intent: &Intent, change: impl FnOnce(&mut Vec<(Value, Value)>)) -> Vec<u8> {
    payload(intent, |map| {
        let Value::Map(send) = value(map, key::SEND) else { panic!("not a send order") };
        change(send);
    })
}

pub fn value(map: &mut [(Value, Value)], key: i64) -> &mut Value {
    &mut map.iter_mut().find(|(k, _)| *k == Value::from(key)).unwrap().1
}

pub fn encoded(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).unwrap();
    bytes
}

pub fn header(purpose: &str, device: DeviceId) -> Header {
    HeaderBuilder::new()
        .algorithm(iana::Algorithm::ES256)
        .key_id(device.0.as_bytes().to_vec())
        .value(16, Value::from(purpose))
        .build()
}

/// A good signature by `device` over any payload.
pub fn envelope(device: &TestDevice, payload: Vec<u8>) -> Vec<u8> {
    enveloped(device, header(INTENT_PURPOSE, device.id), payload).to_vec().unwrap()
}

pub fn enveloped(device: &TestDevice, protected: Header, payload: Vec<u8>) -> CoseSign1 {
    let builder = CoseSign1Builder::new().protected(protected).payload(payload);
    builder.create_signature(&[], |message| device.sign(message)).build()
}

/// The other signature that is as good: r and n - s.
pub fn malleated(envelope: &[u8]) -> Vec<u8> {
    const ORDER: [u8; 32] = [
        0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc,
        0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
    ];
    let mut envelope = envelope.to_vec();
    // The signature is the last of the array: its s are the last 32 bytes.
    let start = envelope.len() - 32;
    let mut borrow = 0_i16;
    for at in (0..32).rev() {
        let difference = i16::from(ORDER[at]) - i16::from(envelope[start + at]) - borrow;
        borrow = i16::from(difference < 0);
        envelope[start + at] = u8::try_from(difference.rem_euclid(256)).unwrap();
    }
    envelope
}
