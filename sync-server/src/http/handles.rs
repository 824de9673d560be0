//! Finding a person by handle.

use super::problem::ApiError;
use super::rate::Limits;
use super::session::Session;
use super::{Json, Path};
use crate::app::App;
use crate::identity::{self, Caller};
use axum::extract::{Extension, State};
use purse_shared::protocol::{HandleRecord, Problem};
use std::sync::Arc;

/// Exact, for signed-in people, and not many at a time.
#[utoipa::path(get, path = "/api/v1/users/by-handle/{handle}", tag = "people", params(("handle" = String, Path)),
    responses((status = 200, body = HandleRecord), (status = 404, body = Problem), (status = 429, body = Problem)))]
pub async fn by_handle(
    State(app): State<App>,
    session: Session,
    caller: Caller,
    Extension(limits): Extension<Arc<Limits>>,
    Path(handle): Path<String>,
) -> Result<Json<HandleRecord>, ApiError> {
    let limited = limits.look_up(&app, session.user, caller.ip);
    limited.map_err(|retry_after_s| ApiError::TooManyRequests { retry_after_s })?;
    Ok(Json(identity::find_by_handle(&app, &handle).await?))
}
