//! Users, handles, blocks.

use purse_shared::{Handle, UnixMillis, UserId};
use sqlx::{PgConnection, PgExecutor, PgPool};
use uuid::Uuid;

#[derive(Debug, sqlx::FromRow)]
pub struct UserRow {
    pub user_id: Uuid,
    pub branch: i16,
    pub handle: String,
    pub display_name: String,
}

/// The three rows that make a person. A taken handle breaks `handles_pkey`.
///
/// # Errors
/// The database's.
pub async fn insert(
    conn: &mut PgConnection,
    branch: i16,
    user: UserId,
    handle: &Handle,
    display_name: &str,
    now: UnixMillis,
) -> Result<(), sqlx::Error> {
    sqlx::query("insert into user_branches (user_id, branch) values ($1, $2)")
        .bind(user.0)
        .bind(branch)
        .execute(&mut *conn)
        .await?;
    sqlx::query("insert into handles (handle, user_id, branch) values ($1, $2, $3)")
        .bind(handle.as_str())
        .bind(user.0)
        .bind(branch)
        .execute(&mut *conn)
        .await?;
    sqlx::query(
        "insert into users (branch, user_id, handle, display_name, creation_timestamp) values ($1, $2, $3, $4, $5)",
    )
    .bind(branch)
    .bind(user.0)
    .bind(handle.as_str())
    .bind(display_name)
    .bind(now)
    .execute(conn)
    .await?;
    Ok(())
}

/// # Errors
/// The database's.
pub async fn handle_is_taken(db: &PgPool, handle: &Handle) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar("select exists (select 1 from handles where handle = $1)")
        .bind(handle.as_str())
        .fetch_one(db)
        .await
}

/// # Errors
/// The database's.
pub async fn find(db: impl PgExecutor<'_>, user: UserId) -> Result<Option<UserRow>, sqlx::Error> {
    sqlx::query_as(
        "select u.user_id, u.branch, u.handle, u.display_name
         from user_branches b join users u on u.branch = b.branch and u.user_id = b.user_id
         where b.user_id = $1",
    )
    .bind(user.0)
    .fetch_optional(db)
    .await
}

/// Also by an earlier handle of the same person.
///
/// # Errors
/// The database's.
pub async fn find_by_handle(db: &PgPool, handle: &Handle) -> Result<Option<UserRow>, sqlx::Error> {
    sqlx::query_as(
        "select u.user_id, u.branch, u.handle, u.display_name
         from handles h join users u on u.branch = h.branch and u.user_id = h.user_id
         where h.handle = $1",
    )
    .bind(handle.as_str())
    .fetch_optional(db)
    .await
}

/// For changes that count a person's rows: one at a time. Leaves foreign-key checks alone.
///
/// # Errors
/// The database's.
pub async fn lock(conn: &mut PgConnection, user: UserId) -> Result<(), sqlx::Error> {
    sqlx::query("select 1 from user_branches where user_id = $1 for no key update")
        .bind(user.0)
        .execute(conn)
        .await?;
    Ok(())
}

/// # Errors
/// The database's.
pub async fn list_blocks(db: &PgPool, user: UserId) -> Result<Vec<Uuid>, sqlx::Error> {
    sqlx::query_scalar("select blocked_user_id from blocks where user_id = $1 order by created_at, blocked_user_id limit 1000")
        .bind(user.0)
        .fetch_all(db)
        .await
}
