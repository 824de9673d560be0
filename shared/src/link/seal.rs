//! What only the app that asked can open: HPKE (RFC 9180), base mode, to the request's one-time key. The info names the
//! step and the request's hash; the data key's associated data names the user too.

use super::{LinkCode, LinkHash, LinkRequest, message};
use crate::UserId;
use crate::limits::LINK_ANSWER_CHARS_MAX;
use crate::protocol::Bytes;
use crate::vault::DataKey;
use hpke::{Deserializable, Kem, OpModeR, OpModeS, Serializable};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt;
use zeroize::Zeroize;

type X25519 = hpke::kem::X25519HkdfSha256;
type Aead = hpke::aead::ChaCha20Poly1305;
type Kdf = hpke::kdf::HkdfSha256;

/// The private half of a request's answer key. Lives in memory, as long as the app waits.
pub struct OneTimeKey {
    bytes: [u8; 32],
    public: [u8; 32],
}

/// What comes back through the app's address, sealed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkAnswer {
    LetIn {
        user: UserId,
        code: LinkCode,
    },
    /// An assertion (`PublicKeyCredential.toJSON()`) for each payment, in the request's order.
    StepUp {
        user: UserId,
        assertions: Vec<Value>,
    },
    /// The assertion of the ceremony.
    Confirmed {
        user: UserId,
        assertion: Value,
    },
    /// The person said no.
    Refused,
}

/// It cannot be sealed (the request's key is no point of use) or does not open (another request's, damaged, forged).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not sealed for this request")]
pub struct NotSealed;

impl OneTimeKey {
    pub fn new(random: [u8; 32]) -> Self {
        let (private, public) = X25519::derive_keypair(&random);
        Self { bytes: private.to_bytes().into(), public: public.to_bytes().into() }
    }
    pub fn public(&self) -> [u8; 32] {
        self.public
    }
    /// # Errors
    /// [`NotSealed`]: also for an answer longer than any of ours.
    pub fn open_answer(&self, hash: LinkHash, answer: &str) -> Result<LinkAnswer, NotSealed> {
        if answer.len() > LINK_ANSWER_CHARS_MAX {
            return Err(NotSealed);
        }
        let sealed = Bytes::from_text(answer).ok_or(NotSealed)?;
        let plain = self.open(&message("answer", &[&hash.0]), &[], &sealed.0)?;
        serde_json::from_slice(&plain).map_err(|_| NotSealed)
    }
    /// # Errors
    /// [`NotSealed`]: also when it was sealed for another user.
    pub fn open_data_key(&self, hash: LinkHash, user: UserId, sealed: &[u8]) -> Result<DataKey, NotSealed> {
        let mut plain = self.open(&message("data-key", &[&hash.0]), user.0.as_bytes(), sealed)?;
        let key = DataKey::from_secret_bytes(&plain);
        plain.zeroize();
        key.ok_or(NotSealed)
    }
    fn open(&self, info: &[u8], associated: &[u8], sealed: &[u8]) -> Result<Vec<u8>, NotSealed> {
        let (encapsulated, sealed) = sealed.split_first_chunk::<32>().ok_or(NotSealed)?;
        let encapsulated = <X25519 as Kem>::EncappedKey::from_bytes(encapsulated).map_err(|_| NotSealed)?;
        let private = <X25519 as Kem>::PrivateKey::from_bytes(&self.bytes).map_err(|_| NotSealed)?;
        let mode = OpModeR::Base;
        hpke::single_shot_open::<Aead, Kdf, X25519>(&mode, &private, &encapsulated, info, sealed, associated)
            .map_err(|_| NotSealed)
    }
}

impl LinkAnswer {
    /// For the request's way back, as base64url: encapsulated key (32 bytes), then the sealed JSON.
    ///
    /// # Errors
    /// [`NotSealed`] for a request whose key is no good.
    pub fn seal(&self, request: &LinkRequest) -> Result<String, NotSealed> {
        let mut plain = serde_json::to_vec(self).map_err(|_| NotSealed)?;
        let sealed = seal(request, &message("answer", &[&request.hash().0]), &[], &plain);
        plain.zeroize();
        Ok(Bytes(sealed?).to_text())
    }
}

/// The user's data key for the device that asked: encapsulated key (32 bytes), then the sealed key.
///
/// # Errors
/// [`NotSealed`] for a request whose key is no good.
pub fn seal_data_key(request: &LinkRequest, user: UserId, key: &DataKey) -> Result<Vec<u8>, NotSealed> {
    let mut plain = key.to_secret_bytes();
    let sealed = seal(request, &message("data-key", &[&request.hash().0]), user.0.as_bytes(), &plain);
    plain.zeroize();
    sealed
}

fn seal(request: &LinkRequest, info: &[u8], associated: &[u8], plain: &[u8]) -> Result<Vec<u8>, NotSealed> {
    let public = <X25519 as Kem>::PublicKey::from_bytes(&request.answer_key).map_err(|_| NotSealed)?;
    let mode = OpModeS::Base;
    let sealed = hpke::single_shot_seal::<Aead, Kdf, X25519>(&mode, &public, info, plain, associated);
    let (encapsulated, sealed) = sealed.map_err(|_| NotSealed)?;
    Ok([&encapsulated.to_bytes()[..], &sealed[..]].concat())
}

