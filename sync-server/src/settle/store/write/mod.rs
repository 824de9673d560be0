//! Writes what a batch decided, and commits it.
//!
//! Every statement says how many rows it must touch: fewer means that somebody else wrote the branch, and nothing of
//! the batch may hold.

mod orders;
mod place;
mod transactions;

use super::super::rows::Rows;
use super::uuids;
use crate::settle::books::WalletRow;
use place::{Place, Places};
use purse_shared::{UnixMillis, WalletId};
use sqlx::postgres::PgQueryResult;
use sqlx::types::Json;
use sqlx::{Connection, PgConnection, Postgres};
use std::mem;
use uuid::Uuid;

type Query<'q> = sqlx::query::Query<'q, Postgres, sqlx::postgres::PgArguments>;

/// More places than this are forgotten all at once: the rows are found by their keys then.
const PLACES_MAX: usize = 1_000_000;

/// The connection that holds the branch's lock and writes, and what it knows of the rows.
#[derive(Debug)]
pub struct Pen {
    connection: PgConnection,
    places: Places,
}

impl Pen {
    pub fn new(connection: PgConnection) -> Self {
        Self { connection, places: Places::new() }
    }

    /// For what is not a batch.
    pub fn connection(&mut self) -> &mut PgConnection {
        &mut self.connection
    }

    /// In one transaction.
    ///
    /// # Errors
    /// Whatever the database says, and when it wrote fewer rows than it was told. Nothing is written then, and where
    /// rows are is forgotten.
    pub async fn write(&mut self, branch: i16, rows: &Rows, now: UnixMillis) -> Result<(), sqlx::Error> {
        // Whoever drops this future on its way leaves nothing that might be wrong.
        let mut places = mem::take(&mut self.places);
        let mut transaction = self.connection.begin().await?;
        let written = write(&mut transaction, branch, rows, &places, now).await?;
        transaction.commit().await?;
        places.extend(written);
        if places.len() <= PLACES_MAX {
            self.places = places;
        }
        Ok(())
    }
}

/// Where the wallets are now.
async fn write(
    conn: &mut PgConnection,
    branch: i16,
    rows: &Rows,
    places: &Places,
    now: UnixMillis,
) -> Result<Vec<(WalletId, Place)>, sqlx::Error> {
    let written = write_wallets(conn, branch, rows, places, now).await?;
    transactions::write(conn, branch, rows, now).await?;
    write_feed(conn, branch, rows, now).await?;
    orders::write(conn, branch, rows, now).await?;
    for (user, tier) in &rows.tiers {
        // Whoever was verified is known no more; what was found out of others stays.
        let update = sqlx::query(
            "update users set kyc_status = case when $3 = 'none' and kyc_status <> 'verified' then kyc_status else $3 end
             where branch = $1 and user_id = $2",
        )
            .bind(branch)
            .bind(user.0)
            .bind(tier.kyc());
        exactly(conn, 1, update).await?;
    }
    for user in &rows.closed {
        let update = sqlx::query(
            "update users set closed_at = $3 where branch = $1 and user_id = $2 and closed_at is null",
        )
        .bind(branch)
        .bind(user.0)
        .bind(now);
        exactly(conn, 1, update).await?;
    }
    for (devices, statement) in [
        (&rows.revoked, "update devices set revoked_at = $2 where device_id = any($1)"),
        (&rows.forked, "update devices set forked_at = $2 where device_id = any($1)"),
    ] {
        if !devices.is_empty() {
            let ids = uuids(devices.iter().map(|device| device.0));
            exactly(conn, devices.len(), sqlx::query(statement).bind(ids).bind(now)).await?;
        }
    }
    if !rows.tombstones.is_empty() {
        let insert = sqlx::query(
            "insert into tombstones (branch, user_id, intent_hash, created_at)
             select $1, u, h, $4 from unnest($2::uuid[], $3::bytea[]) as t (u, h)",
        )
        .bind(branch)
        .bind(uuids(rows.tombstones.iter().map(|(user, _)| user.0)))
        .bind(rows.tombstones.iter().map(|(_, hash)| hash.0.to_vec()).collect::<Vec<_>>())
        .bind(now);
        exactly(conn, rows.tombstones.len(), insert).await?;
    }
    write_breaks(conn, branch, rows, now).await?;
    for (user, other, blocked) in &rows.block_changes {
        let statement = if *blocked {
            sqlx::query("insert into blocks (user_id, blocked_user_id, created_at) values ($1, $2, $3)")
                .bind(user.0)
                .bind(other.0)
                .bind(now)
        } else {
            sqlx::query("delete from blocks where user_id = $1 and blocked_user_id = $2")
                .bind(user.0)
                .bind(other.0)
        };
        exactly(conn, 1, statement).await?;
    }
    if !rows.answered.is_empty() {
        let update = sqlx::query(
            "update inbox set answer = t.answer from unnest($2::uuid[], $3::jsonb[]) as t (command_id, answer)
             where inbox.branch = $1 and inbox.command_id = t.command_id and inbox.answer is null",
        )
        .bind(branch)
        .bind(uuids(rows.answered.iter().map(|(id, _)| *id)))
        .bind(rows.answered.iter().map(|(_, answer)| Json(answer.clone())).collect::<Vec<_>>());
        exactly(conn, rows.answered.len(), update).await?;
    }
    Ok(written)
}

