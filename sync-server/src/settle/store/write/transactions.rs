//! Transactions and the batch's link.

use super::copy::Copy;
use super::{exactly, touched};
use crate::settle::rows::{Rows, Side, TransactionRow};
use purse_shared::audit::Hash;
use purse_shared::protocol::RefusalCode;
use purse_shared::{Amount, UnixMillis};
use sqlx::PgConnection;

/// In the order in which [`put`] writes them.
const COPY: &str = "copy transactions (branch, timestamp, number, transaction_id, user_id, transaction_type, status, refusal,
     refusal_figure, sender_wallet_id, receiver_wallet_id, payee_user_id, amount, currency, message,
     intent_hash, envelope, device_id, seq, created_at, reference_id, to_branch, leg_no, from_branch, from_leg_no,
     leaf_salt, fee, bought_amount, bought_currency, of_number, of_transaction_id,
     sender_entry_no, sender_balance_after, sender_held_after, sender_feed_seq,
     receiver_entry_no, receiver_balance_after, receiver_held_after, receiver_feed_seq)
     from stdin (format binary)";
const COLUMNS: i16 = 39;
/// A payment of a few words, with the length that stands before each value; more room is found when it is needed.
const ROOM: usize = 900;

pub async fn write(
    conn: &mut PgConnection,
    branch: i16,
    rows: &Rows,
    now: UnixMillis,
) -> Result<(), sqlx::Error> {
    if rows.transactions.is_empty() {
        return Ok(());
    }
    let mut copy = Copy::new(COLUMNS, rows.transactions.len() * ROOM);
    for (row, salt) in rows.transactions.iter().zip(&rows.leaf_salts) {
        put(&mut copy, branch, row, salt, now);
    }
    touched(copy.send(&mut *conn, COPY).await?, rows.transactions.len())?;
    let Some(link) = &rows.link else { return Ok(()) };
    let insert = sqlx::query(
        "insert into audit_batches (branch, batch, first_number, last_number, root, head, at)
         values ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(branch)
    .bind(link.batch)
    .bind(link.first_number)
    .bind(link.last_number)
    .bind(link.root.as_slice())
    .bind(link.head.as_slice())
    .bind(now);
    exactly(conn, 1, insert).await
}

fn put(copy: &mut Copy, branch: i16, row: &TransactionRow, salt: &Hash, now: UnixMillis) {
    let money = |amount: Option<Amount>| amount.map(|amount| (amount.minor(), amount.currency().code()));
    let (amount, bought) = (money(row.amount), money(row.bought));
    copy.row()
        .put(branch)
        .put(now)
        .put(row.number)
        .put(row.id.0)
        .put(row.user.0)
        .put(row.kind.as_str())
        .put(row.status.as_str())
        .put(row.status.refusal().map(RefusalCode::as_str))
        .put(row.figure)
        .put(row.sender.map(|wallet| wallet.0))
        .put(row.receiver.map(|wallet| wallet.0))
        .put(row.payee.map(|user| user.0))
        .put(amount.map(|(minor, _)| minor))
        .put(amount.map(|(_, code)| code))
        .put(row.message.as_str())
        .put(row.hash.as_ref())
        .put(row.envelope.as_deref())
        .put(row.device.map(|device| device.0))
        .put(row.seq)
        .put(row.created_at)
        .put(row.reference.as_deref())
        .put(row.leg.map(|(branch, _)| branch))
        .put(row.leg.map(|(_, no)| no))
        .put(row.from_leg.map(|(branch, _)| branch))
        .put(row.from_leg.map(|(_, no)| no))
        .put(salt)
        .put((row.fee > 0).then_some(row.fee))
        .put(bought.map(|(minor, _)| minor))
        .put(bought.map(|(_, code)| code))
        .put(row.of.and_then(|of| of.number))
        .put(row.of.map(|of| of.id.0));
    put_side(copy, &row.debit);
    put_side(copy, &row.credit);
}

fn put_side(copy: &mut Copy, side: &Side) {
    copy.put(side.entry_no).put(side.balance_after).put(side.held_after).put(side.feed_seq);
}
