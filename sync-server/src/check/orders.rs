//! Every order that is still there as it was signed: by its device's key, for this very payment. What was erased cannot
//! be looked at any more, and rows from before the audit chain are not.

use purse_shared::intent::{Order, SendOrder, SignedIntent};
use purse_shared::{Amount, UserId};
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};
use std::collections::HashMap;
use uuid::Uuid;

pub const WORDS: &str = "an order is what its device signed";

/// Rows read with one query: each comes with its envelope.
const PAGE: i64 = 5_000;

/// A transaction as far as an order says what it is.
struct Ordered {
    number: i64,
    id: Uuid,
    user: Uuid,
    kind: String,
    is_refused: bool,
    sender: Option<Uuid>,
    payee: Option<Uuid>,
    /// Minor units and code.
    amount: Option<(i64, String)>,
    bought: Option<(i64, String)>,
    fee: i64,
    message: String,
    of: Option<Uuid>,
    hash: Option<Vec<u8>>,
    envelope: Vec<u8>,
    device: Option<Uuid>,
    seq: Option<i64>,
    created_at: i64,
    public_key: Option<Vec<u8>>,
    /// To which account a withdrawal goes.
    method: Option<Uuid>,
}

/// Those of these numbers that are not, at most `limit` of them.
pub async fn breaks(
    conn: &mut PgConnection,
    branch: i16,
    [from, to]: [&str; 2],
    limit: i64,
) -> Result<Vec<String>, sqlx::Error> {
    let (mut after, to) = (from.parse().unwrap_or(1_i64) - 1, to.parse().unwrap_or(i64::MAX));
    let mut named = Vec::new();
    while i64::try_from(named.len()).unwrap_or(i64::MAX) < limit {
        let rows = sqlx::query(
            "select t.number, t.transaction_id, t.user_id, t.transaction_type, t.status, t.sender_wallet_id,
                    t.payee_user_id, t.amount, t.currency, t.bought_amount, t.bought_currency, coalesce(t.fee, 0) as fee,
                    t.message, t.of_transaction_id, t.intent_hash, t.envelope, t.device_id, t.seq, t.created_at,
                    d.public_key, p.method_id
             from transactions t
             left join devices d on d.device_id = t.device_id and d.user_id = t.user_id
             left join payouts p on p.branch = t.branch and p.number = t.number
             where t.branch = $1 and t.number > $2 and t.number <= $3 and t.envelope is not null
               and t.leaf_salt is not null
             order by t.number limit $4",
        )
        .bind(branch)
        .bind(after)
        .bind(to)
        .bind(PAGE)
        .fetch_all(&mut *conn)
        .await?;
        let rows: Vec<Ordered> = rows.iter().map(read).collect::<Result<_, sqlx::Error>>()?;
        let Some(last) = rows.last() else { break };
        after = last.number;
        let mut by_handle: Vec<(i64, Uuid, String)> = Vec::new();
        for row in &rows {
            match differs(row) {
                Err(what) => named.push(format!("transaction {}: {what}", row.number)),
                Ok(Some((handle, payee))) => by_handle.push((row.number, payee, handle)),
                Ok(None) => {}
            }
        }
        let handles: Vec<&str> = by_handle.iter().map(|(_, _, handle)| handle.as_str()).collect();
        let owners: HashMap<String, Uuid> =
            sqlx::query_as("select handle, user_id from handles where handle = any($1)")
                .bind(&handles)
                .fetch_all(&mut *conn)
                .await?
                .into_iter()
                .collect();
        for (number, payee, handle) in by_handle {
            // A closed account's is nobody's.
            if owners.get(&handle).is_some_and(|owner| !owner.is_nil() && *owner != payee) {
                named.push(format!("transaction {number}: it went to somebody else"));
            }
        }
    }
    named.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(named)
}

