//! The rows of the inbox.

use super::super::command::Leg;
use super::super::inbox::Posted;
use super::{currency, unreadable};
use purse_shared::{Amount, DeviceId, TransactionId, UnixMillis, UserId};
use serde_json::Value;
use sqlx::types::Json;
use sqlx::{PgConnection, PgExecutor, PgPool, Row};
use std::collections::HashMap;
use uuid::Uuid;

/// A command that has no answer yet.
#[derive(Debug, sqlx::FromRow)]
pub struct Open {
    pub command_id: Uuid,
    pub user_id: Uuid,
    pub command: Value,
}

/// # Errors
/// The database's; so for all of these.
pub(in crate::settle) async fn ask(
    conn: &mut PgConnection,
    branch: i16,
    id: Uuid,
    user: UserId,
    posted: &Posted,
    now: UnixMillis,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "insert into inbox (branch, command_id, user_id, command, asked_at) values ($1, $2, $3, $4, $5)",
    )
    .bind(branch)
    .bind(id)
    .bind(user.0)
    .bind(Json(posted))
    .bind(now)
    .execute(conn)
    .await?;
    Ok(())
}

/// Oldest first.
pub async fn open(db: &PgPool, branch: i16, limit: i64) -> Result<Vec<Open>, sqlx::Error> {
    sqlx::query_as(
        "select command_id, user_id, command from inbox where branch = $1 and answer is null
         order by asked_at, command_id limit $2",
    )
    .bind(branch)
    .bind(limit)
    .fetch_all(db)
    .await
}

/// The answer, once there is one.
pub async fn answer(db: &PgPool, branch: i16, id: Uuid) -> Result<Option<Value>, sqlx::Error> {
    sqlx::query_scalar("select answer from inbox where branch = $1 and command_id = $2")
        .bind(branch)
        .bind(id)
        .fetch_one(db)
        .await
}

/// An answer outside the writer's commit: to a command whose orders were decided one by one.
pub async fn answer_apart(
    db: impl PgExecutor<'_>,
    branch: i16,
    id: Uuid,
    answer: &Value,
) -> Result<(), sqlx::Error> {
    sqlx::query("update inbox set answer = $3 where branch = $1 and command_id = $2 and answer is null")
        .bind(branch)
        .bind(id)
        .bind(Json(answer))
        .execute(db)
        .await?;
    Ok(())
}

/// Takes a command that nobody can decide out of the queue and keeps it for people. What it is answered with is no
/// answer: whoever waits asks again. `false`: it is there no more, or has its answer.
pub async fn put_aside(
    db: impl PgExecutor<'_>,
    branch: i16,
    id: Uuid,
    because: &str,
    now: UnixMillis,
) -> Result<bool, sqlx::Error> {
    let update = sqlx::query(
        "update inbox set answer = '{\"undecided\": true}', put_aside_at = $4, put_aside_because = $3
         where branch = $1 and command_id = $2 and answer is null",
    )
    .bind(branch)
    .bind(id)
    .bind(because)
    .bind(now);
    Ok(update.execute(db).await?.rows_affected() == 1)
}

/// A command that was put aside.
#[derive(Debug, sqlx::FromRow)]
pub struct Aside {
    pub branch: i16,
    pub command_id: Uuid,
    pub user_id: Uuid,
    pub handle: Option<String>,
    pub command: Value,
    pub put_aside_at: UnixMillis,
    pub put_aside_because: String,
}

/// What was put aside, the oldest first; or the one command.
pub async fn aside(db: &PgPool, only: Option<Uuid>) -> Result<Vec<Aside>, sqlx::Error> {
    sqlx::query_as(
        "select i.branch, i.command_id, i.user_id, u.handle, i.command, i.put_aside_at, i.put_aside_because
         from inbox i left join users u using (branch, user_id)
         where i.put_aside_at is not null and ($1::uuid is null or i.command_id = $1)
         order by i.put_aside_at, i.command_id limit 1000",
    )
    .bind(only)
    .fetch_all(db)
    .await
}

