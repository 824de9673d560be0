//! The outbox: every intent that this device signed, until long after its answer.
//!
//! Architecture invariant: an intent leaves the outbox only after a final answer, and then only weeks later (a
//! restored server is sent them again). Nothing here touches storage or the network: rules that the sync loop
//! and the view ask.

mod lists;

use lists::{Lists, OtherSide, Source};
use purse_shared::intent::{Intent, IntentHash, Order, SendOrder, SignedIntent};
use purse_shared::limits::{DAY_MS, INTENTS_PER_SYNC_MAX};
use purse_shared::protocol::{Bytes, IntentAnswer, IntentOutcome, IntentUpload, RefusalCode, StepUp};
use purse_shared::{Amount, Currency, Handle, TransactionId, UnixMillis, UserId, WalletId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Answered intents are kept this long, for a server that was restored to an earlier day.
const KEPT_AFTER_ANSWER_MS: UnixMillis = 30 * DAY_MS;

/// One signed intent and what became of it. Stored under `outbox/<no>`, sealed for the device.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// The outbox's own running number: unlike `seq` it goes on when the device gets another key.
    pub no: u64,
    pub hash: IntentHash,
    pub envelope: Bytes,
    /// A passkey assertion over this intent.
    pub step_up: Option<Value>,
    /// What the person must do before it is sent (again).
    pub needs: Option<Need>,
    pub sent_at: Option<UnixMillis>,
    /// The final answer.
    pub answer: Option<IntentOutcome>,
    pub answered_at: Option<UnixMillis>,
    /// A cancellation of it is in this outbox.
    pub cancelled: bool,
    /// Ordered again under this id with the payee's name confirmed.
    pub replaced_by: Option<TransactionId>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Need {
    Approval,
    Payee { user: UserId, display_name: String },
}

/// An entry with what it says.
#[derive(Clone, Debug, PartialEq)]
pub struct Queued {
    pub entry: Entry,
    pub intent: Intent,
}

impl Queued {
    /// `None` when the envelope is not one of ours.
    pub fn read(entry: Entry) -> Option<Self> {
        let intent = SignedIntent::read(&entry.envelope.0).ok()?.own_intent().clone();
        Some(Self { entry, intent })
    }
    pub fn send(&self) -> Option<&SendOrder> {
        match &self.intent.order {
            Order::Send(order) => Some(order),
            _ => None,
        }
    }
    /// Anything but a cancellation: what the person sees, and can take back.
    pub fn is_order(&self) -> bool {
        !matches!(self.intent.order, Order::Cancel { .. })
    }
    /// What leaves which wallet when the order is carried out, its fee included, in minor units.
    fn leaves(&self) -> Option<(Source, i64)> {
        let with_fee = |amount: Amount, fee: i64| amount.minor().saturating_add(fee);
        Some(match &self.intent.order {
            Order::Send(send) => (Source::Wallet(send.from), with_fee(send.amount, send.fee)),
            Order::Withdraw(order) => (Source::Wallet(order.from), with_fee(order.amount, order.fee)),
            Order::Exchange(order) => (Source::Wallet(order.from), order.sell.minor()),
            Order::Refund(order) => (Source::Currency(order.amount.currency()), order.amount.minor()),
            // Nothing of it leaves before its days.
            Order::Schedule(_) | Order::Cancel { .. } => return None,
        })
    }
    pub fn is_waiting(&self) -> bool {
        self.entry.answer.is_none()
    }
    /// An assertion that is too long for the server is none: it asks for another.
    pub fn upload_step_up(&self) -> Option<StepUp> {
        self.entry.step_up.as_ref().and_then(|assertion| StepUp::new(assertion).ok())
    }
    /// Wants something of the person, who has not given it.
    fn needs_person(&self) -> bool {
        match &self.entry.needs {
            None => false,
            Some(Need::Approval) => self.entry.step_up.is_none(),
            Some(Need::Payee { .. }) => true,
        }
    }
    /// Whether it waits for the person rather than for the network.
    fn is_held(&self) -> bool {
        self.needs_person() && !self.entry.cancelled
    }
    fn refusal(&self) -> Option<RefusalCode> {
        match &self.entry.answer {
            Some(IntentOutcome::Refused { code, .. }) => Some(*code),
            _ => None,
        }
    }
}

/// What an order is about, and its passkey is asked for; a cancellation is about no amount.
pub fn amount_of(order: &Order) -> Option<Amount> {
    match order {
        Order::Send(order) => Some(order.amount),
        Order::Withdraw(order) => Some(order.amount),
        Order::Exchange(order) => Some(order.sell),
        Order::Refund(order) => Some(order.amount),
        Order::Schedule(order) => Some(order.send.amount),
        Order::Cancel { .. } => None,
    }
}

/// How far the cancellation of a payment is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cancelling {
    /// Not decided.
    Waits,
    /// The payment may go up: it is refused now, or was decided before.
    Done { tombstone: bool },
    /// Refused for a reason that another signature mends.
    SignAgain,
    /// Refused for good, without a tombstone.
    Failed,
}

