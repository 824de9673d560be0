//! The outbox: every intent that this device signed, until long after its answer.
//!
//! Architecture invariant: an intent leaves the outbox only after a final answer, and then only weeks later (a
//! restored server is sent them again). Nothing here touches storage or the network: rules that the sync loop
//! and the view ask.

use purse_shared::intent::{Intent, IntentHash, Order, SendOrder, SignedIntent};
use purse_shared::limits::{CLOCK_SKEW_MAX_MS, DAY_MS, INTENTS_PER_SYNC_MAX};
use purse_shared::protocol::{Bytes, IntentAnswer, IntentOutcome, IntentUpload, RefusalCode, StepUp};
use purse_shared::{Amount, Currency, TransactionId, UnixMillis, UserId, WalletId};
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
    /// What leaves this wallet when the order is carried out, its fee included, in minor units. (A refund leaves the
    /// wallet of its currency: there is one.)
    fn leaves(&self, wallet: WalletId, currency: Currency) -> i64 {
        let with_fee = |amount: Amount, fee: i64| amount.minor().saturating_add(fee);
        match &self.intent.order {
            Order::Send(send) if send.from == wallet => with_fee(send.amount, send.fee),
            Order::Withdraw(order) if order.from == wallet => with_fee(order.amount, order.fee),
            Order::Exchange(order) if order.from == wallet => order.sell.minor(),
            Order::Refund(order) if order.amount.currency() == currency => order.amount.minor(),
            Order::Send(_) | Order::Withdraw(_) | Order::Exchange(_) | Order::Refund(_) => 0,
            // Nothing of it leaves before its days.
            Order::Schedule(_) | Order::Cancel { .. } => 0,
        }
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
    /// Waits for the person to act; sent all the same once it is expired, for its final answer.
    fn waits_for_person(&self, now: UnixMillis) -> bool {
        self.needs_person() && self.intent.expires_at > now
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
}

/// What an upload carries: the numbers, in the order of the intents.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Upload {
    pub numbers: Vec<u64>,
    pub intents: Vec<IntentUpload>,
}

impl Outbox {
    pub fn put(&mut self, queued: Queued) {
        self.all.insert(queued.entry.no, queued);
    }
    pub fn get(&self, no: u64) -> Option<&Queued> {
        self.all.get(&no)
    }
    pub fn all(&self) -> impl DoubleEndedIterator<Item = &Queued> {
        self.all.values()
    }
    /// The order of that id, whatever it orders.
    pub fn order(&self, id: TransactionId) -> Option<&Queued> {
        self.all.values().find(|queued| queued.intent.id == id && queued.is_order())
    }
    pub fn waiting(&self) -> impl Iterator<Item = &Queued> {
        self.all.values().filter(|queued| queued.is_waiting())
    }
    pub fn waiting_payments(&self) -> usize {
        self.waiting().filter(|queued| queued.is_order()).count()
    }

    /// Those of them that wait for the person.
    pub fn held_payments(&self) -> usize {
        self.waiting().filter(|queued| queued.is_order() && queued.is_held()).count()
    }

    /// What may go up now, at most `most`: cancellations first, then in order.
    pub fn upload(&self, now: UnixMillis, most: usize) -> Upload {
        let mut ready: Vec<(&u64, &Queued)> =
            self.all.iter().filter(|(_, queued)| self.may_be_sent(queued, now)).collect();
        ready.sort_by_key(|(no, queued)| (queued.is_order(), **no));
        let mut upload = Upload::default();
        for (no, queued) in ready.into_iter().take(most.min(INTENTS_PER_SYNC_MAX)) {
            upload.numbers.push(*no);
            let (envelope, step_up) = (queued.entry.envelope.clone(), queued.upload_step_up());
            upload.intents.push(IntentUpload { envelope, step_up });
        }
        upload
    }

    /// A payment that was taken back is held until its cancellation is decided: sent beside it, it would be paid
    /// where that is refused. One that was signed in place of another is held until the other cannot be paid.
    fn may_be_sent(&self, queued: &Queued, now: UnixMillis) -> bool {
        if !queued.is_waiting() {
            return false;
        }
        // Past any doubt about clocks: the server refuses it.
        let long_expired = queued.intent.expires_at.saturating_add(CLOCK_SKEW_MAX_MS) < now;
        if queued.entry.cancelled {
            return long_expired || matches!(self.cancelling(queued.entry.hash), Cancelling::Done { .. });
        }
        let in_place_of = self.all.values().find(|old| old.entry.replaced_by == Some(queued.intent.id));
        let free = in_place_of.is_none_or(|old| {
            old.refusal().is_some() || self.cancelling(old.entry.hash) == Cancelling::Done { tombstone: true }
        });
        (free || long_expired) && !queued.waits_for_person(now)
    }

