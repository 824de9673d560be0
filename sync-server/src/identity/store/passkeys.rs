//! Passkeys: webauthn-rs-core's `Credential` as JSON, and what people call them.

use purse_shared::{UnixMillis, UserId};
use sqlx::types::Json;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;
use webauthn_rs_core::proto::Credential;

#[derive(Debug, sqlx::FromRow)]
pub struct PasskeyRow {
    pub user_id: Uuid,
    pub credential: Json<Credential>,
}

#[derive(Debug, sqlx::FromRow)]
pub struct PasskeyLine {
    pub credential_id: Vec<u8>,
    pub name: String,
    pub created_at: UnixMillis,
    pub last_used_at: Option<UnixMillis>,
}

/// # Errors
/// The database's; a known credential id breaks `passkeys_pkey`.
pub async fn insert(
    conn: &mut PgConnection,
    user: UserId,
    name: &str,
    credential: &Credential,
    now: UnixMillis,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "insert into passkeys (credential_id, user_id, name, credential, created_at, last_used_at)
         values ($1, $2, $3, $4, $5, $5)",
    )
    .bind(&credential.cred_id)
    .bind(user.0)
    .bind(name)
    .bind(Json(credential))
    .bind(now)
    .execute(conn)
    .await?;
    Ok(())
}

/// Locked, so that two assertions cannot both pass one counter.
///
/// # Errors
/// The database's.
pub async fn lock(conn: &mut PgConnection, credential_id: &[u8]) -> Result<Option<PasskeyRow>, sqlx::Error> {
    sqlx::query_as("select user_id, credential from passkeys where credential_id = $1 for no key update")
        .bind(credential_id)
        .fetch_optional(conn)
        .await
}

/// # Errors
/// The database's.
pub async fn used(
    conn: &mut PgConnection,
    credential: &Credential,
    now: UnixMillis,
) -> Result<(), sqlx::Error> {
    sqlx::query("update passkeys set credential = $2, last_used_at = $3 where credential_id = $1")
        .bind(&credential.cred_id)
        .bind(Json(credential))
        .bind(now)
        .execute(conn)
        .await?;
    Ok(())
}

/// Oldest first.
///
/// # Errors
/// The database's.
pub async fn list(db: &PgPool, user: UserId) -> Result<Vec<PasskeyLine>, sqlx::Error> {
    sqlx::query_as(
        "select credential_id, name, created_at, last_used_at from passkeys
         where user_id = $1 order by created_at, credential_id",
    )
    .bind(user.0)
    .fetch_all(db)
    .await
}

/// # Errors
/// The database's.
pub async fn count(conn: &mut PgConnection, user: UserId) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("select count(*) from passkeys where user_id = $1").bind(user.0).fetch_one(conn).await
}

/// False when it is not one of the user's.
///
/// # Errors
/// The database's.
pub async fn rename(
    conn: &mut PgConnection,
    user: UserId,
    id: &[u8],
    name: &str,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query("update passkeys set name = $3 where user_id = $1 and credential_id = $2")
        .bind(user.0)
        .bind(id)
        .bind(name)
        .execute(conn)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Its name; `None` when it is not one of the user's.
///
/// # Errors
/// The database's.
pub async fn delete(conn: &mut PgConnection, user: UserId, id: &[u8]) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar("delete from passkeys where user_id = $1 and credential_id = $2 returning name")
        .bind(user.0)
        .bind(id)
        .fetch_optional(conn)
        .await
}
