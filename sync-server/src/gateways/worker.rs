//! Takes deposits, and then payouts, from state to state, at least once each, with backoff.

use super::store::{self, Deposit};
use super::{DepositCall, GatewayError, GatewayState, gateway_for, payouts};
use crate::app::App;
use crate::settle::{DepositAnswer, DepositOrder};
use purse_shared::UnixMillis;
use purse_shared::limits::{MINUTE_MS, SECOND_MS};
use purse_shared::protocol::DepositStatus;
use std::time::Duration;
use tokio::task::JoinHandle;

/// How often the table is looked at. A deposit takes the bank a second; nobody waits for the worker.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// Works until the runtime ends.
pub fn start(app: App) -> JoinHandle<()> {
    tokio::spawn(async move {
        loop {
            if let Err(error) = work_once(&app).await {
                tracing::warn!(%error, "deposits and payouts wait for the database");
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    })
}

/// One look at the tables: everything that is due goes one step further.
///
/// # Errors
/// When the table cannot be read.
pub async fn work_once(app: &App) -> Result<(), sqlx::Error> {
    for deposit in store::take_due(&app.db, app.now()).await? {
        if let Err(error) = step(app, &deposit).await {
            tracing::warn!(%error, deposit = %deposit.deposit, "a deposit waits");
        }
    }
    payouts::work_once(app).await
}

async fn step(app: &App, deposit: &Deposit) -> Result<(), sqlx::Error> {
    let now = app.now();
    let to = |status, reference: Option<String>, failure: Option<&'static str>, next_at| async move {
        store::advance(&app.db, deposit, status, reference.as_deref(), failure, next_at, now).await
    };
    let gateway = gateway_for(&app.settings, &deposit.method_type);
    match (deposit.status, &deposit.gateway_reference, gateway) {
        // The bank has paid: it is booked, with or without the way to the bank.
        (DepositStatus::Confirmed, reference, _) => {
            let order = DepositOrder {
                deposit: deposit.deposit,
                user: deposit.user,
                wallet: deposit.wallet,
                amount: deposit.amount,
                reference: reference.clone().unwrap_or_default(),
                requested_at: deposit.created_at,
            };
            match app.writers.deposit(deposit.branch, order).await {
                Ok(DepositAnswer::Booked(_)) => to(DepositStatus::Settled, None, None, now).await,
                // Said so in the commit that brought it into suspense.
                Ok(DepositAnswer::Suspended) => Ok(()),
                // The bank's money is there: it stays confirmed until it is booked.
                Err(_) => to(DepositStatus::Confirmed, None, None, later(deposit.attempts, now)).await,
            }
        }
        (DepositStatus::Suspended | DepositStatus::Settled | DepositStatus::Failed, ..) => Ok(()),
        (DepositStatus::Requested, None, None) => {
            to(DepositStatus::Failed, None, Some("this payment method is not available"), now).await
        }
        // The bank knows of it and may pay: it waits until the bank can be asked again.
        (DepositStatus::Requested | DepositStatus::Pending, Some(_), None) => {
            to(deposit.status, None, None, later(deposit.attempts, now)).await
        }
        (DepositStatus::Pending, None, _) => to(DepositStatus::Requested, None, None, now).await,
        (DepositStatus::Requested, _, Some(gateway)) => {
            let call = DepositCall {
                deposit: deposit.deposit,
                token: deposit.token.clone(),
                amount: deposit.amount,
                // The first request's time, so that a repeated call is the same call.
                now: deposit.created_at,
            };
            match gateway.request_deposit(&call).await {
                Ok(reference) => to(DepositStatus::Pending, Some(reference), None, now).await,
                Err(GatewayError::Refused(reason)) => {
                    to(DepositStatus::Failed, None, Some(reason), now).await
                }
                Err(GatewayError::Unreachable) => {
                    to(DepositStatus::Requested, None, None, later(deposit.attempts, now)).await
                }
            }
        }
        (DepositStatus::Pending, Some(reference), Some(gateway)) => {
            match gateway.deposit_state(reference, now).await {
                Ok(GatewayState::Confirmed) => to(DepositStatus::Confirmed, None, None, now).await,
                Ok(GatewayState::Refused) => {
                    to(DepositStatus::Failed, None, Some("the bank refused it"), now).await
                }
                Ok(GatewayState::Pending) => {
                    to(DepositStatus::Pending, None, None, now + SECOND_MS / 4).await
                }
                Err(_) => to(DepositStatus::Pending, None, None, later(deposit.attempts, now)).await,
            }
        }
    }
}

/// 1, 2, 4 ... seconds, at most five minutes.
pub(super) fn later(attempts: i32, now: UnixMillis) -> UnixMillis {
    let doublings = u32::try_from(attempts.clamp(0, 9)).unwrap_or(0);
    now + (SECOND_MS << doublings).min(5 * MINUTE_MS)
}
