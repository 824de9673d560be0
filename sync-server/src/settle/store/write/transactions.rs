//! Transactions and the batch's link. Nearly all rows are plain payments, and a column that is not named costs nothing.

use super::super::uuids;
use super::exactly;
use crate::settle::rows::{Rows, Side, TransactionRow};
use purse_shared::audit::Hash;
use purse_shared::protocol::RefusalCode;
use purse_shared::{Amount, UnixMillis};
use sqlx::PgConnection;

/// A row with the salt of its leaf.
type Salted<'a> = (&'a TransactionRow, &'a Hash);

pub async fn write(
    conn: &mut PgConnection,
    branch: i16,
    rows: &Rows,
    now: UnixMillis,
) -> Result<(), sqlx::Error> {
    let salted = rows.transactions.iter().zip(&rows.leaf_salts);
    let (plain, other): (Vec<Salted<'_>>, Vec<Salted<'_>>) = salted.partition(|(row, _)| row.is_plain());
    if !plain.is_empty() {
        write_plain(conn, branch, &plain, now).await?;
    }
    if !other.is_empty() {
        write_other(conn, branch, &other, now).await?;
    }
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

async fn write_plain(
    conn: &mut PgConnection,
    branch: i16,
    of: &[Salted<'_>],
    now: UnixMillis,
) -> Result<(), sqlx::Error> {
    let insert = sqlx::query(
        "insert into transactions (branch, number, transaction_id, user_id, transaction_type, status, sender_wallet_id,
             receiver_wallet_id, payee_user_id, amount, currency, message, intent_hash, envelope, device_id, seq,
             created_at, timestamp, leaf_salt, sender_entry_no, sender_balance_after, sender_feed_seq,
             receiver_entry_no, receiver_balance_after, receiver_feed_seq)
         select $1, t.number, t.id, t.user_id, 'send', 'settled', t.sender, t.receiver, t.payee, t.amount, t.currency,
                t.message, t.hash, t.envelope, t.device, t.seq, t.created_at, $23, t.salt,
                t.sender_no, t.sender_balance, t.sender_feed, t.receiver_no, t.receiver_balance, t.receiver_feed
         from unnest($2::bigint[], $3::uuid[], $4::uuid[], $5::uuid[], $6::uuid[], $7::uuid[], $8::bigint[],
                     $9::text[], $10::text[], $11::bytea[], $12::bytea[], $13::uuid[], $14::bigint[], $15::bigint[],
                     $16::bytea[], $17::bigint[], $18::bigint[], $19::bigint[], $20::bigint[], $21::bigint[],
                     $22::bigint[])
              as t (number, id, user_id, sender, receiver, payee, amount, currency, message, hash, envelope, device,
                    seq, created_at, salt, sender_no, sender_balance, sender_feed, receiver_no, receiver_balance,
                    receiver_feed)",
    )
    .bind(branch)
    .bind(list(of, |row| row.number))
    .bind(uuids(of.iter().map(|(row, _)| row.id.0)))
    .bind(uuids(of.iter().map(|(row, _)| row.user.0)))
    .bind(list(of, |row| row.sender.map(|wallet| wallet.0)))
    .bind(list(of, |row| row.receiver.map(|wallet| wallet.0)))
    .bind(list(of, |row| row.payee.map(|user| user.0)))
    .bind(list(of, |row| row.amount.map(Amount::minor)))
    .bind(list(of, |row| row.amount.map(|amount| amount.currency().code())))
    .bind(of.iter().map(|(row, _)| row.message.as_str()).collect::<Vec<_>>())
    .bind(of.iter().map(|(row, _)| row.hash.as_ref().map(|hash| hash.0.as_slice())).collect::<Vec<_>>())
    .bind(of.iter().map(|(row, _)| row.envelope.as_deref()).collect::<Vec<_>>())
    .bind(list(of, |row| row.device.map(|device| device.0)))
    .bind(list(of, |row| row.seq))
    .bind(list(of, |row| row.created_at))
    .bind(of.iter().map(|(_, salt)| salt.as_slice()).collect::<Vec<_>>())
    .bind(list(of, |row| row.debit.entry_no))
    .bind(list(of, |row| row.debit.balance_after))
    .bind(list(of, |row| row.debit.feed_seq))
    .bind(list(of, |row| row.credit.entry_no))
    .bind(list(of, |row| row.credit.balance_after))
    .bind(list(of, |row| row.credit.feed_seq))
    .bind(now);
    exactly(conn, of.len(), insert).await
}

async fn write_other(
    conn: &mut PgConnection,
    branch: i16,
    of: &[Salted<'_>],
    now: UnixMillis,
) -> Result<(), sqlx::Error> {
    let side = |pick: fn(&TransactionRow) -> &Side| {
        (
            list(of, |row| pick(row).entry_no),
            list(of, |row| pick(row).balance_after),
            list(of, |row| pick(row).held_after),
            list(of, |row| pick(row).feed_seq),
        )
    };
    let (debit, credit) = (side(|row| &row.debit), side(|row| &row.credit));
    let insert = sqlx::query(
        "insert into transactions (branch, timestamp, number, transaction_id, user_id, transaction_type, status, refusal,
             refusal_figure, sender_wallet_id, receiver_wallet_id, payee_user_id, amount, currency, message,
             intent_hash, envelope, device_id, seq, created_at, reference_id, to_branch, leg_no, from_branch,
             from_leg_no, leaf_salt, fee, bought_amount, bought_currency, of_number, of_transaction_id,
             sender_entry_no, sender_balance_after, sender_held_after, sender_feed_seq,
             receiver_entry_no, receiver_balance_after, receiver_held_after, receiver_feed_seq)
         select $1, $2, * from unnest($3::bigint[], $4::uuid[], $5::uuid[], $6::text[], $7::text[], $8::text[],
             $9::bigint[], $10::uuid[], $11::uuid[], $12::uuid[], $13::bigint[], $14::text[], $15::text[],
             $16::bytea[], $17::bytea[], $18::uuid[], $19::bigint[], $20::bigint[], $21::text[], $22::smallint[],
             $23::bigint[], $24::smallint[], $25::bigint[], $26::bytea[], $27::bigint[], $28::bigint[], $29::text[],
             $30::bigint[], $31::uuid[], $32::bigint[], $33::bigint[], $34::bigint[], $35::bigint[], $36::bigint[],
             $37::bigint[], $38::bigint[], $39::bigint[])",
    )
    .bind(branch)
    .bind(now)
    .bind(list(of, |row| row.number))
    .bind(uuids(of.iter().map(|(row, _)| row.id.0)))
    .bind(uuids(of.iter().map(|(row, _)| row.user.0)))
    .bind(list(of, |row| row.kind.as_str()))
    .bind(list(of, |row| row.status.as_str()))
    .bind(list(of, |row| row.status.refusal().map(RefusalCode::as_str)))
    .bind(list(of, |row| row.figure))
    .bind(list(of, |row| row.sender.map(|wallet| wallet.0)))
    .bind(list(of, |row| row.receiver.map(|wallet| wallet.0)))
    .bind(list(of, |row| row.payee.map(|user| user.0)))
    .bind(list(of, |row| row.amount.map(Amount::minor)))
    .bind(list(of, |row| row.amount.map(|amount| amount.currency().code())))
    .bind(of.iter().map(|(row, _)| row.message.as_str()).collect::<Vec<_>>())
    .bind(of.iter().map(|(row, _)| row.hash.as_ref().map(|hash| hash.0.as_slice())).collect::<Vec<_>>())
    .bind(of.iter().map(|(row, _)| row.envelope.as_deref()).collect::<Vec<_>>())
    .bind(list(of, |row| row.device.map(|device| device.0)))
    .bind(list(of, |row| row.seq))
    .bind(list(of, |row| row.created_at))
    .bind(of.iter().map(|(row, _)| row.reference.as_deref()).collect::<Vec<_>>())
    .bind(list(of, |row| row.leg.map(|(branch, _)| branch)))
    .bind(list(of, |row| row.leg.map(|(_, no)| no)))
    .bind(list(of, |row| row.from_leg.map(|(branch, _)| branch)))
    .bind(list(of, |row| row.from_leg.map(|(_, no)| no)))
    .bind(of.iter().map(|(_, salt)| salt.as_slice()).collect::<Vec<_>>())
    .bind(list(of, |row| (row.fee > 0).then_some(row.fee)))
    .bind(list(of, |row| row.bought.map(Amount::minor)))
    .bind(list(of, |row| row.bought.map(|bought| bought.currency().code())))
    .bind(list(of, |row| row.of.and_then(|of| of.number)))
    .bind(list(of, |row| row.of.map(|of| of.id.0)))
    .bind(debit.0)
    .bind(debit.1)
    .bind(debit.2)
    .bind(debit.3)
    .bind(credit.0)
    .bind(credit.1)
    .bind(credit.2)
    .bind(credit.3);
    exactly(conn, of.len(), insert).await
}

fn list<T>(of: &[Salted<'_>], column: impl Fn(&TransactionRow) -> T) -> Vec<T> {
    of.iter().map(|(row, _)| column(row)).collect()
}
