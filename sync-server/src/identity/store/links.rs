//! What was decided about devices that asked to be let in, and the requests that wait to be found.

use purse_shared::limits::LINK_SHOWN_MS;
use purse_shared::link::{LinkHash, LinkRequest, ShortCode};
use purse_shared::{DeviceId, UnixMillis, UserId};
use sqlx::postgres::PgArguments;
use sqlx::query::Query;
use sqlx::{PgConnection, PgExecutor, PgPool, Postgres};
use uuid::Uuid;

#[derive(Debug, sqlx::FromRow)]
pub struct LinkRow {
    pub user_id: Uuid,
    pub request_hash: Vec<u8>,
    pub device_id: Uuid,
    pub name: String,
    pub kind: String,
    pub by_device_id: Uuid,
    pub decided_at: UnixMillis,
    pub expires_at: UnixMillis,
    pub sealed_key: Option<Vec<u8>>,
    pub used_at: Option<UnixMillis>,
    pub refused_at: Option<UnixMillis>,
}

/// Whose device decided what about which request, and when it is over.
#[derive(Debug)]
pub struct Decision<'a> {
    pub user: UserId,
    pub by: DeviceId,
    pub request: &'a LinkRequest,
    pub now: UnixMillis,
    pub expires_at: UnixMillis,
}

impl<'a> Decision<'a> {
    /// What every row of a decision says: `$1` to `$8`, in this order.
    fn bind(&self, statement: &'static str) -> Query<'a, Postgres, PgArguments> {
        sqlx::query(statement)
            .bind(self.user.0)
            .bind(self.request.hash().0)
            .bind(self.request.device.0)
            .bind(&self.request.name)
            .bind(self.request.kind.as_str())
            .bind(self.by.0)
            .bind(self.now)
            .bind(self.expires_at)
    }
}

/// False when this request was redeemed or refused before. Approved again before that, the code before is no more.
///
/// # Errors
/// The database's.
pub async fn approve(
    conn: &mut PgConnection,
    decision: &Decision<'_>,
    code: [u8; 32],
    sealed_key: &[u8],
) -> Result<bool, sqlx::Error> {
    let done = decision.bind(
        "insert into links (user_id, request_hash, device_id, name, kind, by_device_id, decided_at, expires_at,
                            code_hash, sealed_key)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         on conflict on constraint links_pkey do update
             set by_device_id = $6, decided_at = $7, expires_at = $8, code_hash = $9, sealed_key = $10
             where links.used_at is null and links.refused_at is null",
    )
    .bind(code)
    .bind(sealed_key)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Also what was approved and not redeemed yet. False when it was redeemed before.
///
/// # Errors
/// The database's.
pub async fn refuse(conn: &mut PgConnection, decision: &Decision<'_>) -> Result<bool, sqlx::Error> {
    let done = decision.bind(
        "insert into links (user_id, request_hash, device_id, name, kind, by_device_id, decided_at, expires_at,
                            refused_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $7)
         on conflict on constraint links_pkey do update
             set by_device_id = $6, refused_at = $7, code_hash = null, sealed_key = null
             where links.used_at is null",
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// False when there is nothing of this user's that waits to be redeemed.
///
/// # Errors
/// The database's.
pub async fn cancel(
    conn: &mut PgConnection,
    user: UserId,
    link: LinkHash,
    by: DeviceId,
    now: UnixMillis,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query(
        "update links set by_device_id = $3, refused_at = $4, code_hash = null, sealed_key = null
         where user_id = $1 and request_hash = $2 and used_at is null and refused_at is null and expires_at > $4",
    )
    .bind(user.0)
    .bind(link.0)
    .bind(by.0)
    .bind(now)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// True when it is over for this user.
///
/// # Errors
/// The database's.
pub async fn is_ended(db: &PgPool, user: UserId, link: LinkHash) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar(
        "select exists (select 1 from links where user_id = $1 and request_hash = $2
                        and (used_at is not null or refused_at is not null))",
    )
    .bind(user.0)
    .bind(link.0)
    .fetch_one(db)
    .await
}

/// What waits for this code, locked so that two cannot redeem it; `None` also when the device that approved it was
/// removed meanwhile.
///
/// # Errors
/// The database's.
pub async fn lock_by_code(
    conn: &mut PgConnection,
    code: [u8; 32],
    now: UnixMillis,
) -> Result<Option<LinkRow>, sqlx::Error> {
    sqlx::query_as(
        "select l.* from links l join devices d on d.device_id = l.by_device_id
         where l.code_hash = $1 and l.used_at is null and l.refused_at is null and l.expires_at > $2
           and d.revoked_at is null
         for no key update of l",
    )
    .bind(code)
    .bind(now)
    .fetch_optional(conn)
    .await
}

/// # Errors
/// The database's.
pub async fn used(
    conn: &mut PgConnection,
    user: UserId,
    link: LinkHash,
    now: UnixMillis,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "update links set used_at = $3, code_hash = null, sealed_key = null
         where user_id = $1 and request_hash = $2",
    )
    .bind(user.0)
    .bind(link.0)
    .bind(now)
    .execute(conn)
    .await?;
    Ok(())
}

/// Newest first. What was approved and never redeemed is gone when it expires.
///
/// # Errors
/// The database's.
pub async fn list(db: &PgPool, user: UserId, now: UnixMillis) -> Result<Vec<LinkRow>, sqlx::Error> {
    sqlx::query_as(
        "select * from links
         where user_id = $1 and (expires_at > $2 or used_at is not null or refused_at is not null)
         order by coalesce(used_at, refused_at, decided_at) desc, request_hash limit 50",
    )
    .bind(user.0)
    .bind(now)
    .fetch_all(db)
    .await
}

/// How many this user has, of any kind.
///
/// # Errors
/// The database's.
pub async fn count(conn: &mut PgConnection, user: UserId) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("select count(*) from links where user_id = $1").bind(user.0).fetch_one(conn).await
}

/// False when the code is taken.
///
/// # Errors
/// The database's.
pub async fn post(
    db: &PgPool,
    code: &ShortCode,
    request: &[u8],
    expires_at: UnixMillis,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query(
        "insert into link_requests (code, request, expires_at) values ($1, $2, $3)
         on conflict on constraint link_requests_pkey do nothing",
    )
    .bind(code.as_str())
    .bind(request)
    .bind(expires_at)
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// # Errors
/// The database's.
pub async fn find(
    db: impl PgExecutor<'_>,
    code: &ShortCode,
    now: UnixMillis,
) -> Result<Option<Vec<u8>>, sqlx::Error> {
    sqlx::query_scalar("select request from link_requests where code = $1 and expires_at > $2")
        .bind(code.as_str())
        .bind(now)
        .fetch_optional(db)
        .await
}

/// How many were swept.
///
/// # Errors
/// The database's.
pub async fn sweep(db: &PgPool, now: UnixMillis) -> Result<u64, sqlx::Error> {
    let links = sqlx::query(
        "delete from links
         where expires_at <= $1 and ((used_at is null and refused_at is null) or expires_at <= $2)",
    )
    .bind(now)
    .bind(now.saturating_sub(LINK_SHOWN_MS))
    .execute(db)
    .await?;
    let requests =
        sqlx::query("delete from link_requests where expires_at <= $1").bind(now).execute(db).await?;
    Ok(links.rows_affected() + requests.rows_affected())
}