/// After so many refused cancellations of one payment it is left to expire.
const CANCELS_MAX: usize = 4;

/// All of this device's intents, by number.
#[derive(Clone, Debug, Default)]
pub struct Outbox {
    all: BTreeMap<u64, Queued>,
    lists: Lists,
    /// Numbers of entries that came, changed or went, for whoever keeps step with them.
    changed: BTreeSet<u64>,
}

/// What an upload carries: the numbers, in the order of the intents.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Upload {
    pub numbers: Vec<u64>,
    pub intents: Vec<IntentUpload>,
}

impl Outbox {
    pub fn put(&mut self, queued: Queued) {
        let no = queued.entry.no;
        let mut near = self.strike(no);
        self.lists.mark(&queued, true);
        near.extend(self.neighbours(&queued));
        self.all.insert(no, queued);
        self.settle_turns(near);
        self.changed.insert(no);
    }
    pub fn remove(&mut self, no: u64) {
        let near = self.strike(no);
        self.all.remove(&no);
        self.lists.forget_told(no);
        self.settle_turns(near);
        self.changed.insert(no);
    }
    /// Out of all lists; answers the neighbours.
    fn strike(&mut self, no: u64) -> Vec<u64> {
        let Some(queued) = self.all.get(&no) else { return Vec::new() };
        let near = self.neighbours(queued);
        self.lists.mark(queued, false);
        near
    }
    fn settle_turns(&mut self, near: Vec<u64>) {
        near.into_iter().for_each(|no| self.look_again(no));
    }

    /// The feed has shown the order of that id: it is no more shown or counted from here.
    pub fn tell(&mut self, id: TransactionId) {
        self.set_told(id, true);
    }
    /// The feed has shown these, and no others.
    pub fn tell_all(&mut self, told: &BTreeSet<TransactionId>) {
        let ids: BTreeSet<TransactionId> = self.all.values().map(|queued| queued.intent.id).collect();
        ids.into_iter().for_each(|id| self.set_told(id, told.contains(&id)));
    }
    fn set_told(&mut self, id: TransactionId, told: bool) {
        let numbers: Vec<u64> = self.lists.of_id(id).collect();
        for no in numbers {
            if let Some(queued) = self.all.get(&no) {
                self.lists.tell(queued, told);
                self.changed.insert(no);
            }
        }
    }
    /// What came, changed or went since the last call.
    pub fn take_changed(&mut self) -> BTreeSet<u64> {
        std::mem::take(&mut self.changed)
    }

    pub fn get(&self, no: u64) -> Option<&Queued> {
        #[cfg(test)]
        tests::looked();
        self.all.get(&no)
    }
    /// For what is done once in a while: nothing that is done per order goes through all of them.
    pub fn all(&self) -> impl DoubleEndedIterator<Item = &Queued> {
        let all = self.all.values();
        #[cfg(test)]
        let all = all.inspect(|_| tests::looked());
        all
    }
    fn those(&self, numbers: impl Iterator<Item = u64>) -> impl Iterator<Item = &Queued> {
        numbers.filter_map(move |no| self.get(no))
    }
    /// The order of that id, whatever it orders.
    pub fn order(&self, id: TransactionId) -> Option<&Queued> {
        self.those(self.lists.of_id(id)).next()
    }
    pub fn waiting(&self) -> impl Iterator<Item = &Queued> {
        self.those(self.lists.waiting.iter().copied())
    }
    pub fn waiting_payments(&self) -> usize {
        self.lists.waiting_orders
    }

    /// Those of them that wait for the person.
    pub fn held_payments(&self) -> usize {
        self.lists.held_orders
    }

