//! What orders other than payments leave behind: holds, payouts, what was returned, quotes, schedules. Few rows.

use super::super::uuids;
use super::exactly;
use crate::settle::rows::{HoldRow, HoldStatus, Rows};
use purse_shared::UnixMillis;
use sqlx::PgConnection;

pub async fn write(
    conn: &mut PgConnection,
    branch: i16,
    rows: &Rows,
    now: UnixMillis,
) -> Result<(), sqlx::Error> {
    for hold in &rows.new_holds {
        open_hold(conn, branch, hold, now).await?;
    }
    for payout in &rows.payouts {
        let insert = sqlx::query(
            "insert into payouts (branch, number, user_id, transaction_id, method_id, amount, currency, next_attempt_at,
                 created_at, updated_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $8, $8)",
        )
        .bind(branch)
        .bind(payout.number)
        .bind(payout.user.0)
        .bind(payout.id.0)
        .bind(payout.method.0)
        .bind(payout.amount.minor())
        .bind(payout.amount.currency().code())
        .bind(now);
        exactly(conn, 1, insert).await?;
    }
    if !rows.kept_holds.is_empty() {
        let update = sqlx::query(
            "update holds set expires_at = null where branch = $1 and number = any($2) and status = 'open'",
        )
        .bind(branch)
        .bind(&rows.kept_holds);
        exactly(conn, rows.kept_holds.len(), update).await?;
    }
    if !rows.ended_holds.is_empty() {
        let update = sqlx::query(
            "update holds set status = t.status, ended_number = t.by, ended_at = $5
             from unnest($2::bigint[], $3::text[], $4::bigint[]) as t (number, status, by)
             where holds.branch = $1 and holds.number = t.number and holds.status = 'open'",
        )
        .bind(branch)
        .bind(rows.ended_holds.iter().map(|end| end.number).collect::<Vec<_>>())
        .bind(rows.ended_holds.iter().map(|end| HoldStatus::as_str(end.status)).collect::<Vec<_>>())
        .bind(rows.ended_holds.iter().map(|end| end.by).collect::<Vec<_>>())
        .bind(now);
        exactly(conn, rows.ended_holds.len(), update).await?;
    }
    for (number, returned) in &rows.returns {
        let statement = if returned.before == 0 {
            "insert into returns (branch, number, paid, returned) select $1, $2, $3, $4 where $5 = 0"
        } else {
            "update returns set returned = $4 where branch = $1 and number = $2 and paid = $3 and returned = $5"
        };
        let query = sqlx::query(statement)
            .bind(branch)
            .bind(number)
            .bind(returned.paid)
            .bind(returned.now)
            .bind(returned.before);
        exactly(conn, 1, query).await?;
    }
    for (quote, number) in &rows.used_quotes {
        let update = sqlx::query(
            "update quotes set used_number = $3 where branch = $1 and quote_id = $2 and used_number is null",
        )
        .bind(branch)
        .bind(quote.0)
        .bind(number);
        exactly(conn, 1, update).await?;
    }
    for (user, deposit, number) in &rows.suspended {
        let update = sqlx::query(
            "update deposits set status = 'suspended', suspense_number = $3, updated_at = $4
             where user_id = $1 and deposit_id = $2 and status in ('requested', 'pending', 'confirmed')",
        )
        .bind(user.0)
        .bind(deposit.0)
        .bind(number)
        .bind(now);
        exactly(conn, 1, update).await?;
    }
    for (user, deposit) in &rows.unsuspended {
        let update = sqlx::query(
            "update deposits set status = 'settled', updated_at = $3
             where user_id = $1 and deposit_id = $2 and status = 'suspended'",
        )
        .bind(user.0)
        .bind(deposit.0)
        .bind(now);
        exactly(conn, 1, update).await?;
    }
    write_schedules(conn, branch, rows).await
}

async fn open_hold(
    conn: &mut PgConnection,
    branch: i16,
    hold: &HoldRow,
    now: UnixMillis,
) -> Result<(), sqlx::Error> {
    let insert = sqlx::query(
        "insert into holds (branch, number, user_id, wallet_id, amount, fee, currency, purpose, expires_at, opened_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(branch)
    .bind(hold.number)
    .bind(hold.user.0)
    .bind(hold.wallet.0)
    .bind(hold.amount.minor())
    .bind(hold.fee)
    .bind(hold.amount.currency().code())
    .bind(hold.purpose.as_str())
    .bind(hold.expires_at)
    .bind(now);
    exactly(conn, 1, insert).await
}

async fn write_schedules(conn: &mut PgConnection, branch: i16, rows: &Rows) -> Result<(), sqlx::Error> {
    let new: Vec<_> = rows.new_schedules.iter().filter_map(|number| rows.schedules.get(number)).collect();
    if !new.is_empty() {
        let insert = sqlx::query(
            "insert into schedules (branch, number, user_id, schedule_id, made, next_at)
             select $1, * from unnest($2::bigint[], $3::uuid[], $4::uuid[], $5::int[], $6::bigint[])",
        )
        .bind(branch)
        .bind(new.iter().map(|row| row.number).collect::<Vec<_>>())
        .bind(uuids(new.iter().map(|row| row.user.0)))
        .bind(uuids(new.iter().map(|row| row.id.0)))
        .bind(new.iter().map(|row| row.made).collect::<Vec<_>>())
        .bind(new.iter().map(|row| row.next_at).collect::<Vec<_>>());
        exactly(conn, new.len(), insert).await?;
    }
    let changed: Vec<_> = rows
        .changed_schedules
        .iter()
        .filter(|(number, _)| !rows.new_schedules.contains(number))
        .filter_map(|(number, before)| Some((rows.schedules.get(number)?, *before)))
        .collect();
    if changed.is_empty() {
        return Ok(());
    }
    let update = sqlx::query(
        "update schedules set made = t.made, next_at = t.next_at
         from unnest($2::bigint[], $3::int[], $4::int[], $5::bigint[]) as t (number, before, made, next_at)
         where schedules.branch = $1 and schedules.number = t.number and schedules.made = t.before",
    )
    .bind(branch)
    .bind(changed.iter().map(|(row, _)| row.number).collect::<Vec<_>>())
    .bind(changed.iter().map(|(_, before)| *before).collect::<Vec<_>>())
    .bind(changed.iter().map(|(row, _)| row.made).collect::<Vec<_>>())
    .bind(changed.iter().map(|(row, _)| row.next_at).collect::<Vec<_>>());
    exactly(conn, changed.len(), update).await
}
