//! WebDriver commands that fantoccini has no method for: virtual authenticators, network conditions, DevTools.

use fantoccini::Client;
use fantoccini::error::CmdError;
use fantoccini::wd::WebDriverCompatibleCommand;
use reqwest::{Method, Url};
use serde_json::{Value, json};

#[derive(Debug)]
struct Extension {
    method: Method,
    /// Below `/session/{id}/`.
    path: String,
    body: Option<Value>,
}

impl WebDriverCompatibleCommand for Extension {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, url::ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }
    fn method_and_body(&self, _request: &Url) -> (Method, Option<String>) {
        (self.method.clone(), self.body.as_ref().map(Value::to_string))
    }
}

pub async fn post(client: &Client, path: impl Into<String>, body: Value) -> Result<Value, CmdError> {
    client.issue_cmd(Extension { method: Method::POST, path: path.into(), body: Some(body) }).await
}

pub async fn get(client: &Client, path: impl Into<String>) -> Result<Value, CmdError> {
    client.issue_cmd(Extension { method: Method::GET, path: path.into(), body: None }).await
}

/// A command of the DevTools protocol to the window that is driven.
pub async fn devtools(client: &Client, command: &str, params: Value) -> Result<Value, CmdError> {
    post(client, "goog/cdp/execute", json!({"cmd": command, "params": params})).await
}
