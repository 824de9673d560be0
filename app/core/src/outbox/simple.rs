//! The outbox against the simple way, which looks at every entry each time; and how many entries it looks at itself.

use super::tests::{cancel_of, looks, queued, send};
use super::*;
use proptest::prelude::*;
use purse_shared::intent::RefundOrder;
use purse_shared::limits::CLOCK_SKEW_MAX_MS;

const NOW: UnixMillis = 1_800_000_000_000;

#[derive(Default)]
struct Simple {
    all: BTreeMap<u64, Queued>,
    told: BTreeSet<TransactionId>,
}

impl Simple {
    fn upload(&self, now: UnixMillis) -> Vec<u64> {
        let mut ready: Vec<&Queued> =
            self.all.values().filter(|queued| self.may_be_sent(queued, now)).collect();
        ready.sort_by_key(|queued| (queued.is_order(), queued.entry.no));
        ready.into_iter().take(INTENTS_PER_SYNC_MAX).map(|queued| queued.entry.no).collect()
    }
    fn may_be_sent(&self, queued: &Queued, now: UnixMillis) -> bool {
        let long_expired = queued.intent.expires_at + CLOCK_SKEW_MAX_MS < now;
        if !queued.is_waiting() {
            return false;
        }
        if queued.entry.cancelled {
            return long_expired || matches!(self.cancelling(queued), Cancelling::Done { .. });
        }
        let in_place_of = self.all.values().find(|old| old.entry.replaced_by == Some(queued.intent.id));
        let free = in_place_of.is_none_or(|old| {
            old.refusal().is_some() || self.cancelling(old) == Cancelling::Done { tombstone: true }
        });
        let waits_for_person = queued.needs_person() && queued.intent.expires_at > now;
        (free || long_expired) && !waits_for_person
    }
    /// By an outbox that holds nothing but the cancellations.
    fn cancelling(&self, of: &Queued) -> Cancelling {
        let mut cancels = Outbox::default();
        let is_of = |queued: &&Queued| matches!(&queued.intent.order, Order::Cancel { hash, .. } if *hash == of.entry.hash);
        self.all.values().filter(is_of).cloned().for_each(|cancel| cancels.put(cancel));
        cancels.cancelling(of.entry.hash)
    }
    fn outgoing(&self, wallet: WalletId) -> i64 {
        let open = self.all.values().filter(|queued| match &queued.entry.answer {
            _ if self.told.contains(&queued.intent.id) => false,
            None => !queued.entry.cancelled && queued.entry.replaced_by.is_none(),
            Some(IntentOutcome::Settled { .. } | IntentOutcome::Held { .. }) => true,
            Some(_) => false,
        });
        open.filter_map(Queued::leaves)
            .filter(|(source, _)| [Source::Wallet(wallet), Source::Currency(Currency::EUR)].contains(source))
            .map(|(_, minor)| minor)
            .sum()
    }
    fn going_back(&self, payer: UserId, of: TransactionId) -> i64 {
        let stands = self.all.values().filter(|queued| {
            queued.refusal().is_none() && !queued.entry.cancelled && !self.told.contains(&queued.intent.id)
        });
        let back = stands.map(|queued| match &queued.intent.order {
            Order::Refund(order) if (order.payer, order.of) == (payer, of) => order.amount.minor(),
            _ => 0,
        });
        back.sum()
    }
    fn shown(&self, waiting: bool) -> Vec<u64> {
        let shown = self.all.values().rev().filter(|queued| {
            let ended = matches!(
                queued.entry.answer,
                Some(IntentOutcome::Settled { .. } | IntentOutcome::Refused { .. })
            );
            queued.is_order()
                && queued.entry.replaced_by.is_none()
                && !self.told.contains(&queued.intent.id)
                && ended != waiting
        });
        shown.map(|queued| queued.entry.no).collect()
    }
    /// By the payee's handle, or by the user who gets something back.
    fn shown_with(&self, is_to: impl Fn(&Order) -> bool) -> Vec<u64> {
        let shown: BTreeSet<u64> =
            [true, false].into_iter().flat_map(|waiting| self.shown(waiting)).collect();
        shown.into_iter().rev().filter(|no| is_to(&self.all[no].intent.order)).collect()
    }
    fn count(&self, is: impl Fn(&Queued) -> bool) -> usize {
        self.all.values().filter(|queued| is(queued)).count()
    }
    fn paid_last(&self, minor: i64) -> Option<UnixMillis> {
        let paid = self.all.values().filter(|queued| {
            let same = queued.send().is_some_and(|send| send.amount.minor() == minor);
            same && queued.refusal().is_none() && !queued.entry.cancelled
        });
        paid.map(|queued| queued.intent.created_at).max()
    }
}

