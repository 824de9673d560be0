//! What was looked for: the rows that a search found, and single payments by their ids.

use super::Pages;
use crate::book::Contact;
use crate::search::{Key, asked_key};
use purse_bridge::{Found, LookedAt, PaymentView};
use purse_shared::{Handle, TransactionId};
use std::collections::BTreeMap;

/// An order may be signed anew, and that one again.
const STEPS_MAX: usize = 8;

impl Pages<'_> {
    pub(super) fn found(&self, contacts: &BTreeMap<Handle, Contact>) -> Option<Found> {
        let answer = self.open.searching.answer.as_ref()?;
        // What changed since the index was asked is as it is now, or not there.
        let payments = answer.newest.iter().filter_map(|key| self.by_key(*key, contacts)).collect();
        let (search, total, complete) = (answer.search.clone(), answer.total, answer.is_complete());
        Some(Found { search, payments, total, complete })
    }

    fn by_key(&self, key: Key, contacts: &BTreeMap<Handle, Contact>) -> Option<PaymentView> {
        match key {
            Key::Told(seq) => self.decided(self.open.ledger.payments.get(&seq)?, contacts),
            Key::Ordered(no) => {
                let outbox = &self.state.outbox;
                let queued = outbox.get(no).filter(|queued| outbox.is_shown(queued.entry.no))?;
                self.queued(queued, contacts)
            }
            Key::Asked(_) => self.deposits().find(|deposit| asked_key(deposit.id) == key),
        }
    }

    pub(super) fn looked_at(&self, contacts: &BTreeMap<Handle, Contact>) -> Vec<LookedAt> {
        let ids = self.open.looks.payments.iter().rev();
        ids.map(|id| LookedAt { id: *id, payment: self.by_id(*id, contacts) }).collect()
    }

    /// The payment of that id, or the one that stands in its place.
    fn by_id(&self, id: TransactionId, contacts: &BTreeMap<Handle, Contact>) -> Option<PaymentView> {
        let outbox = &self.state.outbox;
        let mut id = id;
        for _ in 0..STEPS_MAX {
            match outbox.order(id).and_then(|queued| queued.entry.replaced_by) {
                Some(again) => id = again,
                None => break,
            }
        }
        let here = outbox.order(id).filter(|queued| outbox.is_shown(queued.entry.no));
        let here = here.and_then(|queued| self.queued(queued, contacts));
        here.or_else(|| self.decided(self.open.ledger.payment(id)?, contacts))
            .or_else(|| self.deposits().find(|deposit| deposit.id == id))
    }
}
