//! A person's devices.

use super::problem::ApiError;
use super::session::Session;
use super::{Json, Path};
use crate::app::App;
use crate::identity::{self, Caller};
use axum::extract::State;
use axum::http::StatusCode;
use purse_shared::DeviceId;
use purse_shared::link::Act;
use purse_shared::protocol::{DeviceRecord, Problem, Rename};

/// Also the removed ones.
#[utoipa::path(get, path = "/api/v1/devices", tag = "identity", responses((status = 200, body = [DeviceRecord])))]
pub async fn list(State(app): State<App>, session: Session) -> Result<Json<Vec<DeviceRecord>>, ApiError> {
    Ok(Json(identity::list_devices(&app, &session).await?))
}

/// Another name for it.
#[utoipa::path(patch, path = "/api/v1/devices/{deviceId}", tag = "identity", request_body = Rename,
    params(("deviceId" = String, Path)), responses((status = 204), (status = 404, body = Problem)))]
pub async fn rename(
    State(app): State<App>,
    session: Session,
    Path(device): Path<DeviceId>,
    Json(request): Json<Rename>,
) -> Result<StatusCode, ApiError> {
    identity::rename_device(&app, &session, device, &request.name).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What reached the writer before settles; all later is refused. Needs a fresh passkey.
#[utoipa::path(delete, path = "/api/v1/devices/{deviceId}", tag = "identity", params(("deviceId" = String, Path)),
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn revoke(
    State(app): State<App>,
    session: Session,
    caller: Caller,
    Path(device): Path<DeviceId>,
) -> Result<StatusCode, ApiError> {
    session.require_fresh_passkey(Act::RemoveDevice, app.now())?;
    identity::revoke_device(&app, &session, device, caller).await?;
    Ok(StatusCode::NO_CONTENT)
}