fn read(row: &PgRow) -> Result<Ordered, sqlx::Error> {
    let money = |minor: &str, code: &str| -> Result<Option<(i64, String)>, sqlx::Error> {
        Ok(row.try_get::<Option<i64>, _>(minor)?.zip(row.try_get(code)?))
    };
    Ok(Ordered {
        number: row.try_get("number")?,
        id: row.try_get("transaction_id")?,
        user: row.try_get("user_id")?,
        kind: row.try_get("transaction_type")?,
        is_refused: row.try_get::<&str, _>("status")? == "refused",
        sender: row.try_get("sender_wallet_id")?,
        payee: row.try_get("payee_user_id")?,
        amount: money("amount", "currency")?,
        bought: money("bought_amount", "bought_currency")?,
        fee: row.try_get("fee")?,
        message: row.try_get("message")?,
        of: row.try_get("of_transaction_id")?,
        hash: row.try_get("intent_hash")?,
        envelope: row.try_get("envelope")?,
        device: row.try_get("device_id")?,
        seq: row.try_get("seq")?,
        created_at: row.try_get("created_at")?,
        public_key: row.try_get("public_key")?,
        method: row.try_get("method_id")?,
    })
}

/// What is not as it was signed. Where the order names its payee by the handle alone: that, and who was paid.
fn differs(row: &Ordered) -> Result<Option<(String, Uuid)>, &'static str> {
    let signed = SignedIntent::read(&row.envelope).map_err(|_| "its envelope is none")?;
    if row.hash.as_deref() != Some(&signed.hash().0[..]) {
        return Err("its envelope has another hash");
    }
    let key = row.public_key.as_deref().ok_or("its device is not there")?;
    let verified = signed.verify(key).map_err(|_| "the signature is not by its device")?;
    let intent = verified.intent();
    let same = |what: &'static str, is_same: bool| if is_same { Ok(()) } else { Err(what) };
    same("it is another order", intent.id.0 == row.id && intent.user.0 == row.user)?;
    same("it is another device's", Some(intent.device.0) == row.device)?;
    // A forked copy has no number: that is the first one's.
    same("its number is another", row.seq.is_none_or(|seq| u64::try_from(seq) == Ok(intent.seq)))?;
    same("its time is another", intent.created_at == row.created_at)?;
    // A refused order moved nothing, and its row need not name all that it wanted.
    let amount_is = |wanted: Amount, found: &Option<(i64, String)>| match found {
        Some((minor, code)) => wanted.minor() == *minor && wanted.currency().code() == code,
        None => row.is_refused,
    };
    let id_is = |wanted: Uuid, found: Option<Uuid>| found.map_or(row.is_refused, |found| found == wanted);
    let kind = match &intent.order {
        Order::Send(send) => {
            same("its amount is another", amount_is(send.amount, &row.amount))?;
            same("it is from another wallet", id_is(send.from.0, row.sender))?;
            same("its fee is more than was signed", row.fee <= send.fee)?;
            same("its message is another", send.message == row.message)?;
            "send"
        }
        Order::Withdraw(withdraw) => {
            same("its amount is another", amount_is(withdraw.amount, &row.amount))?;
            same("it is from another wallet", id_is(withdraw.from.0, row.sender))?;
            same("its fee is more than was signed", row.fee <= withdraw.fee)?;
            same("it goes to another account", id_is(withdraw.to.0, row.method))?;
            "withdraw"
        }
        Order::Exchange(exchange) => {
            same("its amount is another", amount_is(exchange.sell, &row.amount))?;
            same("what it bought is another", amount_is(exchange.buy, &row.bought))?;
            same("it is from another wallet", id_is(exchange.from.0, row.sender))?;
            "exchange"
        }
        Order::Refund(refund) => {
            same("its amount is another", amount_is(refund.amount, &row.amount))?;
            same("it went to somebody else", id_is(refund.payer.0, row.payee))?;
            same("it is of another payment", id_is(refund.of.0, row.of))?;
            same("its message is another", refund.message == row.message)?;
            "refund"
        }
        Order::Schedule(schedule) => {
            same("its amount is another", amount_is(schedule.send.amount, &row.amount))?;
            same("it is from another wallet", id_is(schedule.send.from.0, row.sender))?;
            same("its message is another", schedule.send.message == row.message)?;
            "schedule"
        }
        Order::Cancel { .. } => "cancel",
    };
    same("it is another kind of order", row.kind == kind)?;
    match &intent.order {
        Order::Send(SendOrder { payee: Some(UserId(payee)), .. }) => {
            same("it went to somebody else", id_is(*payee, row.payee))?;
            Ok(None)
        }
        Order::Send(send) => Ok(row.payee.map(|payee| (send.to.as_str().to_owned(), payee))),
        _ => Ok(None),
    }
}
