//! What the core needs of its host: keys, a network, a clock, passkeys. Storage is in [`crate::store`].
//!
//! Everything is single-threaded and asynchronous: in the browser these are WebCrypto, fetch and IndexedDB; in
//! tests they are a simulated device on a bad network.

use crate::store::Store;
use purse_shared::link::DeviceKind;
use purse_shared::{Secret, UnixMillis};
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub trait Host: 'static {
    type Store: Store;
    type Keys: DeviceKeys;
    type Server: Server;
    type Env: Env;
    fn store(&self) -> &Self::Store;
    fn keys(&self) -> &Self::Keys;
    fn server(&self) -> &Self::Server;
    fn env(&self) -> &Self::Env;
}

/// The device's own keys. Private halves never leave the implementation.
#[allow(async_fn_in_trait, reason = "single-threaded by design")]
pub trait DeviceKeys {
    /// SEC1 uncompressed P-256 point; the pair is made at the first call.
    async fn public_key(&self) -> Result<Vec<u8>, KeyError>;
    /// ES256 over `message`: r and s, 64 bytes.
    async fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError>;
    /// True when `signature` (r and s, 64 bytes) over `message` is by `public_key` (SEC1, 65 bytes), somebody else's.
    async fn verify_es256(
        &self,
        public_key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<bool, KeyError>;
    /// 32 bytes that only this device can make again: the root of its storage key.
    async fn secret(&self) -> Result<[u8; 32], KeyError>;
    /// The highest number ever signed with this key, as far as was written down. Waits for nobody: a raise under way is
    /// not in it yet.
    async fn mark(&self) -> Result<Mark, KeyError>;
    /// Returns within seconds, whatever the keys are kept in waits for.
    ///
    /// # Errors
    /// [`KeyError`]: not written by now. It may be later, and then never after a higher one.
    async fn raise_mark(&self, mark: Mark) -> Result<(), KeyError>;
    /// Another signing key from now on (the old one was revoked); the secret stays.
    async fn renew(&self) -> Result<(), KeyError>;
    /// Everything goes: the person signed out.
    async fn forget(&self) -> Result<(), KeyError>;
    /// A signature by a key that is made for it and kept nowhere: for somebody who is a guest on another's device.
    /// `message` makes what is signed of the public key.
    async fn sign_once(&self, message: impl FnOnce(&[u8]) -> Vec<u8>) -> Result<SignedOnce, KeyError>;
}

/// In the forms of [`DeviceKeys::public_key`] and [`DeviceKeys::sign`].
#[derive(Clone, Debug)]
pub struct SignedOnce {
    pub public_key: Vec<u8>,
    pub signature: Vec<u8>,
}

/// Lives beside the key, not in the store: after a restored backup the two disagree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    pub seq: u64,
    /// Random, another with each raise: tells two lives apart that reached the same number.
    pub generation: u64,
}

#[derive(Debug, Clone, thiserror::Error)]
#[error("the device's keys cannot be used: {0}")]
pub struct KeyError(pub String);

/// One request to the sync server, with the session that the host keeps.
#[allow(async_fn_in_trait, reason = "single-threaded by design")]
pub trait Server {
    /// # Errors
    /// [`Unreachable`] when there is no complete answer, for whatever reason.
    async fn send(&self, call: Call) -> Result<Reply, Unreachable>;
}

#[derive(Clone, Debug)]
pub struct Call {
    pub method: Method,
    /// From `/api/v1` on.
    pub path: String,
    /// JSON.
    pub body: Option<Vec<u8>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

impl Method {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

#[derive(Clone, Debug)]
pub struct Reply {
    pub status: u16,
    pub body: Vec<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the server cannot be reached")]
pub struct Unreachable;

/// The passkey ceremonies of the page (or app) in which the person asked.
#[allow(async_fn_in_trait, reason = "single-threaded by design")]
pub trait Passkeys {
    /// `options` is `{"publicKey": {...}}` with the PRF input in it, as the server made it.
    async fn create(&self, options: Value) -> Result<PasskeyAnswer, PasskeyError>;
    async fn get(&self, options: Value) -> Result<PasskeyAnswer, PasskeyError>;
    /// A way back into this app on this machine, which listens from now on; only for apps beside a browser
    /// ([`Surroundings::App`]). Another one ends the one before.
    async fn way_back(&self) -> Result<WayBack, PasskeyError> {
        Err(PasskeyError::Unsupported)
    }
    /// Opens `address` in the system's browser and waits for what comes back by `way`: what follows `?answer=`.
    /// The person may take minutes. Dropped and called again with the same `way`, it opens the browser once more.
    async fn visit(&self, way: WayBack, address: &str) -> Result<Secret<String>, PasskeyError> {
        let _ = (way, address);
        Err(PasskeyError::Unsupported)
    }
}

/// Where the system's browser goes when it is done: a port of this machine's loopback, or the app's own scheme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WayBack {
    /// `http://127.0.0.1:PORT/`
    Loopback { port: u16 },
    /// `purse://link`
    Scheme,
}

/// What a ceremony gave.
#[derive(Clone)]
pub struct PasskeyAnswer {
    /// `PublicKeyCredential.toJSON()`.
    pub credential: Value,
    /// The PRF output for [`purse_shared::vault::PRF_SALT`], where the passkey has one.
    pub prf: Option<[u8; 32]>,
}

impl std::fmt::Debug for PasskeyAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasskeyAnswer")
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasskeyError {
    #[error("the person closed the passkey's window, or it timed out")]
    Cancelled,
    #[error("there are no passkeys here")]
    Unsupported,
}

/// The clock, randomness and small services of the machine.
pub trait Env {
    /// The device's own clock, wrong as it may be.
    fn now(&self) -> UnixMillis;
    /// From the operating system's generator.
    fn fill(&self, bytes: &mut [u8]);
    /// "Chromium on Linux"
    fn device_name(&self) -> String;
    /// The relying party's id: the host name of the server's address.
    fn rp_id(&self) -> String;
    /// The server's address as people reach it, without a slash at the end: `https://wallet.example`.
    fn origin(&self) -> String;
    fn surroundings(&self) -> Surroundings {
        Surroundings::Browser
    }
    /// As the device presents itself to a person who is asked to let it in.
    fn device_kind(&self) -> DeviceKind {
        match self.surroundings() {
            Surroundings::Browser => DeviceKind::Browser,
            Surroundings::App => DeviceKind::Desktop,
        }
    }
    /// Offers a file to keep.
    fn save_file(&self, name: &str, bytes: &[u8]);
    /// Lets the page draw and hear between two slices of long work.
    #[allow(async_fn_in_trait, reason = "single-threaded by design")]
    async fn breathe(&self) {}
}

/// What the app runs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Surroundings {
    /// A page: passkey ceremonies run in it.
    Browser,
    /// An app beside the system's browser: ceremonies are visits there.
    App,
}

pub(crate) fn random<const N: usize>(env: &impl Env) -> [u8; N] {
    let mut bytes = [0; N];
    env.fill(&mut bytes);
    bytes
}