    /// The id of the order in whose place this one was signed.
    pub fn in_place_of(&self, id: TransactionId) -> Option<TransactionId> {
        self.those(self.lists.replaced_by(id)).last().map(|old| old.intent.id)
    }
    /// An order of that id was signed anew under another.
    pub fn is_replaced(&self, id: TransactionId) -> bool {
        self.those(self.lists.of_id(id)).any(|queued| queued.entry.replaced_by.is_some())
    }

    /// What may go up now, at most `most`: cancellations first, then in order.
    pub fn upload(&self, now: UnixMillis, most: usize) -> Upload {
        let mut upload = Upload::default();
        for no in self.lists.due(now, most.min(INTENTS_PER_SYNC_MAX)) {
            let Some(queued) = self.get(no) else { continue };
            upload.numbers.push(no);
            let (envelope, step_up) = (queued.entry.envelope.clone(), queued.upload_step_up());
            upload.intents.push(IntentUpload { envelope, step_up });
        }
        upload
    }

    /// The end of a schedule with this hash is ordered here, and was not refused for good.
    pub fn is_ending(&self, schedule: IntentHash) -> bool {
        let under_way = [Cancelling::Waits, Cancelling::SignAgain, Cancelling::Done { tombstone: true }];
        under_way.contains(&self.cancelling(schedule))
    }

    /// Of those schedules, which end must be signed again with a right clock.
    pub fn ends_to_sign_again(
        &self,
        running: &[(TransactionId, IntentHash)],
    ) -> Vec<(TransactionId, IntentHash)> {
        running.iter().filter(|(_, hash)| self.cancelling(*hash) == Cancelling::SignAgain).copied().collect()
    }

    fn cancelling(&self, of: IntentHash) -> Cancelling {
        let step = |cancel: &Queued| match (&cancel.entry.answer, cancel.refusal()) {
            (None, _) => Cancelling::Waits,
            (Some(_), None) => Cancelling::Done { tombstone: true },
            // This device pays nothing any more, whatever it sends.
            (
                _,
                Some(RefusalCode::AlreadyDecided | RefusalCode::DeviceRevoked | RefusalCode::DeviceForked),
            ) => Cancelling::Done { tombstone: false },
            (_, Some(RefusalCode::ClockSkew | RefusalCode::Expired | RefusalCode::BadExpiry)) => {
                Cancelling::SignAgain
            }
            (_, Some(_)) => Cancelling::Failed,
        };
        let steps: Vec<Cancelling> = self.those(self.lists.cancels_of(of)).map(step).collect();
        let tombstone = steps.contains(&Cancelling::Done { tombstone: true });
        let done = steps.iter().find(|step| matches!(step, Cancelling::Done { .. })).copied();
        match done {
            Some(_) if tombstone => Cancelling::Done { tombstone },
            Some(done) => done,
            None if steps.contains(&Cancelling::Waits) => Cancelling::Waits,
            None if steps.contains(&Cancelling::SignAgain) && steps.len() < CANCELS_MAX => {
                Cancelling::SignAgain
            }
            None => Cancelling::Failed,
        }
    }

    /// Payments that were taken back by a cancellation that must be signed again, with a right clock.
    pub fn cancels_to_sign_again(&self) -> Vec<Queued> {
        self.those(self.lists.cancel_again.iter().copied()).cloned().collect()
    }
    pub fn must_be_cancelled_again(&self, no: u64) -> bool {
        self.lists.cancel_again.contains(&no)
    }

    pub fn knows(&self, hash: &IntentHash) -> bool {
        self.lists.of_hash(*hash).next().is_some()
    }
    /// A cancellation of the intent with that hash is here.
    pub fn has_cancel_of(&self, hash: &IntentHash) -> bool {
        self.lists.cancels_of(*hash).next().is_some()
    }

    /// The entries that an upload's answers change. An answer for another intent than the one at its place is
    /// ignored.
    pub fn answered(
        &self,
        upload: &Upload,
        answers: &[IntentAnswer],
        now: UnixMillis,
    ) -> BTreeMap<u64, Entry> {
        let pairs = upload.numbers.iter().zip(answers);
        pairs.filter_map(|(no, answer)| Some((*no, self.get(*no)?.after(answer, now)?))).collect()
    }

    /// What may be forgotten: answered long ago.
    pub fn old(&self, now: UnixMillis) -> Vec<u64> {
        self.lists.answered_before(now.saturating_sub(KEPT_AFTER_ANSWER_MS))
    }

