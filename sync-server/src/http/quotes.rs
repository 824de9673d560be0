//! Offers for an exchange.

use super::Json;
use super::problem::ApiError;
use super::session::Session;
use crate::app::App;
use crate::exchange::{self, QuoteError};
use axum::extract::State;
use purse_shared::protocol::{ProblemCode, Quote, QuoteRequest};

/// What an exchange would bring now. Binding until it expires, for one exchange: sign it as an intent.
#[utoipa::path(post, path = "/api/v1/quotes", tag = "transactions", request_body = QuoteRequest,
    responses((status = 200, body = Quote), (status = 503)))]
pub async fn quote(
    State(app): State<App>,
    session: Session,
    Json(request): Json<QuoteRequest>,
) -> Result<Json<Quote>, ApiError> {
    exchange::quote(&app, session.branch, session.user, &request).await.map(Json).map_err(|error| match error
    {
        QuoteError::NoRate(why) => {
            tracing::warn!(%why, "no rate for an exchange");
            ProblemCode::NoRate.into()
        }
        QuoteError::Amount => ProblemCode::AmountInvalid.into(),
        QuoteError::Database(error) => error.into(),
    })
}
