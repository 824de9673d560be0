//! `POST /api/v1/sync`: the outbox up, the feed down, the book both ways.
//!
//! The client keeps every intent until it has its answer, and its cursor until the page it pulled is
//! durable; so any request or reply may be lost, doubled or late.

use super::{Bytes, RefusalCode, StepUp};
use crate::intent::ScheduleOrder;
use crate::{
    Amount, DepositId, DeviceId, Handle, Incarnation, Money, TransactionId, UnixMillis, UserId, WalletId,
};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SyncRequest {
    pub protocol: u16,
    /// The incarnation in which `cursor` was given; `None` at first.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub incarnation: Option<Incarnation>,
    /// The last feed number that is durable on the device. `None`: do not send the feed (the app is locked).
    pub cursor: Option<u64>,
    /// At most `FEED_PAGE_MAX`.
    pub feed_limit: u16,
    /// At most `INTENTS_PER_SYNC_MAX`.
    pub intents: Vec<IntentUpload>,
    /// `None`: leave the book alone (the app is locked).
    pub book: Option<BookUp>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct IntentUpload {
    /// The COSE_Sign1 as it was signed.
    pub envelope: Bytes,
    /// A passkey assertion over the step-up challenge of this intent, as `PublicKeyCredential.toJSON()` gives it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub step_up: Option<StepUp>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SyncReply {
    pub server_time: UnixMillis,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub incarnation: Incarnation,
    /// The client's cursor belongs to another life of the database (or is ahead of this one): forget the view,
    /// pull from zero, send again what this device still holds.
    pub rebuild: bool,
    /// One for each upload, in the same order.
    pub answers: Vec<IntentAnswer>,
    pub feed: Vec<FeedItem>,
    /// The number of the last item sent; equals the request's cursor when there is none.
    pub cursor: u64,
    /// There is more feed after `cursor`.
    pub more: bool,
    pub book: Option<BookDown>,
    /// Where the device that asks stands, this upload included: a device whose storage was set back joins it before
    /// it signs again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<DeviceMark>,
    /// Why there is no `book` although there was one in the request: a problem's code (`book_full`). It is told
    /// here and not as a problem, so that payments and the feed go on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub book_problem: Option<String>,
}

/// What the server holds of a device's chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeviceMark {
    /// The next `seq` that the server would expect.
    pub next_seq: u64,
    /// The hash of the device's last intent; `None` before the first.
    pub last_hash: Option<Bytes>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct IntentAnswer {
    /// The identity of the intent; empty when the envelope could not be read.
    pub hash: Bytes,
    pub outcome: IntentOutcome,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum IntentOutcome {
    /// Final: the money moved, or the cancellation holds.
    Settled { at: UnixMillis },
    /// Final for the order: the money is set aside. The feed tells whether it went out or is free again.
    Held { at: UnixMillis },
    /// Final: nothing was taken.
    Refused {
        code: RefusalCode,
        at: UnixMillis,
        /// Available when it was decided, for insufficient funds; the limit, for limits.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        figure: Option<Money>,
    },
    /// Not final: send it again with a passkey assertion.
    ApprovalRequired,
    /// Not final: the handle was never resolved by this payer; confirm and sign with the user id.
    ConfirmPayee {
        #[cfg_attr(feature = "openapi", schema(value_type = String))]
        user: UserId,
        display_name: String,
    },
    /// Not final: the server could not decide now; send it again.
    TryAgain,
}

impl IntentOutcome {
    pub const fn is_final(&self) -> bool {
        matches!(self, Self::Settled { .. } | Self::Held { .. } | Self::Refused { .. })
    }
}

/// One row of a user's feed. Numbers have no gaps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FeedItem {
    pub seq: u64,
    pub at: UnixMillis,
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub event: FeedEvent,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[allow(clippy::large_enum_variant, reason = "nearly every event is the large one")]
pub enum FeedEvent {
    /// A wallet was opened, frozen, or its money changed: what it holds from here on.
    Wallet {
        wallet: WalletState,
    },
    /// A payment was decided; `wallet` is this user's side of it afterwards.
    Transaction {
        transaction: TransactionRecord,
        wallet: Option<WalletState>,
    },
    DeviceAdded {
        device: DeviceId,
        name: String,
    },
    DeviceRevoked {
        device: DeviceId,
        name: String,
    },
    DeviceForked {
        device: DeviceId,
        name: String,
    },
    PasskeyAdded {
        name: String,
    },
    PasskeyRevoked {
        name: String,
    },
    RecoveryCodeMade,
    /// The bank paid it and no wallet can take it: it waits for people.
    DepositSetAside {
        deposit: DepositId,
        amount: Amount,
    },
    BlockChanged {
        user: UserId,
        blocked: bool,
    },
    /// It was made, made a payment, or is over.
    Schedule {
        schedule: ScheduleState,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WalletState {
    pub wallet: WalletId,
    pub balance: Money,
    pub held: Money,
    pub frozen: bool,
    /// The number of the wallet's last entry: a lower one is older news.
    pub entry_no: u64,
}

/// A decided payment as one of its parties sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransactionRecord {
    pub id: TransactionId,
    pub kind: TransactionKind,
    pub direction: Direction,
    pub amount: Amount,
    /// This user's wallet; `None` when none could be told (refused for an unknown wallet).
    pub wallet: Option<WalletId>,
    pub counterparty: Option<Counterparty>,
    pub message: String,
    pub outcome: IntentOutcome,
    /// By the device's clock for an intent, the server's for a deposit.
    pub created_at: UnixMillis,
    pub decided_at: UnixMillis,
    /// Which of the user's devices signed it (own payments only).
    pub device: Option<DeviceId>,
    /// The identity of the intent (own payments only).
    pub hash: Option<Bytes>,
    pub reference: String,
    /// The payment that it returns; the schedule that ordered it; what its fee was taken for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<TransactionId>,
    /// What was taken on top of `amount` (told of the payer's side, in a record of its own as well).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fee: Option<Money>,
    /// What came out of an exchange.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bought: Option<Money>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum TransactionKind {
    Send,
    Deposit,
    /// Told again, with the same id, when it is over.
    Withdraw,
    /// Told twice, with the same id: what was sold (out), and what was bought (in).
    Exchange,
    /// By who was paid.
    Refund,
    /// By the operator.
    Reversal,
    Fee,
    /// Set aside by the operator. Told again, with the same id, when it is over.
    Hold,
}

/// One payment later, or many, as its payer's devices know it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduleState {
    pub id: TransactionId,
    /// Its intent: what a cancel names.
    pub hash: Bytes,
    pub order: ScheduleOrder,
    /// Payments that were decided.
    pub made: u32,
    /// `None`: it is over.
    pub next_at: Option<UnixMillis>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Direction {
    Out,
    In,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counterparty {
    pub user: Option<UserId>,
    pub handle: Option<Handle>,
    pub display_name: String,
}

/// Sealed changes of the book: the server sees ciphertext, order and size.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BookUp {
    /// The last number this device holds.
    pub cursor: u64,
    /// At most `BOOK_CHANGES_PER_SYNC_MAX`, oldest first.
    pub changes: Vec<BookChangeUp>,
}

/// Key: (user, device, n). The same `n` again is answered as already there; a gap is a conflict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BookChangeUp {
    /// 1, 2, 3 ... per device.
    pub n: u64,
    /// SHA-256 of this device's previous sealed change; 32 zero bytes for the first.
    pub prev: Bytes,
    pub epoch: u32,
    pub sealed: Bytes,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BookDown {
    /// The highest `n` the server holds of this device.
    pub stored_n: u64,
    pub changes: Vec<BookChangeDown>,
    pub cursor: u64,
    pub more: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BookChangeDown {
    /// The user's own order, without gaps.
    pub number: u64,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub device: DeviceId,
    pub n: u64,
    pub prev: Bytes,
    pub epoch: u32,
    pub sealed: Bytes,
}

/// What `GET /api/v1/live` says, as server-sent events named `news`: a hint, never data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct News {
    /// The user's highest feed number.
    pub feed: u64,
    pub book: u64,
}
