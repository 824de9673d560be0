//! Orders that do not follow their device's order before them, for people to look at.

use purse_shared::UnixMillis;
use sqlx::PgPool;

#[derive(Debug, sqlx::FromRow)]
pub struct Break {
    pub handle: String,
    /// Its name.
    pub device: String,
    /// Of the order that does not follow.
    pub seq: i64,
    /// The first of the numbers that are missing before it; `None`: the one before it is there, and is not what it
    /// names.
    pub missing_from: Option<i64>,
    pub noticed_at: UnixMillis,
}

/// The oldest first.
///
/// # Errors
/// The database's; so for all of these.
pub async fn breaks(db: &PgPool) -> Result<Vec<Break>, sqlx::Error> {
    sqlx::query_as(
        "select u.handle, d.name as device, b.seq, b.noticed_at,
                case when b.seq > 1 and p.number is null then 1 + coalesce(
                    (select max(t.seq) from transactions t
                     where t.branch = b.branch and t.device_id = b.device_id and t.seq < b.seq), 0) end as missing_from
         from chain_breaks b join users u using (branch, user_id) join devices d using (device_id)
         left join transactions p on p.branch = b.branch and p.device_id = b.device_id and p.seq = b.seq - 1
         order by b.noticed_at, b.branch, b.number limit 1000",
    )
    .fetch_all(db)
    .await
}

/// With numbers missing, and with another order named.
pub async fn count(db: &PgPool) -> Result<(i64, i64), sqlx::Error> {
    sqlx::query_as(
        "select count(*) filter (where b.seq > 1 and p.number is null),
                count(*) filter (where b.seq = 1 or p.number is not null)
         from chain_breaks b
         left join transactions p on p.branch = b.branch and p.device_id = b.device_id and p.seq = b.seq - 1",
    )
    .fetch_one(db)
    .await
}
