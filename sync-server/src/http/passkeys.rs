//! A person's passkeys.

use super::problem::ApiError;
use super::session::Session;
use super::{Json, Path};
use crate::app::App;
use crate::identity::{self, Caller};
use axum::extract::State;
use axum::http::StatusCode;
use purse_shared::link::Act;
use purse_shared::protocol::{AddPasskeyFinish, Ceremony, PasskeyRecord, Problem, Rename};

/// With name, date and last use.
#[utoipa::path(get, path = "/api/v1/passkeys", tag = "identity", responses((status = 200, body = [PasskeyRecord])))]
pub async fn list(State(app): State<App>, session: Session) -> Result<Json<Vec<PasskeyRecord>>, ApiError> {
    Ok(Json(identity::list_passkeys(&app, &session).await?))
}

/// Options for another passkey. Needs a fresh passkey.
#[utoipa::path(post, path = "/api/v1/passkeys", tag = "identity",
    responses((status = 200, body = Ceremony), (status = 403, body = Problem)))]
pub async fn add(State(app): State<App>, session: Session) -> Result<Json<Ceremony>, ApiError> {
    session.require_fresh_passkey(Act::AddPasskey, app.now())?;
    Ok(Json(identity::add_passkey_start(&app, &session).await?))
}

/// The new passkey.
#[utoipa::path(post, path = "/api/v1/passkeys/finish", tag = "identity", request_body = AddPasskeyFinish,
    responses((status = 200, body = PasskeyRecord), (status = 403, body = Problem), (status = 410, body = Problem)))]
pub async fn add_finish(
    State(app): State<App>,
    session: Session,
    caller: Caller,
    Json(request): Json<AddPasskeyFinish>,
) -> Result<Json<PasskeyRecord>, ApiError> {
    session.require_fresh_passkey(Act::AddPasskey, app.now())?;
    Ok(Json(identity::add_passkey_finish(&app, &session, request, caller).await?))
}

/// Another name for it.
#[utoipa::path(patch, path = "/api/v1/passkeys/{passkeyId}", tag = "identity", request_body = Rename,
    params(("passkeyId" = String, Path)), responses((status = 204), (status = 404, body = Problem)))]
pub async fn rename(
    State(app): State<App>,
    session: Session,
    Path(id): Path<String>,
    Json(request): Json<Rename>,
) -> Result<StatusCode, ApiError> {
    identity::rename_passkey(&app, &session, &id, &request.name).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Needs a fresh passkey. Never the last.
#[utoipa::path(delete, path = "/api/v1/passkeys/{passkeyId}", tag = "identity", params(("passkeyId" = String, Path)),
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem),
    (status = 409, body = Problem)))]
pub async fn revoke(
    State(app): State<App>,
    session: Session,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    session.require_fresh_passkey(Act::RemovePasskey, app.now())?;
    identity::revoke_passkey(&app, &session, &id, caller).await?;
    Ok(StatusCode::NO_CONTENT)
}
