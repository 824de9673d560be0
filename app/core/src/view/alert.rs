//! What the alerts tell, newest first.

use super::Pages;
use super::payment::final_state;
use crate::book::Contact;
use purse_bridge::{AlertKind, AlertView, PaymentState};
use purse_shared::Handle;
use purse_shared::protocol::{Direction, FeedEvent, IntentOutcome, TransactionKind, TransactionRecord};
use std::collections::BTreeMap;

const ALERTS_SHOWN: usize = 100;

impl Pages<'_> {
    pub(super) fn alerts(&self, contacts: &BTreeMap<Handle, Contact>) -> Vec<AlertView> {
        let newest = self.open.ledger.alerts.iter().rev();
        let views = newest.filter_map(|(seq, (at, event))| {
            let what = self.alert(event, contacts)?;
            Some(AlertView { at: *at, seen: *seq <= self.open.local.alerts_seen, what })
        });
        views.take(ALERTS_SHOWN).collect()
    }

    fn alert(&self, event: &FeedEvent, contacts: &BTreeMap<Handle, Contact>) -> Option<AlertKind> {
        Some(match event {
            FeedEvent::Transaction { transaction, .. } => self.payment_alert(transaction, contacts)?,
            FeedEvent::DeviceAdded { device, name } => {
                AlertKind::DeviceAdded { device: *device, name: name.clone() }
            }
            FeedEvent::DeviceRevoked { device, name } => {
                AlertKind::DeviceRevoked { device: *device, name: name.clone() }
            }
            FeedEvent::DeviceForked { device, name } => {
                AlertKind::DeviceForked { device: *device, name: name.clone() }
            }
            FeedEvent::PasskeyAdded { name } => AlertKind::PasskeyAdded { name: name.clone() },
            FeedEvent::PasskeyRevoked { name } => AlertKind::PasskeyRevoked { name: name.clone() },
            FeedEvent::DepositSetAside { amount, .. } => AlertKind::DepositSetAside { amount: *amount },
            FeedEvent::RecoveryCodeMade => AlertKind::RecoveryCodeMade,
            FeedEvent::Wallet { .. } | FeedEvent::BlockChanged { .. } | FeedEvent::Schedule { .. } => {
                return None;
            }
        })
    }

    fn payment_alert(
        &self,
        record: &TransactionRecord,
        contacts: &BTreeMap<Handle, Contact>,
    ) -> Option<AlertKind> {
        let (id, amount) = (record.id, record.amount);
        let other = record.counterparty.as_ref();
        let party = || self.party(other.and_then(|o| o.handle.as_ref()), other, contacts);
        let settled = matches!(record.outcome, IntentOutcome::Settled { .. });
        Some(match (record.kind, record.direction, final_state(&record.outcome, amount.money())) {
            (TransactionKind::Deposit, _, _) => {
                settled.then_some(())?;
                AlertKind::Deposited { id, amount }
            }
            (TransactionKind::Withdraw, _, PaymentState::Settled) => AlertKind::Withdrawn { id, amount },
            (TransactionKind::Withdraw, _, PaymentState::Refused { reason }) => {
                AlertKind::NotWithdrawn { id, amount, reason }
            }
            (TransactionKind::Hold, _, PaymentState::Held) => AlertKind::SetAside { id, amount },
            (TransactionKind::Hold, _, PaymentState::Settled) => AlertKind::TakenAway { id, amount },
            (TransactionKind::Hold, _, PaymentState::Refused { .. }) => AlertKind::SetFree { id, amount },
            (TransactionKind::Reversal, Direction::Out, _) => {
                AlertKind::TakenBack { id, to: party(), amount }
            }
            (TransactionKind::Refund | TransactionKind::Reversal, Direction::In, _) => {
                AlertKind::GivenBack { id, from: party(), amount }
            }
            // The person's own doing, seen where they did it.
            (
                TransactionKind::Withdraw
                | TransactionKind::Hold
                | TransactionKind::Fee
                | TransactionKind::Exchange,
                ..,
            ) => return None,
            (_, Direction::In, _) => AlertKind::Received { id, from: party(), amount },
            (_, Direction::Out, PaymentState::Settled) => AlertKind::Settled { id, to: party(), amount },
            (_, Direction::Out, PaymentState::Refused { reason }) => {
                AlertKind::Refused { id, to: party(), amount, reason }
            }
            // Taken back by the person: no news to them.
            (_, Direction::Out, _) => return None,
        })
    }
}