/// Into the queue again.
pub async fn again(db: &PgPool, branch: i16, id: Uuid) -> Result<bool, sqlx::Error> {
    let update = sqlx::query(
        "update inbox set answer = null, put_aside_at = null, put_aside_because = null
         where branch = $1 and command_id = $2 and put_aside_at is not null",
    )
    .bind(branch)
    .bind(id);
    Ok(update.execute(db).await?.rows_affected() == 1)
}

/// People have looked at it.
pub async fn forget(db: &PgPool, branch: i16, id: Uuid) -> Result<bool, sqlx::Error> {
    let delete =
        sqlx::query("delete from inbox where branch = $1 and command_id = $2 and put_aside_at is not null")
            .bind(branch)
            .bind(id);
    Ok(delete.execute(db).await?.rows_affected() == 1)
}

/// Removes a command that has no answer; `false`: it has one.
pub async fn take_back(db: &PgPool, branch: i16, id: Uuid) -> Result<bool, sqlx::Error> {
    let delete = sqlx::query("delete from inbox where branch = $1 and command_id = $2 and answer is null")
        .bind(branch)
        .bind(id);
    Ok(delete.execute(db).await?.rows_affected() == 1)
}

/// What was answered an hour ago has been read or will be asked again. What was put aside stays.
pub async fn sweep(db: &PgPool, asked_before: UnixMillis) -> Result<u64, sqlx::Error> {
    let delete =
        sqlx::query("delete from inbox where answer is not null and asked_at < $1 and put_aside_at is null")
            .bind(asked_before);
    Ok(delete.execute(db).await?.rows_affected())
}

pub async fn notify(conn: &mut PgConnection, channel: &str, payload: &str) -> Result<(), sqlx::Error> {
    sqlx::query("select pg_notify($1, $2)").bind(channel).bind(payload).execute(conn).await?;
    Ok(())
}

/// More than one server listens on this database.
pub async fn others_listen(db: &PgPool) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar(
        "select count(*) > 1 from pg_stat_activity
         where datname = current_database() and query ilike 'listen \"purse_inbox\"%'",
    )
    .fetch_one(db)
    .await
}

/// What left `from` for `branch` and has not come, in order.
pub(in crate::settle) async fn legs(
    db: &PgPool,
    from: i16,
    branch: i16,
    limit: i64,
) -> Result<Vec<Leg>, sqlx::Error> {
    let rows = sqlx::query(
        "select leg_no, transaction_id, transaction_type, user_id, payee_user_id, amount, currency, message, of_transaction_id, timestamp
         from transactions
         where branch = $1 and to_branch = $2 and leg_no > (
             select coalesce(max(from_leg_no), 0) from transactions where branch = $2 and from_branch = $1)
         order by leg_no limit $3",
    )
    .bind(from)
    .bind(branch)
    .bind(limit)
    .fetch_all(db)
    .await?;
    rows.iter()
        .map(|row| {
            let amount =
                Amount::new(row.try_get("amount")?, currency(row)?).map_err(|_| unreadable("amount"))?;
            Ok(Leg {
                no: row.try_get("leg_no")?,
                id: TransactionId(row.try_get("transaction_id")?),
                payer: UserId(row.try_get("user_id")?),
                payee: UserId(row.try_get("payee_user_id")?),
                amount,
                message: row.try_get("message")?,
                returns: match row.try_get::<&str, _>("transaction_type")? {
                    "send" => None,
                    _ => row.try_get::<Option<Uuid>, _>("of_transaction_id")?.map(TransactionId),
                },
                settled_at: row.try_get("timestamp")?,
            })
        })
        .collect()
}

/// The public keys of this user's devices among `devices`; revoked ones too, so that the writer says so.
pub async fn device_keys(
    db: &PgPool,
    user: UserId,
    devices: &[DeviceId],
) -> Result<HashMap<DeviceId, Vec<u8>>, sqlx::Error> {
    let rows: Vec<(Uuid, Vec<u8>)> = sqlx::query_as(
        "select device_id, public_key from devices where user_id = $1 and device_id = any($2)",
    )
    .bind(user.0)
    .bind(devices.iter().map(|device| device.0).collect::<Vec<_>>())
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|(device, key)| (DeviceId(device), key)).collect())
}