/// Carries it out; an error unless it touched `wanted` rows.
async fn exactly(conn: &mut PgConnection, wanted: usize, query: Query<'_>) -> Result<(), sqlx::Error> {
    let done: PgQueryResult = query.execute(conn).await?;
    touched(done.rows_affected(), wanted)
}

/// An error unless as many rows were touched as were to be. It is not the database's word, so never taken for a refusal
/// of one order: the writer forgets all it knows.
fn touched(rows: u64, wanted: usize) -> Result<(), sqlx::Error> {
    if usize::try_from(rows) == Ok(wanted) {
        return Ok(());
    }
    Err(sqlx::Error::Protocol(format!("{rows} rows instead of {wanted}: somebody else wrote this branch")))
}

async fn write_breaks(
    conn: &mut PgConnection,
    branch: i16,
    rows: &Rows,
    now: UnixMillis,
) -> Result<(), sqlx::Error> {
    if !rows.new_breaks.is_empty() {
        let breaks = || rows.new_breaks.values();
        let insert = sqlx::query(
            "insert into chain_breaks (branch, device_id, seq, user_id, number, prev, noticed_at)
             select $1, t.*, $7 from unnest($2::uuid[], $3::bigint[], $4::uuid[], $5::bigint[], $6::bytea[]) as t",
        )
        .bind(branch)
        .bind(uuids(rows.new_breaks.keys().map(|(device, _)| device.0)))
        .bind(rows.new_breaks.keys().map(|(_, seq)| *seq).collect::<Vec<_>>())
        .bind(uuids(breaks().map(|row| row.user.0)))
        .bind(breaks().map(|row| row.number).collect::<Vec<_>>())
        .bind(breaks().map(|row| row.prev.0.to_vec()).collect::<Vec<_>>())
        .bind(now);
        exactly(conn, rows.new_breaks.len(), insert).await?;
    }
    if !rows.mended_breaks.is_empty() {
        let delete = sqlx::query(
            "delete from chain_breaks b using unnest($2::uuid[], $3::bigint[]) as t (device_id, seq)
             where b.branch = $1 and b.device_id = t.device_id and b.seq = t.seq",
        )
        .bind(branch)
        .bind(uuids(rows.mended_breaks.iter().map(|(device, _)| device.0)))
        .bind(rows.mended_breaks.iter().map(|(_, seq)| *seq).collect::<Vec<_>>());
        exactly(conn, rows.mended_breaks.len(), delete).await?;
    }
    Ok(())
}

async fn write_wallets(
    conn: &mut PgConnection,
    branch: i16,
    rows: &Rows,
    places: &Places,
    now: UnixMillis,
) -> Result<Vec<(WalletId, Place)>, sqlx::Error> {
    let new: Vec<_> = rows.new_wallets.iter().filter_map(|wallet| rows.wallets.get(wallet)).collect();
    if !new.is_empty() {
        let insert = sqlx::query(
            "insert into wallets (branch, wallet_id, user_id, house, transit_branch, currency, last_updated_timestamp)
             select $1, t.*, $7
             from unnest($2::uuid[], $3::uuid[], $4::text[], $5::smallint[], $6::text[]) as t",
        )
        .bind(branch)
        .bind(uuids(new.iter().map(|row| row.facts.wallet.0)))
        .bind(new.iter().map(|row| row.facts.owner.map(|owner| owner.0)).collect::<Vec<_>>())
        .bind(new.iter().map(|row| row.house.map(|house| house.columns().0)).collect::<Vec<_>>())
        .bind(new.iter().map(|row| row.house.and_then(|house| house.columns().1)).collect::<Vec<_>>())
        .bind(new.iter().map(|row| row.facts.currency.code()).collect::<Vec<_>>())
        .bind(now);
        exactly(conn, new.len(), insert).await?;
    }
    let changed = rows.changed_wallets.iter().filter_map(|(wallet, before)| {
        Some(Changed { row: rows.wallets.get(wallet)?, before: *before, place: places.get(wallet).copied() })
    });
    let (known, unknown): (Vec<_>, Vec<_>) = changed.partition(|changed| changed.place.is_some());
    let mut written = Vec::with_capacity(known.len() + unknown.len());
    for (changed, statement) in [(known, UPDATE_BY_PLACE), (unknown, UPDATE_BY_KEY)] {
        if !changed.is_empty() {
            update_wallets(conn, branch, &changed, statement, now, &mut written).await?;
        }
    }
    Ok(written)
}

