//! Receipts, and the key that their heads are signed with.

use super::problem::ApiError;
use super::session::Session;
use super::{Json, Path};
use crate::app::App;
use crate::audit;
use axum::extract::State;
use purse_shared::TransactionId;
use purse_shared::audit::Receipt;
use purse_shared::protocol::AuditKeyRecord;

/// Proves a payment to its two parties: check it with `cargo xtask verify`, or in the app. Someone else's is a 404.
#[utoipa::path(get, path = "/api/v1/transactions/{transactionId}/receipt", tag = "transactions",
    params(("transactionId" = String, Path)), responses((status = 200, body = Receipt), (status = 404)))]
pub async fn receipt(
    State(app): State<App>,
    session: Session,
    Path(id): Path<TransactionId>,
) -> Result<Json<Receipt>, ApiError> {
    let (key, history) = (&app.audit_key, &app.history);
    Ok(Json(audit::receipt(&app.db, key, history, session.branch, session.user, id).await?))
}

/// The public key of receipts and checkpoints. Whoever relies on it compares it with what they saw before.
#[utoipa::path(get, path = "/api/v1/audit/key", tag = "audit", security(()),
    responses((status = 200, body = AuditKeyRecord)))]
pub async fn key(State(app): State<App>) -> Json<AuditKeyRecord> {
    Json(AuditKeyRecord { public_key: app.audit_key.public_key().into() })
}
