//! What people must look at: `sync-server operator ...` prints it, and gauges count it once a minute.

use crate::gateways::store as deposits;
use crate::settle::store::chains;
use purse_shared::UnixMillis;
use purse_shared::limits::HOUR_MS;
use sqlx::PgPool;

/// Gauges of what waits for people.
pub fn describe() {
    metrics::describe_gauge!(
        "purse_chain_breaks",
        "Orders that do not follow their device's order before them: `missing` numbers, or `another` order named."
    );
    metrics::describe_gauge!("purse_deposits_suspended", "Deposits in suspense: no wallet can take them.");
}

/// Counts it.
///
/// # Errors
/// The database's.
pub async fn measure(db: &PgPool) -> Result<(), sqlx::Error> {
    let (missing, another) = chains::count(db).await?;
    metrics::gauge!("purse_chain_breaks", "kind" => "missing").set(gauge(missing));
    metrics::gauge!("purse_chain_breaks", "kind" => "another").set(gauge(another));
    metrics::gauge!("purse_deposits_suspended").set(gauge(deposits::suspended(db).await?.len()));
    Ok(())
}

/// `sync-server operator deposits`
pub async fn suspended_deposits(db: &PgPool, now: UnixMillis) -> Result<String, sqlx::Error> {
    let all = deposits::suspended(db).await?;
    let line = |one: &deposits::Suspended| {
        let deposits::Suspended { handle, number, amount, reference, since } = one;
        format!(
            "@{handle} {number}  {amount}  in suspense since {} h  reference {reference}",
            hours(now, *since)
        )
    };
    if all.is_empty() {
        return Ok("Every deposit is in its wallet, or on its way.".to_owned());
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
