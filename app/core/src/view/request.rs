//! The request that was made here, and what came for it.

use super::Pages;
use purse_bridge::{AskedState, AskedView};
use purse_shared::protocol::{Direction, IntentOutcome, TransactionKind, TransactionRecord};

impl Pages<'_> {
    pub(super) fn asked(&self) -> Option<AskedView> {
        let asked = self.open.asked.as_ref()?;
        let request = &asked.request;
        let names_it = |record: &&TransactionRecord| {
            record.kind == TransactionKind::Send
                && record.direction == Direction::In
                && matches!(record.outcome, IntentOutcome::Settled { .. })
                && request.reference.as_ref().is_some_and(|reference| reference.is_named_in(&record.message))
        };
        let after = asked.since.saturating_add(1);
        let came: Vec<_> =
            self.open.ledger.payments.range(after..).map(|(_, r)| r).filter(names_it).collect();
        let right = came.iter().filter(|record| {
            request.sum.currency().is_none_or(|currency| currency == record.amount.currency())
        });
        let in_all = right.fold(0_i64, |sum, record| sum.saturating_add(record.amount.minor()));
        let wanted = request.sum.amount().map_or(1, |amount| amount.minor());
        let state = match in_all {
            _ if came.is_empty() => AskedState::Waiting,
            enough if enough >= wanted => AskedState::Paid,
            _ => AskedState::Part,
        };
        Some(AskedView {
            request: request.clone(),
            link: asked.link.clone(),
            code: asked.code.clone(),
            paid: came.iter().map(|record| record.id).collect(),
            state,
        })
    }
}
