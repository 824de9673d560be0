//! A user's feed, as the devices pull it: numbered without gaps, read in pages. A transaction is there by the user's side
//! of it, all else as an event.

use super::{currency_of, handle, hash, stored_outcome, unreadable};
use crate::settle::rows::reference;
use purse_shared::intent::{Order, SignedIntent};
use purse_shared::protocol::{
    Counterparty, Direction, FeedEvent, FeedItem, IntentOutcome, TransactionKind, TransactionRecord,
    WalletState,
};
use purse_shared::{Amount, DeviceId, Money, TransactionId, UserId, WalletId};
use sqlx::postgres::PgRow;
use sqlx::types::Json;
use sqlx::{PgConnection, Row};
use uuid::Uuid;

/// A page of the feed, and whether more follows.
#[derive(Debug)]
pub struct Page {
    pub items: Vec<FeedItem>,
    /// The number of the last item, or the cursor that was asked with.
    pub cursor: u64,
    pub more: bool,
}

/// Where a device and its user stand.
#[derive(Debug)]
pub struct Standing {
    /// The user's last feed number: lower than a cursor after a restore.
    pub last: u64,
    /// The highest number that the device used, and its intent's hash.
    pub device: Option<(i64, Vec<u8>)>,
}

/// Both in one statement: every request of every device asks for them.
///
/// # Errors
/// Whatever the database says.
pub async fn standing(
    conn: &mut PgConnection,
    branch: i16,
    user: UserId,
    device: DeviceId,
) -> Result<Standing, sqlx::Error> {
    let row = sqlx::query(
        "select greatest((select feed_seq from users where branch = $1 and user_id = $2),
                         (select max(feed_seq) from wallets where branch = $1 and user_id = $2)) as last,
                t.seq, t.intent_hash
         from (select) as one left join lateral (
             select seq, intent_hash from transactions
             where branch = $1 and device_id = $3 and seq is not null order by seq desc limit 1) as t on true",
    )
    .bind(branch)
    .bind(user.0)
    .bind(device.0)
    .fetch_one(conn)
    .await?;
    let seq: Option<i64> = row.try_get("seq")?;
    Ok(Standing {
        last: u64::try_from(row.try_get::<i64, _>("last")?).unwrap_or(0),
        device: seq.zip(row.try_get::<Option<Vec<u8>>, _>("intent_hash")?),
    })
}

/// Events, and the user's side of transactions, with numbers above `$3`, at most `$4`; the other party as c, the side's
/// wallet as w, what it belongs to as o.
const PAGE: &str = "
    select f.*, w.currency as wallet_currency, w.status as wallet_status, o.transaction_type as of_type,
           c.user_id as other_id, case when c.closed_at is null then c.handle end as other_handle, c.display_name as other_name
    from (
        (select seq as feed_no, at, event, null as side, null::bigint as number, null::uuid as transaction_id,
                null::uuid as user_id, null as transaction_type, null as status, null as refusal,
                null::bigint as refusal_figure, null::uuid as wallet_id, null::uuid as other_user_id,
                null::bigint as amount, null as currency, null as message, null::bytea as intent_hash,
                null::bytea as refused_envelope, null::uuid as device_id, null::bigint as created_at,
                null::bigint as timestamp, null as reference_id, null::bigint as fee, null::bigint as bought_amount,
                null as bought_currency, null::bigint as of_number, null::uuid as of_transaction_id,
                null::bigint as entry_no, null::bigint as balance_after, null::bigint as held_after
         from feed where branch = $1 and user_id = $2 and seq > $3 order by seq limit $4)
        union all
        (select sender_feed_seq, null, null, 'out', number, transaction_id, user_id, transaction_type, status, refusal,
                refusal_figure, sender_wallet_id, payee_user_id, amount, currency, message, intent_hash,
                case when status = 'refused' then envelope end, device_id, created_at, timestamp, reference_id, fee,
                bought_amount, bought_currency, of_number, of_transaction_id,
                sender_entry_no, sender_balance_after, sender_held_after
         from transactions where branch = $1 and user_id = $2 and sender_feed_seq > $3
         order by sender_feed_seq limit $4)
        union all
        (select receiver_feed_seq, null, null, 'in', number, transaction_id, user_id, transaction_type, status, refusal,
                refusal_figure, receiver_wallet_id, nullif(user_id, $2), amount, currency, message, null, null, null,
                created_at, timestamp, reference_id, null, bought_amount, bought_currency, of_number,
                of_transaction_id, receiver_entry_no, receiver_balance_after, receiver_held_after
         from transactions
         where branch = $1 and coalesce(payee_user_id, user_id) = $2 and receiver_feed_seq > $3
         order by receiver_feed_seq limit $4)
    ) f
    left join wallets w on w.branch = $1 and w.wallet_id = f.wallet_id
    left join transactions o on o.branch = $1 and o.number = f.of_number
    left join user_branches b on b.user_id = f.other_user_id
    left join users c on c.branch = b.branch and c.user_id = b.user_id
    order by f.feed_no limit $4";

