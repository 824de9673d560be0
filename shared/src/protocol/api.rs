//! The public resources under `/api/v1`. Field names follow the entity table of the design.

use super::{Bytes, Direction, IntentOutcome, StepUp, TransactionKind};
use crate::{
    Amount, Currency, DepositId, Handle, MethodId, Money, QuoteId, TransactionId, UnixMillis, UserId,
    WalletId,
};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// `GET /api/v1/wallets/{walletId}/balance`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BalanceRecord {
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub wallet_id: WalletId,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub currency: Currency,
    /// Minor units.
    pub balance: i64,
    pub held: i64,
    pub available: i64,
    /// `active` or `frozen`
    pub status: String,
    pub last_updated_timestamp: UnixMillis,
}

/// `POST /api/v1/wallets`: opens a wallet in another currency; the same again answers the same wallet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OpenWallet {
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub currency: Currency,
}

/// `POST /api/v1/transactions/send`: one signed intent; the answer is final unless it says otherwise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SendRequest {
    pub envelope: Bytes,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub step_up: Option<StepUp>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SendReply {
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub transaction_id: Option<TransactionId>,
    pub outcome: IntentOutcome,
}

/// `POST /api/v1/transactions/deposit`: the client makes the id and repeats it in every retry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DepositRequest {
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub deposit_id: DepositId,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub wallet_id: WalletId,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub method_id: MethodId,
    pub amount: Amount,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DepositReply {
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub transaction_id: TransactionId,
    pub status: DepositStatus,
}

/// `requested -> pending -> confirmed -> settled`, or `failed` from the first two; `suspended` instead of settled while no
/// wallet can take it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum DepositStatus {
    Requested,
    Pending,
    Confirmed,
    Suspended,
    Settled,
    Failed,
}

/// `POST /api/v1/quotes`: what an exchange would bring now. Binding until it expires, for one exchange.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QuoteRequest {
    pub sell: Amount,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub buy: Currency,
}

/// `buy` is `sell` times `rate` less `spread`, rounded half to even: see `exchange::convert`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Quote {
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub quote_id: QuoteId,
    pub sell: Amount,
    pub buy: Amount,
    /// Major units of `buy` for one of `sell`, in the middle of the market.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub rate: Decimal,
    /// The part of it that the house keeps: 0.005 is half a percent.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub spread: Decimal,
    pub expires_at: UnixMillis,
}

/// `GET /api/v1/transactions/{transactionId}/status`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TransactionStatus {
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub transaction_id: TransactionId,
    pub transaction_type: TransactionKind,
    /// `settled`, `held`, `refused`, or a deposit's own state.
    pub status: String,
    /// A refusal's code.
    pub code: Option<String>,
    /// Why a deposit failed, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    pub timestamp: UnixMillis,
}

/// `GET /api/v1/payment-methods`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PaymentMethodRecord {
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub method_id: MethodId,
    /// `sandbox_bank`
    pub method_type: String,
    pub name: String,
    /// Last digits, for people.
    pub hint: String,
    pub last_used_timestamp: Option<UnixMillis>,
    pub is_verified: bool,
}

/// `GET /api/v1/user/activity?cursor=&limit=&...`: newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ActivityPage {
    pub items: Vec<ActivityRecord>,
    /// Give it back as `cursor` for the next page; `None` at the end.
    pub next_cursor: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ActivityRecord {
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub transaction_id: TransactionId,
    pub transaction_type: TransactionKind,
    pub direction: Direction,
    pub amount: Money,
    pub status: String,
    pub code: Option<String>,
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub counterparty_handle: Option<Handle>,
    pub counterparty_name: Option<String>,
    pub message: String,
    pub timestamp: UnixMillis,
    pub reference_id: String,
}

/// `PUT` and `DELETE /api/v1/blocks/{userId}`; `GET /api/v1/blocks` lists them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BlockRecord {
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub user_id: UserId,
}

/// `POST /api/v1/transactions/{transactionId}/report`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReportRequest {
    pub reason: String,
}

/// `GET /api/v1/audit/key`: what receipts and checkpoints are checked with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditKeyRecord {
    /// P-256, SEC1 uncompressed, 65 bytes.
    pub public_key: Bytes,
}
