//! The vault's recipients and the recovery code's verifier.

use super::Json;
use super::problem::ApiError;
use super::session::Session;
use crate::app::App;
use crate::identity::{self, Caller};
use axum::extract::State;
use axum::http::StatusCode;
use purse_shared::link::Act;
use purse_shared::protocol::{Problem, PutRecovery, VaultState};

/// The wraps of the data key, as clients sealed them.
#[utoipa::path(get, path = "/api/v1/vault", tag = "vault", responses((status = 200, body = VaultState)))]
pub async fn get(State(app): State<App>, session: Session) -> Result<Json<VaultState>, ApiError> {
    Ok(Json(identity::get_vault(&app, &session).await?))
}

/// Compare-and-set on `version`; what is stored afterwards.
#[utoipa::path(put, path = "/api/v1/vault", tag = "vault", request_body = VaultState,
    responses((status = 200, body = VaultState), (status = 409, body = Problem)))]
pub async fn put(
    State(app): State<App>,
    session: Session,
    caller: Caller,
    Json(put): Json<VaultState>,
) -> Result<Json<VaultState>, ApiError> {
    Ok(Json(identity::put_vault(&app, &session, put, caller).await?))
}

/// Sets the recovery code's verifier. Needs a fresh passkey.
#[utoipa::path(put, path = "/api/v1/vault/recovery", tag = "vault", request_body = PutRecovery,
    responses((status = 204), (status = 403, body = Problem), (status = 409, body = Problem)))]
pub async fn put_recovery(
    State(app): State<App>,
    session: Session,
    caller: Caller,
    Json(put): Json<PutRecovery>,
) -> Result<StatusCode, ApiError> {
    session.require_fresh_passkey(Act::MakeRecoveryCode, app.now())?;
    identity::put_recovery(&app, &session, put, caller).await?;
    Ok(StatusCode::NO_CONTENT)
}