    fn cancels_of(&self, of: IntentHash) -> impl Iterator<Item = &Queued> {
        let is_of =
            move |queued: &&Queued| matches!(&queued.intent.order, Order::Cancel { hash, .. } if *hash == of);
        self.all.values().filter(is_of)
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
        let steps: Vec<Cancelling> = self.cancels_of(of).map(step).collect();
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
        let again = |queued: &&Queued| {
            queued.is_waiting()
                && queued.entry.cancelled
                && self.cancelling(queued.entry.hash) == Cancelling::SignAgain
        };
        self.all.values().filter(again).cloned().collect()
    }

    pub fn knows(&self, hash: &IntentHash) -> bool {
        self.all.values().any(|queued| queued.entry.hash == *hash)
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
        pairs.filter_map(|(no, answer)| Some((*no, self.all.get(no)?.after(answer, now)?))).collect()
    }

    /// What may be forgotten: answered long ago.
    pub fn old(&self, now: UnixMillis) -> Vec<u64> {
        let is_old = |queued: &Queued| {
            queued.entry.answered_at.is_some_and(|at| at.saturating_add(KEPT_AFTER_ANSWER_MS) < now)
        };
        self.all.iter().filter(|(_, queued)| is_old(queued)).map(|(no, _)| *no).collect()
    }
    pub fn remove(&mut self, no: u64) {
        self.all.remove(&no);
    }

    /// What is on its way out of a wallet and not yet in `settled` (the ids that the feed has shown), minor units.
    pub fn outgoing(&self, wallet: WalletId, currency: Currency, settled: &BTreeSet<TransactionId>) -> i64 {
        // One that is held here may have been decided by a late copy: the feed knows first.
        let open = |queued: &&Queued| match &queued.entry.answer {
            _ if settled.contains(&queued.intent.id) => false,
            None => !queued.entry.cancelled && queued.entry.replaced_by.is_none(),
            Some(IntentOutcome::Settled { .. } | IntentOutcome::Held { .. }) => true,
            Some(_) => false,
        };
        let open = self.all.values().filter(open);
        open.fold(0, |sum, queued| sum.saturating_add(queued.leaves(wallet, currency)))
    }
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
pub(crate) mod tests {
    use super::*;
    use purse_shared::intent::{ExchangeOrder, Plan, RefundOrder, ScheduleOrder, Unsigned, WithdrawOrder};
    use purse_shared::{DeviceId, MethodId, QuoteId};

    const NOW: UnixMillis = 1_800_000_000_000;

    pub fn queued(seq: u64, order: Order) -> Queued {
        let intent = Intent {
            id: TransactionId::new(NOW + i64::try_from(seq).unwrap(), [1; 10]),
            user: UserId::new(1, [2; 10]),
            device: DeviceId::new(2, [3; 10]),
            seq,
            prev: IntentHash::ZERO,
            created_at: NOW,
            expires_at: NOW + DAY_MS,
            order,
        };
        let unsigned = Unsigned::new(&intent);
        let hash = unsigned.hash();
        let envelope = Bytes(unsigned.with_signature(&[7; 64]).unwrap());
        let entry = Entry {
            no: seq,
            hash,
            envelope,
            step_up: None,
            needs: None,
            sent_at: None,
            answer: None,
            answered_at: None,
            cancelled: false,
            replaced_by: None,
        };
        Queued::read(entry).unwrap()
    }
    pub fn cancel_of(payment: &Queued) -> Order {
        Order::Cancel { id: payment.intent.id, hash: payment.entry.hash }
    }
    pub fn send(minor: i64) -> Order {
        Order::Send(SendOrder {
            from: WalletId::new(3, [4; 10]),
            to: "kavya".parse().unwrap(),
            payee: None,
            amount: Amount::new(minor, Currency::EUR).unwrap(),
            fee: 0,
            message: String::new(),
        })
    }
    fn outbox(all: Vec<Queued>) -> Outbox {
        let mut outbox = Outbox::default();
        all.into_iter().for_each(|queued| outbox.put(queued));
        outbox
    }

