//! A ledger with a past: rows as years of payments would have left them, consistent to the last number.

use super::world::World;
use sqlx::Row;

/// Payments of one statement.
const PIECE: i64 = 100_000;

/// Puts `payments` settled payments of one cent around a ring of all people into the tables. Each round of the ring
/// takes a cent from everybody and gives it back, so balances end where they were.
pub async fn fill(world: &mut World, payments: i64) {
    eprintln!("filling the ledger with {payments} older payments");
    let people = i64::try_from(world.people.len()).unwrap();
    let rounds = payments / people;
    let row = sqlx::query("select max(number) as last from transactions where branch = 0")
        .fetch_one(&world.db)
        .await
        .unwrap();
    let last: i64 = row.get("last");
    sqlx::raw_sql(
        "create unlogged table ring as select (row_number() over (order by wallet_id) - 1) as place, wallet_id, user_id, balance,
             entry_no, greatest(feed_seq, (select feed_seq from users u where u.branch = 0 and u.user_id = w.user_id)) as feed_seq
         from wallets w where branch = 0 and user_id is not null and currency = 'EUR';
         create unique index on ring (place); analyze ring",
    )
    .execute(&world.db)
    .await
    .unwrap();
    for round in 0..rounds {
        let mut from = 0;
        while from < people {
            let (to, base) = ((from + PIECE).min(people), last + round * people);
            // Person p pays p + 1 under number base + p + 1. Their own entries are 2r + 1 (out) and 2r + 2 (in).
            let insert = "
                insert into transactions (branch, number, transaction_id, user_id, transaction_type, status, sender_wallet_id,
                    receiver_wallet_id, payee_user_id, amount, currency, intent_hash, envelope, created_at, timestamp,
                    sender_entry_no, sender_balance_after, sender_feed_seq,
                    receiver_entry_no, receiver_balance_after, receiver_feed_seq)
                select 0, $1 + a.place + 1, gen_random_uuid(), a.user_id, 'send', 'settled', a.wallet_id, b.wallet_id, b.user_id, 1, 'EUR',
                    sha256(int8send($1 + a.place)), repeat('x', 300)::bytea, 1, 1,
                    a.entry_no + 2 * $5 + 1, a.balance - 1, a.feed_seq + 2 * $5 + 1,
                    b.entry_no + 2 * $5 + 2, b.balance, b.feed_seq + 2 * $5 + 2
                from ring a join ring b on b.place = (a.place + 1) % $4 where a.place >= $2 and a.place < $3 order by a.place";
            sqlx::query(insert)
                .bind(base)
                .bind(from)
                .bind(to)
                .bind(people)
                .bind(round)
                .execute(&world.db)
                .await
                .unwrap();
            from = to;
        }
    }
    sqlx::query(
        "update wallets w set entry_no = r.entry_no + 2 * $1, feed_seq = r.feed_seq + 2 * $1 from ring r
         where w.branch = 0 and w.wallet_id = r.wallet_id",
    )
    .bind(rounds)
    .execute(&world.db)
    .await
    .unwrap();
    // One by one: what is sent together is a transaction, and it is not vacuumed in one.
    for statement in ["drop table ring", "vacuum analyze"] {
        sqlx::raw_sql(statement).execute(&world.db).await.unwrap();
    }
    world.server.restart().await;
}
