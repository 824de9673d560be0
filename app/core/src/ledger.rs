//! What the server has decided, as this device knows it: the fold of the feed, in order.
//!
//! Architecture invariant: nothing here is computed by the device; a balance is what the server said last.

use purse_shared::protocol::{
    Direction, FeedEvent, FeedItem, IntentOutcome, ScheduleState, TransactionKind, TransactionRecord,
    WalletState,
};
use purse_shared::{DeviceId, Handle, TransactionId, UnixMillis, UserId, WalletId};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Debug, Default)]
pub struct Ledger {
    /// The last number applied.
    pub cursor: u64,
    pub wallets: BTreeMap<WalletId, WalletState>,
    /// By feed number: oldest first.
    pub payments: BTreeMap<u64, TransactionRecord>,
    /// Feed numbers that are alerts, with their events.
    pub alerts: BTreeMap<u64, (UnixMillis, FeedEvent)>,
    pub blocked: BTreeSet<UserId>,
    pub device_names: BTreeMap<DeviceId, String>,
    /// Who stood behind a handle in a settled payment.
    pub people: BTreeMap<Handle, Person>,
    /// Own orders (not those of others, whose ids others chose).
    pub own: BTreeSet<TransactionId>,
    pub schedules: BTreeMap<TransactionId, ScheduleState>,
    /// What is set aside, by the feed number under which it is told.
    held: BTreeMap<TransactionId, u64>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    pub user: UserId,
    pub display_name: String,
    pub last_paid_at: Option<UnixMillis>,
}

impl Ledger {
    /// Applies the next item. One that is not the next number is ignored: false.
    pub fn apply(&mut self, item: &FeedItem) -> bool {
        if item.seq != self.cursor + 1 {
            return false;
        }
        self.cursor = item.seq;
        match &item.event {
            FeedEvent::Wallet { wallet } => self.wallet(wallet),
            FeedEvent::Transaction { transaction, wallet } => {
                if let Some(wallet) = wallet {
                    self.wallet(wallet);
                }
                self.transaction(item, transaction);
            }
            FeedEvent::BlockChanged { user, blocked } => {
                if *blocked {
                    self.blocked.insert(*user);
                } else {
                    self.blocked.remove(user);
                }
            }
            FeedEvent::Schedule { schedule } => {
                self.own.insert(schedule.id);
                self.schedules.insert(schedule.id, schedule.clone());
            }
            FeedEvent::DeviceAdded { device, name } => {
                self.device_names.insert(*device, name.clone());
                self.alert(item);
            }
            FeedEvent::DeviceRevoked { .. }
            | FeedEvent::DeviceForked { .. }
            | FeedEvent::PasskeyAdded { .. }
            | FeedEvent::PasskeyRevoked { .. }
            | FeedEvent::RecoveryCodeMade => self.alert(item),
        }
        true
    }

    fn wallet(&mut self, state: &WalletState) {
        let known = self.wallets.get(&state.wallet).map(|wallet| wallet.entry_no);
        if known.is_none_or(|known| known <= state.entry_no) {
            self.wallets.insert(state.wallet, state.clone());
        }
    }

    fn transaction(&mut self, item: &FeedItem, transaction: &TransactionRecord) {
        let settled = matches!(transaction.outcome, IntentOutcome::Settled { .. });
        let is_payment = transaction.kind == TransactionKind::Send;
        if settled
            && is_payment
            && let Some(other) = &transaction.counterparty
            && let (Some(handle), Some(user)) = (&other.handle, other.user)
        {
            let paid = transaction.direction == Direction::Out;
            let before = self.people.get(handle).and_then(|person| person.last_paid_at);
            let last_paid_at = if paid { Some(transaction.decided_at) } else { before };
            let person = Person { user, display_name: other.display_name.clone(), last_paid_at };
            self.people.insert(handle.clone(), person);
        }
        if is_own(transaction) {
            self.own.insert(transaction.id);
        }
        let mut told = transaction.clone();
        // How it ended is told under the same id: one payment, as it was ordered and as it ended.
        let before = self.held.remove(&told.id).and_then(|seq| self.payments.remove(&seq));
        if let Some(before) = before {
            (told.created_at, told.device, told.hash) = (before.created_at, before.device, before.hash);
            told.fee = before.fee.or(told.fee);
        }
        if matches!(told.outcome, IntentOutcome::Held { .. }) {
            self.held.insert(told.id, item.seq);
        }
        self.payments.insert(item.seq, told);
        self.alert(item);
    }

    fn alert(&mut self, item: &FeedItem) {
        self.alerts.insert(item.seq, (item.at, item.event.clone()));
    }

    /// Own payments first: another person chooses the ids of what they send.
    pub fn payment(&self, id: TransactionId) -> Option<&TransactionRecord> {
        let mut found = self.payments.values().filter(|record| record.id == id);
        let first = found.clone().find(|record| is_own(record));
        first.or_else(|| found.next())
    }
}

/// This user's order: another person chooses the ids of what comes in from them.
fn is_own(record: &TransactionRecord) -> bool {
    record.direction == Direction::Out
        || matches!(record.kind, TransactionKind::Deposit | TransactionKind::Exchange)
}

#[cfg(test)]
mod tests {
    use super::*;
    use purse_shared::{Currency, Money};

    fn wallet(entry_no: u64, minor: i64) -> FeedEvent {
        FeedEvent::Wallet {
            wallet: WalletState {
                wallet: WalletId::new(1, [1; 10]),
                balance: Money::new(minor, Currency::EUR),
                held: Money::zero(Currency::EUR),
                frozen: false,
                entry_no,
            },
        }
    }

    #[test]
    fn items_apply_once_and_in_order() {
        let mut ledger = Ledger::default();
        let item = |seq, event| FeedItem { seq, at: 5, event };
        assert!(ledger.apply(&item(1, wallet(0, 0))));
        assert!(!ledger.apply(&item(1, wallet(9, 900))), "a repeated number");
        assert!(!ledger.apply(&item(3, wallet(9, 900))), "a gap");
        assert!(ledger.apply(&item(2, wallet(5, 500))));
        assert!(ledger.apply(&item(3, wallet(4, 400))), "older news of a wallet");
        let wallet = ledger.wallets.values().next().unwrap();
        assert_eq!((wallet.balance.minor, ledger.cursor), (500, 3));
    }
}