#[derive(Clone, Debug)]
enum Step {
    Order {
        kind: u8,
        minor: i64,
        needs: Option<Need>,
    },
    /// The entry at this place is cancelled, perhaps to be ordered again under the next id.
    Cancel {
        at: prop::sample::Index,
        again: bool,
    },
    Answer {
        at: prop::sample::Index,
        answer: Option<IntentOutcome>,
    },
    Approve {
        at: prop::sample::Index,
    },
    Tell {
        at: prop::sample::Index,
    },
    Remove {
        at: prop::sample::Index,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let refused = |code| Some(IntentOutcome::Refused { code, at: NOW, figure: None });
    let answers = vec![
        None,
        Some(IntentOutcome::Settled { at: NOW }),
        Some(IntentOutcome::Held { at: NOW }),
        refused(RefusalCode::InsufficientFunds),
        refused(RefusalCode::AlreadyDecided),
        refused(RefusalCode::ClockSkew),
        refused(RefusalCode::Cancelled),
    ];
    let payee = Need::Payee { user: UserId::new(1, [9; 10]), display_name: "Kavya".to_owned() };
    let needs = vec![None, None, None, Some(Need::Approval), Some(payee)];
    let at = any::<prop::sample::Index>;
    prop_oneof![
        6 => (0_u8..3, 1_i64..4, prop::sample::select(needs))
            .prop_map(|(kind, minor, needs)| Step::Order { kind, minor, needs }),
        2 => (at(), any::<bool>()).prop_map(|(at, again)| Step::Cancel { at, again }),
        4 => (at(), prop::sample::select(answers)).prop_map(|(at, answer)| Step::Answer { at, answer }),
        1 => at().prop_map(|at| Step::Approve { at }),
        2 => at().prop_map(|at| Step::Tell { at }),
        1 => at().prop_map(|at| Step::Remove { at }),
    ]
}

fn order(kind: u8, minor: i64) -> Order {
    match kind {
        0 | 1 => send(minor),
        _ => Order::Refund(RefundOrder {
            payer: UserId::new(7, [7; 10]),
            of: TransactionId::new(1, [u8::try_from(minor).unwrap(); 10]),
            amount: Amount::new(minor, Currency::EUR).unwrap(),
            message: String::new(),
        }),
    }
}

/// Both ways at once.
#[derive(Default)]
struct Both {
    simple: Simple,
    outbox: Outbox,
    next: u64,
}

impl Both {
    fn put(&mut self, queued: Queued) {
        self.simple.all.insert(queued.entry.no, queued.clone());
        self.outbox.put(queued);
    }
    fn ordered(&mut self, order: Order) -> Queued {
        self.next += 1;
        queued(self.next, order)
    }
    fn at(&self, at: &prop::sample::Index) -> Option<Queued> {
        let all: Vec<&Queued> = self.simple.all.values().collect();
        (!all.is_empty()).then(|| all[at.index(all.len())].clone())
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Order { kind, minor, needs } => {
                let mut new = self.ordered(order(*kind, *minor));
                new.entry.needs = needs.clone();
                self.put(new);
            }
            Step::Cancel { at, again } => {
                let Some(mut of) = self.at(at).filter(|of| of.is_order() && of.is_waiting()) else { return };
                let cancel = self.ordered(cancel_of(&of));
                of.entry.cancelled = true;
                if *again && of.entry.replaced_by.is_none() {
                    let new = self.ordered(of.intent.order.clone());
                    of.entry.replaced_by = Some(new.intent.id);
                    self.put(new);
                }
                self.put(cancel);
                self.put(of);
            }
            Step::Answer { at, answer } => {
                let Some(mut of) = self.at(at) else { return };
                of.entry.answered_at = answer.as_ref().map(|_| NOW);
                of.entry.answer = answer.clone();
                self.put(of);
            }
            Step::Approve { at } => {
                let Some(mut of) = self.at(at) else { return };
                of.entry.step_up = Some(Value::Null);
                self.put(of);
            }
            Step::Tell { at } => {
                let Some(of) = self.at(at).filter(Queued::is_order) else { return };
                self.simple.told.insert(of.intent.id);
                self.outbox.tell(of.intent.id);
            }
            Step::Remove { at } => {
                let Some(of) = self.at(at) else { return };
                self.simple.all.remove(&of.entry.no);
                self.outbox.remove(of.entry.no);
            }
        }
    }

