//! Extractors whose every rejection is a problem.

use super::problem::ApiError;
use axum::body::Body;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use futures::StreamExt;
use purse_shared::protocol::ProblemCode;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::io;
use std::time::Duration;
use tokio::time::Instant;

/// A body is there within this, and a second more for each so many bytes that came: a large outbox on a slow line
/// takes its time.
const BODY_GRACE: Duration = Duration::from_secs(8);
const BODY_BYTES_PER_SECOND: u64 = 16 * 1_024;

/// A JSON body, in or out. Replies are never cached: they are one person's.
#[derive(Clone, Copy, Debug)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = ApiError;
    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        if !is_json(request.headers()) {
            return Err(ProblemCode::UnsupportedMediaType.into());
        }
        let request = request.map(hurried);
        let bytes = axum::body::Bytes::from_request(request, state).await.map_err(body_rejection)?;
        serde_json::from_slice(&bytes).map(Self).map_err(|error| unreadable(&error))
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.0) {
            Ok(body) => {
                let headers = [
                    (CONTENT_TYPE, HeaderValue::from_static("application/json")),
                    (CACHE_CONTROL, HeaderValue::from_static("no-store")),
                ];
                (StatusCode::OK, headers, body).into_response()
            }
            Err(error) => ApiError::Internal(error.into()).into_response(),
        }
    }
}

/// A body that ends with an error when it comes too slowly: whoever trickles holds a place that others need.
fn hurried(body: Body) -> Body {
    let mut body = body.into_data_stream();
    Body::from_stream(async_stream::stream! {
        let started = Instant::now();
        let mut received = 0_u64;
        loop {
            let by = started + BODY_GRACE + Duration::from_secs(received / BODY_BYTES_PER_SECOND);
            match tokio::time::timeout_at(by, body.next()).await {
                Ok(Some(Ok(bytes))) => {
                    received += u64::try_from(bytes.len()).unwrap_or(u64::MAX / 2);
                    yield Ok(bytes);
                }
                Ok(Some(Err(error))) => yield Err(io::Error::other(error)),
                Ok(None) => break,
                Err(_late) => {
                    yield Err(io::ErrorKind::TimedOut.into());
                    break;
                }
            }
        }
    })
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = value.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json")
}

fn body_rejection(rejection: BytesRejection) -> ApiError {
    match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => ProblemCode::TooLarge.into(),
        _ => ApiError::detail(ProblemCode::BadRequest, "The body ended early, or came too slowly."),
    }
}

/// Which value is wrong, where its type says so; the place otherwise. Never the value itself.
fn unreadable(error: &serde_json::Error) -> ApiError {
    let text = error.to_string();
    let says = |words: &str| text.starts_with(words);
    if says("unknown currency") {
        return ProblemCode::UnknownCurrency.into();
    }
    if says("the amount") || says("this is not an amount") {
        return ProblemCode::AmountInvalid.into();
    }
    if says("the assertion is longer") {
        return ProblemCode::TooLarge.into();
    }
    if says("a handle has") {
        return ProblemCode::HandleInvalid.into();
    }
    let place = format!("The JSON cannot be read at line {}, column {}.", error.line(), error.column());
    ApiError::detail(ProblemCode::BadRequest, place)
}

/// Values from the path. What cannot be one of ours is not found.
#[derive(Clone, Copy, Debug)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        match axum::extract::Path::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(value)) => Ok(Self(value)),
            Err(_) => Err(ProblemCode::NotFound.into()),
        }
    }
}

#[derive(Clone, Copy, Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        match axum::extract::Query::from_request_parts(parts, state).await {
            Ok(axum::extract::Query(value)) => Ok(Self(value)),
            Err(_) => {
                Err(ApiError::detail(ProblemCode::BadRequest, "A parameter of the address cannot be read."))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use purse_shared::protocol::{DepositRequest, OpenWallet};

    /// The words of `shared`'s errors are what serde hands through.
    #[test]
    fn money_that_is_none_has_its_own_code() {
        let deposit = |minor: &str, currency: &str| {
            let id = "018bcfe5-6800-7000-8000-000000000000";
            format!(
                r#"{{"deposit_id":"{id}","wallet_id":"{id}","method_id":"{id}","amount":{{"minor":{minor},"currency":"{currency}"}}}}"#
            )
        };
        let check = |json: &str, want: ProblemCode| match unreadable(
            &serde_json::from_str::<DepositRequest>(json).unwrap_err(),
        ) {
            ApiError::Problem(code) | ApiError::WithDetail(code, _) => assert_eq!(code, want, "{json}"),
            other => panic!("{other:?}"),
        };
        check(&deposit("1", "XXX"), ProblemCode::UnknownCurrency);
        check(&deposit("0", "EUR"), ProblemCode::AmountInvalid);
        check(&deposit("-5", "EUR"), ProblemCode::AmountInvalid);
        check(&deposit("9000000000000000000", "EUR"), ProblemCode::AmountInvalid);
        check(&deposit("1000000000000000000000000000000", "EUR"), ProblemCode::BadRequest);
        check("{}", ProblemCode::BadRequest);
        let error = serde_json::from_str::<OpenWallet>(r#"{"currency":"secret-text"}"#).unwrap_err();
        assert!(!format!("{:?}", unreadable(&error)).contains("secret-text"));
    }
}
