//! The browser as the core's host: clock, randomness, network, and what it is called.

use crate::browser;
use crate::database::IndexedDb;
use crate::keys::WebKeys;
use js_sys::{Array, Uint8Array};
use purse_core::ports::{Call, Env, Host, Reply, Server, Unreachable};
use purse_shared::UnixMillis;
use purse_shared::protocol::PROTOCOL_VERSION;
use wasm_bindgen::JsCast;

/// Longer than any answer takes; a dead connection is noticed by then.
const TIMEOUT_MS: u32 = 20_000;

pub struct WebHost {
    pub store: IndexedDb,
    pub keys: WebKeys,
    pub server: WebServer,
    pub env: WebEnv,
}

impl Host for WebHost {
    type Store = IndexedDb;
    type Keys = WebKeys;
    type Server = WebServer;
    type Env = WebEnv;
    fn store(&self) -> &IndexedDb {
        &self.store
    }
    fn keys(&self) -> &WebKeys {
        &self.keys
    }
    fn server(&self) -> &WebServer {
        &self.server
    }
    fn env(&self) -> &WebEnv {
        &self.env
    }
}

/// `fetch`. On its own rather than through reqwest, which would bring URL parsing and its tables of Unicode.
pub struct WebServer;

impl Server for WebServer {
    async fn send(&self, call: Call) -> Result<Reply, Unreachable> {
        let protocol = PROTOCOL_VERSION.to_string();
        let answer = browser::call(call.method.as_str(), &call.path, call.body, &protocol, TIMEOUT_MS);
        let answer = answer.await.map_err(|_| Unreachable)?;
        let pair: &Array = answer.dyn_ref().ok_or(Unreachable)?;
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an HTTP status")]
        let status = pair.get(0).as_f64().ok_or(Unreachable)? as u16;
        Ok(Reply { status, body: Uint8Array::new(&pair.get(1)).to_vec() })
    }
}

pub struct WebEnv;

impl Env for WebEnv {
    fn now(&self) -> UnixMillis {
        now()
    }
    fn fill(&self, bytes: &mut [u8]) {
        fill(bytes);
    }
    fn device_name(&self) -> String {
        browser::device_name()
    }
    fn rp_id(&self) -> String {
        location().and_then(|location| location.hostname().ok()).unwrap_or_default()
    }
    fn origin(&self) -> String {
        location().and_then(|location| location.origin().ok()).unwrap_or_default()
    }
    fn save_file(&self, name: &str, bytes: &[u8]) {
        browser::save_file(name, bytes);
    }
    async fn breathe(&self) {
        browser::sleep(0.0).await;
    }
}

#[allow(clippy::cast_possible_truncation, reason = "whole milliseconds, far below 2^53")]
pub fn now() -> UnixMillis {
    js_sys::Date::now() as UnixMillis
}

pub fn fill(bytes: &mut [u8]) {
    if getrandom::fill(bytes).is_err() {
        // Without randomness there are no keys, ids or nonces: going on would be worse than stopping.
        wasm_bindgen::throw_str("this browser gives no random numbers");
    }
}

fn location() -> Option<web_sys::Location> {
    web_sys::window().map(|window| window.location())
}
