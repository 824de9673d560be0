//! The end of an account.

use super::problem::ApiError;
use super::session::{Session, signed_out, token};
use crate::app::App;
use crate::identity::{self, Caller};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use purse_shared::link::Act;
use purse_shared::protocol::Problem;

/// Closes the account: no money may be in it and nothing may wait. Its handle is given to nobody again; passkeys, book and
/// whatever names the person are erased, the ledger stays under ids. Needs a fresh passkey. The same again, from any
/// session that it had, is the same answer.
#[utoipa::path(delete, path = "/api/v1/user", tag = "identity",
    responses((status = 204), (status = 403, body = Problem), (status = 409, body = Problem)))]
pub async fn close(
    State(app): State<App>,
    session: Result<Session, ApiError>,
    caller: Caller,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    match session {
        Ok(session) => {
            session.require_fresh_passkey(Act::CloseAccount, app.now())?;
            identity::close_account(&app, &session, caller).await?;
        }
        Err(error) => match token(&headers, &app.settings) {
            Some(token) if identity::was_closed(&app, &token).await? => {}
            _ => return Err(error),
        },
    }
    Ok(signed_out(&app))
}