struct Changed<'a> {
    row: &'a WalletRow,
    /// The number of its last entry before the batch.
    before: i64,
    place: Option<Place>,
}

macro_rules! update_wallets {
    ($($found:literal)?) => {
        concat!(
            "update wallets set balance = t.balance, held = t.held, status = t.status, entry_no = t.entry_no,
                    feed_seq = t.feed_seq, outflow_day = t.outflow_day, outflow_minor = t.outflow_minor,
                    outflow_month_minor = t.outflow_month_minor, last_updated_timestamp = $13
             from unnest($2::tid[], $3::uuid[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[],
                         $9::int[], $10::bigint[], $11::bigint[], $12::text[])
                  as t (place, wallet_id, before, balance, held, entry_no, feed_seq, outflow_day, outflow_minor,
                        outflow_month_minor, status)
             where ", $($found,)? "wallets.branch = $1 and wallets.wallet_id = t.wallet_id and wallets.entry_no = t.before
             returning wallets.wallet_id, wallets.ctid"
        )
    };
}
const UPDATE_BY_PLACE: &str = update_wallets!("wallets.ctid = t.place and ");
const UPDATE_BY_KEY: &str = update_wallets!();

async fn update_wallets(
    conn: &mut PgConnection,
    branch: i16,
    changed: &[Changed<'_>],
    statement: &'static str,
    now: UnixMillis,
    written: &mut Vec<(WalletId, Place)>,
) -> Result<(), sqlx::Error> {
    let rows = || changed.iter().map(|changed| changed.row);
    let facts = || rows().map(|row| &row.facts);
    let update = sqlx::query_as(statement)
        .bind(branch)
        .bind(changed.iter().map(|changed| changed.place).collect::<Vec<_>>())
        .bind(uuids(facts().map(|facts| facts.wallet.0)))
        .bind(changed.iter().map(|changed| changed.before).collect::<Vec<_>>())
        .bind(facts().map(|facts| facts.balance).collect::<Vec<_>>())
        .bind(facts().map(|facts| facts.held).collect::<Vec<_>>())
        .bind(rows().map(|row| row.entry_no).collect::<Vec<_>>())
        .bind(rows().map(|row| row.feed_seq).collect::<Vec<_>>())
        .bind(facts().map(|facts| facts.outflow_day).collect::<Vec<_>>())
        .bind(facts().map(|facts| facts.outflow_minor).collect::<Vec<_>>())
        .bind(facts().map(|facts| facts.outflow_month_minor).collect::<Vec<_>>())
        .bind(facts().map(|facts| if facts.frozen { "frozen" } else { "active" }).collect::<Vec<_>>())
        .bind(now);
    let places: Vec<(Uuid, Place)> = update.fetch_all(conn).await?;
    touched(places.len() as u64, changed.len())?;
    written.extend(places.into_iter().map(|(wallet, place)| (WalletId(wallet), place)));
    Ok(())
}

async fn write_feed(
    conn: &mut PgConnection,
    branch: i16,
    rows: &Rows,
    now: UnixMillis,
) -> Result<(), sqlx::Error> {
    if !rows.feed.is_empty() {
        let insert = sqlx::query(
            "insert into feed (branch, user_id, seq, at, event)
             select $1, u, s, $5, e from unnest($2::uuid[], $3::bigint[], $4::jsonb[]) as t (u, s, e)",
        )
        .bind(branch)
        .bind(uuids(rows.feed.iter().map(|row| row.user.0)))
        .bind(rows.feed.iter().map(|row| row.seq).collect::<Vec<_>>())
        .bind(rows.feed.iter().map(|row| Json(&row.event)).collect::<Vec<_>>())
        .bind(now);
        exactly(conn, rows.feed.len(), insert).await?;
    }
    if rows.told_users.is_empty() {
        return Ok(());
    }
    let update = sqlx::query(
        "update users set feed_seq = t.seq from unnest($2::uuid[], $3::bigint[]) as t (user_id, seq)
         where users.branch = $1 and users.user_id = t.user_id",
    )
    .bind(branch)
    .bind(uuids(rows.told_users.keys().map(|user| user.0)))
    .bind(rows.told_users.values().copied().collect::<Vec<_>>());
    exactly(conn, rows.told_users.len(), update).await
}
