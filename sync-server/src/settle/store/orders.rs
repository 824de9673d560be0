//! What a batch reads for orders other than payments: few, and mostly none.

use super::{currency_of, hash, unreadable, uuids};
use crate::settle::rows::{
    Found, HoldRow, HoldStatus, Paid, Purpose, QuoteRow, ScheduleRow, Suspended, Suspense,
};
use purse_shared::intent::{Order, SignedIntent};
use purse_shared::{Amount, DepositId, MethodId, QuoteId, TransactionId, UnixMillis, UserId, WalletId};
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, PgPool, Row};
use std::collections::BTreeSet;
use uuid::Uuid;

#[derive(Default)]
pub(super) struct Keys {
    pub methods: Vec<MethodId>,
    pub quotes: Vec<QuoteId>,
    pub holds: Vec<i64>,
    /// By payer and id.
    pub paid: Vec<(UserId, TransactionId)>,
    /// By number.
    pub schedules: Vec<i64>,
    /// By the number of the transaction that brought them there.
    pub suspended: Vec<i64>,
    /// Who wants to close their account.
    pub closing: Vec<UserId>,
    /// Whose running schedules are needed, all of them.
    pub planners: BTreeSet<UserId>,
}

pub(super) async fn load(
    conn: &mut PgConnection,
    branch: i16,
    keys: &Keys,
    found: &mut Found,
) -> Result<(), sqlx::Error> {
    if !keys.methods.is_empty() {
        let rows: Vec<(Uuid, Uuid)> = sqlx::query_as(
            "select method_id, user_id from payment_methods where method_id = any($1) and is_verified",
        )
        .bind(uuids(keys.methods.iter().map(|id| id.0)))
        .fetch_all(&mut *conn)
        .await?;
        found.methods = rows.into_iter().map(|(method, user)| (MethodId(method), UserId(user))).collect();
    }
    if !keys.quotes.is_empty() {
        let rows = sqlx::query("select * from quotes where branch = $1 and quote_id = any($2)")
            .bind(branch)
            .bind(uuids(keys.quotes.iter().map(|id| id.0)))
            .fetch_all(&mut *conn)
            .await?;
        for row in rows {
            found.quotes.insert(QuoteId(row.try_get("quote_id")?), quote(&row)?);
        }
    }
    if !keys.holds.is_empty() {
        let rows = sqlx::query(
            "select h.*, t.transaction_id from holds h join transactions t using (branch, number)
             where h.branch = $1 and h.number = any($2)",
        )
        .bind(branch)
        .bind(&keys.holds)
        .fetch_all(&mut *conn)
        .await?;
        for row in rows {
            let hold = hold(&row)?;
            found.holds.insert(hold.number, hold);
        }
    }
    if !keys.closing.is_empty() {
        let users: Vec<Uuid> = sqlx::query_scalar(
            "select distinct user_id from deposits
             where user_id = any($1) and status in ('requested', 'pending', 'confirmed', 'suspended')",
        )
        .bind(uuids(keys.closing.iter().map(|user| user.0)))
        .fetch_all(&mut *conn)
        .await?;
        found.awaiting = users.into_iter().map(UserId).collect();
    }
    if !keys.suspended.is_empty() {
        let rows = sqlx::query(
            "select d.*, t.transaction_id, t.reference_id
             from deposits d join transactions t on t.branch = d.branch and t.number = d.suspense_number
             where d.branch = $1 and d.suspense_number = any($2) and d.status = 'suspended'",
        )
        .bind(branch)
        .bind(&keys.suspended)
        .fetch_all(&mut *conn)
        .await?;
        for row in rows {
            found.in_suspense.insert(row.try_get("suspense_number")?, suspended_deposit(&row)?);
        }
        let rows = sqlx::query(
            "select s.* from suspense s
             where s.branch = $1 and s.number = any($2) and s.transaction_type in ('credit', 'capture')",
        )
        .bind(branch)
        .bind(&keys.suspended)
        .fetch_all(&mut *conn)
        .await?;
        for row in rows {
            found.in_suspense.insert(row.try_get("number")?, suspended(&row)?);
        }
    }
    if !keys.paid.is_empty() {
        load_paid(conn, branch, keys, found).await?;
    }
    if !keys.schedules.is_empty() || !keys.planners.is_empty() {
        let rows = sqlx::query(
            "select s.number, s.user_id, s.schedule_id, s.made, s.next_at, t.intent_hash, t.envelope, t.created_at
             from schedules s join transactions t using (branch, number)
             where s.branch = $1 and s.next_at is not null and t.envelope is not null
               and (s.number = any($2) or s.user_id = any($3))",
        )
        .bind(branch)
        .bind(&keys.schedules)
        .bind(uuids(keys.planners.iter().map(|user| user.0)))
        .fetch_all(conn)
        .await?;
        for row in rows {
            match schedule(&row) {
                Ok(schedule) => drop(found.schedules.insert(schedule.number, schedule)),
                // It makes no payments, and keeps nobody else's waiting.
                Err(error) => {
                    let number = row.try_get::<i64, _>("number")?;
                    tracing::error!(branch, number, %error, "a schedule cannot be read");
                }
            }
        }
    }
    Ok(())
}

