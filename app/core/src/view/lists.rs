//! The two lists of payments: what waits, and what is final. Both are windows: what a view costs does not grow with
//! what is behind them.

use super::Pages;
use crate::book::Contact;
use crate::ledger::Ledger;
use purse_bridge::{PaymentView, QueueTotals};
use purse_shared::protocol::{Direction, IntentOutcome, TransactionRecord};
use purse_shared::{Handle, Money};
use std::collections::{BTreeMap, BTreeSet};

impl Pages<'_> {
    /// The newest `shown` of what waits, what is kept in view beside them, all of it in figures, and whether that is all.
    pub(super) fn queue(
        &self,
        contacts: &BTreeMap<Handle, Contact>,
        pending: Vec<PaymentView>,
        shown: usize,
    ) -> (Vec<PaymentView>, QueueTotals, bool) {
        let outbox = &self.state.outbox;
        let newest = outbox.queue().take(shown).chain(outbox.queue_kept_in_view().take(shown));
        let mut seen = BTreeSet::new();
        let newest = newest.filter(|queued| seen.insert(queued.entry.no));
        let mut queue: Vec<PaymentView> = newest.filter_map(|queued| self.queued(queued, contacts)).collect();
        let counts = outbox.counts();
        // Decided, and not at its end yet: on its way to the bank, or set aside.
        let held: Vec<PaymentView> =
            self.open.ledger.held().filter_map(|record| self.decided(record, contacts)).collect();
        let totals = QueueTotals {
            count: counts.waiting + pending.len() + held.len(),
            unsent: counts.unsent,
            payments: counts.payments,
            sums: self.on_their_way(),
        };
        queue.extend(pending.into_iter().chain(held));
        queue.sort_by_key(|view| std::cmp::Reverse(view.ordered_at));
        (queue, totals, counts.waiting <= shown)
    }

    fn on_their_way(&self) -> Vec<Money> {
        let wallets = self.open.ledger.wallets.values();
        let sums = wallets.map(|wallet| {
            let currency = wallet.balance.currency;
            Money::new(self.state.outbox.outgoing(wallet.wallet, currency), currency)
        });
        sums.filter(|sum| sum.minor > 0).collect()
    }

    /// The newest of what is final, `shown` of them, and whether that is all. `failed`: deposits that only this device
    /// knows.
    pub(super) fn activity(
        &self,
        contacts: &BTreeMap<Handle, Contact>,
        failed: Vec<PaymentView>,
        shown: usize,
    ) -> (Vec<PaymentView>, bool) {
        let one_more = shown.saturating_add(1);
        // Decided, and not in the feed yet.
        let here = self.state.outbox.decided().filter_map(|queued| self.queued(queued, contacts));
        let told = self.open.ledger.payments.values().rev().filter(|record| self.is_final(record));
        let told = told.filter_map(|record| self.decided(record, contacts));
        let mut newest: Vec<PaymentView> =
            here.take(one_more).chain(failed).chain(told.take(one_more)).collect();
        newest.sort_by_key(|view| std::cmp::Reverse(view.decided_at.unwrap_or(view.ordered_at)));
        let complete = newest.len() <= shown;
        newest.truncate(shown);
        (newest, complete)
    }

    /// Told by the feed as something of its own, and over.
    fn is_final(&self, record: &TransactionRecord) -> bool {
        // What still waits is in the queue.
        let is_held = matches!(record.outcome, IntentOutcome::Held { .. });
        !is_held && is_listed(record, &self.state.outbox)
    }
}

/// An exchange is one payment, and what was signed anew is shown by the new one.
pub(crate) fn is_listed(record: &TransactionRecord, outbox: &crate::outbox::Outbox) -> bool {
    let own_refusal =
        record.direction == Direction::Out && matches!(record.outcome, IntentOutcome::Refused { .. });
    let was_replaced = own_refusal && outbox.is_replaced(record.id);
    !was_replaced && !Ledger::is_bought_side(record)
}