/// What follows `cursor`, at most `limit` items. `last`: the user's last number, from [`standing`].
///
/// # Errors
/// Whatever the database says.
pub async fn page(
    conn: &mut PgConnection,
    branch: i16,
    user: UserId,
    cursor: u64,
    last: u64,
    limit: u16,
) -> Result<Page, sqlx::Error> {
    if last <= cursor {
        return Ok(Page { items: Vec::new(), cursor, more: false });
    }
    let from = i64::try_from(cursor).unwrap_or(i64::MAX);
    let page = sqlx::query(PAGE).bind(branch).bind(user.0).bind(from).bind(i64::from(limit));
    let rows = page.fetch_all(conn).await?;
    let items = rows.iter().map(|row| item(row, user)).collect::<Result<Vec<_>, _>>()?;
    let reached = items.last().map_or(cursor, |item| item.seq);
    Ok(Page { items, cursor: reached, more: reached < last })
}

fn item(row: &PgRow, user: UserId) -> Result<FeedItem, sqlx::Error> {
    let seq = u64::try_from(row.try_get::<i64, _>("feed_no")?).unwrap_or(0);
    if let Some(Json(event)) = row.try_get::<Option<Json<FeedEvent>>, _>("event")? {
        return Ok(FeedItem { seq, at: row.try_get("at")?, event });
    }
    let event = FeedEvent::Transaction { transaction: transaction(row, user)?, wallet: wallet_after(row)? };
    Ok(FeedItem { seq, at: row.try_get("timestamp")?, event })
}

/// The wallet afterwards; `None` for what changed none.
fn wallet_after(row: &PgRow) -> Result<Option<WalletState>, sqlx::Error> {
    let Some(entry_no) = row.try_get::<Option<i64>, _>("entry_no")? else { return Ok(None) };
    let currency = currency_of(row.try_get("wallet_currency")?)?;
    Ok(Some(WalletState {
        wallet: WalletId(row.try_get("wallet_id")?),
        balance: Money::new(row.try_get("balance_after")?, currency),
        held: Money::new(row.try_get("held_after")?, currency),
        frozen: row.try_get::<&str, _>("wallet_status")? == "frozen",
        entry_no: u64::try_from(entry_no).unwrap_or(0),
    }))
}

fn transaction(row: &PgRow, user: UserId) -> Result<TransactionRecord, sqlx::Error> {
    let own_id = TransactionId(row.try_get("transaction_id")?);
    let of = row.try_get::<Option<Uuid>, _>("of_transaction_id")?.map(TransactionId);
    let is_end = super::read::tells_of_another(row.try_get("transaction_type")?);
    let kind = super::read::kind(row)?;
    // Signed by one of this user's devices.
    let is_own =
        UserId(row.try_get("user_id")?) == user && row.try_get::<Option<&[u8]>, _>("intent_hash")?.is_some();
    let currency = currency_of(row.try_get("currency")?)?;
    let amount = Amount::new(row.try_get("amount")?, currency).map_err(|_| unreadable("amount"))?;
    let outcome = stored_outcome(row)?;
    let decided_at = row.try_get("timestamp")?;
    let refused = matches!(outcome, IntentOutcome::Refused { .. });
    let bought = match row.try_get::<Option<i64>, _>("bought_amount")? {
        Some(minor) => Some(Money::new(minor, currency_of(row.try_get("bought_currency")?)?)),
        None => None,
    };
    let id = if is_end { of.unwrap_or(own_id) } else { own_id };
    Ok(TransactionRecord {
        id,
        kind,
        direction: if row.try_get::<&str, _>("side")? == "in" { Direction::In } else { Direction::Out },
        amount,
        wallet: row.try_get::<Option<Uuid>, _>("wallet_id")?.map(WalletId),
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
        reference: match row.try_get("reference_id")? {
            Some(reference) => reference,
            None => reference(id),
        },
        // Out of suspense, a deposit is what was asked for and nothing else.
        of: of.filter(|_| !is_end && kind != TransactionKind::Deposit),
        fee: row.try_get::<Option<i64>, _>("fee")?.map(|minor| Money::new(minor, currency)),
        bought,
    })
}

fn other_party(row: &PgRow) -> Result<Option<Counterparty>, sqlx::Error> {
    let Some(user) = row.try_get::<Option<Uuid>, _>("other_id")? else { return Ok(None) };
    Ok(Some(Counterparty {
        user: Some(UserId(user)),
        // A closed account has neither handle nor name.
        handle: row.try_get::<Option<&str>, _>("other_handle")?.map(handle).transpose()?,
        display_name: row.try_get("other_name")?,
    }))
}

/// Whom the payer named in what was refused: a refusal tells nothing about the payee that its payer did not sign.
fn ordered_payee(row: &PgRow) -> Result<Option<Counterparty>, sqlx::Error> {
    let Some(envelope) = row.try_get::<Option<Vec<u8>>, _>("refused_envelope")? else { return Ok(None) };
    let signed = SignedIntent::read(&envelope).map_err(|_| unreadable("envelope"))?;
    let send = match &signed.own_intent().order {
        Order::Send(send) => send,
        Order::Schedule(schedule) => &schedule.send,
        Order::Cancel { .. } | Order::Withdraw(_) | Order::Exchange(_) | Order::Refund(_) => return Ok(None),
    };
    Ok(Some(Counterparty {
        user: send.payee,
        handle: Some(send.to.clone()),
        display_name: format!("@{}", send.to),
    }))
}
