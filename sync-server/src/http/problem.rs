//! The one file that turns errors into HTTP: RFC 9457 problem details with a stable code.
//!
//! Internals stay in the log, where each failure is written once, here.

use crate::audit::ReceiptError;
use crate::identity::IdentityError;
use crate::intake::SubmitError;
use crate::settle::NotNow;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use purse_shared::protocol::{Problem, ProblemCode};
use std::borrow::Cow;

const BUSY_RETRY_S: u32 = 2;

#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    #[error("{}", .0.as_str())]
    Problem(ProblemCode),
    /// With words that say more than the code alone; never internals.
    #[error("{code}: {1}", code = .0.as_str())]
    WithDetail(ProblemCode, Cow<'static, str>),
    #[error("too many requests")]
    TooManyRequests { retry_after_s: u32 },
    /// For the log alone.
    #[error("internal: {0}")]
    Internal(Box<dyn std::error::Error + Send + Sync>),
}

impl ApiError {
    pub fn detail(code: ProblemCode, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::WithDetail(code, detail.into())
    }
}

impl From<ProblemCode> for ApiError {
    fn from(code: ProblemCode) -> Self {
        Self::Problem(code)
    }
}
impl From<NotNow> for ApiError {
    fn from(why: NotNow) -> Self {
        match why {
            NotNow::Gone => Self::Problem(ProblemCode::Busy),
            NotNow::Full => Self::TooManyRequests { retry_after_s: 1 },
        }
    }
}
impl From<SubmitError> for ApiError {
    fn from(error: SubmitError) -> Self {
        match error {
            SubmitError::NotNow(why) => why.into(),
            SubmitError::Database(error) => error.into(),
        }
    }
}
impl From<sqlx::Error> for ApiError {
    fn from(error: sqlx::Error) -> Self {
        if database_is_away(&error) {
            tracing::warn!(%error, "the database does not answer");
            return Self::Problem(ProblemCode::Busy);
        }
        if is_text_it_cannot_hold(&error) {
            return Self::detail(ProblemCode::BadRequest, "A text contains U+0000.");
        }
        Self::Internal(error.into())
    }
}
impl From<IdentityError> for ApiError {
    fn from(error: IdentityError) -> Self {
        match error {
            IdentityError::Refused(code) => Self::Problem(code),
            IdentityError::Explained(code, detail) => Self::detail(code, detail),
            IdentityError::Writer(gone) => gone.into(),
            IdentityError::Database(error) => error.into(),
            IdentityError::Broken(cause) => Self::Internal(cause.into()),
        }
    }
}

impl From<ReceiptError> for ApiError {
    fn from(error: ReceiptError) -> Self {
        match error {
            ReceiptError::NotFound => Self::Problem(ProblemCode::NotFound),
            ReceiptError::BeforeTheChain => Self::Problem(ProblemCode::NoReceipt),
            ReceiptError::Database(error) => error.into(),
            ReceiptError::Broken { .. } | ReceiptError::Rewritten(_) | ReceiptError::Key(_) => {
                Self::Internal(error.into())
            }
        }
    }
}

/// Gone for now, against a bug of ours.
pub fn database_is_away(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        sqlx::Error::Protocol(what) => is_turned_away(what),
        // 08: connection; 40: serialisation or deadlock; 53: resources; 57: shut down or starting; 25006: read-only.
        sqlx::Error::Database(error) => error.code().is_some_and(|code| {
            ["08", "40", "53", "57P"].iter().any(|class| code.starts_with(class)) || code == "25006"
        }),
        _ => false,
    }
}

/// In place of the byte that says whether there is TLS, the end of the connection (which sqlx reads as a zero), or the
/// E of an error: PostgreSQL is ending, or has no place for one more process.
fn is_turned_away(what: &str) -> bool {
    what.strip_prefix("unexpected response from SSLRequest: ")
        .is_some_and(|byte| byte.starts_with("0x00") || byte.starts_with("0x45"))
}

