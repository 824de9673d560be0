//! Takes away what is personal. What happened stays, and so does every proof of it.

use super::store;
use purse_shared::{UnixMillis, UserId};
use sqlx::PgPool;

/// Orders that one statement looks at: short enough not to hold anything up.
const STRIDE: i64 = 10_000;

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
    let last = store::last_of_feed(db, branch, user).await?;
    let (mut after, mut erased) = (0, 0);
    while after < last {
        erased += store::erase_orders(db, branch, user, after, after + STRIDE, now).await?;
        after += STRIDE;
    }
    // What no feed tells of: cancellations, plans, what is older than feeds.
    Ok(erased + store::erase_signed(db, branch, user, now).await?)
}