    #[test]
    fn what_goes_up_and_in_which_order() {
        let mut held = queued(3, send(30));
        held.entry.needs = Some(Need::Approval);
        let mut approved = queued(4, send(40));
        approved.entry.needs = Some(Need::Approval);
        approved.entry.step_up = Some(Value::Null);
        let mut done = queued(1, send(10));
        done.entry.answer = Some(IntentOutcome::Settled { at: NOW });
        let cancel = queued(5, cancel_of(&queued(2, send(20))));
        let mut outbox = outbox(vec![done, queued(2, send(20)), held, approved, cancel]);
        assert_eq!(outbox.upload(NOW, usize::MAX).numbers, [5, 2, 4]);
        assert_eq!((outbox.waiting_payments(), outbox.held_payments()), (3, 1));
        assert_eq!(
            outbox.upload(NOW + DAY_MS, usize::MAX).numbers,
            [5, 2, 3, 4],
            "expired: asks for its final answer"
        );
        let mut held = outbox.get(3).unwrap().clone();
        held.entry.cancelled = true;
        outbox.put(held);
        assert_eq!(
            outbox.upload(NOW, usize::MAX).numbers,
            [5, 2, 4],
            "cancelled: not before its cancellation"
        );
        assert_eq!(outbox.upload(NOW, 2).numbers, [5, 2]);
        for seq in 6..200 {
            outbox.put(queued(seq, send(1)));
        }
        assert_eq!(outbox.upload(NOW, usize::MAX).intents.len(), INTENTS_PER_SYNC_MAX);
    }

    #[test]
    fn a_cancelled_payment_waits_for_its_cancellation() {
        let check = |answer: Option<IntentOutcome>, sent: &[u64], again: usize| {
            let mut payment = queued(1, send(10));
            payment.entry.cancelled = true;
            payment.entry.replaced_by = Some(queued(3, send(10)).intent.id);
            let mut cancel = queued(2, cancel_of(&payment));
            cancel.entry.answer = answer.clone();
            let outbox = outbox(vec![payment, cancel, queued(3, send(10))]);
            assert_eq!(outbox.upload(NOW, usize::MAX).numbers, sent, "{answer:?}");
            assert_eq!(outbox.cancels_to_sign_again().len(), again, "{answer:?}");
        };
        let refused = |code| Some(IntentOutcome::Refused { code, at: NOW, figure: None });
        check(None, &[2], 0);
        check(Some(IntentOutcome::Settled { at: NOW }), &[1, 3], 0);
        check(refused(RefusalCode::AlreadyDecided), &[1], 0);
        check(refused(RefusalCode::DeviceRevoked), &[1], 0);
        check(refused(RefusalCode::ClockSkew), &[], 1);
        check(refused(RefusalCode::Malformed), &[], 0);
    }

    #[test]
    fn answers() {
        let outbox = outbox(vec![queued(1, send(10)), queued(2, send(20))]);
        let upload = outbox.upload(NOW, usize::MAX);
        let (first, second) = (outbox.get(1).unwrap().entry.hash, outbox.get(2).unwrap().entry.hash);
        let answer = |hash: IntentHash, outcome| IntentAnswer { hash: hash.to_bytes(), outcome };
        let settled = IntentOutcome::Settled { at: NOW };

        let changed = outbox.answered(
            &upload,
            &[answer(first, settled.clone()), answer(second, IntentOutcome::TryAgain)],
            NOW,
        );
        assert_eq!(changed.keys().collect::<Vec<_>>(), [&1]);
        assert_eq!(changed[&1].answer, Some(settled.clone()));
        // Swapped, short or foreign answers change nothing.
        assert!(outbox.answered(&upload, &[answer(second, settled.clone())], NOW).is_empty());
        assert!(outbox.answered(&upload, &[], NOW).is_empty());
        // Unreadable to the server: no hash, but its place says which.
        let malformed = IntentOutcome::Refused { code: RefusalCode::Malformed, at: NOW, figure: None };
        let nameless = IntentAnswer { hash: Bytes::default(), outcome: malformed.clone() };
        assert_eq!(outbox.answered(&upload, &[nameless], NOW)[&1].answer, Some(malformed));
    }

    #[test]
    fn money_on_its_way_counts_until_the_feed_shows_it() {
        let mut settled = queued(1, send(10));
        settled.entry.answer = Some(IntentOutcome::Settled { at: NOW });
        let id = settled.intent.id;
        let mut cancelled = queued(2, send(20));
        cancelled.entry.cancelled = true;
        let wallet = WalletId::new(3, [4; 10]);
        let outbox = outbox(vec![settled, cancelled, queued(3, send(30))]);
        assert_eq!(outbox.outgoing(wallet, Currency::EUR, &BTreeSet::new()), 40);
        assert_eq!(outbox.outgoing(wallet, Currency::EUR, &BTreeSet::from([id])), 30);
        let held = queued(3, send(30)).intent.id;
        assert_eq!(
            outbox.outgoing(wallet, Currency::EUR, &BTreeSet::from([id, held])),
            0,
            "decided by a late copy"
        );
        assert_eq!(outbox.outgoing(WalletId::new(4, [4; 10]), Currency::EUR, &BTreeSet::new()), 0);
    }

