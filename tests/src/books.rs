//! What must hold of the books whatever happened: asked of the rows themselves, all of them.

use sqlx::PgPool;
use sync_server::check;

/// # Panics
/// With the rule that does not hold, and the row.
#[allow(clippy::unwrap_used, reason = "a test's tool")]
pub async fn check(db: &PgPool) {
    let mut conn = db.acquire().await.unwrap();
    let mut faults = check::check_acts(&mut conn).await.unwrap();
    for branch in check::branches(&mut conn).await.unwrap() {
        faults.extend(check::check(&mut conn, branch, |_progress| {}).await.unwrap());
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

/// Of a currency, in people's wallets.
#[allow(clippy::unwrap_used, reason = "a test's tool")]
pub async fn peoples_money(db: &PgPool, currency: &str) -> i64 {
    let sum =
        "select coalesce(sum(balance), 0)::bigint from wallets where user_id is not null and currency = $1";
    sqlx::query_scalar(sum).bind(currency).fetch_one(db).await.unwrap()
}
