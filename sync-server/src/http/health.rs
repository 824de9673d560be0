//! `/health/live`: the process answers. `/health/ready` (and `/health`): it can also do its work.

use super::Json;
use super::problem::ApiError;
use crate::app::App;
use axum::extract::State;
use purse_shared::protocol::ProblemCode;
use serde::Serialize;
use std::time::Duration;

/// A writer has an answer from its database every few seconds.
const WRITER_PATIENCE: Duration = Duration::from_secs(15);
const DATABASE_PATIENCE: Duration = Duration::from_secs(2);

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Health {
    /// Always `ok`: anything else is a problem.
    status: &'static str,
    /// What people must look at though the server works: `history_rewritten`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<&'static str>,
}

/// The process answers.
#[utoipa::path(get, path = "/health/live", tag = "operating", responses((status = 200, body = Health)))]
pub async fn live() -> Json<Health> {
    Json(Health { status: "ok", warnings: Vec::new() })
}

/// The database answers and every branch's writer lives. With `history_rewritten` among the warnings the database has
/// not what the signed checkpoints say: payments go on, and nothing is signed.
#[utoipa::path(get, path = "/health/ready", tag = "operating",
    responses((status = 200, body = Health), (status = 503)))]
pub async fn ready(State(app): State<App>) -> Result<Json<Health>, ApiError> {
    if !app.writers.are_alive(WRITER_PATIENCE) {
        return Err(ApiError::detail(ProblemCode::Busy, "A writer has no database."));
    }
    let answer = tokio::time::timeout(DATABASE_PATIENCE, sqlx::query("select 1").execute(&app.db)).await;
    match answer {
        Ok(Ok(_)) => {
            let warnings = app.history.lost().map(|_| "history_rewritten").into_iter().collect();
            Ok(Json(Health { status: "ok", warnings }))
        }
        Ok(Err(_)) | Err(_) => Err(ApiError::detail(ProblemCode::Busy, "The database does not answer.")),
    }
}
