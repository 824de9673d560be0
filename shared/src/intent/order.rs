//! What can be ordered. Everything that moves money is in the order itself: the server never fills in what a person
//! should have signed.

use super::IntentHash;
use crate::{Amount, Handle, MethodId, QuoteId, TransactionId, UnixMillis, UserId, WalletId};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "type")]
pub enum Order {
    Send(SendOrder),
    /// Take back an intent of this user, or end its schedule; decided before the rest of its upload.
    Cancel {
        id: TransactionId,
        hash: IntentHash,
    },
    Withdraw(WithdrawOrder),
    Exchange(ExchangeOrder),
    Refund(RefundOrder),
    Schedule(ScheduleOrder),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SendOrder {
    pub from: WalletId,
    pub to: Handle,
    /// When the payer's app had resolved the handle.
    pub payee: Option<UserId>,
    pub amount: Amount,
    /// The most that may be taken as a fee on top of `amount`, in its minor units: what the payer was shown.
    pub fee: i64,
    /// For the payee; readable to the operator; see [`super::is_message`].
    pub message: String,
}

/// To an account of one's own. The money is held until the bank has it, or gives it back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WithdrawOrder {
    pub from: WalletId,
    pub to: MethodId,
    pub amount: Amount,
    /// As in [`SendOrder::fee`].
    pub fee: i64,
}

/// Between two wallets of one's own, as quoted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExchangeOrder {
    pub quote: QuoteId,
    pub from: WalletId,
    pub sell: Amount,
    pub buy: Amount,
}

/// Gives back some or all of a payment that this user received, from the wallet into which it came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundOrder {
    /// Who paid it, and as which transaction of theirs.
    pub payer: UserId,
    pub of: TransactionId,
    pub amount: Amount,
    pub message: String,
}

/// One payment later, or many. Each is decided when it is due, by the rules of that day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduleOrder {
    /// With its payee resolved.
    pub send: SendOrder,
    pub plan: Plan,
}

/// When. Days and months are counted in UTC from `first_at`, at its time of day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    pub first_at: UnixMillis,
    /// `None`: once.
    pub every: Option<Every>,
    /// How many payments at most; `None`: until it is cancelled.
    pub times: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Every {
    Day,
    Week,
    /// On the day of the month of `first_at`, or the month's last.
    Month,
}

impl Every {
    pub const ALL: [Self; 3] = [Self::Day, Self::Week, Self::Month];
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }
    pub fn from_text(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|every| every.as_str() == text)
    }
}

impl Plan {
    /// A plan that makes sense by itself.
    pub fn is_sound(&self) -> bool {
        self.first_at >= 0 && self.times != Some(0) && (self.every.is_some() || self.times.is_none())
    }
}