    /// What is on its way out of a wallet and was not shown by the feed, minor units. (One that is held here may have
    /// been decided by a late copy: the feed knows first.)
    pub fn outgoing(&self, wallet: WalletId, currency: Currency) -> i64 {
        // A refund leaves the wallet of its currency: there is one.
        let sources = [Source::Wallet(wallet), Source::Currency(currency)];
        in_minor(sources.into_iter().map(|source| self.lists.leaving(source)).sum())
    }

    /// What is ordered here to go back of a payment and not in the feed yet, minor units.
    pub fn going_back(&self, payer: UserId, of: TransactionId) -> i64 {
        in_minor(self.lists.back(payer, of))
    }

    /// When each payee was ordered to be paid last, in payments that were not taken back.
    pub fn payees(&self) -> impl Iterator<Item = (&Handle, UnixMillis)> {
        self.lists.payees()
    }

    /// When the same was ordered to be paid to the same last, and neither refused nor taken back.
    pub fn paid_last(&self, to: &Handle, amount: Amount) -> Option<UnixMillis> {
        self.lists.paid_last(to, amount.currency(), amount.minor())
    }

    /// Orders that wait and that the feed has not shown, newest first.
    pub fn queue(&self) -> impl Iterator<Item = &Queued> {
        self.those(self.lists.shown_waiting.iter().rev().copied())
    }
    /// Those of them that are shown whatever else is: they wait for the person, or are planned.
    pub fn queue_kept_in_view(&self) -> impl Iterator<Item = &Queued> {
        self.those(self.lists.shown_always.iter().rev().copied())
    }
    /// Orders that are decided and that the feed has not shown yet, newest first.
    pub fn decided(&self) -> impl Iterator<Item = &Queued> {
        self.those(self.lists.shown_decided.iter().rev().copied())
    }
    /// Those of both that pay this handle, newest first.
    pub fn shown_to(&self, handle: &Handle) -> impl Iterator<Item = &Queued> {
        self.those(self.lists.shown_with(&OtherSide::Handle(handle.clone())))
    }
    /// Those of both that give something back to this user, newest first.
    pub fn shown_back_to(&self, user: UserId) -> impl Iterator<Item = &Queued> {
        self.those(self.lists.shown_with(&OtherSide::User(user)))
    }
    /// It is in [`Outbox::queue`] or in [`Outbox::decided`].
    pub fn is_shown(&self, no: u64) -> bool {
        self.lists.shown_waiting.contains(&no) || self.lists.shown_decided.contains(&no)
    }
    pub fn counts(&self) -> Counts {
        let Lists { shown_waiting, shown_unsent, shown_payments, .. } = &self.lists;
        Counts { waiting: shown_waiting.len(), unsent: *shown_unsent, payments: *shown_payments }
    }
}

/// Of [`Outbox::queue`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub waiting: usize,
    /// Only for the network.
    pub unsent: usize,
    /// To be paid to somebody now.
    pub payments: usize,
}

fn in_minor(sum: i128) -> i64 {
    i64::try_from(sum).unwrap_or(if sum < 0 { i64::MIN } else { i64::MAX })
}

impl Queued {
    fn after(&self, answer: &IntentAnswer, now: UnixMillis) -> Option<Entry> {
        let hash = &answer.hash.0;
        // An envelope that could not be read has no hash to name.
        if !hash.is_empty() && hash.as_slice() != self.entry.hash.0 {
            return None;
        }
        let mut entry = self.entry.clone();
        match &answer.outcome {
            IntentOutcome::Settled { .. } | IntentOutcome::Held { .. } => {
                (entry.answer, entry.answered_at) = (Some(answer.outcome.clone()), Some(now));
            }
            IntentOutcome::Refused { .. } => {
                (entry.answer, entry.answered_at) = (Some(answer.outcome.clone()), Some(now));
            }
            IntentOutcome::ApprovalRequired => {
                // With an assertion: the server did not accept it. Another one may do.
                (entry.needs, entry.step_up) = (Some(Need::Approval), None);
            }
            IntentOutcome::ConfirmPayee { user, display_name } => {
                entry.needs = Some(Need::Payee { user: *user, display_name: display_name.clone() });
            }
            IntentOutcome::TryAgain => return None,
        }
        Some(entry)
    }
}

#[cfg(test)]
mod simple;
#[cfg(test)]
pub(crate) mod tests;
