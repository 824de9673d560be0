//! What the server has decided, as this device knows it: the fold of the feed, in order.
//!
//! Architecture invariant: nothing here is computed by the device; a balance is what the server said last.

mod came;

pub use came::Came;

use purse_shared::intent::IntentHash;
use purse_shared::protocol::{
    Direction, FeedEvent, FeedItem, IntentOutcome, ScheduleState, TransactionKind, TransactionRecord,
    WalletState,
};
use purse_shared::request::Reference;
use purse_shared::{DepositId, DeviceId, Handle, TransactionId, UnixMillis, UserId, WalletId};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Debug, Default)]
pub struct Ledger {
    /// The last number applied.
    pub cursor: u64,
    pub wallets: BTreeMap<WalletId, WalletState>,
    /// By feed number: oldest first.
    pub payments: BTreeMap<u64, TransactionRecord>,
    /// Feed numbers of payments, by id: another person may have chosen the same.
    numbers: BTreeSet<(TransactionId, u64)>,
    /// Feed numbers whose payment is told anew under a later one, in the order in which that was noticed.
    pub superseded: Vec<u64>,
    /// Feed numbers that are alerts, with their events.
    pub alerts: BTreeMap<u64, (UnixMillis, FeedEvent)>,
    pub blocked: BTreeSet<UserId>,
    pub device_names: BTreeMap<DeviceId, String>,
    /// Who stood behind a handle in a settled payment.
    pub people: BTreeMap<Handle, Person>,
    /// Own orders (not those of others, whose ids others chose).
    pub own: BTreeSet<TransactionId>,
    pub schedules: BTreeMap<TransactionId, ScheduleState>,
    /// Deposits that no wallet could take. One that is put into its wallet later is told as any other.
    pub set_aside: BTreeSet<DepositId>,
    /// What is set aside of this user's money: the feed number under which it is told, by id and kind.
    held: BTreeMap<(TransactionId, TransactionKind), u64>,
    /// Settled payments to this user, by feed number; `None` where two have one id.
    received: BTreeMap<TransactionId, Option<u64>>,
    /// What went back of them, in minor units.
    returned: BTreeMap<(UserId, TransactionId), i64>,
    /// What came under each reference that a payment to this user names.
    came: BTreeMap<Reference, Came>,
    /// Feed numbers of payments, by who is on their other side; some may be superseded.
    between: BTreeMap<Handle, Vec<u64>>,
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
            FeedEvent::DepositSetAside { deposit, .. } => {
                self.set_aside.insert(*deposit);
                self.alert(item);
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
        let payer = transaction.counterparty.as_ref().and_then(|other| other.user);
        match (transaction.kind, transaction.direction, transaction.of, payer) {
            (TransactionKind::Send, Direction::In, ..) if settled => {
                let two = self.received.contains_key(&transaction.id);
                self.received.insert(transaction.id, (!two).then_some(item.seq));
                self.has_come(item.seq, transaction);
            }
            (TransactionKind::Refund | TransactionKind::Reversal, Direction::Out, Some(of), Some(payer))
                if settled =>
            {
                let back = self.returned.entry((payer, of)).or_default();
                *back = back.saturating_add(transaction.amount.minor());
                self.has_gone_back(payer, of, transaction.amount);
            }
            _ => {}
        }
        let mut told = transaction.clone();
        // How it ended is told under the same id and kind: one payment, as it was ordered and as it ended.
        let key = (told.id, told.kind);
        let is_own = is_own(transaction);
        let before = is_own.then(|| self.held.remove(&key)).flatten();
        let before = before.and_then(|seq| {
            self.numbers.remove(&(told.id, seq));
            self.superseded.push(seq);
            self.payments.remove(&seq)
        });
        if let Some(before) = before {
            (told.created_at, told.device, told.hash) = (before.created_at, before.device, before.hash);
            (told.fee, told.of) = (before.fee.or(told.fee), before.of.or(told.of));
        }
        if is_own && matches!(told.outcome, IntentOutcome::Held { .. }) {
            self.held.insert(key, item.seq);
        }
        self.numbers.insert((told.id, item.seq));
        if let Some(handle) = told.counterparty.as_ref().and_then(|other| other.handle.as_ref()) {
            self.between.entry(handle.clone()).or_default().push(item.seq);
        }
        self.payments.insert(item.seq, told);
        self.alert(item);
    }

    fn alert(&mut self, item: &FeedItem) {
        self.alerts.insert(item.seq, (item.at, item.event.clone()));
    }

    /// Decided, and not at its end: on its way to the bank, or set aside.
    pub fn held(&self) -> impl Iterator<Item = &TransactionRecord> {
        self.held.values().filter_map(|seq| self.payments.get(seq))
    }