/// U+0000, which JSON and Rust have and PostgreSQL's text (22021) and jsonb (22P05) have not.
fn is_text_it_cannot_hold(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    code.is_some_and(|code| matches!(code.as_ref(), "22021" | "22P05"))
}

/// Status, title and what to say.
const fn words(code: ProblemCode) -> (StatusCode, &'static str, &'static str) {
    match code {
        ProblemCode::BadRequest => {
            (StatusCode::BAD_REQUEST, "Not understood", "The request is not what this address expects.")
        }
        ProblemCode::TooLarge => {
            (StatusCode::PAYLOAD_TOO_LARGE, "Too large", "The request is larger than allowed.")
        }
        ProblemCode::NotFound => {
            (StatusCode::NOT_FOUND, "Not found", "There is nothing here that is yours to see.")
        }
        ProblemCode::MethodNotAllowed => {
            (StatusCode::METHOD_NOT_ALLOWED, "Method not allowed", "This address does not take that method.")
        }
        ProblemCode::UnsupportedMediaType => {
            (StatusCode::UNSUPPORTED_MEDIA_TYPE, "Not JSON", "Send the body as application/json.")
        }
        ProblemCode::SignInNeeded => {
            (StatusCode::UNAUTHORIZED, "Sign in", "Sign in with a passkey, or renew the session.")
        }
        ProblemCode::DeviceRevoked => {
            (StatusCode::FORBIDDEN, "Device removed", "This device was removed from the account.")
        }
        ProblemCode::PasskeyNeeded => (
            StatusCode::FORBIDDEN,
            "Passkey needed",
            "Confirm with a passkey of this account, then try again.",
        ),
        ProblemCode::ForeignOrigin => {
            (StatusCode::FORBIDDEN, "Another site asked", "The request came from a page of another site.")
        }
        ProblemCode::HandleTaken => {
            (StatusCode::CONFLICT, "Handle taken", "That handle is not free. Choose another.")
        }
        ProblemCode::HandleInvalid => (
            StatusCode::UNPROCESSABLE_ENTITY,
            "Not a handle",
            "A handle has 3 to 30 letters a to z, digits, and single dots, dashes or underscores inside.",
        ),
        ProblemCode::NameInvalid => (
            StatusCode::UNPROCESSABLE_ENTITY,
            "Not a name",
            "A name has 1 to 60 characters and no control characters.",
        ),
        ProblemCode::CeremonyExpired => {
            (StatusCode::GONE, "Begin again", "This attempt is over or was used already. Begin again.")
        }
        ProblemCode::PasskeyRefused => {
            (StatusCode::FORBIDDEN, "Passkey refused", "The passkey's answer could not be accepted.")
        }
        ProblemCode::PasskeyUnknown => (
            StatusCode::NOT_FOUND,
            "Passkey unknown",
            "No account here knows this passkey. It may have been removed.",
        ),
        ProblemCode::LastPasskey => (
            StatusCode::CONFLICT,
            "Last passkey",
            "This is the only passkey. Add another before removing it.",
        ),
        ProblemCode::Conflict => (
            StatusCode::CONFLICT,
            "Conflict",
            "It exists already with other contents, or changed in the meantime.",
        ),
        ProblemCode::TooManyRequests => {
            (StatusCode::TOO_MANY_REQUESTS, "Too many requests", "Wait a moment, then try again.")
        }
        ProblemCode::Busy => (
            StatusCode::SERVICE_UNAVAILABLE,
            "Busy",
            "The server cannot answer now. Nothing was lost; try again.",
        ),
        ProblemCode::UpdateRequired => (
            StatusCode::UPGRADE_REQUIRED,
            "Update the app",
            "This version of the app is too old for the server.",
        ),
        ProblemCode::UnknownCurrency => {
            (StatusCode::UNPROCESSABLE_ENTITY, "Unknown currency", "This currency is not kept here.")
        }
        ProblemCode::AmountInvalid => (
            StatusCode::UNPROCESSABLE_ENTITY,
            "Not an amount",
            "The amount is not positive, too large or misfits.",
        ),
        ProblemCode::GatewayRefused => (
            StatusCode::UNPROCESSABLE_ENTITY,
            "Refused by the bank",
            "The bank or processor did not accept this.",
        ),
        ProblemCode::NoRate => (
            StatusCode::SERVICE_UNAVAILABLE,
            "No rate",
            "There is no exchange rate for this at the moment. Try again later.",
        ),
        ProblemCode::BookFull => (
            StatusCode::INSUFFICIENT_STORAGE,
            "Book full",
            "The book of contacts and notes has reached the most that is kept here.",
        ),
        ProblemCode::NoReceipt => (
            StatusCode::NOT_FOUND,
            "No receipt",
            "This payment is older than the audit chain: there is no receipt of it.",
        ),
        ProblemCode::AccountNotEmpty => (
            StatusCode::CONFLICT,
            "Money is left",
            "There is money in the account. Withdraw or pay it first.",
        ),
        ProblemCode::AccountWaits => (
            StatusCode::CONFLICT,
            "Something waits",
            "Something of this account is still under way. End it, or wait for it, first.",
        ),
        ProblemCode::Internal => (
            StatusCode::INTERNAL_SERVER_ERROR,
            "Our fault",
            "Something went wrong on our side. It was written down.",
        ),
    }
}

