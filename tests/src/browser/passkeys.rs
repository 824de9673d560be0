//! A virtual authenticator in the browser: it holds passkeys and answers at once, as the person's finger would.

use super::{Browser, command};
use fantoccini::Client;
use serde_json::{Value, json};

/// A passkey with its private key, as it comes out of one authenticator and goes into another. What it gave for
/// PRF stays behind: another device derives another secret, or none.
#[derive(Clone, Debug)]
pub struct Credential(Value);

/// Of the first window. Its id.
pub(super) struct Authenticator(String);

#[allow(clippy::expect_used, reason = "a test's tool")]
impl Authenticator {
    pub(super) async fn plug_in(client: &Client) -> Self {
        let device = json!({
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": true,
            "hasUserVerification": true, "isUserVerified": true, "extensions": ["prf"],
        });
        let id = command::post(client, "webauthn/authenticator", device).await.expect("an authenticator");
        Self(id.as_str().expect("an authenticator's id").to_owned())
    }

    fn path(&self, what: &str) -> String {
        format!("webauthn/authenticator/{}/{what}", self.0)
    }
}

#[allow(clippy::expect_used, reason = "a test's tool")]
impl Browser {
    fn authenticator(&self) -> &Authenticator {
        self.authenticator.as_ref().expect("a browser, with an authenticator")
    }

    /// The passkeys that this device holds.
    pub async fn credentials(&self) -> Vec<Credential> {
        let list = command::get(&self.client, self.authenticator().path("credentials")).await;
        let list = list.expect("the authenticator's passkeys");
        list.as_array().into_iter().flatten().cloned().map(Credential).collect()
    }

    pub async fn import(&self, credential: &Credential) {
        let path = self.authenticator().path("credential");
        command::post(&self.client, path, credential.0.clone()).await.expect("the passkey is taken");
    }

    /// Whether the person waves the browser's question away from now on, until the page is loaded anew. (A virtual
    /// authenticator that once saw a wrong finger too often stays blocked, as a real one does.)
    pub async fn wave_passkeys_away(&self, away: bool) {
        let script = "
            if (arguments[0]) navigator.credentials.get = async () => { throw new DOMException('', 'NotAllowedError'); };
            else delete navigator.credentials.get;";
        self.eval(script, vec![json!(away)]).await;
    }
}
