//! What names a person, and goes when their account is closed.

use purse_shared::{UnixMillis, UserId};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use crate::identity::token::TokenHash;

/// What stands where a handle's owner stood: nobody's id, so that the handle stays taken.
const NOBODY: Uuid = Uuid::nil();
/// In place of a handle; reserved, so that nobody has it.
const CLOSED: &str = "closed";

/// One after the other; each may be repeated. `$1`: the user.
const GOES: [&str; 10] = [
    "delete from passkeys where user_id = $1",
    "delete from ceremonies where user_id = $1",
    "delete from links where user_id = $1",
    "delete from book_changes where user_id = $1",
    "delete from book_heads where user_id = $1",
    "delete from vaults where user_id = $1",
    "delete from vault_history where user_id = $1",
    "delete from blocks where user_id = $1",
    "delete from inbox where user_id = $1 and answer is not null",
    // Deposits and payouts of the ledger lead to it.
    "update payment_methods set tokenized_data = '', name = '', hint = '', is_verified = false where user_id = $1",
];

/// Takes away what names this user, whose account the branch's writer has closed. What happened stays. `None`: it is not
/// closed. `Some(true)`: there was something of it left.
///
/// # Errors
/// The database's; so for all of these.
pub async fn erase(
    conn: &mut PgConnection,
    branch: i16,
    user: UserId,
    now: UnixMillis,
) -> Result<Option<bool>, sqlx::Error> {
    let named: Option<bool> = sqlx::query_scalar(
        "select display_name <> '' from users where branch = $1 and user_id = $2 and closed_at is not null
         for no key update",
    )
    .bind(branch)
    .bind(user.0)
    .fetch_optional(&mut *conn)
    .await?;
    let Some(named) = named else { return Ok(None) };
    sqlx::query(
        "update users set handle = $3, display_name = '', email = null, phone_number = null, kyc_status = 'none'
         where branch = $1 and user_id = $2",
    )
    .bind(branch)
    .bind(user.0)
    .bind(CLOSED)
    .execute(&mut *conn)
    .await?;
    sqlx::query("update handles set user_id = $2 where user_id = $1")
        .bind(user.0)
        .bind(NOBODY)
        .execute(&mut *conn)
        .await?;
    // Their sessions stay until they expire, so that each device can be told that it was removed.
    sqlx::query("update devices set name = '', revoked_at = coalesce(revoked_at, $2) where user_id = $1")
        .bind(user.0)
        .bind(now)
        .execute(&mut *conn)
        .await?;
    // Numbered without gaps: the rows stay, the names of devices and passkeys and the words of plans go.
    sqlx::query(
        r#"update feed set event = case event->>'type'
               when 'schedule' then jsonb_set(event, '{schedule,order,send,message}', '""', false)
               else jsonb_set(event, '{name}', '""', false) end
           where branch = $1 and user_id = $2"#,
    )
    .bind(branch)
    .bind(user.0)
    .execute(&mut *conn)
    .await?;
    for statement in GOES {
        sqlx::query(statement).bind(user.0).execute(&mut *conn).await?;
    }
    Ok(Some(named))
}

/// Accounts that were closed before `before` and have not been looked at since.
pub async fn to_erase(db: &PgPool, before: UnixMillis) -> Result<Vec<(i16, Uuid)>, sqlx::Error> {
    sqlx::query_as(
        "select branch, user_id from users where closed_at <= $1 and erased_at is null
         order by closed_at, user_id limit 20",
    )
    .bind(before)
    .fetch_all(db)
    .await
}

/// Nothing that names the person can come any more.
pub async fn erased(db: &PgPool, branch: i16, user: UserId, now: UnixMillis) -> Result<(), sqlx::Error> {
    sqlx::query("update users set erased_at = $3 where branch = $1 and user_id = $2 and closed_at <= $3")
        .bind(branch)
        .bind(user.0)
        .bind(now)
        .execute(db)
        .await?;
    Ok(())
}

/// Whether this was a session of an account that is closed.
pub async fn was_of_closed(db: &PgPool, token: TokenHash) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar(
        "select exists (select from sessions s join user_branches b using (user_id)
                        join users u on u.branch = b.branch and u.user_id = b.user_id
                        where s.token_hash = $1 and u.closed_at is not null)",
    )
    .bind(token.0)
    .fetch_one(db)
    .await
}
