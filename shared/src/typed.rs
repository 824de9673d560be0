//! Codes that people read from one screen or paper and type elsewhere: 128 bits and a checksum of 12, in Crockford's
//! base32, seven groups of four.

use sha2::{Digest, Sha256};

/// Without I, L, O, U, which are read as 1, 1, 0 and V.
pub(crate) const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
pub(crate) const CHARS: usize = 28;

/// Seven groups of four. `purpose` is in the checksum: a code of one kind is none of another.
pub(crate) fn groups(bytes: [u8; 16], purpose: &str) -> Vec<String> {
    let bits = (u128::from_be_bytes(bytes), checksum(bytes, purpose));
    let chars: Vec<char> =
        (0..CHARS).map(|at| char::from(ALPHABET[usize::from(five_bits(bits, at))])).collect();
    chars.chunks(4).map(|group| group.iter().collect()).collect()
}

/// Reads it with or without spaces and dashes, in any case. `None` for a wrong length, character or checksum.
pub(crate) fn parse(text: &str, purpose: &str) -> Option<[u8; 16]> {
    let values = values(text, CHARS)?;
    // 25 characters and 3 bits are the code, 12 bits the checksum.
    let high = values[..25].iter().fold(0_u128, |all, v| (all << 5) | u128::from(*v));
    let low = values[25..].iter().fold(0_u128, |all, v| (all << 5) | u128::from(*v));
    let bytes = ((high << 3) | (low >> 12)).to_be_bytes();
    (u128::from(checksum(bytes, purpose)) == low & 0xfff).then_some(bytes)
}

/// The values of exactly `count` characters, as people write them.
pub(crate) fn values(text: &str, count: usize) -> Option<Vec<u8>> {
    let mut values = Vec::with_capacity(count);
    for char in text.chars().filter(|c| !c.is_whitespace() && *c != '-') {
        let char = match char.to_ascii_uppercase() {
            'I' | 'L' => '1',
            'O' => '0',
            'U' => 'V',
            other => other,
        };
        let value = ALPHABET.iter().position(|a| char::from(*a) == char)?;
        if values.len() == count {
            return None;
        }
        values.push(u8::try_from(value).ok()?);
    }
    (values.len() == count).then_some(values)
}

fn checksum(bytes: [u8; 16], purpose: &str) -> u16 {
    let mut hasher = Sha256::new();
    hasher.update(purpose.as_bytes());
    hasher.update(bytes);
    let digest = hasher.finalize();
    u16::from_be_bytes([digest[0], digest[1]]) & 0xfff
}

/// The 5 bits of character `at` of 140: 128 of the code, then 12 of the checksum.
fn five_bits((code, checksum): (u128, u16), at: usize) -> u8 {
    (0..5).fold(0, |value, bit| {
        let position = at * 5 + bit;
        let set = if position < 128 {
            (code >> (127 - position)) & 1
        } else {
            u128::from(checksum >> (139 - position)) & 1
        };
        (value << 1) | u8::from(set == 1)
    })
}
