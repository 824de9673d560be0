//! What follows from the entries of an outbox, kept in step with each of them: whatever is done for one order looks at
//! that order and its neighbours, never at the whole queue.

use super::{Cancelling, Outbox, Queued};
use purse_shared::intent::{IntentHash, Order};
use purse_shared::limits::CLOCK_SKEW_MAX_MS;
use purse_shared::protocol::IntentOutcome;
use purse_shared::{Currency, Handle, TransactionId, UnixMillis, UserId, WalletId};
use std::collections::{BTreeMap, BTreeSet};

/// Entries by their numbers (`no`), under whatever they are asked for.
#[derive(Clone, Debug, Default)]
pub(super) struct Lists {
    /// Orders.
    ids: BTreeSet<(TransactionId, u64)>,
    hashes: BTreeSet<(IntentHash, u64)>,
    /// Cancellations, by what they cancel.
    cancels: BTreeSet<(IntentHash, u64)>,
    /// Orders that were signed anew, by the id that the new one has.
    replaced: BTreeSet<(TransactionId, u64)>,
    /// Without a final answer.
    pub waiting: BTreeSet<u64>,
    pub waiting_orders: usize,
    pub held_orders: usize,
    answered: BTreeSet<(UnixMillis, u64)>,
    /// Orders that the feed has shown.
    told: BTreeSet<u64>,
    /// Orders that are shown from here, the feed not having shown them: those that wait, those of them that are kept in
    /// view, and those that are decided.
    pub shown_waiting: BTreeSet<u64>,
    pub shown_always: BTreeSet<u64>,
    pub shown_decided: BTreeSet<u64>,
    /// All of them, by who is on their other side.
    shown_with: BTreeMap<OtherSide, BTreeSet<u64>>,
    /// Of those that wait: only for the network; to be paid to somebody now.
    pub shown_unsent: usize,
    pub shown_payments: usize,
    leaving: BTreeMap<Source, i128>,
    /// Refunds that stand, by what they give back.
    back: BTreeMap<(UserId, TransactionId), i128>,
    /// Payments that were not taken back, by payee; and those of them that were not refused, by what was paid too.
    payees: BTreeMap<Handle, BTreeSet<(UnixMillis, u64)>>,
    paid: BTreeMap<(Handle, Currency, i64), BTreeSet<(UnixMillis, u64)>>,
    /// What may be sent from a moment on, cancellations first; at once: [`AT_ONCE`].
    due: BTreeSet<(UnixMillis, bool, u64)>,
    due_at: BTreeMap<u64, (UnixMillis, bool)>,
    /// Taken back by a cancellation that must be signed again.
    pub cancel_again: BTreeSet<u64>,
}

/// Who gets an order's money. A refund names its payer by id alone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum OtherSide {
    Handle(Handle),
    User(UserId),
}

/// What an order takes its money from. A refund names no wallet: it leaves that of its currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Source {
    Wallet(WalletId),
    Currency(Currency),
}

const AT_ONCE: UnixMillis = UnixMillis::MIN;

impl Lists {
    /// Enters (`there`) or strikes whatever follows from this entry alone.
    pub fn mark(&mut self, queued: &Queued, there: bool) {
        let (entry, id) = (&queued.entry, queued.intent.id);
        let no = entry.no;
        keep(&mut self.hashes, (entry.hash, no), there);
        if let Order::Cancel { hash, .. } = &queued.intent.order {
            keep(&mut self.cancels, (*hash, no), there);
        }
        if let Some(new) = entry.replaced_by {
            keep(&mut self.replaced, (new, no), there);
        }
        if let Some(at) = entry.answered_at {
            keep(&mut self.answered, (at, no), there);
        }
        if queued.is_waiting() {
            keep(&mut self.waiting, no, there);
        }
        if queued.is_order() {
            keep(&mut self.ids, (id, no), there);
            if queued.is_waiting() {
                count(&mut self.waiting_orders, there);
            }
            if queued.is_waiting() && queued.is_held() {
                count(&mut self.held_orders, there);
            }
            self.mark_shown(queued, there);
        }
        if let Some(send) = queued.send().filter(|_| !entry.cancelled) {
            let at = (queued.intent.created_at, no);
            keep_under(&mut self.payees, send.to.clone(), at, there);
            if queued.refusal().is_none() {
                let paid = (send.to.clone(), send.amount.currency(), send.amount.minor());
                keep_under(&mut self.paid, paid, at, there);
            }
        }
    }