    fn later(minor: i64) -> Order {
        let Order::Send(send) = send(minor) else { unreachable!("a payment") };
        Order::Schedule(ScheduleOrder {
            send,
            plan: Plan { first_at: NOW + DAY_MS, every: None, times: None },
        })
    }

    #[test]
    fn every_order_waits_and_takes_what_leaves_its_wallet() {
        let from = WalletId::new(3, [4; 10]);
        let euros = |minor| Amount::new(minor, Currency::EUR).unwrap();
        let dollars = Amount::new(70, Currency::USD).unwrap();
        let Order::Send(payment) = send(100) else { unreachable!("a payment") };
        let withdraw = WithdrawOrder { from, to: MethodId::new(1, [1; 10]), amount: euros(1_000), fee: 35 };
        let exchange =
            ExchangeOrder { quote: QuoteId::new(1, [1; 10]), from, sell: euros(10_000), buy: dollars };
        let refund = RefundOrder {
            payer: UserId::new(7, [7; 10]),
            of: TransactionId::new(1, [9; 10]),
            amount: euros(100_000),
            message: String::new(),
        };
        let check = |order: Order, amount: i64, leaves: i64| {
            let one = queued(1, order);
            assert!(one.is_order());
            assert_eq!(amount_of(&one.intent.order).map(Amount::minor), Some(amount));
            let outbox = outbox(vec![one.clone()]);
            assert_eq!(outbox.outgoing(from, Currency::EUR, &BTreeSet::new()), leaves, "{one:?}");
            assert_eq!(outbox.outgoing(WalletId::new(8, [8; 10]), Currency::USD, &BTreeSet::new()), 0);
            assert_eq!((outbox.waiting_payments(), outbox.held_payments()), (1, 0));
            assert!(outbox.order(one.intent.id).is_some());
        };
        check(Order::Send(SendOrder { fee: 2, ..payment }), 100, 102);
        check(Order::Withdraw(withdraw), 1_000, 1_035);
        check(Order::Exchange(exchange), 10_000, 10_000);
        check(Order::Refund(refund), 100_000, 100_000);
        check(later(50), 50, 0);
    }

    #[test]
    fn the_end_of_a_schedule_is_ordered_until_it_is_refused_for_good() {
        let schedule = queued(1, later(10));
        let hash = schedule.entry.hash;
        let running = [(schedule.intent.id, hash)];
        let check = |answer: Option<IntentOutcome>, ending: bool, again: usize| {
            let mut end = queued(2, cancel_of(&schedule));
            end.entry.answer = answer.clone();
            let outbox = outbox(vec![end]);
            assert_eq!(outbox.is_ending(hash), ending, "{answer:?}");
            assert_eq!(outbox.ends_to_sign_again(&running).len(), again, "{answer:?}");
        };
        let refused = |code| Some(IntentOutcome::Refused { code, at: NOW, figure: None });
        check(None, true, 0);
        check(Some(IntentOutcome::Settled { at: NOW }), true, 0);
        check(refused(RefusalCode::ClockSkew), true, 1);
        check(refused(RefusalCode::Expired), true, 1);
        check(refused(RefusalCode::AlreadyDecided), false, 0);
        check(refused(RefusalCode::DeviceRevoked), false, 0);
        let nothing = outbox(vec![schedule]);
        assert!(!nothing.is_ending(hash) && nothing.ends_to_sign_again(&running).is_empty());
    }

    #[test]
    fn what_is_held_counts_until_the_feed_shows_it() {
        let mut held = queued(1, send(10));
        held.entry.answer = Some(IntentOutcome::Held { at: NOW });
        let id = held.intent.id;
        let outbox = outbox(vec![held]);
        let wallet = WalletId::new(3, [4; 10]);
        assert_eq!(outbox.outgoing(wallet, Currency::EUR, &BTreeSet::new()), 10);
        assert_eq!(outbox.outgoing(wallet, Currency::EUR, &BTreeSet::from([id])), 0);
        assert!(outbox.upload(NOW, usize::MAX).numbers.is_empty());
    }
}
