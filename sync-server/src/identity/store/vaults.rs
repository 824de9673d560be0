//! The wraps of each user's data key: ciphertext to us.

use purse_shared::vault::RecipientList;
use purse_shared::{UnixMillis, UserId};
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

/// How many replaced lists are kept of each user.
const KEPT_VERSIONS: i64 = 8;

/// Compare-and-set: false when the stored version is not `read_version`. The list that is replaced goes into
/// `vault_history`.
///
/// # Errors
/// The database's.
pub async fn put(
    conn: &mut PgConnection,
    user: UserId,
    read_version: i64,
    recipients: &RecipientList,
    now: UnixMillis,
) -> Result<bool, sqlx::Error> {
    if read_version == 0 {
        let done = sqlx::query(
            "insert into vaults (user_id, version, recipients) values ($1, 1, $2)
             on conflict (user_id) do nothing",
        )
        .bind(user.0)
        .bind(Json(recipients))
        .execute(conn)
        .await?;
        return Ok(done.rows_affected() == 1);
    }
    let done = sqlx::query(
        "with replaced as (select user_id, version, recipients from vaults
             where user_id = $1 and version = $2 for no key update),
         kept as (insert into vault_history (user_id, version, recipients, replaced_at)
             select user_id, version, recipients, $4 from replaced)
         update vaults v set version = v.version + 1, recipients = $3 from replaced r where v.user_id = r.user_id",
    )
    .bind(user.0)
    .bind(read_version)
    .bind(Json(recipients))
    .bind(now)
    .execute(&mut *conn)
    .await?;
    if done.rows_affected() != 1 {
        return Ok(false);
    }
    sqlx::query("delete from vault_history where user_id = $1 and version <= $2 - $3")
        .bind(user.0)
        .bind(read_version)
        .bind(KEPT_VERSIONS)
        .execute(conn)
        .await?;
    Ok(true)
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
