//! A user's feed, as the devices pull it: numbered without gaps, read in pages. A settled payment is there as the
//! entry of the user's wallet, an order that moved nothing by its number, all else as an event.

use super::{currency_of, handle, hash, stored_outcome, unreadable};
use crate::settle::batch::reference;
use purse_shared::intent::{Order, SignedIntent};
use purse_shared::protocol::{
    Counterparty, Direction, FeedEvent, FeedItem, IntentOutcome, TransactionKind, TransactionRecord,
    WalletState,
};
use purse_shared::{Amount, DeviceId, Money, TransactionId, UserId, WalletId};
use sqlx::postgres::PgRow;
use sqlx::types::Json;
use sqlx::{PgPool, Row};
use uuid::Uuid;

/// A page of the feed, and whether more follows.
#[derive(Debug)]
pub struct Page {
    pub items: Vec<FeedItem>,
    /// The number of the last item, or the cursor that was asked with.
    pub cursor: u64,
    pub more: bool,
    /// The user's last number: lower than the cursor after a restore.
    pub last: u64,
}

/// The entries and rows with numbers above `$3`, at most `$4`; `transactions` as t, the other party as c, the entry's
/// wallet as w.
const PAGE: &str = "
    select f.seq, f.at, f.event, f.wallet_id, f.entry_no, f.entry_amount, f.balance_after, f.held_after,
           w.currency as wallet_currency, w.status as wallet_status,
           t.transaction_id, t.user_id, t.transaction_type, t.refusal, t.refusal_figure, t.sender_wallet_id, t.amount,
           t.currency, t.message, t.intent_hash, t.envelope, t.device_id, t.created_at, t.timestamp, t.reference_id,
           c.user_id as other_id, c.handle as other_handle, c.display_name as other_name
    from (
        (select seq, at, event, number, null::uuid as wallet_id, null::bigint as entry_no, null::bigint as entry_amount,
                null::bigint as balance_after, null::bigint as held_after
         from feed where branch = $1 and user_id = $2 and seq > $3 order by seq limit $4)
        union all
        (select feed_seq, null, null, number, wallet_id, entry_no, amount, balance_after, held_after
         from ledger_entries where branch = $1 and user_id = $2 and feed_seq > $3 order by feed_seq limit $4)
    ) f
    left join transactions t on t.branch = $1 and t.number = f.number
    left join wallets w on w.branch = $1 and w.wallet_id = f.wallet_id
    left join user_branches b on b.user_id = case when t.user_id = $2 then t.payee_user_id else t.user_id end
    left join users c on c.branch = b.branch and c.user_id = b.user_id
    order by f.seq limit $4";

/// What follows `cursor`, at most `limit` items.
///
/// # Errors
/// Whatever the database says.
pub async fn page(
    db: &PgPool,
    branch: i16,
    user: UserId,
    cursor: u64,
    limit: u16,
) -> Result<Page, sqlx::Error> {
    let from = i64::try_from(cursor).unwrap_or(i64::MAX);
    let last: i64 = sqlx::query_scalar(
        "select greatest((select feed_seq from users where branch = $1 and user_id = $2),
                         (select max(feed_seq) from wallets where branch = $1 and user_id = $2))",
    )
    .bind(branch)
    .bind(user.0)
    .fetch_one(db)
    .await?;
    let last = u64::try_from(last).unwrap_or(0);
    if last <= cursor {
        return Ok(Page { items: Vec::new(), cursor, more: false, last });
    }
    let rows =
        sqlx::query(PAGE).bind(branch).bind(user.0).bind(from).bind(i64::from(limit)).fetch_all(db).await?;
    let items = rows.iter().map(|row| item(row, user)).collect::<Result<Vec<_>, _>>()?;
    let reached = items.last().map_or(cursor, |item| item.seq);
    Ok(Page { items, cursor: reached, more: reached < last, last })
}