    /// The other side of an exchange: what came into the wallet that bought.
    pub fn is_bought_side(record: &TransactionRecord) -> bool {
        record.kind == TransactionKind::Exchange && record.direction == Direction::In
    }

    /// A settled payment to this user. `None` too when two people chose one id for theirs: nobody is guessed.
    pub fn received(&self, id: TransactionId) -> Option<&TransactionRecord> {
        self.payments.get(self.received.get(&id)?.as_ref()?)
    }

    /// What of `payer`'s payment went back so far, by this user or by the operator, in minor units.
    pub fn returned(&self, payer: UserId, of: TransactionId) -> i64 {
        self.returned.get(&(payer, of)).copied().unwrap_or(0)
    }

    /// What went between this user and whoever has that handle, newest first.
    pub fn between(&self, handle: &Handle) -> impl Iterator<Item = &TransactionRecord> {
        let numbers = self.between.get(handle).into_iter().flatten().rev();
        numbers.filter_map(|seq| self.payments.get(seq))
    }

    /// Schedules that go on, with the hash that ends each.
    pub fn running(&self) -> Vec<(TransactionId, IntentHash)> {
        let running = self.schedules.values().filter(|schedule| schedule.next_at.is_some());
        running.filter_map(|s| Some((s.id, IntentHash::try_from(s.hash.clone()).ok()?))).collect()
    }

    /// Every payment that is told under that id, by feed number.
    pub fn of_id(&self, id: TransactionId) -> impl Iterator<Item = (u64, &TransactionRecord)> + Clone {
        let numbers = self.numbers.range((id, 0)..=(id, u64::MAX)).map(|(_, seq)| *seq);
        numbers.filter_map(|seq| Some((seq, self.payments.get(&seq)?)))
    }

    /// Own payments first: another person chooses the ids of what they send.
    pub fn payment(&self, id: TransactionId) -> Option<&TransactionRecord> {
        let mut found = self.of_id(id).map(|(_, record)| record).filter(|r| !Self::is_bought_side(r));
        let first = found.clone().find(|record| is_own(record));
        first.or_else(|| found.next())
    }
}