/// Seconds, where the same request may do better later.
fn again(code: ProblemCode) -> Option<u32> {
    (code == ProblemCode::Busy).then_some(BUSY_RETRY_S)
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let (code, detail, retry_after) = match self {
            Self::Problem(code) => (code, None, again(code)),
            Self::WithDetail(code, detail) => (code, Some(detail), again(code)),
            Self::TooManyRequests { retry_after_s } => {
                (ProblemCode::TooManyRequests, None, Some(retry_after_s))
            }
            Self::Internal(error) => {
                tracing::error!(%error, "internal error");
                (ProblemCode::Internal, None, None)
            }
        };
        let (status, title, standard) = words(code);
        let problem = Problem {
            kind: format!("urn:purse:problem:{}", code.as_str()),
            title: title.to_owned(),
            status: status.as_u16(),
            detail: detail.unwrap_or(Cow::Borrowed(standard)).into_owned(),
            code: code.as_str().to_owned(),
            retry_after,
        };
        let body = serde_json::to_vec(&problem).unwrap_or_default();
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_a_status_and_words() {
        for code in ProblemCode::ALL {
            let response = ApiError::Problem(*code).into_response();
            assert!(response.status().is_client_error() || response.status().is_server_error(), "{code:?}");
            assert_eq!(response.headers()[CONTENT_TYPE], "application/problem+json");
        }
        let busy = ApiError::from(NotNow::Gone).into_response();
        assert_eq!(
            (busy.status(), busy.headers()[RETRY_AFTER].as_bytes()),
            (StatusCode::SERVICE_UNAVAILABLE, &b"2"[..])
        );
        assert_eq!(ApiError::from(sqlx::Error::PoolTimedOut).into_response().status(), 503);
        assert_eq!(ApiError::from(sqlx::Error::RowNotFound).into_response().status(), 500);
        let protocol = |what: &str| ApiError::from(sqlx::Error::Protocol(what.to_owned())).into_response();
        assert_eq!(protocol("unexpected response from SSLRequest: 0x00 (tls:95)").status(), 503);
        assert_eq!(protocol("unexpected response from SSLRequest: 0x45 (tls:95)").status(), 503);
        assert_eq!(protocol("unexpected response from SSLRequest: 0x48 (tls:95)").status(), 500);
        assert_eq!(protocol("two rows instead of one").status(), 500);
    }
}
