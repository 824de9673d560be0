//! Withdrawals on their way to the bank.
//!
//! The writer has set the money aside and made the row. Before the bank is asked, the hold is made one that no longer
//! ends by itself; after that only the bank's answer ends it. So the money never leaves twice, and is never free while
//! it may be leaving.

use super::worker::later;
use super::{GatewayError, GatewayState, PayoutCall, gateway_for};
use crate::app::App;
use crate::settle::{HoldStatus, MoneyAct, MoneyAnswer, NotNow};
use purse_shared::limits::SECOND_MS;
use purse_shared::protocol::RefusalCode;
use purse_shared::{Amount, Currency, Money, TransactionId, UnixMillis, UserId};
use sqlx::postgres::PgRow;
use sqlx::{PgPool, Row};
use std::time::Duration;

/// How long a server alone asks the bank for a payout.
const LEASE_MS: UnixMillis = 10 * SECOND_MS;
const ASK_WITHIN: Duration = Duration::from_secs(8);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Status {
    /// The money is set aside.
    Requested,
    /// The hold waits for the bank's answer alone; the bank may have been asked.
    HandedOver,
    /// The bank has it.
    Pending,
    Paid,
    Refused,
    Done,
    Failed,
}

impl Status {
    const ALL: [Self; 7] = [
        Self::Requested,
        Self::HandedOver,
        Self::Pending,
        Self::Paid,
        Self::Refused,
        Self::Done,
        Self::Failed,
    ];
    const fn as_str(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::HandedOver => "handed_over",
            Self::Pending => "pending",
            Self::Paid => "paid",
            Self::Refused => "refused",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }
}

#[derive(Clone, Debug)]
struct Payout {
    branch: i16,
    /// The hold's.
    number: i64,
    user: UserId,
    transaction: TransactionId,
    amount: Amount,
    status: Status,
    reference: Option<String>,
    attempts: i32,
    created_at: UnixMillis,
    method_type: String,
    token: String,
}

/// One look at the table.
pub async fn work_once(app: &App) -> Result<(), sqlx::Error> {
    for payout in take_due(app).await? {
        if let Err(error) = step(app, &payout).await {
            tracing::warn!(%error, payout = %payout.transaction, "a payout waits");
        }
    }
    Ok(())
}

async fn step(app: &App, payout: &Payout) -> Result<(), sqlx::Error> {
    let now = app.now();
    let wait = || advance(app, payout, payout.status, None, None, later(payout.attempts, now));
    let to = |status| advance(app, payout, status, None, None, now);
    let hold = payout.number;
    match payout.status {
        Status::Requested => {
            if gateway_for(&app.settings, &payout.method_type).is_none() {
                // Nobody can be asked: the hold ends by itself when nobody can be asked for too long.
                return wait().await;
            }
            match ask_writer(app, payout, MoneyAct::HandOver { hold }).await {
                Ok(MoneyAnswer::Done { .. }) => to(Status::HandedOver).await,
                // Until people have looked at the wallet.
                Ok(MoneyAnswer::Refused { code: RefusalCode::WalletFrozen, .. }) => wait().await,
                Ok(MoneyAnswer::Ended { .. } | MoneyAnswer::Refused { .. } | MoneyAnswer::Left { .. }) => {
                    advance(app, payout, Status::Failed, None, Some("the hold had ended"), now).await
                }
                Err(_) => wait().await,
            }
        }
        Status::HandedOver => {
            let Some(gateway) = gateway_for(&app.settings, &payout.method_type) else { return wait().await };
            let call = PayoutCall {
                transaction: payout.transaction,
                user: payout.user,
                token: payout.token.clone(),
                amount: payout.amount,
                // The first request's time, so that a repeated call is the same call.
                now: payout.created_at,
            };
            if !lease(app, payout, now).await? {
                return Ok(());
            }
            // Within the lease; what the bank makes of a call that was given up is found by the next, under the same id.
            let asked = tokio::time::timeout(ASK_WITHIN, gateway.request_payout(&call)).await;
            match asked.unwrap_or(Err(GatewayError::Unreachable)) {
                Ok(reference) => advance(app, payout, Status::Pending, Some(&reference), None, now).await,
                Err(GatewayError::Refused(reason)) => {
                    advance(app, payout, Status::Refused, None, Some(reason), now).await
                }
                Err(GatewayError::Unreachable) => wait().await,
            }
        }
        Status::Pending => {
            let gateway = gateway_for(&app.settings, &payout.method_type);
            let (Some(gateway), Some(reference)) = (gateway, &payout.reference) else { return wait().await };
            match gateway.payout_state(reference, now).await {
                Ok(GatewayState::Confirmed) => to(Status::Paid).await,
                Ok(GatewayState::Refused) => {
                    advance(app, payout, Status::Refused, None, Some("the bank sent it back"), now).await
                }
                Ok(GatewayState::Pending) => {
                    advance(app, payout, Status::Pending, None, None, now + SECOND_MS / 4).await
                }
                Err(_) => wait().await,
            }
        }
        Status::Paid => match ask_writer(app, payout, MoneyAct::Capture { hold }).await {
            Ok(MoneyAnswer::Done { .. }) => to(Status::Done).await,
            Ok(answer) => {
                // Nothing in this server frees it after it was handed over: people must look.
                tracing::error!(?answer, payout = %payout.transaction, "a payout was paid and its hold had ended");
                wait().await
            }
            Err(_) => wait().await,
        },
        Status::Refused => {
            let act = MoneyAct::Release { hold, code: RefusalCode::BankRefused };
            match ask_writer(app, payout, act).await {
                Ok(MoneyAnswer::Done { .. } | MoneyAnswer::Ended { status: HoldStatus::Expired }) => {
                    to(Status::Failed).await
                }
                Ok(answer) => {
                    tracing::error!(?answer, payout = %payout.transaction, "a payout was refused and its hold had ended");
                    wait().await
                }
                Err(_) => wait().await,
            }
        }
        Status::Done | Status::Failed => Ok(()),
    }
}