    /// What counts until the feed has shown it.
    fn mark_shown(&mut self, queued: &Queued, there: bool) {
        let no = queued.entry.no;
        if self.told.contains(&no) {
            return;
        }
        if queued.entry.replaced_by.is_none() {
            let order = &queued.intent.order;
            let is_schedule = matches!(order, Order::Schedule(_));
            if queued.shows_as_waiting() {
                keep(&mut self.shown_waiting, no, there);
                if is_schedule || (queued.is_waiting() && queued.is_held()) {
                    keep(&mut self.shown_always, no, there);
                }
                if queued.is_waiting() && !queued.entry.cancelled && !queued.needs_person() {
                    count(&mut self.shown_unsent, there);
                }
                if matches!(order, Order::Send(_)) {
                    count(&mut self.shown_payments, there);
                }
            } else {
                keep(&mut self.shown_decided, no, there);
            }
            if let Some(other) = queued.other_side() {
                keep_under(&mut self.shown_with, other, no, there);
            }
        }
        if let Some((source, minor)) = queued.leaves().filter(|_| queued.takes_money()) {
            add(&mut self.leaving, source, minor, there);
        }
        if let Order::Refund(order) = &queued.intent.order
            && queued.refusal().is_none()
            && !queued.entry.cancelled
        {
            add(&mut self.back, (order.payer, order.of), order.amount.minor(), there);
        }
    }

    /// The feed has shown this order, or (`told` false) is not known to have.
    pub fn tell(&mut self, queued: &Queued, told: bool) {
        let no = queued.entry.no;
        if self.told.contains(&no) == told {
            return;
        }
        if told {
            self.mark_shown(queued, false);
            self.told.insert(no);
        } else {
            self.told.remove(&no);
            self.mark_shown(queued, true);
        }
    }
    /// It left the outbox.
    pub fn forget_told(&mut self, no: u64) {
        self.told.remove(&no);
    }

    pub fn of_id(&self, id: TransactionId) -> impl Iterator<Item = u64> {
        under(&self.ids, id)
    }
    pub fn of_hash(&self, hash: IntentHash) -> impl Iterator<Item = u64> {
        under(&self.hashes, hash)
    }
    pub fn cancels_of(&self, hash: IntentHash) -> impl Iterator<Item = u64> {
        under(&self.cancels, hash)
    }
    pub fn replaced_by(&self, id: TransactionId) -> impl Iterator<Item = u64> {
        under(&self.replaced, id)
    }

    pub fn answered_before(&self, at: UnixMillis) -> Vec<u64> {
        self.answered.range(..(at, 0)).map(|(_, no)| *no).collect()
    }
    pub fn leaving(&self, source: Source) -> i128 {
        self.leaving.get(&source).copied().unwrap_or(0)
    }
    pub fn back(&self, payer: UserId, of: TransactionId) -> i128 {
        self.back.get(&(payer, of)).copied().unwrap_or(0)
    }
    /// Shown orders with that other side, newest first.
    pub fn shown_with<'a>(&'a self, other: &OtherSide) -> impl Iterator<Item = u64> + use<'a> {
        self.shown_with.get(other).into_iter().flatten().rev().copied()
    }
    /// When each payee was ordered to be paid last.
    pub fn payees(&self) -> impl Iterator<Item = (&Handle, UnixMillis)> {
        self.payees.iter().filter_map(|(handle, at)| Some((handle, at.last()?.0)))
    }
    pub fn paid_last(&self, to: &Handle, currency: Currency, minor: i64) -> Option<UnixMillis> {
        Some(self.paid.get(&(to.clone(), currency, minor))?.last()?.0)
    }

    /// What may be sent now, at most `most`: cancellations first, then in order.
    pub fn due(&self, now: UnixMillis, most: usize) -> Vec<u64> {
        let at_once = self.due.range((AT_ONCE, false, 0)..=(AT_ONCE, true, u64::MAX)).take(most);
        // Expired while something else was waited for: few, and gone with their answers.
        let by_now = self.due.range((AT_ONCE + 1, false, 0)..=(now, true, u64::MAX));
        let mut due: Vec<(bool, u64)> = at_once.chain(by_now).map(|(_, order, no)| (*order, *no)).collect();
        due.sort_unstable();
        due.into_iter().take(most).map(|(_, no)| no).collect()
    }

    fn set_due(&mut self, no: u64, due: Option<(UnixMillis, bool)>) {
        let before = match due {
            Some(due) => self.due_at.insert(no, due),
            None => self.due_at.remove(&no),
        };
        if let Some((at, is_order)) = before {
            self.due.remove(&(at, is_order, no));
        }
        if let Some((at, is_order)) = due {
            self.due.insert((at, is_order, no));
        }
    }
}

