//! What the public resources read. Every statement names the user: someone else's rows are not found.

use super::super::rows::reference;
use super::{currency, handle, unreadable};
use purse_shared::protocol::{
    ActivityPage, ActivityRecord, BalanceRecord, Direction, TransactionKind, TransactionStatus,
};
use purse_shared::{Money, TransactionId, UnixMillis, UserId, WalletId};
use sqlx::postgres::PgRow;
use sqlx::{PgPool, Row};
use uuid::Uuid;

/// The user's wallets, or the one.
///
/// # Errors
/// Whatever the database says; so for all of these.
pub async fn wallets_of(
    db: &PgPool,
    branch: i16,
    user: UserId,
    wallet: Option<WalletId>,
) -> Result<Vec<BalanceRecord>, sqlx::Error> {
    let rows = sqlx::query(
        "select wallet_id, currency, balance, held, status, last_updated_timestamp from wallets
         where branch = $1 and user_id = $2 and ($3::uuid is null or wallet_id = $3) order by wallet_id",
    )
    .bind(branch)
    .bind(user.0)
    .bind(wallet.map(|wallet| wallet.0))
    .fetch_all(db)
    .await?;
    rows.iter()
        .map(|row| {
            let (balance, held): (i64, i64) = (row.try_get("balance")?, row.try_get("held")?);
            Ok(BalanceRecord {
                wallet_id: WalletId(row.try_get("wallet_id")?),
                currency: currency(row)?,
                balance,
                held,
                available: balance.saturating_sub(held),
                status: row.try_get("status")?,
                last_updated_timestamp: row.try_get("last_updated_timestamp")?,
            })
        })
        .collect()
}

/// A payment in which the user is a party, or a deposit of theirs on its way. Their own first: another person
/// chooses the ids of what they send.
pub async fn transaction_status(
    db: &PgPool,
    branch: i16,
    user: UserId,
    id: TransactionId,
) -> Result<Option<TransactionStatus>, sqlx::Error> {
    let row = sqlx::query(
        "select t.transaction_type, null as of_type, t.of_transaction_id, e.refusal as end_refusal, t.refusal,
                case h.status when 'captured' then 'settled' when 'released' then 'refused'
                     when 'expired' then 'refused' else t.status end as status,
                null as failure, coalesce(h.ended_at, t.timestamp) as timestamp, t.user_id = $2 as own
         from transactions t
         left join holds h on h.branch = t.branch and h.number = t.number
         left join transactions e on e.branch = h.branch and e.number = h.ended_number
         where t.branch = $1 and t.transaction_id = $3 and t.transaction_type not in ('cancel', 'schedule')
           and (t.user_id = $2 or t.payee_user_id = $2)
         union all
         select 'deposit', null, null, null, null, status, failure, updated_at, true from deposits
         where user_id = $2 and deposit_id = $3 and status <> 'settled'
         order by own desc limit 1",
    )
    .bind(branch)
    .bind(user.0)
    .bind(id.0)
    .fetch_optional(db)
    .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(TransactionStatus {
        transaction_id: id,
        transaction_type: kind(&row)?,
        status: row.try_get("status")?,
        code: match row.try_get("end_refusal")? {
            Some(code) => Some(code),
            None => row.try_get("refusal")?,
        },
        reason: row.try_get("failure")?,
        timestamp: row.try_get("timestamp")?,
    }))
}

/// Newest first, those with a feed number below `before`.
pub async fn activity(
    db: &PgPool,
    branch: i16,
    user: UserId,
    before: Option<i64>,
    limit: u16,
) -> Result<ActivityPage, sqlx::Error> {
    let rows = sqlx::query(
        "select f.*, o.transaction_type as of_type, case when c.closed_at is null then c.handle end as handle,
                nullif(c.display_name, '') as display_name
         from (
             (select sender_feed_seq as feed_no, 'out' as side, transaction_id, transaction_type, status, refusal, amount,
                     currency, message, timestamp, of_number, of_transaction_id, payee_user_id as other_user_id
              from transactions where branch = $1 and user_id = $2 and sender_feed_seq < $3
              order by sender_feed_seq desc limit $4)
             union all
             (select receiver_feed_seq, 'in', transaction_id, transaction_type, status, refusal, amount, currency,
                     message, timestamp, of_number, of_transaction_id, nullif(user_id, $2)
              from transactions where branch = $1 and coalesce(payee_user_id, user_id) = $2 and receiver_feed_seq < $3
              order by receiver_feed_seq desc limit $4)
         ) f
         left join transactions o on o.branch = $1 and o.number = f.of_number
         left join user_branches b on b.user_id = f.other_user_id
         left join users c on c.branch = b.branch and c.user_id = b.user_id
         order by f.feed_no desc limit $4",
    )
    .bind(branch)
    .bind(user.0)
    .bind(before.unwrap_or(i64::MAX))
    .bind(i64::from(limit))
    .fetch_all(db)
    .await?;
    let next_cursor = match rows.last() {
        Some(last) if rows.len() == usize::from(limit) => {
            Some(last.try_get::<i64, _>("feed_no")?.to_string())
        }
        _ => None,
    };
    let items = rows.iter().map(record).collect::<Result<_, _>>()?;
    Ok(ActivityPage { items, next_cursor })
}