    fn check(&self) -> Result<(), TestCaseError> {
        let Self { simple, outbox, .. } = self;
        for now in [NOW, NOW + DAY_MS, NOW + DAY_MS + CLOCK_SKEW_MAX_MS, NOW + DAY_MS + CLOCK_SKEW_MAX_MS + 1]
        {
            prop_assert_eq!(outbox.upload(now, usize::MAX).numbers, simple.upload(now));
        }
        let wallet = WalletId::new(3, [4; 10]);
        prop_assert_eq!(outbox.outgoing(wallet, Currency::EUR), simple.outgoing(wallet));
        for minor in 1..4 {
            let of = TransactionId::new(1, [minor; 10]);
            let payer = UserId::new(7, [7; 10]);
            prop_assert_eq!(outbox.going_back(payer, of), simple.going_back(payer, of));
            let minor = i64::from(minor);
            let amount = Amount::new(minor, Currency::EUR).unwrap();
            let kavya = "kavya".parse().unwrap();
            prop_assert_eq!(outbox.paid_last(&kavya, amount), simple.paid_last(minor));
        }
        let numbers = |all: Vec<&Queued>| all.into_iter().map(|queued| queued.entry.no).collect::<Vec<_>>();
        prop_assert_eq!(numbers(outbox.queue().collect()), simple.shown(true));
        prop_assert_eq!(numbers(outbox.decided().collect()), simple.shown(false));
        let (kavya, payer) = ("kavya".parse().unwrap(), UserId::new(7, [7; 10]));
        let to_kavya = simple.shown_with(|order| matches!(order, Order::Send(_)));
        prop_assert_eq!(numbers(outbox.shown_to(&kavya).collect()), to_kavya);
        let back = simple.shown_with(|order| matches!(order, Order::Refund(_)));
        prop_assert_eq!(numbers(outbox.shown_back_to(payer).collect()), back);
        prop_assert_eq!(outbox.waiting_payments(), simple.count(|q| q.is_waiting() && q.is_order()));
        let held = |q: &Queued| q.is_waiting() && q.is_order() && q.is_held();
        prop_assert_eq!(outbox.held_payments(), simple.count(held));
        let shown = simple.shown(true);
        let unsent = |q: &Queued| q.is_waiting() && !q.entry.cancelled && !q.needs_person();
        let counts = Counts {
            waiting: shown.len(),
            unsent: simple.count(|q| shown.contains(&q.entry.no) && unsent(q)),
            payments: simple.count(|q| shown.contains(&q.entry.no) && q.send().is_some()),
        };
        prop_assert_eq!(outbox.counts(), counts);
        let again: Vec<u64> = simple
            .all
            .values()
            .filter(|q| q.is_waiting() && q.entry.cancelled && simple.cancelling(q) == Cancelling::SignAgain)
            .map(|q| q.entry.no)
            .collect();
        let found: Vec<u64> = outbox.cancels_to_sign_again().iter().map(|q| q.entry.no).collect();
        prop_assert_eq!(found, again);
        for queued in simple.all.values() {
            let id = queued.intent.id;
            let first = simple.all.values().find(|other| other.intent.id == id && other.is_order());
            prop_assert_eq!(outbox.order(id).map(|q| q.entry.no), first.map(|q| q.entry.no));
            prop_assert!(outbox.knows(&queued.entry.hash));
            let old = simple.all.values().find(|old| old.entry.replaced_by == Some(id));
            prop_assert_eq!(outbox.in_place_of(id), old.map(|old| old.intent.id));
        }
        let old = simple.all.values().filter(|q| q.entry.answered_at.is_some()).map(|q| q.entry.no);
        prop_assert_eq!(outbox.old(NOW + 30 * DAY_MS + 1), old.collect::<Vec<_>>());
        prop_assert_eq!(outbox.old(NOW + 30 * DAY_MS), Vec::<u64>::new());
        Ok(())
    }
}