async fn load_paid(
    conn: &mut PgConnection,
    branch: i16,
    keys: &Keys,
    found: &mut Found,
) -> Result<(), sqlx::Error> {
    found.paid = keys.paid.iter().map(|key| (*key, None)).collect();
    let rows = sqlx::query(
        "select t.user_id, t.transaction_id, t.number, t.amount, t.currency, t.payee_user_id, t.receiver_wallet_id,
                coalesce(r.returned, 0) as returned
         from unnest($2::uuid[], $3::uuid[]) as k (user_id, id)
         join transactions t on t.branch = $1 and t.user_id = k.user_id and t.transaction_id = k.id
         join wallets w on w.branch = $1 and w.wallet_id = t.receiver_wallet_id and w.user_id = t.payee_user_id
         left join returns r on r.branch = $1 and r.number = t.number
         where t.status = 'settled' and t.to_branch is null
           and (t.transaction_type = 'send' or (t.transaction_type = 'credit' and t.of_transaction_id is null))",
    )
    .bind(branch)
    .bind(uuids(keys.paid.iter().map(|(user, _)| user.0)))
    .bind(uuids(keys.paid.iter().map(|(_, id)| id.0)))
    .fetch_all(conn)
    .await?;
    for row in rows {
        let key = (UserId(row.try_get("user_id")?), TransactionId(row.try_get("transaction_id")?));
        let paid = Paid {
            number: row.try_get("number")?,
            amount: amount(&row, "amount", "currency")?,
            payee: UserId(row.try_get("payee_user_id")?),
            receiver: WalletId(row.try_get("receiver_wallet_id")?),
            returned: row.try_get("returned")?,
        };
        found.paid.insert(key, Some(paid));
    }
    Ok(())
}

fn suspended_deposit(row: &PgRow) -> Result<Suspended, sqlx::Error> {
    Ok(Suspended {
        id: TransactionId(row.try_get("transaction_id")?),
        owner: UserId(row.try_get("user_id")?),
        amount: amount(row, "amount", "currency")?,
        what: Suspense::Deposit {
            deposit: DepositId(row.try_get("deposit_id")?),
            wallet: WalletId(row.try_get("wallet_id")?),
            reference: row.try_get("reference_id")?,
            requested_at: row.try_get("created_at")?,
        },
    })
}

/// Of the view `suspense`: all but deposits.
fn suspended(row: &PgRow) -> Result<Suspended, sqlx::Error> {
    let what = match row.try_get("of_hold")? {
        Some(hold) => Suspense::Taken { hold: TransactionId(hold) },
        None => {
            Suspense::Payment { payer: UserId(row.try_get("payer_id")?), message: row.try_get("message")? }
        }
    };
    Ok(Suspended {
        id: TransactionId(row.try_get("transaction_id")?),
        owner: UserId(row.try_get("owner_id")?),
        amount: amount(row, "amount", "currency")?,
        what,
    })
}

fn quote(row: &PgRow) -> Result<QuoteRow, sqlx::Error> {
    Ok(QuoteRow {
        user: UserId(row.try_get("user_id")?),
        sell: amount(row, "sell_amount", "sell_currency")?,
        buy: amount(row, "buy_amount", "buy_currency")?,
        expires_at: row.try_get("expires_at")?,
        is_used: row.try_get::<Option<i64>, _>("used_number")?.is_some(),
    })
}