fn record(row: &PgRow) -> Result<ActivityRecord, sqlx::Error> {
    let own_id: Uuid = row.try_get("transaction_id")?;
    let is_end = tells_of_another(row.try_get("transaction_type")?);
    let of: Option<Uuid> = row.try_get("of_transaction_id")?;
    let id = TransactionId(if is_end { of.unwrap_or(own_id) } else { own_id });
    Ok(ActivityRecord {
        transaction_id: id,
        transaction_type: kind(row)?,
        direction: if row.try_get::<&str, _>("side")? == "in" { Direction::In } else { Direction::Out },
        amount: Money::new(row.try_get("amount")?, currency(row)?),
        status: row.try_get("status")?,
        code: row.try_get("refusal")?,
        counterparty_handle: row.try_get::<Option<&str>, _>("handle")?.map(handle).transpose()?,
        counterparty_name: row.try_get("display_name")?,
        message: row.try_get("message")?,
        timestamp: row.try_get("timestamp")?,
        reference_id: reference(id),
    })
}

/// People know it by the id of the order to which it belongs: how that ended, or what it brought.
pub(super) fn tells_of_another(transaction_type: &str) -> bool {
    matches!(transaction_type, "capture" | "release" | "exchange_in")
}

/// Of the columns `transaction_type`, `of_type` and `of_transaction_id`.
pub(super) fn kind(row: &PgRow) -> Result<TransactionKind, sqlx::Error> {
    let is_of_hold = row.try_get::<Option<&str>, _>("of_type")? == Some("hold");
    let gives_back = row.try_get::<Option<Uuid>, _>("of_transaction_id")?.is_some();
    Ok(match row.try_get("transaction_type")? {
        "credit" if gives_back => TransactionKind::Refund,
        "send" | "credit" | "schedule" => TransactionKind::Send,
        "deposit" => TransactionKind::Deposit,
        "hold" => TransactionKind::Hold,
        "capture" | "release" if is_of_hold => TransactionKind::Hold,
        "withdraw" | "capture" | "release" => TransactionKind::Withdraw,
        "refund" => TransactionKind::Refund,
        "reversal" => TransactionKind::Reversal,
        "fee" => TransactionKind::Fee,
        "exchange" | "exchange_in" => TransactionKind::Exchange,
        _ => return Err(unreadable("transaction_type")),
    })
}

/// Records a report for people to review, for every payment of that id to which the reporter is a party (ids are
/// unique for their payer alone); the same person's second one changes nothing. False when there is no such payment.
pub async fn report(
    db: &PgPool,
    branch: i16,
    user: UserId,
    id: TransactionId,
    reason: &str,
    mut alert: impl FnMut() -> Uuid,
    now: UnixMillis,
) -> Result<bool, sqlx::Error> {
    let payers: Vec<Uuid> = sqlx::query_scalar(
        "select user_id from transactions
         where branch = $1 and transaction_id = $3 and transaction_type <> 'cancel'
           and (user_id = $2 or payee_user_id = $2)
         union select user_id from deposits where user_id = $2 and deposit_id = $3",
    )
    .bind(branch)
    .bind(user.0)
    .bind(id.0)
    .fetch_all(db)
    .await?;
    for payer in &payers {
        sqlx::query(
            "insert into fraud_alerts (alert_id, transaction_id, payer_user_id, user_id, alert_level, reason,
                 detection_timestamp)
             values ($1, $2, $3, $4, 'report', $5, $6) on conflict (transaction_id, payer_user_id, user_id) do nothing",
        )
        .bind(alert())
        .bind(id.0)
        .bind(payer)
        .bind(user.0)
        .bind(reason)
        .bind(now)
        .execute(db)
        .await?;
    }
    Ok(!payers.is_empty())
}
