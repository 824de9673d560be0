//! Keeping the index in step: with the feed, the outbox, the notes and what people are called.

use super::index::{Facts, Index, Key, currency_texts};
use crate::book::Noted;
use crate::outbox::Queued;
use crate::view::{Pages, is_listed, kind_of};
use purse_bridge::{PaymentState, PaymentView};
use purse_shared::protocol::{IntentOutcome, RefusalCode, TransactionRecord};
use purse_shared::{Handle, TransactionId, UnixMillis};
use std::collections::BTreeSet;
use std::ops::Bound::{Excluded, Unbounded};

/// The index, and how far it is in step.
#[derive(Default)]
pub(super) struct Indexed {
    pub index: Index,
    begun: bool,
    /// The last feed number that is in it.
    told: u64,
    /// How many of the ledger's superseded numbers were taken out.
    superseded: usize,
    /// To be looked at again.
    orders: BTreeSet<u64>,
    notes: BTreeSet<TransactionId>,
    /// The book and the look-ups as the names were made from them, and whose those were.
    names_of: Option<(u64, u64)>,
    named: BTreeSet<Handle>,
}

/// At a stretch: a few milliseconds on a slow phone.
const ROWS_PER_SLICE: usize = 1_024;

impl Indexed {
    /// One slice; true when there is more to do.
    pub fn step(&mut self, pages: &Pages<'_>) -> bool {
        let ledger = &pages.open.ledger;
        if !self.begun {
            let outbox = &pages.state.outbox;
            let shown = outbox.queue().chain(outbox.decided());
            self.orders = shown.map(|queued| queued.entry.no).collect();
            self.begun = true;
        }
        self.keep_names(pages);
        for seq in ledger.superseded.get(self.superseded..).unwrap_or_default() {
            self.index.remove(Key::Told(*seq));
        }
        self.superseded = ledger.superseded.len();

        let mut left = ROWS_PER_SLICE;
        let mut met: BTreeSet<&Handle> = BTreeSet::new();
        for (seq, record) in ledger.payments.range((Excluded(self.told), Unbounded)).take(left) {
            self.put_told(pages, *seq, record);
            met.extend(record.counterparty.as_ref().and_then(|other| other.handle.as_ref()));
            self.told = *seq;
            left -= 1;
        }
        for handle in met {
            self.name(pages, handle);
        }
        while left > 0
            && let Some(id) = self.notes.pop_first()
        {
            self.look_again(pages, id);
            self.orders.extend(pages.state.outbox.order(id).map(|queued| queued.entry.no));
            left -= 1;
        }
        while left > 0
            && let Some(no) = self.orders.pop_first()
        {
            self.put_order(pages, no);
            left -= 1;
        }
        let all_told = ledger.payments.range((Excluded(self.told), Unbounded)).next().is_none();
        !(all_told && self.notes.is_empty() && self.orders.is_empty())
    }

    /// What happened since the last call.
    pub fn changed(&mut self, orders: BTreeSet<u64>, noted: Noted, pages: &Pages<'_>) {
        if !self.begun {
            return;
        }
        self.orders.extend(orders);
        match noted {
            Noted::These(ids) => self.notes.extend(ids),
            // The book does not say which: all that have one, and all that had.
            Noted::Any => {
                let here = pages.state.outbox.queue().map(|queued| queued.intent.id);
                let told = pages.open.ledger.payments.values().map(|record| record.id);
                self.notes.extend(told.chain(here));
            }
        }
    }

    fn look_again(&mut self, pages: &Pages<'_>, id: TransactionId) {
        let told = self.told;
        for (seq, record) in pages.open.ledger.of_id(id).filter(|(seq, _)| *seq <= told) {
            self.put_told(pages, seq, record);
        }
    }

