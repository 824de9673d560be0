//! Sessions, one per device: a new one ends those before it.

use crate::identity::token::TokenHash;
use purse_shared::link::Act;
use purse_shared::{DeviceId, UnixMillis, UserId};
use sqlx::{PgConnection, PgExecutor, PgPool};
use uuid::Uuid;

/// A session with what decides about it.
#[derive(Debug, sqlx::FromRow)]
pub struct SessionRow {
    pub user_id: Uuid,
    pub branch: i16,
    pub device_id: Uuid,
    pub passkey_at: Option<UnixMillis>,
    pub passkey_act: Option<String>,
    pub expires_at: UnixMillis,
    pub revoked_at: Option<UnixMillis>,
    pub last_seen_at: UnixMillis,
    pub public_key: Vec<u8>,
}

/// # Errors
/// The database's.
pub async fn find(db: impl PgExecutor<'_>, token: TokenHash) -> Result<Option<SessionRow>, sqlx::Error> {
    sqlx::query_as(
        "select s.user_id, b.branch, s.device_id, s.passkey_at, s.passkey_act, s.expires_at, d.revoked_at,
                d.last_seen_at, d.public_key
         from sessions s
         join devices d on d.device_id = s.device_id and d.user_id = s.user_id
         join user_branches b on b.user_id = s.user_id
         where s.token_hash = $1",
    )
    .bind(token.0)
    .fetch_optional(db)
    .await
}

/// # Errors
/// The database's.
pub async fn insert(
    conn: &mut PgConnection,
    token: TokenHash,
    user: UserId,
    device: DeviceId,
    now: UnixMillis,
    expires_at: UnixMillis,
    passkey_at: Option<UnixMillis>,
) -> Result<(), sqlx::Error> {
    sqlx::query("delete from sessions where device_id = $1").bind(device.0).execute(&mut *conn).await?;
    sqlx::query(
        "insert into sessions (token_hash, user_id, device_id, created_at, expires_at, passkey_at)
         values ($1, $2, $3, $4, $5, $6)",
    )
    .bind(token.0)
    .bind(user.0)
    .bind(device.0)
    .bind(now)
    .bind(expires_at)
    .bind(passkey_at)
    .execute(conn)
    .await?;
    Ok(())
}

/// A passkey said yes, to `act` alone or (`None`) to whatever comes.
///
/// # Errors
/// The database's.
pub async fn confirmed(
    conn: &mut PgConnection,
    token: TokenHash,
    act: Option<Act>,
    now: UnixMillis,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query("update sessions set passkey_at = $2, passkey_act = $3 where token_hash = $1")
        .bind(token.0)
        .bind(now)
        .bind(act.map(Act::as_str))
        .execute(conn)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// # Errors
/// The database's.
pub async fn delete(db: &PgPool, token: TokenHash) -> Result<(), sqlx::Error> {
    sqlx::query("delete from sessions where token_hash = $1").bind(token.0).execute(db).await?;
    Ok(())
}

/// How many were swept.
///
/// # Errors
/// The database's.
pub async fn sweep(db: &PgPool, now: UnixMillis) -> Result<u64, sqlx::Error> {
    let done = sqlx::query("delete from sessions where expires_at <= $1").bind(now).execute(db).await?;
    Ok(done.rows_affected())
}
