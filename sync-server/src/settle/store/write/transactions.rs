//! Transactions and the batch's link. Nearly all rows are plain payments, and a column that is not named costs nothing.

use super::super::uuids;
use super::{Query, Ready};
use crate::audit::ChainLink;
use crate::settle::rows::{Rows, Side, TransactionRow};
use purse_shared::audit::Hash;
use purse_shared::protocol::RefusalCode;
use purse_shared::{Amount, UnixMillis};

/// A row with the salt of its leaf.
type Salted<'a> = (&'a TransactionRow, &'a Hash);

/// The statements of a batch: its transactions, and the link that binds them, which goes with the first.
///
/// # Errors
/// A value that cannot be encoded.
pub fn ready(branch: i16, rows: &Rows, now: UnixMillis) -> Result<Vec<Ready>, sqlx::Error> {
    let Some(link) = &rows.link else { return Ok(Vec::new()) };
    let salted = rows.transactions.iter().zip(&rows.leaf_salts);
    let (plain, other): (Vec<Salted<'_>>, Vec<Salted<'_>>) = salted.partition(|(row, _)| row.is_plain());
    let mut statements = Vec::with_capacity(2);
    if !plain.is_empty() {
        statements.push(insert_plain(branch, &plain, link, now)?);
    }
    if !other.is_empty() {
        statements.push(insert_other(branch, &other, plain.is_empty().then_some(link), now)?);
    }
    Ok(statements)
}

/// The batch's link, in one statement with the rows after it.
macro_rules! with_link {
    ($values:literal) => {
        concat!(
            "with link as (insert into audit_batches (branch, batch, first_number, last_number, root, head, at)
                           values (",
            $values,
            ")) "
        )
    };
}

fn bind_link<'q>(insert: Query<'q>, link: &'q ChainLink) -> Query<'q> {
    insert
        .bind(link.batch)
        .bind(link.first_number)
        .bind(link.last_number)
        .bind(link.root.as_slice())
        .bind(link.head.as_slice())
}

fn insert_plain(
    branch: i16,
    of: &[Salted<'_>],
    link: &ChainLink,
    now: UnixMillis,
) -> Result<Ready, sqlx::Error> {
    const INSERT: &str = concat!(
        with_link!("$1, $24, $25, $26, $27, $28, $23"),
        "insert into transactions (branch, number, transaction_id, user_id, transaction_type, status, sender_wallet_id,
             receiver_wallet_id, payee_user_id, amount, currency, message, intent_hash, envelope, device_id, seq,
             created_at, timestamp, leaf_salt, sender_entry_no, sender_balance_after, sender_feed_seq,
             receiver_entry_no, receiver_balance_after, receiver_feed_seq)
         select $1, t.number, t.id, t.user_id, 'send', 'settled', t.sender, t.receiver, t.payee, t.amount, t.currency,
                t.message, t.hash, t.envelope, t.device, t.seq, t.created_at, $23, t.salt,
                t.sender_no, t.sender_balance, t.sender_feed, t.receiver_no, t.receiver_balance, t.receiver_feed
         from (select unnest($2::bigint[]) as number, unnest($3::uuid[]) as id, unnest($4::uuid[]) as user_id,
                       unnest($5::uuid[]) as sender, unnest($6::uuid[]) as receiver, unnest($7::uuid[]) as payee,
                       unnest($8::bigint[]) as amount, unnest($9::text[]) as currency,
                       unnest($10::text[]) as message, unnest($11::bytea[]) as hash,
                       unnest($12::bytea[]) as envelope, unnest($13::uuid[]) as device,
                       unnest($14::bigint[]) as seq, unnest($15::bigint[]) as created_at,
                       unnest($16::bytea[]) as salt, unnest($17::bigint[]) as sender_no,
                       unnest($18::bigint[]) as sender_balance, unnest($19::bigint[]) as sender_feed,
                       unnest($20::bigint[]) as receiver_no, unnest($21::bigint[]) as receiver_balance,
                       unnest($22::bigint[]) as receiver_feed) as t"
    );
    let insert = sqlx::query(INSERT)
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
    Ready::new(INSERT, of.len(), bind_link(insert, link))
}

fn insert_other(
    branch: i16,
    of: &[Salted<'_>],
    link: Option<&ChainLink>,
    now: UnixMillis,
) -> Result<Ready, sqlx::Error> {
    macro_rules! insert {
        ($($link:tt)*) => {
            concat!($($link)* "insert into transactions (branch, timestamp, number, transaction_id, user_id, transaction_type, status, refusal,
             refusal_figure, sender_wallet_id, receiver_wallet_id, payee_user_id, amount, currency, message,
             intent_hash, envelope, device_id, seq, created_at, reference_id, to_branch, leg_no, from_branch,
             from_leg_no, leaf_salt, fee, bought_amount, bought_currency, of_number, of_transaction_id,
             sender_entry_no, sender_balance_after, sender_held_after, sender_feed_seq,
             receiver_entry_no, receiver_balance_after, receiver_held_after, receiver_feed_seq)
         select $1, $2, unnest($3::bigint[]), unnest($4::uuid[]), unnest($5::uuid[]), unnest($6::text[]),
             unnest($7::text[]), unnest($8::text[]), unnest($9::bigint[]), unnest($10::uuid[]), unnest($11::uuid[]),
             unnest($12::uuid[]), unnest($13::bigint[]), unnest($14::text[]), unnest($15::text[]),
             unnest($16::bytea[]), unnest($17::bytea[]), unnest($18::uuid[]), unnest($19::bigint[]),
             unnest($20::bigint[]), unnest($21::text[]), unnest($22::smallint[]), unnest($23::bigint[]),
             unnest($24::smallint[]), unnest($25::bigint[]), unnest($26::bytea[]), unnest($27::bigint[]),
             unnest($28::bigint[]), unnest($29::text[]), unnest($30::bigint[]), unnest($31::uuid[]),
             unnest($32::bigint[]), unnest($33::bigint[]), unnest($34::bigint[]), unnest($35::bigint[]),
             unnest($36::bigint[]), unnest($37::bigint[]), unnest($38::bigint[]), unnest($39::bigint[])")
        };
    }
    const INSERT: &str = insert!();
    const INSERT_WITH_LINK: &str = insert!(with_link!("$1, $40, $41, $42, $43, $44, $2"),);
    let side = |pick: fn(&TransactionRow) -> &Side| {
        (
            list(of, |row| pick(row).entry_no),
            list(of, |row| pick(row).balance_after),
            list(of, |row| pick(row).held_after),
            list(of, |row| pick(row).feed_seq),
        )
    };
    let (debit, credit) = (side(|row| &row.debit), side(|row| &row.credit));
    let insert = sqlx::query(INSERT)
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
    match link {
        Some(link) => Ready::new(INSERT_WITH_LINK, of.len(), bind_link(insert, link)),
        None => Ready::new(INSERT, of.len(), insert),
    }
}

fn list<T>(of: &[Salted<'_>], column: impl Fn(&TransactionRow) -> T) -> Vec<T> {
    of.iter().map(|(row, _)| column(row)).collect()
}