    fn put_told(&mut self, pages: &Pages<'_>, seq: u64, record: &TransactionRecord) {
        let key = Key::Told(seq);
        if !is_listed(record, &pages.state.outbox) {
            return self.index.remove(key);
        }
        let other = record.counterparty.as_ref();
        let amount = record.amount.money().to_plain_string();
        let bought = record.bought.map(|bought| bought.to_plain_string()).unwrap_or_default();
        let note = pages.open.book.note(record.id);
        let name = other.map_or("", |other| other.display_name.as_str());
        let mut texts = vec![name, &record.message, &note, &record.reference, &amount, &bought];
        texts.extend(record.bought.into_iter().flat_map(|bought| currency_texts(bought.currency)));
        let facts = Facts {
            at: record.decided_at,
            kind: kind_of(record),
            currency: record.amount.currency(),
            waits: waits(&record.outcome),
            refused: is_refused(&record.outcome),
            handle: other.and_then(|other| other.handle.as_ref()),
            texts: &texts,
        };
        self.index.put(key, &facts);
    }

    fn put_order(&mut self, pages: &Pages<'_>, no: u64) {
        let queued = pages.state.outbox.get(no);
        if let Some(queued) = queued {
            // One that was signed anew is listed no more.
            self.look_again(pages, queued.intent.id);
        }
        let shown = |queued: &&Queued| pages.state.outbox.is_shown(queued.entry.no);
        let view = queued.filter(shown).and_then(|queued| pages.queued(queued, &pages.open.book.contacts()));
        match view {
            Some(view) => {
                put_view(&mut self.index, Key::Ordered(no), &view);
                if let Some(handle) = &view.party.handle {
                    self.name(pages, handle);
                }
            }
            None => self.index.remove(Key::Ordered(no)),
        }
    }

    /// Contacts and look-ups that changed; who is met in a payment gets a name with it.
    fn keep_names(&mut self, pages: &Pages<'_>) {
        let names_of = Some((pages.open.book.changes(), pages.open.look_ups));
        if self.names_of == names_of {
            return;
        }
        self.names_of = names_of;
        let contacts = pages.open.book.contacts();
        let now: BTreeSet<Handle> =
            contacts.keys().chain(pages.open.local.resolved.keys()).cloned().collect();
        for handle in std::mem::replace(&mut self.named, now.clone()).union(&now) {
            self.name(pages, handle);
        }
    }

    fn name(&mut self, pages: &Pages<'_>, handle: &Handle) {
        let contacts = pages.open.book.contacts();
        let contact = contacts.get(handle).map(|contact| contact.name.as_str());
        let person = pages.open.ledger.people.get(handle).map(|person| person.display_name.as_str());
        let resolved = pages.open.local.resolved.get(handle).map(|(_, name)| name.as_str());
        let names: Vec<&str> = [contact, person, resolved].into_iter().flatten().collect();
        self.index.name(handle, &names);
    }
}

/// As it is shown.
fn put_view(index: &mut Index, key: Key, view: &PaymentView) {
    let amount = view.amount.money().to_plain_string();
    let bought = view.bought.map(|bought| bought.money().to_plain_string()).unwrap_or_default();
    // A contact may be renamed: what they are called is asked for by their handle.
    let name = if view.party.handle.is_some() { "" } else { view.party.name.as_str() };
    let mut texts = vec![name, &view.message, &view.private_note, &view.reference, &amount, &bought];
    texts.extend(view.bought.into_iter().flat_map(|bought| currency_texts(bought.currency())));
    let facts = Facts {
        at: shown_at(view),
        kind: view.kind,
        currency: view.amount.currency(),
        waits: view.state.waits(),
        refused: matches!(view.state, PaymentState::Refused { .. }),
        handle: view.party.handle.as_ref(),
        texts: &texts,
    };
    index.put(key, &facts);
}

/// The time by which it is in its place: of the last word, else of the order.
pub(super) fn shown_at(view: &PaymentView) -> UnixMillis {
    view.decided_at.unwrap_or(view.ordered_at)
}

fn waits(outcome: &IntentOutcome) -> bool {
    match outcome {
        IntentOutcome::Settled { .. } | IntentOutcome::Refused { .. } => false,
        IntentOutcome::Held { .. }
        | IntentOutcome::ApprovalRequired
        | IntentOutcome::ConfirmPayee { .. }
        | IntentOutcome::TryAgain => true,
    }
}

fn is_refused(outcome: &IntentOutcome) -> bool {
    matches!(outcome, IntentOutcome::Refused { code, .. } if *code != RefusalCode::Cancelled)
}
