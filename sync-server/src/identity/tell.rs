//! Telling all of a user's devices, through the writer that numbers their feed.

use crate::settle::{AccountChange, post_in};
use purse_shared::protocol::FeedEvent;
use purse_shared::{UnixMillis, UserId};
use sqlx::PgConnection;

/// Part of the transaction in which it became true: told exactly when that commits, whatever happens to this server.
///
/// # Errors
/// The database's.
pub async fn tell(
    conn: &mut PgConnection,
    branch: i16,
    user: UserId,
    event: FeedEvent,
    now: UnixMillis,
) -> Result<(), sqlx::Error> {
    post_in(conn, branch, user, AccountChange::Tell(Box::new(event)), now).await
}
