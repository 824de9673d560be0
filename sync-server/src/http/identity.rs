//! Registering, signing in and out, renewing, confirming.

use super::Json;
use super::problem::ApiError;
use super::session::{AsApp, Session, signed_in, signed_out};
use crate::app::App;
use crate::identity::{self, Caller};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use purse_shared::protocol::{
    Ceremony, ConfirmFinish, Problem, RegisterFinish, RegisterStart, RenewChallenge, RenewFinish, RenewStart,
    SignInFinish, SignedIn,
};

/// Step one: a handle for the options of a new passkey.
#[utoipa::path(post, path = "/api/v1/users/register", tag = "identity", request_body = RegisterStart, security(()),
    responses((status = 200, body = Ceremony), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn register(
    State(app): State<App>,
    Json(request): Json<RegisterStart>,
) -> Result<Json<Ceremony>, ApiError> {
    Ok(Json(identity::register_start(&app, request).await?))
}

/// Step two: the passkey and the device's proof for an account, its first wallet and a session.
#[utoipa::path(post, path = "/api/v1/users/register/finish", tag = "identity", request_body = RegisterFinish,
    security(()), responses((status = 200, body = SignedIn), (status = 403, body = Problem),
    (status = 409, body = Problem), (status = 410, body = Problem)))]
pub async fn register_finish(
    State(app): State<App>,
    caller: Caller,
    as_app: AsApp,
    Json(request): Json<RegisterFinish>,
) -> Result<Response, ApiError> {
    let signed = identity::register_finish(&app, request, caller).await?;
    Ok(signed_in(&app, signed, as_app))
}

/// Options for `navigator.credentials.get`, for any passkey of this site.
#[utoipa::path(post, path = "/api/v1/session/start", tag = "identity", security(()),
    responses((status = 200, body = Ceremony)))]
pub async fn sign_in_start(State(app): State<App>) -> Result<Json<Ceremony>, ApiError> {
    Ok(Json(identity::sign_in_start(&app).await?))
}

/// The assertion and the device's proof for a session.
#[utoipa::path(post, path = "/api/v1/session/finish", tag = "identity", request_body = SignInFinish, security(()),
    responses((status = 200, body = SignedIn), (status = 403, body = Problem), (status = 404, body = Problem),
    (status = 409, body = Problem), (status = 410, body = Problem)))]
pub async fn sign_in_finish(
    State(app): State<App>,
    caller: Caller,
    as_app: AsApp,
    Json(request): Json<SignInFinish>,
) -> Result<Response, ApiError> {
    let signed = identity::sign_in_finish(&app, request, caller).await?;
    Ok(signed_in(&app, signed, as_app))
}

/// A challenge for a device's key.
#[utoipa::path(post, path = "/api/v1/session/renew/start", tag = "identity", request_body = RenewStart, security(()),
    responses((status = 200, body = RenewChallenge)))]
pub async fn renew_start(
    State(app): State<App>,
    Json(request): Json<RenewStart>,
) -> Result<Json<RenewChallenge>, ApiError> {
    Ok(Json(identity::renew_start(&app, request).await?))
}

/// The device's signature for another 30 days.
#[utoipa::path(post, path = "/api/v1/session/renew/finish", tag = "identity", request_body = RenewFinish,
    security(()), responses((status = 200, body = SignedIn), (status = 401, body = Problem),
    (status = 403, body = Problem), (status = 410, body = Problem)))]
pub async fn renew_finish(
    State(app): State<App>,
    as_app: AsApp,
    Json(request): Json<RenewFinish>,
) -> Result<Response, ApiError> {
    let signed = identity::renew_finish(&app, request).await?;
    Ok(signed_in(&app, signed, as_app))
}

/// Options for a fresh passkey within this session.
#[utoipa::path(post, path = "/api/v1/session/confirm/start", tag = "identity",
    responses((status = 200, body = Ceremony), (status = 401, body = Problem)))]
pub async fn confirm_start(State(app): State<App>, session: Session) -> Result<Json<Ceremony>, ApiError> {
    Ok(Json(identity::confirm_start(&app, &session).await?))
}

/// The assertion: sensitive acts are open for five minutes.
#[utoipa::path(post, path = "/api/v1/session/confirm/finish", tag = "identity", request_body = ConfirmFinish,
    responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 410, body = Problem)))]
pub async fn confirm_finish(
    State(app): State<App>,
    session: Session,
    Json(request): Json<ConfirmFinish>,
) -> Result<StatusCode, ApiError> {
    identity::confirm_finish(&app, &session, request).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Signs this device out. It stays one of the account's devices.
#[utoipa::path(delete, path = "/api/v1/session", tag = "identity",
    responses((status = 204), (status = 401, body = Problem)))]
pub async fn sign_out(State(app): State<App>, session: Session) -> Result<Response, ApiError> {
    identity::sign_out(&app, session.token_hash).await?;
    Ok(signed_out(&app))
}
