//! The recovery code: 128 random bits and a checksum of 12, in Crockford's base32, seven groups of four.

use super::secret::{OpeningSecret, expand, secret};
use crate::typed;
use zeroize::Zeroize;

const CHECKSUM_PURPOSE: &str = "purse/recovery/checksum/v1";

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
        typed::groups(self.bytes, CHECKSUM_PURPOSE)
    }
    /// Reads it with or without spaces and dashes, in any case.
    ///
    /// # Errors
    /// [`RecoveryCodeError`] for a wrong length, character or checksum.
    pub fn parse(text: &str) -> Result<Self, RecoveryCodeError> {
        typed::parse(text, CHECKSUM_PURPOSE).map(|bytes| Self { bytes }).ok_or(RecoveryCodeError)
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
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::typed::{ALPHABET, CHARS};
    use proptest::prelude::*;
    use sha2::{Digest, Sha256};

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
