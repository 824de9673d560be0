//! Takes away what is personal. What happened stays, and so does every proof of it.

use super::store;
use purse_shared::{UnixMillis, UserId};
use sqlx::PgPool;

/// Numbers that one statement looks at: short enough not to hold anything up.
const STRIDE: i64 = 50_000;

/// Erases the message and the envelope of every order of this user, their copies in the user's feed, and the
/// addresses from which the user acted. How many orders; again, it erases what came since. It can stop anywhere and
/// be called again.
///
/// # Errors
/// The database's.
pub async fn erase_personal(
    db: &PgPool,
    branch: i16,
    user: UserId,
    now: UnixMillis,
) -> Result<u64, sqlx::Error> {
    store::erase_addresses(db, user).await?;
    store::erase_feed(db, branch, user).await?;
    let last = store::last_number(db, branch).await?;
    let (mut after, mut erased) = (0, 0);
    // By ranges of the primary key: no index leads with the user, and erasing is rare.
    while after < last {
        erased += store::erase_orders(db, branch, user, after, after + STRIDE, now).await?;
        after += STRIDE;
    }
    Ok(erased)
}
