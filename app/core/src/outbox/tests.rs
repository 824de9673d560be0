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
    assert_eq!(outbox.upload(NOW, usize::MAX).numbers, [5, 2, 4], "cancelled: not before its cancellation");
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
    let mut outbox = outbox(vec![settled, cancelled, queued(3, send(30))]);
    assert_eq!(outbox.outgoing(wallet, Currency::EUR), 40);
    outbox.tell(id);
    assert_eq!(outbox.outgoing(wallet, Currency::EUR), 30);
    let held = queued(3, send(30)).intent.id;
    outbox.tell(held);
    assert_eq!(outbox.outgoing(wallet, Currency::EUR), 0, "decided by a late copy");
    assert_eq!(outbox.outgoing(WalletId::new(4, [4; 10]), Currency::EUR), 0);
}

fn later(minor: i64) -> Order {
    let Order::Send(send) = send(minor) else { unreachable!("a payment") };
    Order::Schedule(ScheduleOrder { send, plan: Plan { first_at: NOW + DAY_MS, every: None, times: None } })
}

#[test]
fn every_order_waits_and_takes_what_leaves_its_wallet() {
    let from = WalletId::new(3, [4; 10]);
    let euros = |minor| Amount::new(minor, Currency::EUR).unwrap();
    let dollars = Amount::new(70, Currency::USD).unwrap();
    let Order::Send(payment) = send(100) else { unreachable!("a payment") };
    let withdraw = WithdrawOrder { from, to: MethodId::new(1, [1; 10]), amount: euros(1_000), fee: 35 };
    let exchange = ExchangeOrder { quote: QuoteId::new(1, [1; 10]), from, sell: euros(10_000), buy: dollars };
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
        assert_eq!(outbox.outgoing(from, Currency::EUR), leaves, "{one:?}");
        assert_eq!(outbox.outgoing(WalletId::new(8, [8; 10]), Currency::USD), 0);
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
    let mut outbox = outbox(vec![held]);
    let wallet = WalletId::new(3, [4; 10]);
    assert_eq!(outbox.outgoing(wallet, Currency::EUR), 10);
    outbox.tell(id);
    assert_eq!(outbox.outgoing(wallet, Currency::EUR), 0);
    assert!(outbox.upload(NOW, usize::MAX).numbers.is_empty());
}

thread_local! {
    static LOOKS: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}
/// An entry was looked at.
pub fn looked() {
    LOOKS.with(|looks| looks.set(looks.get() + 1));
}
/// How many entries `work` looks at.
pub fn looks<T>(work: impl FnOnce() -> T) -> usize {
    let before = LOOKS.with(std::cell::Cell::get);
    work();
    LOOKS.with(std::cell::Cell::get) - before
}