impl Drop for OneTimeKey {
    fn drop(&mut self) {
        self.bytes.zeroize();
    }
}
impl fmt::Debug for OneTimeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OneTimeKey(secret)")
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Back, DeviceKind, Purpose};
    use super::*;
    use crate::{DataKeyId, DeviceId};
    use serde_json::json;

    fn fixture() -> (OneTimeKey, LinkRequest) {
        let key = OneTimeKey::new([1; 32]);
        let mut device_key = [5; 65];
        device_key[0] = 4;
        let request = LinkRequest {
            purpose: Purpose::LetIn { user: None, account: None },
            device: DeviceId::new(2, [3; 10]),
            device_key,
            name: "Purse".to_owned(),
            kind: DeviceKind::Desktop,
            answer_key: key.public(),
            nonce: [7; 16],
            back: Back::Loopback { port: 40_000 },
        };
        (key, request)
    }

    fn answers() -> [LinkAnswer; 4] {
        let user = UserId::new(1, [1; 10]);
        [
            LinkAnswer::LetIn { user, code: LinkCode::new([3; 16]) },
            LinkAnswer::StepUp { user, assertions: vec![json!({"id": "x"}), json!({"id": "y"})] },
            LinkAnswer::Confirmed { user, assertion: json!({"id": "x"}) },
            LinkAnswer::Refused,
        ]
    }

    #[test]
    fn answers_open_for_their_request_alone() {
        let (key, request) = fixture();
        let other = LinkRequest { nonce: [8; 16], ..request.clone() };
        for answer in answers() {
            let sealed = answer.seal(&request).unwrap();
            assert_eq!(key.open_answer(request.hash(), &sealed).unwrap(), answer);
            assert_eq!(key.open_answer(other.hash(), &sealed), Err(NotSealed));
            assert_eq!(OneTimeKey::new([2; 32]).open_answer(request.hash(), &sealed), Err(NotSealed));
            for cut in [0, 10, 43, sealed.len() - 1] {
                assert_eq!(key.open_answer(request.hash(), &sealed[..cut]), Err(NotSealed), "{cut}");
            }
            let longer = format!("{sealed}{}", "A".repeat(LINK_ANSWER_CHARS_MAX));
            assert_eq!(key.open_answer(request.hash(), &longer), Err(NotSealed));
        }
        assert!(!format!("{:?}", answers()[0]).contains("AwMD"), "the code is not printed");
    }

    #[test]
    fn one_flipped_bit_is_noticed() {
        let (key, request) = fixture();
        let sealed = Bytes::from_text(&answers()[0].seal(&request).unwrap()).unwrap().0;
        for position in 0..sealed.len() {
            let mut flipped = sealed.clone();
            flipped[position] ^= 1;
            let opened = key.open_answer(request.hash(), &Bytes(flipped).to_text());
            assert_eq!(opened, Err(NotSealed), "{position}");
        }
    }

    #[test]
    fn the_data_key_is_for_one_request_and_one_user() {
        let (key, request) = fixture();
        let (user, other) = (UserId::new(1, [1; 10]), UserId::new(2, [1; 10]));
        let data_key = DataKey::new(DataKeyId::new(1, [2; 10]), [7; 32]);
        let sealed = seal_data_key(&request, user, &data_key).unwrap();
        let opened = key.open_data_key(request.hash(), user, &sealed).unwrap();
        assert_eq!(opened.to_secret_bytes(), data_key.to_secret_bytes());
        assert_eq!(key.open_data_key(request.hash(), other, &sealed).unwrap_err(), NotSealed);
        let another = LinkRequest { nonce: [8; 16], ..request.clone() }.hash();
        assert_eq!(key.open_data_key(another, user, &sealed).unwrap_err(), NotSealed);
        // What was sealed for one step opens in no other.
        assert_eq!(key.open_answer(request.hash(), &Bytes(sealed).to_text()), Err(NotSealed));
        let answer = Bytes::from_text(&answers()[0].seal(&request).unwrap()).unwrap().0;
        assert_eq!(key.open_data_key(request.hash(), user, &answer).unwrap_err(), NotSealed);
    }

    /// A point of small order would make the shared secret known to everybody.
    #[test]
    fn nothing_is_sealed_to_a_point_of_small_order() {
        let (_, request) = fixture();
        let bad = LinkRequest { answer_key: [0; 32], ..request };
        assert_eq!(LinkAnswer::Refused.seal(&bad), Err(NotSealed));
        let data_key = DataKey::new(DataKeyId::new(1, [2; 10]), [7; 32]);
        assert_eq!(seal_data_key(&bad, UserId::new(1, [1; 10]), &data_key), Err(NotSealed));
    }

    /// Sealed by another implementation of RFC 9180: every later build must open it.
    #[test]
    fn known_answer() {
        let (key, request) = fixture();
        assert_eq!(key.open_answer(request.hash(), KNOWN).unwrap(), LinkAnswer::Refused);
    }
    const KNOWN: &str = "3okjpnXQIYDN19AJe6QEueHikw1WZculjRdlAGNheTt6OAF_Sn66PWmYZMtOuqo1og3SyQSznkBH";

    #[test]
    fn the_key_is_not_printed() {
        assert_eq!(format!("{:?}", OneTimeKey::new([1; 32])), "OneTimeKey(secret)");
    }
}
