//! A passkey in software (WebAuthn level 3): makes what `PublicKeyCredential.toJSON()` gives, and, on request,
//! what no honest browser would.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom, SystemRandom};
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value, json};

const USER_PRESENT: u8 = 0x01;
const USER_VERIFIED: u8 = 0x04;
const BACKUP_ELIGIBLE: u8 = 0x08;
const BACKED_UP: u8 = 0x10;
const ATTESTED: u8 = 0x40;

/// One discoverable P-256 credential. Synced, so its counter stays 0 unless a test sets one.
pub struct SoftPasskey {
    id: Vec<u8>,
    key: EcdsaKeyPair,
    user_handle: Vec<u8>,
    pub counter: u32,
}

/// How an answer differs from an honest browser's.
#[derive(Clone, Debug, Default)]
pub struct Twist {
    pub origin: Option<String>,
    pub cross_origin: bool,
    pub not_verified: bool,
    pub challenge: Option<Vec<u8>>,
    pub user_handle: Option<Vec<u8>>,
    pub no_user_handle: bool,
    pub rp_id: Option<String>,
    pub client_type: Option<&'static str>,
}

impl Default for SoftPasskey {
    fn default() -> Self {
        Self::new()
    }
}

#[allow(clippy::unwrap_used, reason = "a test's tool")]
impl SoftPasskey {
    pub fn new() -> Self {
        let rng = SystemRandom::new();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &rng).unwrap();
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8.as_ref(), &rng).unwrap();
        let mut id = vec![0; 32];
        rng.fill(&mut id).unwrap();
        Self { id, key, user_handle: Vec::new(), counter: 0 }
    }

    pub fn id_text(&self) -> String {
        URL_SAFE_NO_PAD.encode(&self.id)
    }

    /// Answers `navigator.credentials.create(options)`.
    pub fn create(&mut self, options: &Value, origin: &str, twist: &Twist) -> Value {
        let public = &options["publicKey"];
        self.user_handle = bytes(&public["user"]["id"]);
        let rp_id = twist.rp_id.as_deref().unwrap_or_else(|| public["rp"]["id"].as_str().unwrap());
        let client_data = client_data("webauthn.create", &public["challenge"], origin, twist);
        let mut data = self.authenticator_data(rp_id, ATTESTED, twist);
        data.extend_from_slice(&[0; 16]); // AAGUID: none
        data.extend_from_slice(&u16::try_from(self.id.len()).unwrap().to_be_bytes());
        data.extend_from_slice(&self.id);
        data.extend_from_slice(&cose_key(self.key.public_key().as_ref()));
        json!({
            "id": self.id_text(),
            "rawId": self.id_text(),
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {"credProps": {"rk": true}, "prf": {"enabled": true}},
            "response": {
                "clientDataJSON": URL_SAFE_NO_PAD.encode(client_data),
                "attestationObject": URL_SAFE_NO_PAD.encode(attestation_object(&data)),
                "transports": ["internal", "hybrid", "of-the-future"],
            },
        })
    }

    /// Answers `navigator.credentials.get(options)`.
    pub fn get(&mut self, options: &Value, origin: &str, twist: &Twist) -> Value {
        let public = &options["publicKey"];
        let rp_id = twist.rp_id.as_deref().unwrap_or_else(|| public["rpId"].as_str().unwrap());
        let client_data = client_data("webauthn.get", &public["challenge"], origin, twist);
        if self.counter > 0 {
            self.counter += 1;
        }
        let data = self.authenticator_data(rp_id, 0, twist);
        let mut message = data.clone();
        message.extend_from_slice(digest(&SHA256, client_data.as_bytes()).as_ref());
        let signature = self.key.sign(&SystemRandom::new(), &message).unwrap();
        let mut answer = json!({
            "id": self.id_text(),
            "rawId": self.id_text(),
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {},
            "response": {
                "clientDataJSON": URL_SAFE_NO_PAD.encode(client_data),
                "authenticatorData": URL_SAFE_NO_PAD.encode(data),
                "signature": URL_SAFE_NO_PAD.encode(signature.as_ref()),
                "userHandle": URL_SAFE_NO_PAD.encode(twist.user_handle.as_ref().unwrap_or(&self.user_handle)),
            },
        });
        if twist.no_user_handle {
            answer["response"].as_object_mut().unwrap().remove("userHandle");
        }
        answer
    }

    /// A step-up: an assertion over a challenge of our own.
    pub fn assert_challenge(&mut self, challenge: [u8; 32], origin: &str, twist: &Twist) -> Value {
        let options =
            json!({"publicKey": {"rpId": "localhost", "challenge": URL_SAFE_NO_PAD.encode(challenge)}});
        self.get(&options, origin, twist)
    }

    fn authenticator_data(&self, rp_id: &str, flags: u8, twist: &Twist) -> Vec<u8> {
        let verified = if twist.not_verified { 0 } else { USER_VERIFIED };
        let mut data = digest(&SHA256, rp_id.as_bytes()).as_ref().to_vec();
        data.push(flags | USER_PRESENT | verified | BACKUP_ELIGIBLE | BACKED_UP);
        data.extend_from_slice(&self.counter.to_be_bytes());
        data
    }
}

fn client_data(kind: &str, challenge: &Value, origin: &str, twist: &Twist) -> String {
    let challenge = twist.challenge.as_ref().map_or_else(
        || challenge.as_str().unwrap_or_default().to_owned(),
        |bytes| URL_SAFE_NO_PAD.encode(bytes),
    );
    json!({
        "type": twist.client_type.unwrap_or(kind),
        "challenge": challenge,
        "origin": twist.origin.as_deref().unwrap_or(origin),
        "crossOrigin": twist.cross_origin,
    })
    .to_string()
}

#[allow(clippy::unwrap_used, reason = "a test's tool")]
fn bytes(value: &Value) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(value.as_str().unwrap()).unwrap()
}

/// `{1: 2, 3: -7, -1: 1, -2: x, -3: y}` (RFC 9053, section 7.1.1).
fn cose_key(point: &[u8]) -> Vec<u8> {
    let mut key = vec![0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20];
    key.extend_from_slice(&point[1..33]);
    key.extend_from_slice(&[0x22, 0x58, 0x20]);
    key.extend_from_slice(&point[33..65]);
    key
}

/// `{"fmt": "none", "attStmt": {}, "authData": data}`
#[allow(clippy::unwrap_used, reason = "a test's tool")]
fn attestation_object(data: &[u8]) -> Vec<u8> {
    let mut object = vec![0xa3, 0x63];
    object.extend_from_slice(b"fmt");
    object.push(0x64);
    object.extend_from_slice(b"none");
    object.push(0x67);
    object.extend_from_slice(b"attStmt");
    object.push(0xa0);
    object.push(0x68);
    object.extend_from_slice(b"authData");
    object.push(0x59);
    object.extend_from_slice(&u16::try_from(data.len()).unwrap().to_be_bytes());
    object.extend_from_slice(data);
    object
}
