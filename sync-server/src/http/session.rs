//! The session of a request, and the cookie that carries it.

use super::address;
use super::problem::ApiError;
use super::rate::Limits;
use crate::app::App;
use crate::identity::{self, Caller, IdentityError, SessionFacts, SessionToken, Signed};
use crate::settings::Settings;
use axum::extract::FromRequestParts;
use axum::http::header::{AUTHORIZATION, COOKIE, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use purse_shared::UnixMillis;
use purse_shared::limits::{SECOND_MS, SESSION_LIFE_MS};
use purse_shared::link::Act;
use purse_shared::protocol::ProblemCode;
use std::ops::Deref;
use std::sync::Arc;

/// Apps send `Purse-Client: app`, get the token in the reply and send it as bearer; they never get a cookie.
const CLIENT_HEADER: &str = "purse-client";

/// A request of a signed-in person on a device that was not revoked.
#[derive(Clone, Debug)]
pub struct Session(SessionFacts);

impl Deref for Session {
    type Target = SessionFacts;
    fn deref(&self) -> &SessionFacts {
        &self.0
    }
}

impl Session {
    /// # Errors
    /// [`ProblemCode::PasskeyNeeded`] unless a passkey confirmed this session within the last five minutes, and its owner
    /// did not read then that it was for something else.
    pub fn require_fresh_passkey(&self, act: Act, now: UnixMillis) -> Result<(), ApiError> {
        let fresh = self.passkey.is_some_and(|yes| yes.is_fresh_for(act, now));
        if fresh { Ok(()) } else { Err(ProblemCode::PasskeyNeeded.into()) }
    }
}

impl FromRequestParts<App> for Session {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let limits = parts.extensions.get::<Arc<Limits>>().cloned();
        let ip = caller(parts, app).ip;
        let found = match token(&parts.headers, &app.settings) {
            Some(token) => identity::find_session(app, &token).await,
            None => Err(IdentityError::from(ProblemCode::SignInNeeded)),
        };
        match found {
            Ok(facts) => {
                if let Some(limits) = limits {
                    limits
                        .user(app, facts.user)
                        .map_err(|retry_after_s| ApiError::TooManyRequests { retry_after_s })?;
                }
                Ok(Self(facts))
            }
            Err(error) => {
                // Guessing tokens is counted like any unsigned request.
                if let Some(limits) = limits {
                    limits
                        .address(app, ip)
                        .map_err(|retry_after_s| ApiError::TooManyRequests { retry_after_s })?;
                }
                Err(error.into())
            }
        }
    }
}

impl FromRequestParts<App> for Caller {
    type Rejection = std::convert::Infallible;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        Ok(caller(parts, app))
    }
}

fn caller(parts: &Parts, app: &App) -> Caller {
    Caller { ip: address::client(&parts.extensions, &parts.headers, &app.settings) }
}

/// True when the client asked to be treated as an app.
#[derive(Clone, Copy, Debug)]
pub struct AsApp(pub bool);

impl FromRequestParts<App> for AsApp {
    type Rejection = std::convert::Infallible;
    async fn from_request_parts(parts: &mut Parts, _app: &App) -> Result<Self, Self::Rejection> {
        Ok(Self(is_app(&parts.headers)))
    }
}

pub(super) fn is_app(headers: &HeaderMap) -> bool {
    headers.get(CLIENT_HEADER).is_some_and(|value| value.as_bytes() == b"app")
}

/// A bearer token first, then the cookie.
pub(super) fn token(headers: &HeaderMap, settings: &Settings) -> Option<SessionToken> {
    if let Some(value) = headers.get(AUTHORIZATION) {
        return value.to_str().ok()?.strip_prefix("Bearer ").and_then(SessionToken::read);
    }
    cookie(headers, settings).and_then(SessionToken::read)
}

/// The session cookie's value, where one is sent.
pub(super) fn cookie<'a>(headers: &'a HeaderMap, settings: &Settings) -> Option<&'a str> {
    let name = cookie_name(settings);
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}

fn is_https(settings: &Settings) -> bool {
    settings.public_url.starts_with("https://")
}

/// `__Host-`: browsers then insist on Secure, Path=/ and no Domain (RFC 6265bis, 4.1.3.2).
fn cookie_name(settings: &Settings) -> &'static str {
    if is_https(settings) { "__Host-purse_session" } else { "purse_session" }
}

fn cookie_header(settings: &Settings, value: &str, max_age_s: i64) -> Option<HeaderValue> {
    let secure = if is_https(settings) { "; Secure" } else { "" };
    let name = cookie_name(settings);
    let text = format!("{name}={value}; Path=/; Max-Age={max_age_s}; HttpOnly; SameSite=Strict{secure}");
    let mut header = HeaderValue::from_str(&text).ok()?;
    header.set_sensitive(true);
    Some(header)
}

/// The reply to a sign-in: the token in a cookie, or in the body for an app.
pub(super) fn signed_in(app: &App, signed: Signed, as_app: AsApp) -> Response {
    let Signed { token, mut reply } = signed;
    if as_app.0 {
        reply.token = Some(token.reveal().to_owned());
        return super::Json(reply).into_response();
    }
    let header = cookie_header(&app.settings, token.reveal(), SESSION_LIFE_MS / SECOND_MS);
    let mut response = super::Json(reply).into_response();
    if let Some(header) = header {
        response.headers_mut().append(SET_COOKIE, header);
    }
    response
}

/// Takes the cookie back.
pub(super) fn signed_out(app: &App) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    if let Some(header) = cookie_header(&app.settings, "", 0) {
        response.headers_mut().append(SET_COOKIE, header);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_is_strict_and_secure_on_https() {
        let listen = std::net::SocketAddr::from(([127, 0, 0, 1], 8420));
        let mut settings = Settings::for_tests(listen, "/tmp".into());
        let text =
            |settings: &Settings| cookie_header(settings, "v", 5).unwrap().to_str().unwrap().to_owned();
        assert_eq!(text(&settings), "purse_session=v; Path=/; Max-Age=5; HttpOnly; SameSite=Strict");
        settings.public_url = "https://purse.example".to_owned();
        assert_eq!(
            text(&settings),
            "__Host-purse_session=v; Path=/; Max-Age=5; HttpOnly; SameSite=Strict; Secure"
        );
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, HeaderValue::from_static("purse_session=a; x=1; __Host-purse_session=b"));
        assert_eq!(cookie(&headers, &settings), Some("b"));
    }
}
