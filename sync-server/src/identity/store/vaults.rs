//! The wraps of each user's data key: ciphertext to us.

use purse_shared::UserId;
use purse_shared::vault::RecipientList;
use sqlx::types::Json;
use sqlx::{PgConnection, PgExecutor};

#[derive(Debug, sqlx::FromRow)]
pub struct VaultRow {
    pub version: i64,
    pub recipients: Json<Option<RecipientList>>,
}

/// # Errors
/// The database's.
pub async fn find(db: impl PgExecutor<'_>, user: UserId) -> Result<Option<VaultRow>, sqlx::Error> {
    sqlx::query_as("select version, recipients from vaults where user_id = $1")
        .bind(user.0)
        .fetch_optional(db)
        .await
}

/// Compare-and-set: false when the stored version is not `read_version`.
///
/// # Errors
/// The database's.
pub async fn put(
    conn: &mut PgConnection,
    user: UserId,
    read_version: i64,
    recipients: &RecipientList,
) -> Result<bool, sqlx::Error> {
    let query = if read_version == 0 {
        sqlx::query(
            "insert into vaults (user_id, version, recipients) values ($1, $2 + 1, $3)
             on conflict (user_id) do nothing",
        )
    } else {
        sqlx::query(
            "update vaults set version = version + 1, recipients = $3 where user_id = $1 and version = $2",
        )
    };
    let done = query.bind(user.0).bind(read_version).bind(Json(recipients)).execute(conn).await?;
    Ok(done.rows_affected() == 1)
}

/// False when the user has no vault yet.
///
/// # Errors
/// The database's.
pub async fn put_recovery(
    conn: &mut PgConnection,
    user: UserId,
    hash: [u8; 32],
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query("update vaults set recovery_hash = $2 where user_id = $1")
        .bind(user.0)
        .bind(hash)
        .execute(conn)
        .await?;
    Ok(done.rows_affected() == 1)
}
