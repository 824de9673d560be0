//! What came for requests: settled payments to this user that name a reference, kept by it, so that a request costs no
//! look through the history. The feed may bring them before the book brings the request.

use super::Ledger;
use purse_shared::protocol::{Direction, IntentOutcome, TransactionKind, TransactionRecord};
use purse_shared::request::Reference;
use purse_shared::{Amount, Currency, Money, TransactionId, UserId};
use std::collections::BTreeMap;

/// What came under one reference.
#[derive(Clone, Debug, Default)]
pub struct Came {
    /// Feed numbers, oldest first.
    told: Vec<u64>,
    /// In minor units, less what went back.
    sums: BTreeMap<Currency, i64>,
}

impl Came {
    /// How many payments.
    pub fn count(&self) -> usize {
        self.told.len()
    }
    /// What is there, one sum for each currency, none with nothing.
    pub fn sums(&self) -> Vec<Money> {
        let sums = self.sums.iter().filter(|(_, minor)| **minor > 0);
        sums.map(|(currency, minor)| Money::new(*minor, *currency)).collect()
    }
}

impl Ledger {
    /// What came for the request with that reference, as far as anything did.
    pub fn came(&self, reference: &Reference) -> Option<&Came> {
        self.came.get(reference)
    }

    /// Its payments, newest first.
    pub fn payments_of(&self, came: &Came) -> impl Iterator<Item = &TransactionRecord> {
        came.told.iter().rev().filter_map(|seq| self.payments.get(seq))
    }

    /// A settled payment to this user.
    pub(super) fn has_come(&mut self, seq: u64, record: &TransactionRecord) {
        let Some(reference) = Reference::named_in(&record.message) else { return };
        let came = self.came.entry(reference).or_default();
        came.told.push(seq);
        let sum = came.sums.entry(record.amount.currency()).or_default();
        *sum = sum.saturating_add(record.amount.minor());
    }

    /// Some of such a payment went back to its payer.
    pub(super) fn has_gone_back(&mut self, payer: UserId, of: TransactionId, amount: Amount) {
        let is_it = |record: &&TransactionRecord| {
            let from = record.counterparty.as_ref().and_then(|other| other.user);
            record.kind == TransactionKind::Send
                && record.direction == Direction::In
                && matches!(record.outcome, IntentOutcome::Settled { .. })
                && from == Some(payer)
        };
        let paid = self.of_id(of).map(|(_, record)| record).find(is_it);
        let reference = paid.and_then(|record| Reference::named_in(&record.message));
        let came = reference.and_then(|reference| self.came.get_mut(&reference));
        if let Some(sum) = came.and_then(|came| came.sums.get_mut(&amount.currency())) {
            *sum = sum.saturating_sub(amount.minor());
        }
    }
}
