//! The session token: opaque, in no log, and kept only as its SHA-256.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use std::fmt;

/// What the client holds: 32 random bytes in base64url.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionToken(String);

/// What the database holds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TokenHash(pub [u8; 32]);

impl SessionToken {
    pub fn new(random: [u8; 32]) -> Self {
        Self(URL_SAFE_NO_PAD.encode(random))
    }
    /// `None` for what no server ever gave.
    pub fn read(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        (bytes.len() == 32).then(|| Self(text.to_owned()))
    }
    pub fn hash(&self) -> TokenHash {
        TokenHash(sha256(self.0.as_bytes()))
    }
    /// For the one reply or cookie that carries it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SessionToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionToken(…)")
    }
}
impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash(…)")
    }
}

pub(super) fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(ring::digest::digest(&ring::digest::SHA256, bytes).as_ref());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_never_printed_and_read_back() {
        let token = SessionToken::new([7; 32]);
        assert_eq!(SessionToken::read(token.reveal()).unwrap().hash(), token.hash());
        let printed = format!("{token:?} {:?}", token.hash());
        assert!(!printed.contains(&token.reveal()[..6]), "{printed}");
        for wrong in ["", "abc", "é", &"A".repeat(44), "null"] {
            assert!(SessionToken::read(wrong).is_none(), "{wrong}");
        }
    }
}