async fn ask_writer(app: &App, payout: &Payout, act: MoneyAct) -> Result<MoneyAnswer, NotNow> {
    app.writers.money(payout.branch, payout.user, act).await
}

/// Takes what is due and leases it for ten seconds, so that two servers do not work on one.
async fn take_due(app: &App) -> Result<Vec<Payout>, sqlx::Error> {
    let rows = sqlx::query(
        "update payouts p set next_attempt_at = $1 + 10000, attempts = attempts + 1
         from payment_methods m
         where m.method_id = p.method_id and (p.branch, p.number) in (
             select branch, number from payouts
             where status not in ('done', 'failed') and next_attempt_at <= $1
             order by next_attempt_at limit 100 for update skip locked)
         returning p.*, m.method_type, m.tokenized_data",
    )
    .bind(app.now())
    .fetch_all(&app.db)
    .await?;
    let unreadable = |what: &'static str| sqlx::Error::Decode(what.into());
    rows.into_iter()
        .map(|row| {
            let currency =
                Currency::from_code(row.try_get("currency")?).ok_or(unreadable("payout currency"))?;
            let status: &str = row.try_get("status")?;
            let status = Status::ALL.into_iter().find(|known| known.as_str() == status);
            Ok(Payout {
                branch: row.try_get("branch")?,
                number: row.try_get("number")?,
                user: UserId(row.try_get("user_id")?),
                transaction: TransactionId(row.try_get("transaction_id")?),
                amount: Amount::new(row.try_get("amount")?, currency)
                    .map_err(|_| unreadable("payout amount"))?,
                status: status.ok_or(unreadable("payout status"))?,
                reference: row.try_get("gateway_reference")?,
                attempts: row.try_get("attempts")?,
                created_at: row.try_get("created_at")?,
                method_type: row.try_get("method_type")?,
                token: row.try_get("tokenized_data")?,
            })
        })
        .collect()
}

/// The bank is about to be asked: until the lease ends, nobody says anything else of it. `false`: somebody did before.
async fn lease(app: &App, payout: &Payout, now: UnixMillis) -> Result<bool, sqlx::Error> {
    let update = sqlx::query(
        "update payouts set leased_until = $3, next_attempt_at = greatest(next_attempt_at, $3)
         where branch = $1 and number = $2 and status = 'handed_over'",
    )
    .bind(payout.branch)
    .bind(payout.number)
    .bind(now.saturating_add(LEASE_MS));
    Ok(update.execute(&app.db).await?.rows_affected() == 1)
}

