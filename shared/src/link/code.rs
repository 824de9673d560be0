//! The codes of a link: the one-time code that lets a device in, and the short one by which a request is found.

use crate::protocol::Bytes;
use crate::typed;
use serde::{Deserialize, Serialize};
use std::fmt;
use zeroize::Zeroize;

const CHECKSUM_PURPOSE: &str = "purse/link/code/v1";

/// 128 random bits, made by the server, redeemed once. Never printed; typed as seven groups of four where it crosses
/// from one machine to another.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Bytes", into = "Bytes")]
pub struct LinkCode([u8; 16]);

impl LinkCode {
    pub fn new(random: [u8; 16]) -> Self {
        Self(random)
    }
    pub fn bytes(&self) -> &[u8; 16] {
        &self.0
    }
    pub fn groups(&self) -> Vec<String> {
        typed::groups(self.0, CHECKSUM_PURPOSE)
    }
    /// With or without spaces and dashes, in any case; `None` for what is mistyped.
    pub fn parse(text: &str) -> Option<Self> {
        typed::parse(text, CHECKSUM_PURPOSE).map(Self)
    }
}
impl Drop for LinkCode {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}
impl fmt::Debug for LinkCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LinkCode(secret)")
    }
}
impl TryFrom<Bytes> for LinkCode {
    type Error = &'static str;
    fn try_from(bytes: Bytes) -> Result<Self, Self::Error> {
        bytes.0.try_into().map(Self).map_err(|_| "a link's code has 16 bytes")
    }
}
impl From<LinkCode> for Bytes {
    fn from(code: LinkCode) -> Self {
        Self(code.0.to_vec())
    }
}

/// 40 bits by which a signed-in device finds what a new one asks, for some minutes. No secret: finding a request gives
/// nothing but the request. Kept as its eight characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ShortCode(String);

impl ShortCode {
    const CHARS: usize = 8;

    pub fn new(random: [u8; 5]) -> Self {
        let bits = random.iter().fold(0_u64, |all, byte| (all << 8) | u64::from(*byte));
        let five = |at: usize| usize::try_from((bits >> (35 - 5 * at)) & 31).unwrap_or(0);
        Self((0..Self::CHARS).map(|at| char::from(typed::ALPHABET[five(at)])).collect())
    }
    /// As people write it.
    pub fn parse(text: &str) -> Option<Self> {
        let values = typed::values(text, Self::CHARS)?;
        Some(Self(values.into_iter().map(|value| char::from(typed::ALPHABET[usize::from(value)])).collect()))
    }
    pub fn as_str(&self) -> &str {
        &self.0
    }
    /// "7K4M Q2XD"
    pub fn for_people(&self) -> String {
        let (first, second) = self.0.split_at(Self::CHARS / 2);
        format!("{first} {second}")
    }
}
impl TryFrom<String> for ShortCode {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("a short code has eight characters")
    }
}
impl From<ShortCode> for String {
    fn from(code: ShortCode) -> Self {
        code.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vault::RecoveryCode;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn codes_read_back(random: [u8; 16], short: [u8; 5]) {
            let code = LinkCode::new(random);
            let typed = code.groups().join(" ").to_lowercase();
            prop_assert_eq!(LinkCode::parse(&typed), Some(code));
            let short = ShortCode::new(short);
            prop_assert_eq!(ShortCode::parse(&short.for_people().to_lowercase()), Some(short.clone()));
            prop_assert_eq!(ShortCode::parse(short.as_str()), Some(short));
        }
    }

    #[test]
    fn a_code_of_one_kind_is_none_of_another() {
        let bytes = [5; 16];
        assert!(RecoveryCode::parse(&LinkCode::new(bytes).groups().concat()).is_err());
        assert!(LinkCode::parse(&RecoveryCode::new(bytes).groups().concat()).is_none());
        for wrong in ["", "ABCD", "!!!!!!!!", "ABCDEFGHJ"] {
            assert!(ShortCode::parse(wrong).is_none() && LinkCode::parse(wrong).is_none(), "{wrong}");
        }
        assert_eq!(ShortCode::new([255; 5]).for_people(), "ZZZZ ZZZZ");
    }

    #[test]
    fn the_code_is_not_printed() {
        let code = LinkCode::new([0xab; 16]);
        assert_eq!(format!("{code:?}"), "LinkCode(secret)");
        assert_eq!(serde_json::from_str::<LinkCode>(&serde_json::to_string(&code).unwrap()).unwrap(), code);
        assert!(serde_json::from_str::<LinkCode>("\"AAAA\"").is_err());
    }
}
