//! Ways for money to come in and go out, behind one trait. A deposit and a payout are small sagas: each step may be
//! repeated, and the row in `deposits` or `payouts` says how far it came.

pub mod payouts;
pub mod sandbox;
pub mod store;
mod worker;

pub use worker::{start, work_once};

use crate::settings::{Mode, Settings};
use futures::future::BoxFuture;
use purse_shared::{Amount, DepositId, TransactionId, UnixMillis, UserId};
use std::sync::Arc;

/// A payment processor. Every call may be repeated with the same id: the processor's answer is then the same.
pub trait Gateway: Send + Sync {
    /// Asks for the money. Gives the processor's own reference.
    fn request_deposit<'a>(&'a self, order: &'a DepositCall) -> BoxFuture<'a, Result<String, GatewayError>>;
    /// How far it came.
    fn deposit_state<'a>(
        &'a self,
        reference: &'a str,
        now: UnixMillis,
    ) -> BoxFuture<'a, Result<GatewayState, GatewayError>>;
    /// Sends the money. Gives the processor's own reference.
    fn request_payout<'a>(&'a self, order: &'a PayoutCall) -> BoxFuture<'a, Result<String, GatewayError>>;
    /// How far it came.
    fn payout_state<'a>(
        &'a self,
        reference: &'a str,
        now: UnixMillis,
    ) -> BoxFuture<'a, Result<GatewayState, GatewayError>>;
}

/// One payout, as a processor is asked for it.
#[derive(Clone, Debug)]
pub struct PayoutCall {
    /// The idempotency key, with the user.
    pub transaction: TransactionId,
    pub user: UserId,
    /// The processor's token of the linked account, never its number.
    pub token: String,
    pub amount: Amount,
    pub now: UnixMillis,
}

/// One deposit, as a processor is asked for it.
#[derive(Clone, Debug)]
pub struct DepositCall {
    /// The idempotency key.
    pub deposit: DepositId,
    /// The processor's token of the linked account, never its number.
    pub token: String,
    pub amount: Amount,
    pub now: UnixMillis,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GatewayState {
    Pending,
    Confirmed,
    Refused,
}

#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    /// Final: the processor will not do it.
    #[error("the processor refused: {0}")]
    Refused(&'static str),
    /// Try again later.
    #[error("the processor cannot be reached")]
    Unreachable,
}

/// Every type of payment method that there is (`payment_method_type_known`).
const METHOD_TYPES: [&str; 1] = ["sandbox_bank"];

/// Whether money can come in or go out at all in this mode.
pub fn any_gateway(settings: &Settings) -> bool {
    METHOD_TYPES.iter().any(|method_type| gateway_for(settings, method_type).is_some())
}

/// The processor of a payment method; `None` for one that this mode does not allow.
pub fn gateway_for(settings: &Settings, method_type: &str) -> Option<Arc<dyn Gateway>> {
    match (method_type, settings.mode) {
        ("sandbox_bank", Mode::Sandbox) => Some(Arc::new(sandbox::SandboxBank)),
        _ => None,
    }
}