proptest! {
    #[test]
    fn as_if_every_entry_were_looked_at(steps in prop::collection::vec(step(), 0..50)) {
        let mut both = Both::default();
        for step in &steps {
            both.step(step);
            both.check()?;
        }
        // An opening of the vault, with what the feed has told by then.
        let told = std::mem::take(&mut both.simple.told);
        both.outbox.tell_all(&BTreeSet::new());
        both.check()?;
        both.outbox.tell_all(&told);
        both.simple.told = told;
        both.check()?;
    }
}

/// What one order costs must not grow with what waits already.
#[test]
fn an_order_looks_at_its_neighbours_only() {
    let mut outbox = Outbox::default();
    for no in 1..=10_000 {
        outbox.put(queued(no, send(i64::try_from(no).unwrap())));
    }
    let amount = Amount::new(5, Currency::EUR).unwrap();
    let wallet = WalletId::new(3, [4; 10]);
    let kavya = "kavya".parse().unwrap();
    let new = queued(10_001, send(5));
    let (id, hash) = (new.intent.id, new.entry.hash);
    let ordered = looks(|| {
        assert!(outbox.order(id).is_none() && !outbox.knows(&hash));
        assert_eq!(outbox.paid_last(&kavya, amount), Some(NOW));
        assert!(outbox.outgoing(wallet, Currency::EUR) > 0);
        outbox.put(new);
    });
    assert!(ordered <= 4, "{ordered} entries for one order");
    let upload = outbox.upload(NOW, usize::MAX);
    let sent = looks(|| outbox.upload(NOW, usize::MAX));
    assert!(sent <= INTENTS_PER_SYNC_MAX, "{sent} entries for one upload");
    let answers: Vec<IntentAnswer> = upload
        .numbers
        .iter()
        .map(|no| IntentAnswer {
            hash: outbox.get(*no).unwrap().entry.hash.to_bytes(),
            outcome: IntentOutcome::Settled { at: NOW },
        })
        .collect();
    let answered = looks(|| {
        let changed = outbox.answered(&upload, &answers, NOW);
        for (no, entry) in changed {
            let intent = outbox.get(no).unwrap().intent.clone();
            let id = intent.id;
            outbox.put(Queued { entry, intent });
            outbox.tell(id);
        }
        assert!(outbox.old(NOW).is_empty() && outbox.cancels_to_sign_again().is_empty());
    });
    assert!(answered <= 6 * INTENTS_PER_SYNC_MAX, "{answered} entries for one reply");
    let window = looks(|| {
        assert_eq!(outbox.queue().take(100).count() + outbox.queue_kept_in_view().take(100).count(), 100);
        assert_eq!(outbox.counts().waiting, 10_001 - INTENTS_PER_SYNC_MAX);
    });
    assert!(window <= 101, "{window} entries for one view");
    let person = looks(|| assert_eq!(outbox.shown_to(&kavya).take(10).count(), 10));
    assert_eq!(person, 10, "{person} entries for one person");
}
