//! The sync server over HTTP, as an app: a bearer token instead of a cookie, no redirects, nothing endless.
//!
//! Architecture invariant: one address, given at the start. The token is in no log, no view and no reply that leaves
//! this room, and sealed wherever it is stored.

mod live;
mod origin;
mod session;
#[cfg(test)]
mod tests;
mod tls;

pub use live::Live;
pub use origin::Origin;
pub use session::Session;

use purse_core::ports::{Call, Method, Reply, Server, Unreachable};
use purse_shared::protocol::PROTOCOL_VERSION;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, Response};
use std::rc::Rc;
use std::time::Duration;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Longer than any answer takes; a dead connection is noticed by then.
const TIMEOUT: Duration = Duration::from_secs(20);
/// Far above the largest page of a feed.
const REPLY_BYTES_MAX: usize = 16 * 1_024 * 1_024;

/// Clones share their connections and their session.
#[derive(Clone)]
pub struct AppServer {
    client: Client,
    origin: Origin,
    session: Rc<Session>,
}

impl AppServer {
    /// # Errors
    /// In words, when there is no source of certificates at all.
    pub fn new(origin: Origin, session: Rc<Session>) -> Result<Self, String> {
        let agent = concat!("Purse/", env!("CARGO_PKG_VERSION"));
        let mut builder = Client::builder()
            .user_agent(format!("{agent} ({})", std::env::consts::OS))
            .redirect(Policy::none())
            .referer(false)
            .connect_timeout(CONNECT_TIMEOUT)
            .https_only(!origin.is_this_machine())
            .tls_backend_preconfigured(tls::config().map_err(|error| error.to_string())?);
        if origin.is_this_machine() {
            builder = builder.no_proxy();
        }
        let client = builder.build().map_err(|error| error.to_string())?;
        Ok(Self { client, origin, session })
    }

    fn request(&self, method: Method, path: &str) -> Option<RequestBuilder> {
        let method = match method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Put => reqwest::Method::PUT,
            Method::Patch => reqwest::Method::PATCH,
            Method::Delete => reqwest::Method::DELETE,
        };
        let request = self
            .client
            .request(method, self.origin.at(path)?)
            .header("purse-client", "app")
            .header("purse-protocol", PROTOCOL_VERSION);
        let Some(token) = self.session.token() else { return Some(request) };
        let mut bearer = HeaderValue::from_str(&format!("Bearer {}", token.as_str())).ok()?;
        bearer.set_sensitive(true);
        Some(request.header(AUTHORIZATION, bearer))
    }
}

impl Server for AppServer {
    async fn send(&self, call: Call) -> Result<Reply, Unreachable> {
        let mut request = self.request(call.method, &call.path).ok_or(Unreachable)?;
        if let Some(body) = call.body {
            request = request.header(CONTENT_TYPE, "application/json").body(body);
        }
        let whole = async {
            let response =
                request.send().await.map_err(|error| tracing::debug!("no answer: {error}")).ok()?;
            let status = response.status().as_u16();
            Some(Reply { status, body: body(response).await? })
        };
        let reply = tokio::time::timeout(TIMEOUT, whole).await.ok().flatten().ok_or(Unreachable)?;
        Ok(self.session.hear(call.method, &call.path, reply))
    }
}

/// `None`: it broke off, or it is larger than anything we ask for.
async fn body(mut response: Response) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await.ok()? {
        if body.len() + piece.len() > REPLY_BYTES_MAX {
            return None;
        }
        body.extend_from_slice(&piece);
    }
    Some(body)
}