impl Outbox {
    /// The entries whose turn depends on this one.
    pub(super) fn neighbours(&self, queued: &Queued) -> Vec<u64> {
        let mut near = vec![queued.entry.no];
        let mut replacing: Vec<TransactionId> = queued.entry.replaced_by.into_iter().collect();
        if let Order::Cancel { hash, .. } = &queued.intent.order {
            for no in self.lists.of_hash(*hash) {
                near.push(no);
                replacing.extend(self.get(no).and_then(|cancelled| cancelled.entry.replaced_by));
            }
        }
        near.extend(replacing.into_iter().flat_map(|id| self.lists.of_id(id)));
        near
    }

    /// Decides anew when it may be sent.
    pub(super) fn look_again(&mut self, no: u64) {
        let queued = self.get(no);
        let due = queued.and_then(|queued| Some((self.sendable_from(queued)?, queued.is_order())));
        let again = queued.is_some_and(|queued| self.cancel_must_be_signed_again(queued));
        self.lists.set_due(no, due);
        keep(&mut self.lists.cancel_again, no, again);
    }

    /// A payment that was taken back is held until its cancellation is decided: sent beside it, it would be paid
    /// where that is refused. One that was signed in place of another is held until the other cannot be paid. `None`
    /// once it has its answer.
    fn sendable_from(&self, queued: &Queued) -> Option<UnixMillis> {
        if !queued.is_waiting() {
            return None;
        }
        let expires_at = queued.intent.expires_at;
        // Past any doubt about clocks: the server refuses it.
        let long_expired = expires_at.saturating_add(CLOCK_SKEW_MAX_MS).saturating_add(1);
        if queued.entry.cancelled {
            let decided = matches!(self.cancelling(queued.entry.hash), Cancelling::Done { .. });
            return Some(if decided { AT_ONCE } else { long_expired });
        }
        let in_place_of = self.lists.replaced_by(queued.intent.id).next().and_then(|no| self.get(no));
        let free = in_place_of.is_none_or(|old| {
            old.refusal().is_some() || self.cancelling(old.entry.hash) == Cancelling::Done { tombstone: true }
        });
        Some(match (free, queued.needs_person()) {
            (false, _) => long_expired,
            // Sent all the same once it is expired, for its final answer.
            (true, true) => expires_at,
            (true, false) => AT_ONCE,
        })
    }

    fn cancel_must_be_signed_again(&self, queued: &Queued) -> bool {
        queued.is_waiting()
            && queued.entry.cancelled
            && self.cancelling(queued.entry.hash) == Cancelling::SignAgain
    }
}

impl Queued {
    /// In the queue rather than among what is decided.
    fn shows_as_waiting(&self) -> bool {
        match &self.entry.answer {
            None | Some(IntentOutcome::Held { .. }) => true,
            Some(
                IntentOutcome::ApprovalRequired
                | IntentOutcome::ConfirmPayee { .. }
                | IntentOutcome::TryAgain,
            ) => true,
            Some(IntentOutcome::Settled { .. } | IntentOutcome::Refused { .. }) => false,
        }
    }
    fn other_side(&self) -> Option<OtherSide> {
        match &self.intent.order {
            Order::Send(send) => Some(OtherSide::Handle(send.to.clone())),
            Order::Schedule(order) => Some(OtherSide::Handle(order.send.to.clone())),
            Order::Refund(order) => Some(OtherSide::User(order.payer)),
            Order::Withdraw(_) | Order::Exchange(_) | Order::Cancel { .. } => None,
        }
    }
    /// Its money is on its way out, as far as this device knows.
    fn takes_money(&self) -> bool {
        match &self.entry.answer {
            None => !self.entry.cancelled && self.entry.replaced_by.is_none(),
            Some(IntentOutcome::Settled { .. } | IntentOutcome::Held { .. }) => true,
            Some(_) => false,
        }
    }
}

fn keep<T: Ord>(set: &mut BTreeSet<T>, item: T, there: bool) {
    if there {
        set.insert(item);
    } else {
        set.remove(&item);
    }
}

fn keep_under<K: Ord, T: Ord>(map: &mut BTreeMap<K, BTreeSet<T>>, key: K, item: T, there: bool) {
    if there {
        map.entry(key).or_default().insert(item);
    } else if let Some(set) = map.get_mut(&key) {
        set.remove(&item);
        if set.is_empty() {
            map.remove(&key);
        }
    }
}

fn count(counter: &mut usize, there: bool) {
    *counter = if there { *counter + 1 } else { counter.saturating_sub(1) };
}

fn add<K: Ord>(sums: &mut BTreeMap<K, i128>, key: K, minor: i64, there: bool) {
    let minor = i128::from(minor);
    *sums.entry(key).or_default() += if there { minor } else { -minor };
}

fn under<K: Ord + Copy>(set: &BTreeSet<(K, u64)>, key: K) -> impl Iterator<Item = u64> {
    set.range((key, 0)..=(key, u64::MAX)).map(|(_, no)| *no)
}
