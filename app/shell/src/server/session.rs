//! The session's token: in memory, and in the store sealed under the host's key. It outlives a sign-out that had no
//! network, since that session is still to be ended.

use crate::store::RedbStore;
use purse_core::ports::{Method, Reply};
use purse_shared::vault::StorageKey;
use serde_json::{Map, Value};
use std::cell::RefCell;
use std::rc::Rc;
use zeroize::{Zeroize, Zeroizing};

const RECORD: &str = "session";
const KIND: &str = "session";
const TOKEN_CHARS_MAX: usize = 512;
/// Where the server lets somebody in.
const GIVE_ONE: [&str; 4] = [
    "/api/v1/users/register/finish",
    "/api/v1/session/finish",
    "/api/v1/session/renew/finish",
    "/api/v1/links/redeem",
];
const ENDS_IT: &str = "/api/v1/session";

pub struct Session {
    store: Rc<RedbStore>,
    key: StorageKey,
    token: RefCell<Option<Zeroizing<String>>>,
}

impl Session {
    /// With the token of the last run. One that cannot be read is none: the device's key brings another.
    pub fn open(store: Rc<RedbStore>, key: StorageKey) -> Self {
        let sealed = store.host_record(RECORD).unwrap_or_else(|error| {
            tracing::warn!("the session cannot be read: {error}");
            None
        });
        let token = sealed
            .and_then(|sealed| key.open(KIND, RECORD, &sealed).ok())
            .and_then(|token| String::from_utf8(token).ok())
            .map(Zeroizing::new);
        Self { store, key, token: RefCell::new(token) }
    }

    pub fn token(&self) -> Option<Zeroizing<String>> {
        self.token.borrow().clone()
    }

    /// Takes the token out of a reply that lets somebody in, and drops it when the session has ended.
    pub fn hear(&self, method: Method, path: &str, mut reply: Reply) -> Reply {
        if !(200..300).contains(&reply.status) {
            return reply;
        }
        if method == Method::Post && GIVE_ONE.contains(&path) {
            if let Some((token, rest)) = take_token(&reply.body) {
                self.keep(Some(token));
                reply.body.zeroize();
                reply.body = rest;
            }
        } else if method == Method::Delete && path == ENDS_IT {
            self.keep(None);
        }
        reply
    }

    fn keep(&self, token: Option<Zeroizing<String>>) {
        let sealed =
            token.as_ref().map(|token| self.key.seal(KIND, RECORD, token.as_bytes(), crate::random()));
        if let Err(error) = self.store.set_host_record(RECORD, sealed.as_deref()) {
            // It lives as long as the app does; the next start renews it by the device's key.
            tracing::warn!("the session cannot be stored: {error}");
        }
        *self.token.borrow_mut() = token;
    }
}

fn take_token(body: &[u8]) -> Option<(Zeroizing<String>, Vec<u8>)> {
    let mut reply: Map<String, Value> = serde_json::from_slice(body).ok()?;
    let Some(Value::String(token)) = reply.remove("token") else { return None };
    let token = Zeroizing::new(token);
    let is_one = (1..=TOKEN_CHARS_MAX).contains(&token.len()) && token.bytes().all(|b| b.is_ascii_graphic());
    if !is_one {
        return None;
    }
    Some((token, serde_json::to_vec(&reply).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_is_taken_out() {
        let (token, rest) =
            take_token(br#"{"user":"u","token":"abc.DEF-1","seq":9007199254740993}"#).unwrap();
        assert_eq!(token.as_str(), "abc.DEF-1");
        let rest: Value = serde_json::from_slice(&rest).unwrap();
        assert_eq!(rest, serde_json::json!({"user": "u", "seq": 9_007_199_254_740_993_u64}));
        for none in
            [&br#"{"token":null}"#[..], b"{}", b"[]", b"", br#"{"token":""}"#, b"{\"token\":\"a\\nb\"}"]
        {
            assert!(take_token(none).is_none());
        }
    }
}
