//! Ways to bring money in.

use super::Json;
use super::problem::ApiError;
use super::session::Session;
use crate::app::App;
use crate::gateways::{gateway_for, store};
use axum::extract::State;
use purse_shared::protocol::PaymentMethodRecord;

/// The user's linked accounts that this server can use.
#[utoipa::path(get, path = "/api/v1/payment-methods", tag = "wallets",
    responses((status = 200, body = [PaymentMethodRecord])))]
pub async fn payment_methods(
    State(app): State<App>,
    session: Session,
) -> Result<Json<Vec<PaymentMethodRecord>>, ApiError> {
    let mut methods = store::methods(&app.db, session.user).await?;
    methods.retain(|method| gateway_for(&app.settings, &method.method_type).is_some());
    Ok(Json(methods))
}