fn item(row: &PgRow, user: UserId) -> Result<FeedItem, sqlx::Error> {
    let seq = u64::try_from(row.try_get::<i64, _>("seq")?).unwrap_or(0);
    if let Some(Json(event)) = row.try_get::<Option<Json<FeedEvent>>, _>("event")? {
        return Ok(FeedItem { seq, at: row.try_get("at")?, event });
    }
    let event = FeedEvent::Transaction { transaction: transaction(row, user)?, wallet: wallet_after(row)? };
    Ok(FeedItem { seq, at: row.try_get("timestamp")?, event })
}

/// The wallet after the entry; `None` for what moved nothing.
fn wallet_after(row: &PgRow) -> Result<Option<WalletState>, sqlx::Error> {
    let Some(wallet) = row.try_get::<Option<Uuid>, _>("wallet_id")? else { return Ok(None) };
    let currency = currency_of(row.try_get("wallet_currency")?)?;
    Ok(Some(WalletState {
        wallet: WalletId(wallet),
        balance: Money::new(row.try_get("balance_after")?, currency),
        held: Money::new(row.try_get("held_after")?, currency),
        frozen: row.try_get::<&str, _>("wallet_status")? == "frozen",
        entry_no: u64::try_from(row.try_get::<i64, _>("entry_no")?).unwrap_or(0),
    }))
}

fn transaction(row: &PgRow, user: UserId) -> Result<TransactionRecord, sqlx::Error> {
    let id = TransactionId(row.try_get("transaction_id")?);
    let kind = super::read::kind(row)?;
    let is_own = UserId(row.try_get("user_id")?) == user && kind == TransactionKind::Send;
    let entry: Option<i64> = row.try_get("entry_amount")?;
    let direction = if entry.is_some_and(|amount| amount > 0) { Direction::In } else { Direction::Out };
    let amount = Amount::new(row.try_get("amount")?, currency_of(row.try_get("currency")?)?)
        .map_err(|_| unreadable("amount"))?;
    let wallet: Option<Uuid> = match row.try_get("wallet_id")? {
        Some(wallet) => Some(wallet),
        None => row.try_get("sender_wallet_id")?,
    };
    let outcome = stored_outcome(row)?;
    let decided_at = row.try_get("timestamp")?;
    let refused = matches!(outcome, IntentOutcome::Refused { .. });
    Ok(TransactionRecord {
        id,
        kind,
        direction,
        amount,
        wallet: wallet.map(WalletId),
        counterparty: if refused { ordered_payee(row)? } else { other_party(row)? },
        message: row.try_get("message")?,
        outcome,
        // When somebody else's device signed it is theirs to know.
        created_at: if is_own || kind == TransactionKind::Deposit {
            row.try_get("created_at")?
        } else {
            decided_at
        },
        decided_at,
        device: if is_own { row.try_get::<Option<Uuid>, _>("device_id")?.map(DeviceId) } else { None },
        hash: if is_own { hash(row.try_get("intent_hash")?)?.map(|hash| hash.to_bytes()) } else { None },
        reference: if kind == TransactionKind::Deposit {
            row.try_get("reference_id")?
        } else {
            reference(id)
        },
    })
}

fn other_party(row: &PgRow) -> Result<Option<Counterparty>, sqlx::Error> {
    let Some(user) = row.try_get::<Option<Uuid>, _>("other_id")? else { return Ok(None) };
    Ok(Some(Counterparty {
        user: Some(UserId(user)),
        handle: Some(handle(row.try_get("other_handle")?)?),
        display_name: row.try_get("other_name")?,
    }))
}

/// Whom the payer named in what was refused: a refusal tells nothing about the payee that its payer did not sign.
fn ordered_payee(row: &PgRow) -> Result<Option<Counterparty>, sqlx::Error> {
    let Some(envelope) = row.try_get::<Option<Vec<u8>>, _>("envelope")? else { return Ok(None) };
    let signed = SignedIntent::read(&envelope).map_err(|_| unreadable("envelope"))?;
    Ok(match &signed.own_intent().order {
        Order::Send(send) => Some(Counterparty {
            user: send.payee,
            handle: Some(send.to.clone()),
            display_name: format!("@{}", send.to),
        }),
        Order::Cancel { .. } => None,
    })
}
