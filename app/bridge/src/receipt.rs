//! What a check of a payment's receipt found.

use purse_shared::{TransactionId, UnixMillis};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptView {
    pub id: TransactionId,
    /// `None`: it is being checked.
    pub checked_at: Option<UnixMillis>,
    /// What holds; all of it, or nothing.
    pub steps: Vec<ReceiptStep>,
    pub trouble: Option<ReceiptTrouble>,
}

impl ReceiptView {
    pub fn under_way(id: TransactionId) -> Self {
        Self { id, checked_at: None, steps: Vec::new(), trouble: None }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReceiptStep {
    /// A device of the payer ordered it; by its own clock.
    Signed { by_me: bool, at: UnixMillis },
    /// Settled, or refused: final either way.
    Decided { settled: bool, at: UnixMillis },
    /// It leads to the signed head of the audit chain.
    Unchanged { message_erased: bool },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReceiptTrouble {
    // Nothing is wrong, and nothing is proven.
    Offline,
    /// There is none: not decided yet, or from before receipts.
    NotThere,
    // Loud.
    /// The stable name of the fault, for support.
    Forged {
        fault: String,
    },
    /// A good receipt of something else.
    AnotherPayment,
    /// Signed by another key than the one this device knows.
    AnotherKey,
}

impl ReceiptTrouble {
    /// Somebody should be told.
    pub const fn is_loud(&self) -> bool {
        matches!(self, Self::Forged { .. } | Self::AnotherPayment | Self::AnotherKey)
    }
}
