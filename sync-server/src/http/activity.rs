//! `GET /api/v1/user/activity`: a person's payments, newest first, in pages.

use super::problem::ApiError;
use super::session::Session;
use super::{Json, Query};
use crate::app::App;
use crate::settle::store;
use axum::extract::State;
use purse_shared::protocol::{ActivityPage, ProblemCode};
use serde::Deserialize;

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ActivityQuery {
    /// From the page before; none for the first.
    cursor: Option<String>,
    /// 1 to 100; 50 when it is not given.
    limit: Option<u16>,
}

/// Payments and deposits in which the user is a party.
#[utoipa::path(get, path = "/api/v1/user/activity", tag = "transactions", params(ActivityQuery),
    responses((status = 200, body = ActivityPage)))]
pub async fn activity(
    State(app): State<App>,
    session: Session,
    Query(query): Query<ActivityQuery>,
) -> Result<Json<ActivityPage>, ApiError> {
    let before = match query.cursor {
        Some(cursor) => Some(cursor.parse::<i64>().map_err(|_| ProblemCode::BadRequest)?),
        None => None,
    };
    let limit = query.limit.unwrap_or(50).clamp(1, 100);
    Ok(Json(store::activity(&app.db, session.branch, session.user, before, limit).await?))
}