/// Takes a payout from one state to the next; nothing happens when another worker was first. When people were, and had
/// given it up, what the bank says against that is an error in the log, and its reference is kept.
async fn advance(
    app: &App,
    payout: &Payout,
    to: Status,
    reference: Option<&str>,
    failure: Option<&str>,
    next_attempt_at: UnixMillis,
) -> Result<(), sqlx::Error> {
    let update = sqlx::query(
        "update payouts set status = $4, gateway_reference = coalesce($5, gateway_reference),
             failure = coalesce($6, failure), next_attempt_at = $7, leased_until = 0, updated_at = $8,
             attempts = case when status = $4 then attempts else 0 end
         where branch = $1 and number = $2 and status = $3",
    )
    .bind(payout.branch)
    .bind(payout.number)
    .bind(payout.status.as_str())
    .bind(to.as_str())
    .bind(reference)
    .bind(failure)
    .bind(next_attempt_at)
    .bind(app.now());
    let is_first = update.execute(&app.db).await?.rows_affected() == 1;
    let has_money = reference.is_some() || to == Status::Paid;
    if is_first || !has_money {
        return Ok(());
    }
    let status: Option<String> = sqlx::query_scalar(
        "update payouts set gateway_reference = coalesce(gateway_reference, $3)
         where branch = $1 and number = $2 returning status",
    )
    .bind(payout.branch)
    .bind(payout.number)
    .bind(reference)
    .fetch_optional(&app.db)
    .await?;
    let is_given_up = [Status::Refused, Status::Failed].map(|status| Some(status.as_str()));
    if is_given_up.contains(&status.as_deref()) {
        tracing::error!(payout = %payout.transaction, reference, "a payout that was given up is with the bank");
    }
    Ok(())
}

/// A withdrawal that its bank has not answered.
#[derive(Debug)]
pub struct OpenPayout {
    pub handle: String,
    pub number: i64,
    /// In major units, with the currency.
    pub amount: String,
    pub status: String,
    /// The bank's.
    pub reference: Option<String>,
    pub created_at: UnixMillis,
}

/// Those that nobody has answered, the oldest first.
pub async fn open(db: &PgPool) -> Result<Vec<OpenPayout>, sqlx::Error> {
    let rows = sqlx::query(
        "select p.*, u.handle from payouts p join users u using (user_id)
         where p.status in ('requested', 'handed_over', 'pending') order by p.created_at limit 1000",
    )
    .fetch_all(db)
    .await?;
    let read = |row: PgRow| {
        let (minor, currency): (i64, &str) = (row.try_get("amount")?, row.try_get("currency")?);
        let amount = Currency::from_code(currency)
            .map(|currency| format!("{} {}", Money::new(minor, currency).to_plain_string(), currency.code()));
        Ok(OpenPayout {
            handle: row.try_get("handle")?,
            number: row.try_get("number")?,
            amount: amount.unwrap_or_else(|| format!("{minor} {currency}")),
            status: row.try_get("status")?,
            reference: row.try_get("gateway_reference")?,
            created_at: row.try_get("created_at")?,
        })
    };
    rows.into_iter().map(read).collect()
}

/// Gives up a withdrawal that its bank was not asked for: a server asks for none but what is handed over, and this one
/// cannot be any more. Its hold is the caller's to release; after ten seconds, a worker's. `false`: it is with the bank, or
/// on its way there.
pub async fn give_up(
    db: &PgPool,
    branch: i16,
    user: UserId,
    number: i64,
    reason: &str,
    now: UnixMillis,
) -> Result<bool, sqlx::Error> {
    let update = sqlx::query(
        "update payouts set status = case status when 'requested' then 'refused' else status end,
             next_attempt_at = case status when 'requested' then $5 + 10000 else next_attempt_at end,
             failure = coalesce(failure, $4), updated_at = $5
         where branch = $1 and number = $2 and user_id = $3 and status in ('requested', 'refused', 'failed')",
    )
    .bind(branch)
    .bind(number)
    .bind(user.0)
    .bind(reason)
    .bind(now);
    Ok(update.execute(db).await?.rows_affected() == 1)
}

/// The bank's answer, brought by people where it does not come by itself. `false`: this one does not wait for any, or a
/// server is asking the bank at this moment.
pub async fn bank_said(
    db: &PgPool,
    branch: i16,
    user: UserId,
    number: i64,
    paid: bool,
    reason: &str,
    now: UnixMillis,
) -> Result<bool, sqlx::Error> {
    let status = if paid { Status::Paid } else { Status::Refused };
    let update = sqlx::query(
        "update payouts set status = $4, failure = case when $5 then failure else $6 end,
             next_attempt_at = $7, updated_at = $7, attempts = 0
         where branch = $1 and number = $2 and user_id = $3
           and (status = 'pending' or (status = 'handed_over' and leased_until <= $7))",
    )
    .bind(branch)
    .bind(number)
    .bind(user.0)
    .bind(status.as_str())
    .bind(paid)
    .bind(reason)
    .bind(now);
    Ok(update.execute(db).await?.rows_affected() == 1)
}
