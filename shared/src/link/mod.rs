//! Device links: how an app beside a browser, or another machine, asks a person's passkey for something.
//!
//! The app opens `ORIGIN/link#REQUEST` in the system's browser. The page there computes all that it shows from the
//! whole [`LinkRequest`]; the passkey's challenge binds its SHA-256 ([`LinkHash`]), and so does everything after it:
//! the answer is sealed to the request's one-time key ([`LinkAnswer`]), the one-time code is redeemed with a
//! signature by the request's device key over code and hash ([`redeem_message`]), and the data key is sealed for this
//! request and this user alone ([`seal_data_key`]). The answer goes to this machine, never to whoever sent a link.

mod code;
mod request;
mod seal;

pub use code::{LinkCode, ShortCode};
pub use request::{Act, Back, DeviceKind, LinkRequest, NewAccount, Purpose};
pub use seal::{LinkAnswer, NotSealed, OneTimeKey, seal_data_key};

use crate::protocol::Bytes;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// Inside all that is signed or sealed for a link, with a word for the step.
pub const LINK_PURPOSE: &str = "purse/link/v1";

/// SHA-256 of a whole request: what everything else refers to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "Bytes", into = "Bytes")]
pub struct LinkHash(pub [u8; 32]);

impl LinkHash {
    /// The WebAuthn challenge of a ceremony that the server began, for this request alone.
    pub fn challenge(self, ceremony: Uuid) -> [u8; 32] {
        Sha256::digest(message("challenge", &[ceremony.as_bytes(), &self.0])).into()
    }

    /// What both screens show, for a person to compare: four groups of three figures.
    ///
    /// Whoever could swap the request on its way to the other device would have to find one with the same figures
    /// within the minutes that it lives: 2^40 tries of 2^16 hashes each.
    pub fn figures(self) -> String {
        let mut state: [u8; 32] = Sha256::digest(message("figures", &[&self.0])).into();
        for _ in 0..FIGURES_ROUNDS {
            let mut hasher = Sha256::new();
            hasher.update(state);
            hasher.update(self.0);
            state = hasher.finalize().into();
        }
        let number = state[..8].iter().fold(0_u64, |all, byte| (all << 8) | u64::from(*byte));
        let digits = format!("{:012}", number % 1_000_000_000_000);
        [&digits[..3], &digits[3..6], &digits[6..9], &digits[9..]].join(" ")
    }

    pub fn to_text(self) -> String {
        Bytes(self.0.to_vec()).to_text()
    }
}

const FIGURES_ROUNDS: u32 = 1 << 16;

/// What the device signs to redeem `code` for the request with this hash: the last step of being let in.
pub fn redeem_message(code: &LinkCode, hash: LinkHash) -> Vec<u8> {
    message("redeem", &[code.bytes(), &hash.0])
}

/// The address that the system's browser is sent to.
pub fn address(origin: &str, request: &LinkRequest) -> String {
    format!("{origin}/link#{}", request.to_text())
}

/// Purpose, step and a zero byte after each stand first, so that it is never read as another message of ours. `parts`
/// have fixed lengths.
fn message(step: &str, parts: &[&[u8]]) -> Vec<u8> {
    let mut message = LINK_PURPOSE.as_bytes().to_vec();
    message.push(0);
    message.extend_from_slice(step.as_bytes());
    message.push(0);
    parts.iter().for_each(|part| message.extend_from_slice(part));
    message
}

#[derive(Debug, thiserror::Error)]
#[error("a hash has 32 bytes")]
pub struct NotAHash;
impl TryFrom<Bytes> for LinkHash {
    type Error = NotAHash;
    fn try_from(bytes: Bytes) -> Result<Self, NotAHash> {
        bytes.0.try_into().map(Self).map_err(|_| NotAHash)
    }
}
impl From<LinkHash> for Bytes {
    fn from(hash: LinkHash) -> Self {
        Self(hash.0.to_vec())
    }
}
impl std::fmt::Debug for LinkHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.to_text())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Devices of different versions must agree on these for ever.
    #[test]
    fn known_answers() {
        let hash = LinkHash([7; 32]);
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        assert_eq!(hex(&hash.challenge(Uuid::from_u128(1))), KNOWN_CHALLENGE);
        assert_eq!(hash.figures(), KNOWN_FIGURES);
        let message = redeem_message(&LinkCode::new([9; 16]), hash);
        let want = [&b"purse/link/v1\0redeem\0"[..], &[9; 16], &[7; 32]].concat();
        assert_eq!(message, want);
    }
    const KNOWN_CHALLENGE: &str = "83330c7427840d0397854a5f730825d354463445f9f62e4d12a4121778e167c4";
    const KNOWN_FIGURES: &str = "457 465 657 844";

    #[test]
    fn each_step_and_request_has_its_own() {
        let (a, b) = (LinkHash([1; 32]), LinkHash([2; 32]));
        let (one, two) = (Uuid::from_u128(1), Uuid::from_u128(2));
        assert_ne!(a.challenge(one), b.challenge(one));
        assert_ne!(a.challenge(one), a.challenge(two));
        assert_ne!(a.figures(), b.figures());
        assert_eq!(a.figures().len(), 15);
    }
}
