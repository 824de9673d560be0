//! Writes what a batch decided. The caller commits.
//!
//! Every statement says how many rows it must touch: fewer means that somebody else wrote the branch, and nothing of
//! the batch may hold.

use super::super::books::Books;
use super::super::rows::{Rows, Told};
use super::uuids;
use purse_shared::UnixMillis;
use purse_shared::protocol::RefusalCode;
use sqlx::postgres::PgQueryResult;
use sqlx::types::Json;
use sqlx::{PgConnection, Postgres};

type Query = sqlx::query::Query<'static, Postgres, sqlx::postgres::PgArguments>;

/// # Errors
/// Whatever the database says, and when it wrote fewer rows than it was told.
pub async fn write(
    conn: &mut PgConnection,
    books: &Books,
    rows: &Rows,
    now: UnixMillis,
) -> Result<(), sqlx::Error> {
    let branch = books.branch;
    write_wallets(conn, books, rows, now).await?;
    write_transactions(conn, branch, rows, now).await?;
    write_entries(conn, branch, rows).await?;
    write_feed(conn, branch, rows, now).await?;
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
    Ok(())
}

/// Carries it out; an error unless it touched `wanted` rows.
async fn exactly(conn: &mut PgConnection, wanted: usize, query: Query) -> Result<(), sqlx::Error> {
    let done: PgQueryResult = query.execute(conn).await?;
    let touched = usize::try_from(done.rows_affected()).unwrap_or(usize::MAX);
    if touched == wanted { Ok(()) } else { Err(fenced(touched, wanted)) }
}

/// Not the database's word, so never taken for a refusal of one order: the writer forgets all it knows.
fn fenced(touched: usize, wanted: usize) -> sqlx::Error {
    sqlx::Error::Protocol(format!("{touched} rows instead of {wanted}: somebody else wrote this branch"))
}

