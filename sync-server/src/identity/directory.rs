//! Finding a person by handle, and keeping one away.

use super::error::IdentityError;
use super::session::SessionFacts;
use super::store::users;
use crate::app::App;
use crate::settle::AccountChange;
use purse_shared::protocol::{BlockRecord, HandleRecord, ProblemCode};
use purse_shared::{Handle, UserId};

/// Exact; a renamed handle finds its person under the new one. The display name and the id, nothing else.
///
/// # Errors
/// [`ProblemCode::NotFound`], also for what is no handle at all
pub async fn find_by_handle(app: &App, handle: &str) -> Result<HandleRecord, IdentityError> {
    let handle: Handle = handle.parse().map_err(|_| ProblemCode::NotFound)?;
    let row = users::find_by_handle(&app.db, &handle).await?.ok_or(ProblemCode::NotFound)?;
    Ok(HandleRecord {
        user_id: UserId(row.user_id),
        handle: row
            .handle
            .parse()
            .map_err(|_| IdentityError::Broken("a stored handle is malformed".into()))?,
        display_name: row.display_name,
    })
}

/// # Errors
/// The database's.
pub async fn list_blocks(app: &App, session: &SessionFacts) -> Result<Vec<BlockRecord>, IdentityError> {
    let rows = users::list_blocks(&app.db, session.user).await?;
    Ok(rows.into_iter().map(|id| BlockRecord { user_id: UserId(id) }).collect())
}

/// In one order with the payments; the same again changes nothing.
///
/// # Errors
/// [`ProblemCode::NotFound`], [`ProblemCode::BadRequest`] for oneself
pub async fn set_blocked(
    app: &App,
    session: &SessionFacts,
    other: UserId,
    blocked: bool,
) -> Result<(), IdentityError> {
    if other == session.user {
        return Err(IdentityError::Explained(ProblemCode::BadRequest, "Nobody can block themselves."));
    }
    users::find(&app.db, other).await?.ok_or(ProblemCode::NotFound)?;
    app.writers.change(session.branch, session.user, AccountChange::SetBlocked { other, blocked }).await?;
    Ok(())
}
