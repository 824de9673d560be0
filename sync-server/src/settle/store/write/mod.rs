//! Writes what a batch decided, and commits it.
//!
//! Every statement says how many rows it must touch: fewer means that somebody else wrote the branch, and nothing of
//! the batch may hold.

mod orders;
mod place;
mod transactions;
mod wallets;

use super::super::rows::Rows;
use super::uuids;
use place::{Place, Places};
use purse_shared::{UnixMillis, WalletId};
use sqlx::postgres::{PgArguments, PgQueryResult};
use sqlx::types::Json;
use sqlx::{Connection, Execute, PgConnection, Postgres, SqlSafeStr, SqlStr};
use std::mem;

type Query<'q> = sqlx::query::Query<'q, Postgres, PgArguments>;

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
    pub async fn write(&mut self, draft: Draft) -> Result<Committed, sqlx::Error> {
        // Whoever drops this future on its way leaves nothing that might be wrong.
        let mut places = mem::take(&mut self.places);
        let mut transaction = self.connection.begin().await?;
        let (committed, written) = write(&mut transaction, draft, &places).await?;
        transaction.commit().await?;
        places.extend(written);
        if places.len() <= PLACES_MAX {
            self.places = places;
        }
        Ok(committed)
    }
}

/// What a batch writes. Most of it is put into the database's form here, while the batch before is written.
#[derive(Debug)]
pub struct Draft {
    branch: i16,
    rows: Rows,
    now: UnixMillis,
    transactions: Vec<Ready>,
}

impl Draft {
    /// # Errors
    /// A value that cannot be encoded.
    pub fn new(branch: i16, rows: Rows, now: UnixMillis) -> Result<Self, sqlx::Error> {
        let transactions = transactions::ready(branch, &rows, now)?;
        Ok(Self { branch, rows, now, transactions })
    }
}

/// What a batch wrote, and when.
#[derive(Debug)]
pub struct Committed {
    pub rows: Rows,
    pub at: UnixMillis,
}

/// A statement with its values encoded, and how many rows it must touch.
#[derive(Debug)]
struct Ready {
    statement: SqlStr,
    values: PgArguments,
    rows: usize,
}

impl Ready {
    fn new(statement: &'static str, rows: usize, mut query: Query<'_>) -> Result<Self, sqlx::Error> {
        let values = query.take_arguments().map_err(sqlx::Error::Encode)?.unwrap_or_default();
        Ok(Self { statement: statement.into_sql_str(), values, rows })
    }

    async fn carry_out(self, conn: &mut PgConnection) -> Result<(), sqlx::Error> {
        exactly(conn, self.rows, sqlx::query_with(self.statement, self.values)).await
    }
}

/// With where the wallets are now.
async fn write(
    conn: &mut PgConnection,
    draft: Draft,
    places: &Places,
) -> Result<(Committed, Vec<(WalletId, Place)>), sqlx::Error> {
    let Draft { branch, rows: all, now, transactions } = draft;
    let rows = &all;
    let insert = async {
        for ready in transactions {
            ready.carry_out(conn).await?;
        }
        Ok::<_, sqlx::Error>(conn)
    };
    // The one is made ready while the database is at the other.
    let (conn, wallets) = futures::join!(insert, async { wallets::ready(branch, rows, places, now) });
    let conn = conn?;
    let mut written = Vec::with_capacity(rows.changed_wallets.len());
    for ready in wallets? {
        ready.carry_out(conn, &mut written).await?;
    }
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
    Ok((Committed { rows: all, at: now }, written))
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
