//! What people must look at: `sync-server operator ...` prints it, and gauges count it once a minute.

use crate::settle::store::suspense::{self, Came, InSuspense};
use crate::settle::store::{chains, inbox};
use purse_shared::limits::HOUR_MS;
use purse_shared::{UnixMillis, UserId};
use sqlx::PgPool;

/// Gauges of what waits for people.
pub fn describe() {
    metrics::describe_gauge!(
        "purse_chain_breaks",
        "Orders that do not follow their device's order before them: `missing` numbers, or `another` order named."
    );
    metrics::describe_gauge!("purse_inbox_put_aside", "Commands that nobody can decide, kept for people.");
    metrics::describe_gauge!(
        "purse_suspended",
        "Deposits, payments and money taken by people that are in suspense, in nobody's wallet."
    );
}

/// Counts it.
///
/// # Errors
/// The database's.
pub async fn measure(db: &PgPool) -> Result<(), sqlx::Error> {
    let (missing, another) = chains::count(db).await?;
    metrics::gauge!("purse_chain_breaks", "kind" => "missing").set(gauge(missing));
    metrics::gauge!("purse_chain_breaks", "kind" => "another").set(gauge(another));
    metrics::gauge!("purse_inbox_put_aside").set(gauge(inbox::aside(db, None).await?.len()));
    metrics::gauge!("purse_suspended").set(gauge(suspense::count(db).await?));
    Ok(())
}

/// `sync-server operator suspense`
pub async fn suspended(db: &PgPool, now: UnixMillis) -> Result<String, sqlx::Error> {
    let all = suspense::all(db).await?;
    let line = |one: &InSuspense| {
        let came = match &one.came {
            Came::Deposit { reference } => format!("a deposit, reference {reference}"),
            Came::Payment { payer, handle } => format!("a payment by {}", who(handle.as_deref(), *payer)),
            Came::Taken => "taken from the wallet".to_owned(),
        };
        let amount = format!("{} {}", one.amount.to_plain_string(), one.amount.currency.code());
        let (who, number) = (who(one.handle.as_deref(), one.owner), one.number);
        format!("{who} {number}  {amount}  in suspense since {} h: {came}", hours(now, one.since))
    };
    if all.is_empty() {
        return Ok("Nothing is in suspense.".to_owned());
    }
    Ok(all.iter().map(line).collect::<Vec<_>>().join("\n"))
}

/// As acts name them: by handle, or by id where there is none.
fn who(handle: Option<&str>, user: UserId) -> String {
    handle.map_or_else(|| user.to_string(), |handle| format!("@{handle}"))
}

/// `sync-server operator inbox`
pub async fn put_aside(db: &PgPool, now: UnixMillis) -> Result<String, sqlx::Error> {
    let all = inbox::aside(db, None).await?;
    let line = |one: &inbox::Aside| {
        let who = who(one.handle.as_deref(), UserId(one.user_id));
        let (id, because, since) = (one.command_id, &one.put_aside_because, hours(now, one.put_aside_at));
        format!("{id}  of {who}, branch {}, {since} h ago: {because}\n    {}", one.branch, one.command)
    };
    if all.is_empty() {
        return Ok("Nothing was put aside.".to_owned());
    }
    Ok(all.iter().map(line).collect::<Vec<_>>().join("\n"))
}

/// `sync-server operator chains`
pub async fn chain_breaks(db: &PgPool, now: UnixMillis) -> Result<String, sqlx::Error> {
    let all = chains::breaks(db).await?;
    let line = |one: &chains::Break| {
        let chains::Break { handle, device, seq, missing_from, noticed_at } = one;
        let what = match missing_from {
            Some(from) if *from == seq - 1 => format!("number {from} is missing"),
            Some(from) => format!("numbers {from} to {} are missing", seq - 1),
            None => format!("number {seq} names another order than the one before it"),
        };
        format!("@{handle} {device}: {what}, noticed {} h ago", hours(now, *noticed_at))
    };
    if all.is_empty() {
        return Ok("Every device's orders follow one another.".to_owned());
    }
    Ok(all.iter().map(line).collect::<Vec<_>>().join("\n"))
}

const fn hours(now: UnixMillis, since: UnixMillis) -> i64 {
    now.saturating_sub(since) / HOUR_MS
}

/// Counts of what waits for people are small.
fn gauge(count: impl TryInto<i32>) -> f64 {
    f64::from(count.try_into().unwrap_or(i32::MAX))
}
