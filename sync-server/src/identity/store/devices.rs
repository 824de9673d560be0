//! Devices. `revoked_at` and `forked_at` are the writer's to set; here they are read.

use purse_shared::{DeviceId, UnixMillis, UserId};
use sqlx::{PgConnection, PgExecutor, PgPool};
use uuid::Uuid;

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct DeviceRow {
    pub device_id: Uuid,
    pub user_id: Uuid,
    pub name: String,
    pub public_key: Vec<u8>,
    pub created_at: UnixMillis,
    pub last_seen_at: UnixMillis,
    pub limited_until: Option<UnixMillis>,
    pub revoked_at: Option<UnixMillis>,
    pub forked_at: Option<UnixMillis>,
    pub let_in_by: Option<Uuid>,
}

#[derive(Debug)]
pub struct NewDevice<'a> {
    pub device: DeviceId,
    pub user: UserId,
    pub name: &'a str,
    pub public_key: &'a [u8],
    pub limited_until: Option<UnixMillis>,
    pub let_in_by: Option<DeviceId>,
}

/// # Errors
/// The database's; a known id or key breaks `devices_pkey` or `device_keys_are_unique`.
pub async fn insert(
    conn: &mut PgConnection,
    device: &NewDevice<'_>,
    now: UnixMillis,
) -> Result<DeviceRow, sqlx::Error> {
    sqlx::query_as(
        "insert into devices (device_id, user_id, name, public_key, created_at, last_seen_at, limited_until,
                              let_in_by)
         values ($1, $2, $3, $4, $5, $5, $6, $7) returning *",
    )
    .bind(device.device.0)
    .bind(device.user.0)
    .bind(device.name)
    .bind(device.public_key)
    .bind(now)
    .bind(device.limited_until)
    .bind(device.let_in_by.map(|by| by.0))
    .fetch_one(conn)
    .await
}

/// # Errors
/// The database's.
pub async fn find(db: impl PgExecutor<'_>, device: DeviceId) -> Result<Option<DeviceRow>, sqlx::Error> {
    sqlx::query_as("select * from devices where device_id = $1").bind(device.0).fetch_optional(db).await
}

/// Oldest first.
///
/// # Errors
/// The database's.
pub async fn list(db: &PgPool, user: UserId) -> Result<Vec<DeviceRow>, sqlx::Error> {
    sqlx::query_as("select * from devices where user_id = $1 order by created_at, device_id limit 500")
        .bind(user.0)
        .fetch_all(db)
        .await
}

/// False when it is not one of the user's.
///
/// # Errors
/// The database's.
pub async fn rename(
    conn: &mut PgConnection,
    user: UserId,
    device: DeviceId,
    name: &str,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query("update devices set name = $3 where user_id = $1 and device_id = $2")
        .bind(user.0)
        .bind(device.0)
        .bind(name)
        .execute(conn)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// # Errors
/// The database's.
pub async fn seen(db: impl PgExecutor<'_>, device: DeviceId, now: UnixMillis) -> Result<(), sqlx::Error> {
    sqlx::query("update devices set last_seen_at = greatest(last_seen_at, $2) where device_id = $1")
        .bind(device.0)
        .bind(now)
        .execute(db)
        .await?;
    Ok(())
}
