//! Deterministic CBOR (RFC 8949 section 4.2), written straight into bytes: a batch's thousand records are encoded on
//! the writer's way, where a tree of values for each would be felt.

const UNSIGNED: u8 = 0;
const NEGATIVE: u8 = 1;
const BYTES: u8 = 2;
const TEXT: u8 = 3;
const ARRAY: u8 = 4;
const MAP: u8 = 5;

/// Keys are small integers, given in ascending order by the caller.
#[derive(Debug, Default)]
pub(super) struct Writer(Vec<u8>);

impl Writer {
    pub fn with_capacity(bytes: usize) -> Self {
        Self(Vec::with_capacity(bytes))
    }
    pub fn map(&mut self, pairs: usize) {
        self.head(MAP, pairs as u64);
    }
    pub fn array(&mut self, items: usize) {
        self.head(ARRAY, items as u64);
    }
    pub fn int(&mut self, value: i64) {
        match u64::try_from(value) {
            Ok(value) => self.head(UNSIGNED, value),
            // -1 is written as 0, -2 as 1 and so on: the bits turned around.
            Err(_) => self.head(NEGATIVE, (!value).unsigned_abs()),
        }
    }
    pub fn bytes(&mut self, value: &[u8]) {
        self.head(BYTES, value.len() as u64);
        self.0.extend_from_slice(value);
    }
    pub fn text(&mut self, value: &str) {
        self.head(TEXT, value.len() as u64);
        self.0.extend_from_slice(value.as_bytes());
    }
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// Major type and argument, in the shortest form.
    fn head(&mut self, major: u8, argument: u64) {
        let major = major << 5;
        let bytes = argument.to_be_bytes();
        match argument {
            0..=23 => self.0.push(major | bytes[7]),
            24..=0xff => self.0.extend_from_slice(&[major | 24, bytes[7]]),
            0x100..=0xffff => {
                self.0.push(major | 25);
                self.0.extend_from_slice(&bytes[6..]);
            }
            0x1_0000..=0xffff_ffff => {
                self.0.push(major | 26);
                self.0.extend_from_slice(&bytes[4..]);
            }
            _ => {
                self.0.push(major | 27);
                self.0.extend_from_slice(&bytes);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ciborium::Value;
    use proptest::prelude::*;

    fn reference(value: &Value) -> Vec<u8> {
        let mut bytes = Vec::new();
        ciborium::into_writer(value, &mut bytes).unwrap();
        bytes
    }

    proptest! {
        #[test]
        fn as_another_encoder_writes_it(int: i64, small in -300i64..300, text in ".{0,40}", bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let mut writer = Writer::default();
            writer.map(2);
            writer.int(small);
            writer.array(2);
            writer.int(int);
            writer.text(&text);
            writer.int(i64::MIN);
            writer.bytes(&bytes);
            let list = Value::Array(vec![Value::from(int), Value::from(text)]);
            let map = Value::Map(vec![(Value::from(small), list), (Value::from(i64::MIN), Value::Bytes(bytes))]);
            prop_assert_eq!(writer.into_bytes(), reference(&map));
        }
    }
}
