//! The recovery code: 128 random bits and a checksum of 12, in Crockford's base32, seven groups of four.

use super::secret::{OpeningSecret, expand, secret};
use sha2::{Digest, Sha256};
use zeroize::Zeroize;

/// Without I, L, O, U, which are read as 1, 1, 0 and V.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CHARS: usize = 28;

#[derive(Clone)]
pub struct RecoveryCode {
    bytes: [u8; 16],
}
secret!(RecoveryCode);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not a recovery code")]
pub struct RecoveryCodeError;

impl RecoveryCode {
    pub fn new(random: [u8; 16]) -> Self {
        Self { bytes: random }
    }
    /// Seven groups of four, as they are shown and written down.
    pub fn groups(&self) -> Vec<String> {
        let bits = (u128::from_be_bytes(self.bytes), self.checksum());
        let chars: Vec<char> =
            (0..CHARS).map(|at| char::from(ALPHABET[usize::from(five_bits(bits, at))])).collect();
        chars.chunks(4).map(|group| group.iter().collect()).collect()
    }
    /// Reads it with or without spaces and dashes, in any case.
    ///
    /// # Errors
    /// [`RecoveryCodeError`] for a wrong length, character or checksum.
    pub fn parse(text: &str) -> Result<Self, RecoveryCodeError> {
        let mut values = Vec::with_capacity(CHARS);
        for char in text.chars().filter(|c| !c.is_whitespace() && *c != '-') {
            let char = match char.to_ascii_uppercase() {
                'I' | 'L' => '1',
                'O' => '0',
                'U' => 'V',
                other => other,
            };
            let value = ALPHABET.iter().position(|a| char::from(*a) == char).ok_or(RecoveryCodeError)?;
            values.push(u128::try_from(value).map_err(|_| RecoveryCodeError)?);
        }
        if values.len() != CHARS {
            return Err(RecoveryCodeError);
        }
        // 25 characters and 3 bits are the code, 12 bits the checksum.
        let high = values[..25].iter().fold(0_u128, |all, v| (all << 5) | v);
        let low = values[25..].iter().fold(0_u128, |all, v| (all << 5) | v);
        let code = Self { bytes: ((high << 3) | (low >> 12)).to_be_bytes() };
        if u128::from(code.checksum()) == low & 0xfff { Ok(code) } else { Err(RecoveryCodeError) }
    }
    /// For the server, which keeps its SHA-256.
    pub fn verifier(&self) -> [u8; 32] {
        let mut out = [0; 32];
        expand(&self.bytes, b"purse/recovery/verifier/v1", &mut out);
        out
    }
    /// Opens the vault; never sent.
    pub fn opening_secret(&self) -> OpeningSecret {
        let mut out = [0; 32];
        expand(&self.bytes, b"purse/recovery/key/v1", &mut out);
        OpeningSecret::new(out)
    }
    fn checksum(&self) -> u16 {
        let mut hasher = Sha256::new();
        hasher.update(b"purse/recovery/checksum/v1");
        hasher.update(self.bytes);
        let digest = hasher.finalize();
        u16::from_be_bytes([digest[0], digest[1]]) & 0xfff
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn reads_back(random: [u8; 16]) {
            let code = RecoveryCode::new(random);
            let text = code.groups().join("-").to_lowercase();
            prop_assert_eq!(RecoveryCode::parse(&text).unwrap().bytes, random);
        }
    }

    /// 12 bits of checksum: of some 35,000 wrong codes about 8 pass. The codes are fixed, so it is the same every time.
    #[test]
    fn a_wrong_character_is_nearly_always_noticed() {
        let mut passed = 0;
        for n in 0..40_u8 {
            let code = RecoveryCode::new(Sha256::digest([n])[..16].try_into().unwrap());
            let text = code.groups().concat().into_bytes();
            for (at, other) in (0..CHARS).flat_map(|at| ALPHABET.iter().map(move |other| (at, *other))) {
                let mut wrong = text.clone();
                wrong[at] = other;
                if wrong == text {
                    continue;
                }
                if let Ok(read) = RecoveryCode::parse(std::str::from_utf8(&wrong).unwrap()) {
                    assert_ne!(read.bytes, code.bytes, "read as if it were right");
                    passed += 1;
                }
            }
        }
        assert!(passed < 30, "{passed} wrong codes passed");
    }

    #[test]
    fn what_people_write() {
        let code = RecoveryCode::new([0; 16]);
        let text = code.groups().join(" ").replace('0', "o");
        assert!(RecoveryCode::parse(&text).is_ok());
        for wrong in ["", "K7QM", "!!!!", &"0".repeat(27), &"7".repeat(28)] {
            assert!(RecoveryCode::parse(wrong).is_err(), "{wrong}");
        }
        assert_ne!(code.verifier(), [0; 32]);
    }
}
