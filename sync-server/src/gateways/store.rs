//! The rows of deposits and payment methods.

use purse_shared::protocol::{DepositStatus, PaymentMethodRecord};
use purse_shared::{Amount, Currency, DepositId, MethodId, UnixMillis, UserId, WalletId};
use sqlx::{PgPool, Row};
use uuid::Uuid;

#[derive(Clone, Debug)]
pub struct Deposit {
    pub deposit: DepositId,
    pub user: UserId,
    pub branch: i16,
    pub wallet: WalletId,
    pub method: MethodId,
    pub amount: Amount,
    pub status: DepositStatus,
    pub gateway_reference: Option<String>,
    pub attempts: i32,
    pub created_at: UnixMillis,
    pub method_type: String,
    pub token: String,
}

const fn status_text(status: DepositStatus) -> &'static str {
    match status {
        DepositStatus::Requested => "requested",
        DepositStatus::Pending => "pending",
        DepositStatus::Confirmed => "confirmed",
        DepositStatus::Suspended => "suspended",
        DepositStatus::Settled => "settled",
        DepositStatus::Failed => "failed",
    }
}

pub fn status_from(text: &str) -> Result<DepositStatus, sqlx::Error> {
    Ok(match text {
        "requested" => DepositStatus::Requested,
        "pending" => DepositStatus::Pending,
        "confirmed" => DepositStatus::Confirmed,
        "suspended" => DepositStatus::Suspended,
        "settled" => DepositStatus::Settled,
        "failed" => DepositStatus::Failed,
        other => return Err(sqlx::Error::Decode(format!("deposit status {other}").into())),
    })
}

/// Records the request, or finds the same one. `None` when this id is another deposit's, or a payment's.
pub async fn request(
    db: &PgPool,
    deposit: &Deposit,
    now: UnixMillis,
) -> Result<Option<DepositStatus>, sqlx::Error> {
    sqlx::query(
        "insert into deposits (deposit_id, user_id, branch, wallet_id, method_id, amount, currency, status,
             next_attempt_at, created_at, updated_at)
         select $1, $2, $3, $4, $5, $6, $7, 'requested', $8, $8, $8
         where not exists (select from transactions where branch = $3 and user_id = $2 and transaction_id = $1)
           and not exists (select from users where branch = $3 and user_id = $2 and closed_at is not null)
         on conflict (user_id, deposit_id) do nothing",
    )
    .bind(deposit.deposit.0)
    .bind(deposit.user.0)
    .bind(deposit.branch)
    .bind(deposit.wallet.0)
    .bind(deposit.method.0)
    .bind(deposit.amount.minor())
    .bind(deposit.amount.currency().code())
    .bind(now)
    .execute(db)
    .await?;
    let status: Option<String> = sqlx::query_scalar(
        "select status from deposits where user_id = $1 and deposit_id = $2
             and wallet_id = $3 and method_id = $4 and amount = $5 and currency = $6",
    )
    .bind(deposit.user.0)
    .bind(deposit.deposit.0)
    .bind(deposit.wallet.0)
    .bind(deposit.method.0)
    .bind(deposit.amount.minor())
    .bind(deposit.amount.currency().code())
    .fetch_optional(db)
    .await?;
    status.map(|status| status_from(&status)).transpose()
}

/// Takes what is due and leases it for ten seconds, so that two servers do not work on one.
pub async fn take_due(db: &PgPool, now: UnixMillis) -> Result<Vec<Deposit>, sqlx::Error> {
    let rows = sqlx::query(
        "update deposits d set next_attempt_at = $1 + 10000, attempts = attempts + 1
         from payment_methods m
         where m.method_id = d.method_id and (d.user_id, d.deposit_id) in (
             select user_id, deposit_id from deposits
             where status in ('requested', 'pending', 'confirmed') and next_attempt_at <= $1
             order by next_attempt_at limit 100 for update skip locked)
         returning d.deposit_id, d.user_id, d.branch, d.wallet_id, d.method_id, d.amount, d.currency, d.status,
             d.gateway_reference, d.attempts, d.created_at, m.method_type, m.tokenized_data",
    )
    .bind(now)
    .fetch_all(db)
    .await?;
    rows.into_iter()
        .map(|row| {
            let currency = Currency::from_code(row.try_get("currency")?);
            let amount =
                currency.and_then(|currency| Amount::new(row.try_get("amount").ok()?, currency).ok());
            Ok(Deposit {
                deposit: DepositId(row.try_get("deposit_id")?),
                user: UserId(row.try_get("user_id")?),
                branch: row.try_get("branch")?,
                wallet: WalletId(row.try_get("wallet_id")?),
                method: MethodId(row.try_get("method_id")?),
                amount: amount.ok_or_else(|| sqlx::Error::Decode("deposit amount".into()))?,
                status: status_from(row.try_get("status")?)?,
                gateway_reference: row.try_get("gateway_reference")?,
                attempts: row.try_get("attempts")?,
                created_at: row.try_get("created_at")?,
                method_type: row.try_get("method_type")?,
                token: row.try_get("tokenized_data")?,
            })
        })
        .collect()
}

/// Takes a deposit from one state to the next; nothing happens when another worker was first.
pub async fn advance(
    db: &PgPool,
    deposit: &Deposit,
    to: DepositStatus,
    reference: Option<&str>,
    failure: Option<&str>,
    next_attempt_at: UnixMillis,
    now: UnixMillis,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "update deposits set status = $4, gateway_reference = coalesce($5, gateway_reference), failure = $6,
             next_attempt_at = $7, updated_at = $8, attempts = case when status = $4 then attempts else 0 end
         where user_id = $1 and deposit_id = $2 and status = $3",
    )
    .bind(deposit.user.0)
    .bind(deposit.deposit.0)
    .bind(status_text(deposit.status))
    .bind(status_text(to))
    .bind(reference)
    .bind(failure)
    .bind(next_attempt_at)
    .bind(now)
    .execute(db)
    .await?;
    Ok(())
}

pub async fn methods(db: &PgPool, user: UserId) -> Result<Vec<PaymentMethodRecord>, sqlx::Error> {
    let rows: Vec<(Uuid, String, String, String, Option<i64>, bool)> = sqlx::query_as(
        "select method_id, method_type, name, hint, last_used_timestamp, is_verified from payment_methods
         where user_id = $1 order by created_at, method_id",
    )
    .bind(user.0)
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|(id, method_type, name, hint, last_used_timestamp, is_verified)| PaymentMethodRecord {
            method_id: MethodId(id),
            method_type,
            name,
            hint,
            last_used_timestamp,
            is_verified,
        })
        .collect())
}

/// A method of this user; its type.
pub async fn use_method(
    db: &PgPool,
    user: UserId,
    method: MethodId,
    now: UnixMillis,
) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar(
        "update payment_methods set last_used_timestamp = $3 where method_id = $1 and user_id = $2
         returning method_type",
    )
    .bind(method.0)
    .bind(user.0)
    .bind(now)
    .fetch_optional(db)
    .await
}
