//! The rows of quotes. Those that were used stay, as the reason of a price.

use purse_shared::limits::DAY_MS;
use purse_shared::protocol::Quote;
use purse_shared::{UnixMillis, UserId};
use sqlx::PgPool;

/// # Errors
/// The database's; so for all of these.
pub async fn put(
    db: &PgPool,
    branch: i16,
    user: UserId,
    quote: &Quote,
    now: UnixMillis,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "insert into quotes (branch, quote_id, user_id, sell_amount, sell_currency, buy_amount, buy_currency, rate,
             spread, created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    .bind(branch)
    .bind(quote.quote_id.0)
    .bind(user.0)
    .bind(quote.sell.minor())
    .bind(quote.sell.currency().code())
    .bind(quote.buy.minor())
    .bind(quote.buy.currency().code())
    .bind(quote.rate.to_string())
    .bind(quote.spread.to_string())
    .bind(now)
    .bind(quote.expires_at)
    .execute(db)
    .await?;
    Ok(())
}

/// Offers that nobody took; how many. A day later nobody asks why one is gone.
pub async fn sweep(db: &PgPool, now: UnixMillis) -> Result<u64, sqlx::Error> {
    let delete = sqlx::query("delete from quotes where used_number is null and expires_at < $1");
    Ok(delete.bind(now.saturating_sub(DAY_MS)).execute(db).await?.rows_affected())
}
