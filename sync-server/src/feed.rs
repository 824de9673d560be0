//! A user's feed, as the devices pull it: numbered without gaps, read in pages.

use purse_shared::UserId;
use purse_shared::protocol::{FeedEvent, FeedItem};
use sqlx::PgPool;
use sqlx::types::Json;

/// A page of the feed, and whether more follows.
#[derive(Debug)]
pub struct Page {
    pub items: Vec<FeedItem>,
    /// The number of the last item, or the cursor that was asked with.
    pub cursor: u64,
    pub more: bool,
    /// The user's last number: lower than the cursor after a restore.
    pub last: u64,
}

/// What follows `cursor`, at most `limit` items.
///
/// # Errors
/// Whatever the database says.
pub async fn page(
    db: &PgPool,
    branch: i16,
    user: UserId,
    cursor: u64,
    limit: u16,
) -> Result<Page, sqlx::Error> {
    let last: i64 = sqlx::query_scalar("select feed_seq from users where branch = $1 and user_id = $2")
        .bind(branch)
        .bind(user.0)
        .fetch_one(db)
        .await?;
    let rows: Vec<(i64, i64, Json<FeedEvent>)> = sqlx::query_as(
        "select seq, at, event from feed where branch = $1 and user_id = $2 and seq > $3 order by seq limit $4",
    )
    .bind(branch)
    .bind(user.0)
    .bind(i64::try_from(cursor).unwrap_or(i64::MAX))
    .bind(i64::from(limit))
    .fetch_all(db)
    .await?;
    let items: Vec<FeedItem> = rows
        .into_iter()
        .map(|(seq, at, Json(event))| FeedItem { seq: u64::try_from(seq).unwrap_or(0), at, event })
        .collect();
    let last = u64::try_from(last).unwrap_or(0);
    let reached = items.last().map_or(cursor, |item| item.seq);
    Ok(Page { items, cursor: reached, more: reached < last, last })
}