/// The order that an event may be about; whether it is this user's own is in [`Ledger::own`].
pub fn order_of(event: &FeedEvent) -> Option<TransactionId> {
    match event {
        FeedEvent::Transaction { transaction, .. } => Some(transaction.id),
        FeedEvent::Schedule { schedule } => Some(schedule.id),
        FeedEvent::Wallet { .. }
        | FeedEvent::DeviceAdded { .. }
        | FeedEvent::DeviceRevoked { .. }
        | FeedEvent::DeviceForked { .. }
        | FeedEvent::PasskeyAdded { .. }
        | FeedEvent::PasskeyRevoked { .. }
        | FeedEvent::RecoveryCodeMade
        | FeedEvent::DepositSetAside { .. }
        | FeedEvent::BlockChanged { .. } => None,
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
    use purse_shared::intent::{Every, Plan, ScheduleOrder, SendOrder};
    use purse_shared::protocol::{Counterparty, RefusalCode};
    use purse_shared::{Amount, Currency, Money};

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

    fn record(number: u8, kind: TransactionKind, direction: Direction) -> TransactionRecord {
        TransactionRecord {
            id: TransactionId::new(1, [number; 10]),
            kind,
            direction,
            amount: Amount::new(1_000, Currency::EUR).unwrap(),
            wallet: Some(WalletId::new(1, [1; 10])),
            counterparty: None,
            message: String::new(),
            outcome: IntentOutcome::Settled { at: 5 },
            created_at: 5,
            decided_at: 5,
            device: None,
            hash: None,
            reference: String::new(),
            of: None,
            fee: None,
            bought: None,
        }
    }
    fn from(number: u8) -> Option<Counterparty> {
        let user = Some(UserId::new(1, [number; 10]));
        Some(Counterparty { user, handle: None, display_name: "Kavya".into() })
    }
    fn told(records: &[TransactionRecord]) -> Ledger {
        let mut ledger = Ledger::default();
        for (at, record) in records.iter().enumerate() {
            let event = FeedEvent::Transaction { transaction: record.clone(), wallet: None };
            let seq = u64::try_from(at).unwrap() + 1;
            assert!(ledger.apply(&FeedItem { seq, at: 5, event }));
        }
        ledger
    }
    const REFUSED: IntentOutcome =
        IntentOutcome::Refused { code: RefusalCode::BankRefused, at: 9, figure: None };

    #[test]
    fn what_was_set_aside_and_its_end_are_one_payment() {
        let check = |kind, end: IntentOutcome| {
            let held = TransactionRecord {
                outcome: IntentOutcome::Held { at: 5 },
                device: Some(DeviceId::new(1, [2; 10])),
                hash: Some(IntentHash([3; 32]).to_bytes()),
                fee: Some(Money::new(35, Currency::EUR)),
                ..record(1, kind, Direction::Out)
            };
            let last = TransactionRecord {
                outcome: end.clone(),
                created_at: 9,
                decided_at: 9,
                ..record(1, kind, Direction::Out)
            };
            let ledger = told(std::slice::from_ref(&held));
            assert_eq!(ledger.held().count(), 1);
            let ledger = told(&[held.clone(), last]);
            assert_eq!(ledger.held().count(), 0);
            let all: Vec<_> = ledger.payments.values().collect();
            let want = TransactionRecord { outcome: end, decided_at: 9, ..held };
            assert_eq!(all, [&want]);
            assert!(ledger.own.contains(&want.id));
        };
        check(TransactionKind::Withdraw, IntentOutcome::Settled { at: 9 });
        check(TransactionKind::Withdraw, REFUSED);
        check(TransactionKind::Hold, REFUSED);
    }

    #[test]
    fn nobody_ends_what_is_held_by_choosing_its_id() {
        let held = TransactionRecord {
            outcome: IntentOutcome::Held { at: 5 },
            ..record(1, TransactionKind::Withdraw, Direction::Out)
        };
        let theirs =
            TransactionRecord { counterparty: from(7), ..record(1, TransactionKind::Send, Direction::In) };
        let ledger = told(&[held.clone(), theirs.clone()]);
        assert_eq!(ledger.payments.values().collect::<Vec<_>>(), [&held, &theirs]);
        assert_eq!(ledger.payment(held.id), Some(&held));
        // What they hold is nothing to this user.
        let held_in = TransactionRecord { outcome: IntentOutcome::Held { at: 5 }, ..theirs };
        assert_eq!(told(&[held_in]).held().count(), 0);
    }

    #[test]
    fn what_came_is_known_by_its_reference_and_less_by_what_went_back() {
        let euros = |minor| Money::new(minor, Currency::EUR);
        let paid = |number, payer, message: &str| TransactionRecord {
            counterparty: from(payer),
            message: message.to_owned(),
            ..record(number, TransactionKind::Send, Direction::In)
        };
        let back = |number, payer, of, minor| TransactionRecord {
            counterparty: from(payer),
            amount: Amount::new(minor, Currency::EUR).unwrap(),
            of: Some(TransactionId::new(1, [of; 10])),
            ..record(number, TransactionKind::Refund, Direction::Out)
        };
        let lunch: Reference = "K7QF2M2P".parse().unwrap();
        let check = |records: &[TransactionRecord], sums: &[Money], numbers: &[u64]| {
            let ledger = told(records);
            let came = ledger.came(&lunch).cloned().unwrap_or_default();
            let ids: Vec<_> = ledger.payments_of(&came).map(|record| record.id).collect();
            let want: Vec<_> =
                numbers.iter().rev().map(|seq| records[usize::try_from(*seq).unwrap() - 1].id).collect();
            assert_eq!((came.sums(), ids, came.count()), (sums.to_vec(), want, numbers.len()));
        };
        let (first, second) = (paid(1, 7, "Lunch #K7QF2M2P"), paid(2, 8, "#K7QF2M2P"));
        let other = paid(3, 7, "Lunch K7QF2M2P");
        check(&[], &[], &[]);
        check(std::slice::from_ref(&other), &[], &[]);
        check(&[first.clone(), other.clone(), second.clone()], &[euros(2_000)], &[1, 3]);
        // What did not come, or went out, counts for nothing.
        let refused = TransactionRecord { outcome: REFUSED, ..first.clone() };
        let held = TransactionRecord { outcome: IntentOutcome::Held { at: 5 }, ..first.clone() };
        let sent = TransactionRecord { direction: Direction::Out, ..first.clone() };
        check(&[refused, held, sent], &[], &[]);
        // Some of it back, then all; of another payment, and by another payer's id, nothing.
        check(&[first.clone(), second.clone(), back(4, 7, 1, 400)], &[euros(1_600)], &[1, 2]);
        check(&[first.clone(), back(4, 7, 1, 400), back(5, 7, 1, 600)], &[], &[1]);
        check(&[first.clone(), other, back(4, 7, 3, 400), back(5, 8, 1, 400)], &[euros(1_000)], &[1]);
        // Two payers chose one id.
        let same_id = TransactionRecord { id: first.id, ..second };
        check(&[first, same_id, back(4, 8, 1, 400)], &[euros(1_600)], &[1, 2]);
    }

    #[test]
    fn what_went_between_two_is_known_by_the_other_ones_handle() {
        let named = |number, direction| TransactionRecord {
            counterparty: Some(Counterparty { handle: Some("kavya".parse().unwrap()), ..from(7).unwrap() }),
            ..record(number, TransactionKind::Send, direction)
        };
        let held = TransactionRecord { outcome: IntentOutcome::Held { at: 5 }, ..named(3, Direction::Out) };
        let end = TransactionRecord { outcome: REFUSED, ..named(3, Direction::Out) };
        let nobody = record(4, TransactionKind::Deposit, Direction::In);
        let ledger = told(&[named(1, Direction::Out), held, named(2, Direction::In), nobody, end]);
        let between: Vec<_> =
            ledger.between(&"kavya".parse().unwrap()).map(|record| (record.id, &record.outcome)).collect();
        let id = |number| TransactionId::new(1, [number; 10]);
        let settled = IntentOutcome::Settled { at: 5 };
        assert_eq!(between, [(id(3), &REFUSED), (id(2), &settled), (id(1), &settled)], "one that ended once");
        assert_eq!(ledger.between(&"tom".parse().unwrap()).count(), 0);
    }

    #[test]
    fn an_exchange_keeps_both_sides_and_is_known_by_what_was_sold() {
        let sold = TransactionRecord {
            bought: Some(Money::new(1_078, Currency::USD)),
            ..record(1, TransactionKind::Exchange, Direction::Out)
        };
        let bought = TransactionRecord {
            amount: Amount::new(1_078, Currency::USD).unwrap(),
            ..record(1, TransactionKind::Exchange, Direction::In)
        };
        for records in [[sold.clone(), bought.clone()], [bought, sold.clone()]] {
            let ledger = told(&records);
            assert_eq!(ledger.payments.len(), 2);
            assert_eq!(ledger.payment(sold.id), Some(&sold));
            assert!(ledger.own.contains(&sold.id));
        }
    }

    #[test]
    fn what_went_back_is_counted_by_payer_and_payment() {
        let paid =
            TransactionRecord { counterparty: from(7), ..record(1, TransactionKind::Send, Direction::In) };
        let back = |number, kind, payer, outcome| TransactionRecord {
            of: Some(paid.id),
            counterparty: from(payer),
            outcome,
            ..record(number, kind, Direction::Out)
        };
        let settled = || IntentOutcome::Settled { at: 9 };
        let ledger = told(&[
            paid.clone(),
            back(2, TransactionKind::Refund, 7, settled()),
            back(3, TransactionKind::Reversal, 7, settled()),
            back(4, TransactionKind::Refund, 7, REFUSED),
            back(5, TransactionKind::Refund, 8, settled()),
        ]);
        assert_eq!(ledger.returned(UserId::new(1, [7; 10]), paid.id), 2_000);
        assert_eq!(ledger.received(paid.id), Some(&paid));
        let two = told(&[paid.clone(), TransactionRecord { counterparty: from(8), ..paid.clone() }]);
        assert_eq!(two.received(paid.id), None, "two payers chose one id");
    }

    #[test]
    fn schedules_run_until_they_are_over() {
        let state = |made, next_at| ScheduleState {
            id: TransactionId::new(1, [1; 10]),
            hash: IntentHash([3; 32]).to_bytes(),
            order: ScheduleOrder {
                send: SendOrder {
                    from: WalletId::new(1, [1; 10]),
                    to: "kavya".parse().unwrap(),
                    payee: Some(UserId::new(1, [7; 10])),
                    amount: Amount::new(1_000, Currency::EUR).unwrap(),
                    fee: 0,
                    message: String::new(),
                },
                plan: Plan { first_at: 10, every: Some(Every::Month), times: None },
            },
            made,
            next_at,
        };
        let mut ledger = Ledger::default();
        let item = |seq, schedule| FeedItem { seq, at: 5, event: FeedEvent::Schedule { schedule } };
        assert!(ledger.apply(&item(1, state(0, Some(10)))));
        assert!(ledger.apply(&item(2, state(1, Some(20)))));
        assert_eq!(ledger.running(), [(TransactionId::new(1, [1; 10]), IntentHash([3; 32]))]);
        assert!(ledger.apply(&item(3, state(1, None))));
        assert_eq!(ledger.running(), []);
        assert!(ledger.own.contains(&TransactionId::new(1, [1; 10])));
    }
}
