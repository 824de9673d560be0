//! Letting a device in.

use super::problem::ApiError;
use super::rate::Limits;
use super::session::{AsApp, Session, signed_in};
use super::{Json, Path};
use crate::app::App;
use crate::identity::{self, Caller};
use axum::extract::{Extension, State};
use axum::http::StatusCode;
use axum::response::Response;
use purse_shared::protocol::{
    Ceremony, LinkApproved, LinkFind, LinkFinish, LinkPost, LinkPosted, LinkRecord, LinkRedeem, LinkStart,
    Problem, SignedIn,
};
use std::sync::Arc;

/// What was approved, let in and refused, newest first.
#[utoipa::path(get, path = "/api/v1/links", tag = "identity", responses((status = 200, body = [LinkRecord])))]
pub async fn list(State(app): State<App>, session: Session) -> Result<Json<Vec<LinkRecord>>, ApiError> {
    Ok(Json(identity::list_links(&app, &session).await?))
}

/// Options for the passkey that approves a device's request; the challenge is bound to it.
#[utoipa::path(post, path = "/api/v1/links/start", tag = "identity", request_body = LinkStart,
    responses((status = 200, body = Ceremony), (status = 400, body = Problem), (status = 409, body = Problem),
    (status = 410, body = Problem)))]
pub async fn start(
    State(app): State<App>,
    session: Session,
    Json(request): Json<LinkStart>,
) -> Result<Json<Ceremony>, ApiError> {
    Ok(Json(identity::link_start(&app, &session, request).await?))
}

/// The assertion for a one-time code.
#[utoipa::path(post, path = "/api/v1/links/finish", tag = "identity", request_body = LinkFinish,
    responses((status = 200, body = LinkApproved), (status = 400, body = Problem), (status = 403, body = Problem),
    (status = 404, body = Problem), (status = 410, body = Problem)))]
pub async fn finish(
    State(app): State<App>,
    session: Session,
    caller: Caller,
    Json(request): Json<LinkFinish>,
) -> Result<Json<LinkApproved>, ApiError> {
    Ok(Json(identity::link_finish(&app, &session, request, caller).await?))
}

/// Nobody asked for it: this request lets no device in.
#[utoipa::path(post, path = "/api/v1/links/refuse", tag = "identity", request_body = LinkStart,
    responses((status = 204), (status = 400, body = Problem), (status = 409, body = Problem)))]
pub async fn refuse(
    State(app): State<App>,
    session: Session,
    caller: Caller,
    Json(request): Json<LinkStart>,
) -> Result<StatusCode, ApiError> {
    identity::refuse_link(&app, &session, request, caller).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes back what was approved and not redeemed yet.
#[utoipa::path(delete, path = "/api/v1/links/{linkHash}", tag = "identity", params(("linkHash" = String, Path)),
    responses((status = 204), (status = 404, body = Problem)))]
pub async fn cancel(
    State(app): State<App>,
    session: Session,
    caller: Caller,
    Path(link): Path<String>,
) -> Result<StatusCode, ApiError> {
    identity::cancel_link(&app, &session, &link, caller).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The code and the device's signature for a session, once.
#[utoipa::path(post, path = "/api/v1/links/redeem", tag = "identity", request_body = LinkRedeem, security(()),
    responses((status = 200, body = SignedIn), (status = 400, body = Problem), (status = 403, body = Problem),
    (status = 409, body = Problem), (status = 410, body = Problem)))]
pub async fn redeem(
    State(app): State<App>,
    caller: Caller,
    as_app: AsApp,
    Json(request): Json<LinkRedeem>,
) -> Result<Response, ApiError> {
    let signed = identity::redeem_link(&app, request, caller).await?;
    Ok(signed_in(&app, signed, as_app))
}

/// A request that a person carries to another device, for a short code.
#[utoipa::path(post, path = "/api/v1/links/requests", tag = "identity", request_body = LinkPost, security(()),
    responses((status = 200, body = LinkPosted), (status = 400, body = Problem)))]
pub async fn post(
    State(app): State<App>,
    Json(request): Json<LinkPost>,
) -> Result<Json<LinkPosted>, ApiError> {
    Ok(Json(identity::post_link(&app, request).await?))
}

/// The request under a short code. As few as look-ups of people: codes could be guessed.
#[utoipa::path(post, path = "/api/v1/links/find", tag = "identity", request_body = LinkFind,
    responses((status = 200, body = LinkPost), (status = 404, body = Problem)))]
pub async fn find(
    State(app): State<App>,
    session: Session,
    caller: Caller,
    Extension(limits): Extension<Arc<Limits>>,
    Json(request): Json<LinkFind>,
) -> Result<Json<LinkPost>, ApiError> {
    let limited = limits.look_up(&app, session.user, caller.ip);
    limited.map_err(|retry_after_s| ApiError::TooManyRequests { retry_after_s })?;
    Ok(Json(identity::find_link(&app, request).await?))
}