async fn write_wallets(
    conn: &mut PgConnection,
    books: &Books,
    rows: &Rows,
    now: UnixMillis,
) -> Result<(), sqlx::Error> {
    let new: Vec<_> = rows.new_wallets.iter().filter_map(|wallet| books.wallets.get(wallet)).collect();
    if !new.is_empty() {
        let insert = sqlx::query(
            "insert into wallets (branch, wallet_id, user_id, house, transit_branch, currency, last_updated_timestamp)
             select $1, t.*, $7
             from unnest($2::uuid[], $3::uuid[], $4::text[], $5::smallint[], $6::text[]) as t",
        )
        .bind(books.branch)
        .bind(uuids(new.iter().map(|row| row.facts.wallet.0)))
        .bind(new.iter().map(|row| row.facts.owner.map(|owner| owner.0)).collect::<Vec<_>>())
        .bind(new.iter().map(|row| row.house.map(|house| house.columns().0)).collect::<Vec<_>>())
        .bind(new.iter().map(|row| row.house.and_then(|house| house.columns().1)).collect::<Vec<_>>())
        .bind(new.iter().map(|row| row.facts.currency.code()).collect::<Vec<_>>())
        .bind(now);
        exactly(conn, new.len(), insert).await?;
    }
    let changed: Vec<_> = rows
        .changed_wallets
        .iter()
        .filter_map(|(wallet, before)| Some((books.wallets.get(wallet)?, *before)))
        .collect();
    if changed.is_empty() {
        return Ok(());
    }
    let facts = || changed.iter().map(|(row, _)| &row.facts);
    let update = sqlx::query(
        "update wallets set balance = t.balance, held = t.held, status = t.status, entry_no = t.entry_no, feed_seq = t.feed_seq,
                outflow_day = t.outflow_day, outflow_minor = t.outflow_minor, last_updated_timestamp = $11
         from unnest($2::uuid[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::int[],
                     $9::bigint[], $10::text[])
              as t (wallet_id, before, balance, held, entry_no, feed_seq, outflow_day, outflow_minor, status)
         where wallets.branch = $1 and wallets.wallet_id = t.wallet_id and wallets.entry_no = t.before",
    )
    .bind(books.branch)
    .bind(uuids(facts().map(|facts| facts.wallet.0)))
    .bind(changed.iter().map(|(_, before)| *before).collect::<Vec<_>>())
    .bind(facts().map(|facts| facts.balance).collect::<Vec<_>>())
    .bind(facts().map(|facts| facts.held).collect::<Vec<_>>())
    .bind(changed.iter().map(|(row, _)| row.entry_no).collect::<Vec<_>>())
    .bind(changed.iter().map(|(row, _)| row.feed_seq).collect::<Vec<_>>())
    .bind(facts().map(|facts| facts.outflow_day).collect::<Vec<_>>())
    .bind(facts().map(|facts| facts.outflow_minor).collect::<Vec<_>>())
    .bind(facts().map(|facts| if facts.frozen { "frozen" } else { "active" }).collect::<Vec<_>>())
    .bind(now);
    exactly(conn, changed.len(), update).await
}

async fn write_transactions(
    conn: &mut PgConnection,
    branch: i16,
    rows: &Rows,
    now: UnixMillis,
) -> Result<(), sqlx::Error> {
    let of = &rows.transactions;
    if of.is_empty() {
        return Ok(());
    }
    let insert = sqlx::query(
        "insert into transactions (branch, number, transaction_id, user_id, transaction_type, status, refusal,
             refusal_figure, sender_wallet_id, receiver_wallet_id, payee_user_id, amount, currency, message,
             intent_hash, envelope, device_id, seq, created_at, timestamp, reference_id, to_branch, leg_no, from_branch,
             from_leg_no, leaf_salt)
         select $1, t.number, t.id, t.user_id, t.kind, case when t.refusal is null then 'settled' else 'refused' end,
                t.refusal, t.figure, t.sender, t.receiver, t.payee, t.amount, t.currency, t.message, t.hash,
                t.envelope, t.device, t.seq, t.created_at, $25, t.reference, t.to_branch, t.leg_no, t.from_branch,
                t.from_leg_no, t.salt
         from unnest($2::bigint[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::bigint[], $8::uuid[],
                     $9::uuid[], $10::uuid[], $11::bigint[], $12::text[], $13::text[], $14::bytea[], $15::bytea[],
                     $16::uuid[], $17::bigint[], $18::bigint[], $19::text[], $20::smallint[], $21::bigint[],
                     $22::smallint[], $23::bigint[], $24::bytea[])
              as t (number, id, user_id, kind, refusal, figure, sender, receiver, payee, amount, currency, message,
                    hash, envelope, device, seq, created_at, reference, to_branch, leg_no, from_branch, from_leg_no,
                    salt)",
    )
    .bind(branch)
    .bind(of.iter().map(|row| row.number).collect::<Vec<_>>())
    .bind(uuids(of.iter().map(|row| row.id.0)))
    .bind(uuids(of.iter().map(|row| row.user.0)))
    .bind(of.iter().map(|row| row.kind.as_str()).collect::<Vec<_>>())
    .bind(of.iter().map(|row| row.refusal.map(RefusalCode::as_str)).collect::<Vec<_>>())
    .bind(of.iter().map(|row| row.figure).collect::<Vec<_>>())
    .bind(of.iter().map(|row| row.sender.map(|wallet| wallet.0)).collect::<Vec<_>>())
    .bind(of.iter().map(|row| row.receiver.map(|wallet| wallet.0)).collect::<Vec<_>>())
    .bind(of.iter().map(|row| row.payee.map(|user| user.0)).collect::<Vec<_>>())
    .bind(of.iter().map(|row| row.amount.map(|amount| amount.minor())).collect::<Vec<_>>())
    .bind(of.iter().map(|row| row.amount.map(|amount| amount.currency().code())).collect::<Vec<_>>())
    .bind(of.iter().map(|row| row.message.clone()).collect::<Vec<_>>())
    .bind(of.iter().map(|row| row.hash.map(|hash| hash.0.to_vec())).collect::<Vec<_>>())
    .bind(of.iter().map(|row| row.envelope.clone()).collect::<Vec<_>>())
    .bind(of.iter().map(|row| row.device.map(|device| device.0)).collect::<Vec<_>>())
    .bind(of.iter().map(|row| row.seq).collect::<Vec<_>>())
    .bind(of.iter().map(|row| row.created_at).collect::<Vec<_>>())
    .bind(of.iter().map(|row| row.reference.clone()).collect::<Vec<_>>())
    .bind(of.iter().map(|row| row.leg.map(|(branch, _)| branch)).collect::<Vec<_>>())
    .bind(of.iter().map(|row| row.leg.map(|(_, no)| no)).collect::<Vec<_>>())
    .bind(of.iter().map(|row| row.from_leg.map(|(branch, _)| branch)).collect::<Vec<_>>())
    .bind(of.iter().map(|row| row.from_leg.map(|(_, no)| no)).collect::<Vec<_>>())
    .bind(rows.leaf_salts.iter().map(|salt| salt.to_vec()).collect::<Vec<_>>())
    .bind(now);
    exactly(conn, of.len(), insert).await?;
    let Some(link) = &rows.link else { return Ok(()) };
    let insert = sqlx::query(
        "insert into audit_batches (branch, batch, first_number, last_number, root, head, at)
         values ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(branch)
    .bind(link.batch)
    .bind(link.first_number)
    .bind(link.last_number)
    .bind(link.root.to_vec())
    .bind(link.head.to_vec())
    .bind(now);
    exactly(conn, 1, insert).await
}

async fn write_entries(conn: &mut PgConnection, branch: i16, rows: &Rows) -> Result<(), sqlx::Error> {
    let of = &rows.entries;
    if of.is_empty() {
        return Ok(());
    }
    let insert = sqlx::query(
        "insert into ledger_entries (branch, wallet_id, entry_no, number, amount, balance_after, held_after, user_id,
             feed_seq)
         select $1, * from unnest($2::uuid[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[],
             $8::uuid[], $9::bigint[])",
    )
    .bind(branch)
    .bind(uuids(of.iter().map(|entry| entry.wallet.0)))
    .bind(of.iter().map(|entry| entry.entry_no).collect::<Vec<_>>())
    .bind(of.iter().map(|entry| entry.number).collect::<Vec<_>>())
    .bind(of.iter().map(|entry| entry.amount).collect::<Vec<_>>())
    .bind(of.iter().map(|entry| entry.balance_after).collect::<Vec<_>>())
    .bind(of.iter().map(|entry| entry.held_after).collect::<Vec<_>>())
    .bind(of.iter().map(|entry| entry.feed.map(|(user, _)| user.0)).collect::<Vec<_>>())
    .bind(of.iter().map(|entry| entry.feed.map(|(_, seq)| seq)).collect::<Vec<_>>());
    exactly(conn, of.len(), insert).await
}

async fn write_feed(
    conn: &mut PgConnection,
    branch: i16,
    rows: &Rows,
    now: UnixMillis,
) -> Result<(), sqlx::Error> {
    if rows.feed.is_empty() {
        return Ok(());
    }
    let event = |told: &Told| match told {
        Told::Event(event) => Some(Json(event.clone())),
        Told::Number(_) => None,
    };
    let number = |told: &Told| match told {
        Told::Event(_) => None,
        Told::Number(number) => Some(*number),
    };
    let insert = sqlx::query(
        "insert into feed (branch, user_id, seq, at, event, number)
         select $1, u, s, $6, e, n from unnest($2::uuid[], $3::bigint[], $4::jsonb[], $5::bigint[]) as t (u, s, e, n)",
    )
    .bind(branch)
    .bind(uuids(rows.feed.iter().map(|row| row.user.0)))
    .bind(rows.feed.iter().map(|row| row.seq).collect::<Vec<_>>())
    .bind(rows.feed.iter().map(|row| event(&row.told)).collect::<Vec<_>>())
    .bind(rows.feed.iter().map(|row| number(&row.told)).collect::<Vec<_>>())
    .bind(now);
    exactly(conn, rows.feed.len(), insert).await?;
    let update = sqlx::query(
        "update users set feed_seq = t.seq from unnest($2::uuid[], $3::bigint[]) as t (user_id, seq)
         where users.branch = $1 and users.user_id = t.user_id",
    )
    .bind(branch)
    .bind(uuids(rows.told_users.keys().map(|user| user.0)))
    .bind(rows.told_users.values().copied().collect::<Vec<_>>());
    exactly(conn, rows.told_users.len(), update).await
}
