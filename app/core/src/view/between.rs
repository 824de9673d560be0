//! What went between this person and another: a window like the lists, however long the history is.

use super::{Pages, is_listed};
use crate::book::Contact;
use purse_bridge::{Between, PaymentView};
use purse_shared::Handle;
use std::cmp::Reverse;
use std::collections::BTreeMap;

impl Pages<'_> {
    pub(super) fn between(&self, contacts: &BTreeMap<Handle, Contact>) -> Vec<Between> {
        let people = self.open.looks.people.iter().rev();
        people.map(|(handle, shown)| self.between_two(handle, *shown, contacts)).collect()
    }

    fn between_two(&self, handle: &Handle, shown: usize, contacts: &BTreeMap<Handle, Contact>) -> Between {
        let (ledger, outbox) = (&self.open.ledger, &self.state.outbox);
        let one_more = shown.saturating_add(1);
        let told = ledger.between(handle).filter(|record| is_listed(record, outbox));
        let told = told.filter_map(|record| self.decided(record, contacts)).take(one_more);
        // Not in the feed yet.
        let user = ledger.people.get(handle).map(|person| person.user);
        let paid = outbox.shown_to(handle).filter_map(|queued| self.queued(queued, contacts)).take(one_more);
        let given_back = user.into_iter().flat_map(|user| outbox.shown_back_to(user));
        let given_back = given_back.filter_map(|queued| self.queued(queued, contacts)).take(one_more);
        let mut payments: Vec<PaymentView> = paid.chain(given_back).chain(told).collect();
        payments.sort_by_key(|view| Reverse(view.decided_at.unwrap_or(view.ordered_at)));
        let complete = payments.len() <= shown;
        payments.truncate(shown);
        Between { handle: handle.clone(), shown, payments, complete }
    }
}