fn hold(row: &PgRow) -> Result<HoldRow, sqlx::Error> {
    Ok(HoldRow {
        number: row.try_get("number")?,
        id: TransactionId(row.try_get("transaction_id")?),
        user: UserId(row.try_get("user_id")?),
        wallet: WalletId(row.try_get("wallet_id")?),
        amount: amount(row, "amount", "currency")?,
        fee: row.try_get("fee")?,
        purpose: Purpose::from_text(row.try_get("purpose")?).ok_or_else(|| unreadable("purpose"))?,
        status: HoldStatus::from_text(row.try_get("status")?).ok_or_else(|| unreadable("status"))?,
        expires_at: row.try_get("expires_at")?,
    })
}

fn schedule(row: &PgRow) -> Result<ScheduleRow, sqlx::Error> {
    let envelope: Vec<u8> = row.try_get("envelope")?;
    let signed = SignedIntent::read(&envelope).map_err(|_| unreadable("envelope"))?;
    let Order::Schedule(order) = &signed.own_intent().order else { return Err(unreadable("envelope")) };
    Ok(ScheduleRow {
        number: row.try_get("number")?,
        id: TransactionId(row.try_get("schedule_id")?),
        user: UserId(row.try_get("user_id")?),
        hash: hash(row.try_get("intent_hash")?)?.ok_or_else(|| unreadable("intent_hash"))?,
        order: order.clone(),
        made: row.try_get("made")?,
        next_at: row.try_get("next_at")?,
    })
}

fn amount(row: &PgRow, minor: &str, currency: &str) -> Result<Amount, sqlx::Error> {
    Amount::new(row.try_get(minor)?, currency_of(row.try_get(currency)?)?).map_err(|_| unreadable("amount"))
}

/// Whether this hold of the user's is a withdrawal's; `None`: there is no such hold.
///
/// # Errors
/// Whatever the database says.
pub async fn is_withdrawal(
    db: &PgPool,
    branch: i16,
    user: UserId,
    number: i64,
) -> Result<Option<bool>, sqlx::Error> {
    let purpose: Option<String> =
        sqlx::query_scalar("select purpose from holds where branch = $1 and number = $2 and user_id = $3")
            .bind(branch)
            .bind(number)
            .bind(user.0)
            .fetch_optional(db)
            .await?;
    Ok(purpose.map(|purpose| purpose == Purpose::Withdrawal.as_str()))
}

/// What is due: numbers, each with the time since when.
#[derive(Debug, Default)]
pub struct Due {
    /// That end by themselves.
    pub holds: Vec<(i64, UnixMillis)>,
    /// With a payment to make.
    pub schedules: Vec<(i64, UnixMillis)>,
}

impl Due {
    pub const fn is_empty(&self) -> bool {
        self.holds.is_empty() && self.schedules.is_empty()
    }
    pub fn all(&self) -> impl Iterator<Item = (i64, UnixMillis)> {
        self.holds.iter().chain(&self.schedules).copied()
    }
}

/// What is due at `now`, the oldest first, without the numbers in `but`.
///
/// # Errors
/// Whatever the database says.
pub async fn due(
    db: &PgPool,
    branch: i16,
    now: UnixMillis,
    but: &[i64],
    limit: i64,
) -> Result<Due, sqlx::Error> {
    let holds = sqlx::query_as(
        "select number, expires_at from holds
         where branch = $1 and status = 'open' and expires_at <= $2 and number <> all($3)
         order by expires_at limit $4",
    )
    .bind(branch)
    .bind(now)
    .bind(but)
    .bind(limit)
    .fetch_all(db)
    .await?;
    let schedules = sqlx::query_as(
        "select s.number, s.next_at from schedules s join transactions t using (branch, number)
         where s.branch = $1 and s.next_at <= $2 and s.number <> all($3) and t.envelope is not null
         order by s.next_at limit $4",
    )
    .bind(branch)
    .bind(now)
    .bind(but)
    .bind(limit)
    .fetch_all(db)
    .await?;
    Ok(Due { holds, schedules })
}
