//! People whose payments a person does not want.

use super::problem::ApiError;
use super::session::Session;
use super::{Json, Path};
use crate::app::App;
use crate::identity;
use axum::extract::State;
use axum::http::StatusCode;
use purse_shared::UserId;
use purse_shared::protocol::{BlockRecord, Problem};

/// Whom this user blocked.
#[utoipa::path(get, path = "/api/v1/blocks", tag = "people", responses((status = 200, body = [BlockRecord])))]
pub async fn list(State(app): State<App>, session: Session) -> Result<Json<Vec<BlockRecord>>, ApiError> {
    Ok(Json(identity::list_blocks(&app, &session).await?))
}

/// The same again changes nothing.
#[utoipa::path(put, path = "/api/v1/blocks/{userId}", tag = "people", params(("userId" = String, Path)),
    responses((status = 204), (status = 404, body = Problem)))]
pub async fn block(
    State(app): State<App>,
    session: Session,
    Path(other): Path<UserId>,
) -> Result<StatusCode, ApiError> {
    identity::set_blocked(&app, &session, other, true).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The same again changes nothing.
#[utoipa::path(delete, path = "/api/v1/blocks/{userId}", tag = "people", params(("userId" = String, Path)),
    responses((status = 204), (status = 404, body = Problem)))]
pub async fn unblock(
    State(app): State<App>,
    session: Session,
    Path(other): Path<UserId>,
) -> Result<StatusCode, ApiError> {
    identity::set_blocked(&app, &session, other, false).await?;
    Ok(StatusCode::NO_CONTENT)
}
