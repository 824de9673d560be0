//! Ceremonies under way. Reading one deletes it, so each is used at most once.

use purse_shared::{UnixMillis, UserId};
use serde_json::Value;
use sqlx::PgPool;
use uuid::Uuid;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Register,
    SignIn,
    Confirm,
    AddPasskey,
    Renew,
    Link,
}

impl Kind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::SignIn => "sign_in",
            Self::Confirm => "confirm",
            Self::AddPasskey => "add_passkey",
            Self::Renew => "renew",
            Self::Link => "link",
        }
    }
}

/// # Errors
/// The database's.
pub async fn insert(
    db: &PgPool,
    id: Uuid,
    kind: Kind,
    user: Option<UserId>,
    state: Value,
    expires_at: UnixMillis,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "insert into ceremonies (ceremony_id, kind, user_id, state, expires_at) values ($1, $2, $3, $4, $5)",
    )
    .bind(id)
    .bind(kind.as_str())
    .bind(user.map(|user| user.0))
    .bind(state)
    .bind(expires_at)
    .execute(db)
    .await?;
    Ok(())
}

/// Its state, once; `None` when it is unknown, used, expired, of another kind or of another user.
///
/// # Errors
/// The database's.
pub async fn take(
    db: &PgPool,
    id: Uuid,
    kind: Kind,
    user: Option<UserId>,
    now: UnixMillis,
) -> Result<Option<Value>, sqlx::Error> {
    sqlx::query_scalar(
        "delete from ceremonies
         where ceremony_id = $1 and kind = $2 and user_id is not distinct from $3 and expires_at > $4
         returning state",
    )
    .bind(id)
    .bind(kind.as_str())
    .bind(user.map(|user| user.0))
    .bind(now)
    .fetch_optional(db)
    .await
}

/// How many were swept.
///
/// # Errors
/// The database's.
pub async fn sweep(db: &PgPool, now: UnixMillis) -> Result<u64, sqlx::Error> {
    let done = sqlx::query("delete from ceremonies where expires_at <= $1").bind(now).execute(db).await?;
    Ok(done.rows_affected())
}
