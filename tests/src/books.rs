//! What must hold of the books whatever happened: asked of the rows themselves, all of them.

use sqlx::{AssertSqlSafe, PgPool, Row};

/// Each gives the rows that break its rule.
const RULES: [(&str, &str); 14] = [
    (
        "the entries of a transaction sum to zero",
        "select branch, number from ledger_entries group by branch, number having sum(amount) <> 0",
    ),
    (
        "each currency's wallets, the house's too, sum to zero",
        "select currency from wallets group by branch, currency having sum(balance) <> 0",
    ),
    (
        "an entry is in its transaction's currency, for its amount, in one of its wallets",
        "select e.number from ledger_entries e
         join transactions t using (branch, number) join wallets w using (branch, wallet_id)
         where w.currency <> t.currency
            or e.amount <> case e.wallet_id when t.sender_wallet_id then -t.amount when t.receiver_wallet_id then t.amount end",
    ),
    (
        "what settled has two entries, what was refused none",
        "select t.number from transactions t left join ledger_entries e using (branch, number)
         group by t.branch, t.number
         having count(e.number) <> case when t.status = 'settled' and t.transaction_type <> 'cancel' then 2 else 0 end",
    ),
    (
        "running balances re-add, without gaps",
        "select * from (select balance_after, entry_no, sum(amount) over w as added, row_number() over w as counted
                        from ledger_entries window w as (partition by branch, wallet_id order by entry_no)) e
         where added <> balance_after or counted <> entry_no",
    ),
    (
        "a wallet holds what its entries say",
        "select w.wallet_id from wallets w left join ledger_entries e using (branch, wallet_id)
         group by w.branch, w.wallet_id having w.balance <> coalesce(sum(e.amount), 0) or w.entry_no <> count(e.entry_no)",
    ),
    (
        "transactions are numbered without gaps",
        "select branch from transactions group by branch having max(number) <> count(*) or min(number) <> 1",
    ),
    (
        "feeds are numbered without gaps",
        "select user_id from feed group by branch, user_id having max(seq) <> count(*) or min(seq) <> 1",
    ),
    (
        "a user's feed ends where the user's row says",
        "select u.user_id from users u left join feed f using (branch, user_id)
         group by u.branch, u.user_id having u.feed_seq <> coalesce(max(f.seq), 0)",
    ),
    (
        "a decided payment is told to its payer once",
        "select t.number from transactions t left join feed f on f.branch = t.branch and f.user_id = t.user_id
              and f.event #>> '{transaction,id}' = t.transaction_id::text
              and f.event #>> '{transaction,direction}' = case t.transaction_type when 'deposit' then 'in' else 'out' end
         where t.transaction_type <> 'cancel' group by t.branch, t.number having count(f.seq) <> 1",
    ),
    (
        "a settled payment is told to its payee once",
        "select t.number from transactions t left join feed f on f.branch = t.branch and f.user_id = t.payee_user_id
              and f.event #>> '{transaction,id}' = t.transaction_id::text
              and f.event #>> '{transaction,counterparty,user}' = t.user_id::text
              and f.event #>> '{transaction,direction}' = 'in'
         where t.transaction_type = 'send' and t.status = 'settled' group by t.branch, t.number having count(f.seq) <> 1",
    ),
    (
        "the feed tells of nothing that was not decided",
        "select f.seq from feed f where f.event ->> 'type' = 'transaction' and not exists (
             select from transactions t where t.branch = f.branch and f.user_id in (t.user_id, t.payee_user_id)
                and t.transaction_id::text = f.event #>> '{transaction,id}')",
    ),
    (
        "a device's last number is the highest that it used",
        "select d.device_id from devices d left join transactions t using (device_id)
         group by d.device_id having d.last_seq <> coalesce(max(t.seq), 0)",
    ),
    (
        "a settled deposit is booked, and only that",
        "select d.deposit_id from deposits d left join transactions t on t.branch = d.branch and t.user_id = d.user_id
              and t.transaction_id = d.deposit_id and t.transaction_type = 'deposit'
         where (d.status = 'settled' and (t.amount, t.currency, t.receiver_wallet_id)
                    is distinct from (d.amount, d.currency, d.wallet_id))
            or (d.status <> 'settled' and t.number is not null)",
    ),
];

/// # Panics
/// With the rule that does not hold. Ask when nothing is under way.
#[allow(clippy::unwrap_used, reason = "a test's tool")]
pub async fn check(db: &PgPool) {
    for (rule, breaks) in RULES {
        let broken =
            sqlx::query(AssertSqlSafe(format!("select count(*) as broken from ({breaks}) as broken_rows")));
        let count: i64 = broken.fetch_one(db).await.unwrap().try_get("broken").unwrap();
        assert_eq!(count, 0, "not so: {rule}");
    }
}

/// Of a currency, in people's wallets.
#[allow(clippy::unwrap_used, reason = "a test's tool")]
pub async fn peoples_money(db: &PgPool, currency: &str) -> i64 {
    let sum =
        "select coalesce(sum(balance), 0)::bigint from wallets where user_id is not null and currency = $1";
    sqlx::query_scalar(sum).bind(currency).fetch_one(db).await.unwrap()
}
