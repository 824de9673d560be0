//! A bank that gives money away: for trying Purse out. Refused in production mode.
//!
//! It is a whole implementation of [`Gateway`]: it takes a second, says *pending* meanwhile, and refuses what
//! a bank would refuse.

use super::{DepositCall, Gateway, GatewayError, GatewayState, PayoutCall};
use crate::app::random;
use futures::future::{BoxFuture, FutureExt};
use purse_shared::limits::SECOND_MS;
use purse_shared::{Amount, MethodId, UnixMillis, UserId};
use sqlx::PgConnection;

/// How long the bank takes.
const CONFIRMED_AFTER_MS: UnixMillis = SECOND_MS;
/// The most that it moves at once, in major units.
const MAJOR_MAX: i64 = 1_000_000;
/// A payout of this many minor units is taken in and then sent back, as test banks do: to see what happens then.
const REFUSED_MINOR: i64 = 1_313;

#[derive(Debug)]
pub struct SandboxBank;

impl Gateway for SandboxBank {
    fn request_deposit<'a>(&'a self, order: &'a DepositCall) -> BoxFuture<'a, Result<String, GatewayError>> {
        // The reference says when it was asked, so the bank needs no books of its own.
        async move { within_bounds(order.amount).map(|()| format!("SB-{}-{}", order.now, order.deposit)) }
            .boxed()
    }

    fn deposit_state<'a>(
        &'a self,
        reference: &'a str,
        now: UnixMillis,
    ) -> BoxFuture<'a, Result<GatewayState, GatewayError>> {
        async move { Ok(state(reference.strip_prefix("SB-"), now)) }.boxed()
    }

    fn request_payout<'a>(&'a self, order: &'a PayoutCall) -> BoxFuture<'a, Result<String, GatewayError>> {
        async move {
            within_bounds(order.amount)?;
            let kind = if order.amount.minor() == REFUSED_MINOR { "SBR" } else { "SBO" };
            Ok(format!("{kind}-{}-{}-{}", order.now, order.user, order.transaction))
        }
        .boxed()
    }

    fn payout_state<'a>(
        &'a self,
        reference: &'a str,
        now: UnixMillis,
    ) -> BoxFuture<'a, Result<GatewayState, GatewayError>> {
        async move {
            let refuses = reference.starts_with("SBR-");
            let rest = reference.strip_prefix("SBO-").or_else(|| reference.strip_prefix("SBR-"));
            Ok(match state(rest, now) {
                GatewayState::Confirmed if refuses => GatewayState::Refused,
                state => state,
            })
        }
        .boxed()
    }
}

fn within_bounds(amount: Amount) -> Result<(), GatewayError> {
    if amount.minor() > MAJOR_MAX.saturating_mul(amount.currency().minor_per_major()) {
        return Err(GatewayError::Refused("more than the sandbox bank moves at once"));
    }
    Ok(())
}

/// `rest` begins with when the bank was asked.
fn state(rest: Option<&str>, now: UnixMillis) -> GatewayState {
    match rest.and_then(|rest| rest.split('-').next()?.parse().ok()) {
        Some(asked_at) if now >= CONFIRMED_AFTER_MS.saturating_add(asked_at) => GatewayState::Confirmed,
        Some(_) => GatewayState::Pending,
        None => GatewayState::Refused,
    }
}

/// Links a sandbox account to a new user.
///
/// # Errors
/// Whatever the database says.
pub async fn link(conn: &mut PgConnection, user: UserId, now: UnixMillis) -> Result<(), sqlx::Error> {
    let digits = u16::from_be_bytes(random()) % 10_000;
    sqlx::query(
        "insert into payment_methods (method_id, user_id, method_type, tokenized_data, name, hint, is_verified, created_at)
         values ($1, $2, 'sandbox_bank', $3, 'Sandbox bank', $4, true, $5)",
    )
    .bind(MethodId::new(now, random()).0)
    .bind(user.0)
    .bind(format!("sandbox-{user}"))
    .bind(format!("{digits:04}"))
    .bind(now)
    .execute(conn)
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use purse_shared::{Currency, DepositId, TransactionId};

    #[tokio::test]
    async fn takes_a_second_and_repeats_itself() {
        let order = |minor| DepositCall {
            deposit: DepositId::new(1, [1; 10]),
            token: "sandbox".to_owned(),
            amount: Amount::new(minor, Currency::EUR).unwrap(),
            now: 5_000,
        };
        let reference = SandboxBank.request_deposit(&order(100)).await.unwrap();
        assert_eq!(SandboxBank.request_deposit(&order(100)).await.unwrap(), reference);
        assert_eq!(SandboxBank.deposit_state(&reference, 5_999).await.unwrap(), GatewayState::Pending);
        assert_eq!(SandboxBank.deposit_state(&reference, 6_000).await.unwrap(), GatewayState::Confirmed);
        assert_eq!(SandboxBank.deposit_state("else", 6_000).await.unwrap(), GatewayState::Refused);
        assert!(SandboxBank.request_deposit(&order(100_000_001)).await.is_err());
    }

    #[tokio::test]
    async fn pays_out_but_for_one_amount() {
        let order = |minor| PayoutCall {
            transaction: TransactionId::new(1, [1; 10]),
            user: UserId::new(1, [2; 10]),
            token: "sandbox".to_owned(),
            amount: Amount::new(minor, Currency::EUR).unwrap(),
            now: 5_000,
        };
        for (minor, end) in [(100, GatewayState::Confirmed), (REFUSED_MINOR, GatewayState::Refused)] {
            let reference = SandboxBank.request_payout(&order(minor)).await.unwrap();
            assert_eq!(SandboxBank.request_payout(&order(minor)).await.unwrap(), reference);
            assert_eq!(SandboxBank.payout_state(&reference, 5_999).await.unwrap(), GatewayState::Pending);
            assert_eq!(SandboxBank.payout_state(&reference, 6_000).await.unwrap(), end);
        }
        assert_eq!(SandboxBank.payout_state("else", 6_000).await.unwrap(), GatewayState::Refused);
        assert!(SandboxBank.request_payout(&order(100_000_001)).await.is_err());
    }
}
