//! A queue longer than what a view holds.

use super::*;
use purse_bridge::{PaymentState, QueueTotals};
use purse_shared::Money;

const WINDOW: usize = 100;
const MANY: usize = 230;

/// Somebody without a network for weeks: the view stays a window, its figures are those of all of it, and nothing is
/// left behind when the network comes back.
#[tokio::test(flavor = "multi_thread")]
async fn a_long_queue_is_a_window_and_settles_whole() {
    let server = TestServer::start().await;
    let mut ana = person(&server, "ana", "Ana").await;
    person(&server, "kavya", "Kavya").await;
    fund(&server, &ana, 100_000).await;
    let thresholds = ana.open().step_up_from;
    let step_up = thresholds.iter().find(|money| money.currency == Currency::EUR).unwrap().minor;
    // So that its name needs no confirming.
    ana.act(Command::LookUp { handle: "kavya".parse().unwrap() }).await;
    offline(&ana);
    // Waits for its passkey, older than all others.
    ana.hand.cancels.set(true);
    let held = pay(&ana, "kavya", step_up, "rent", "").await;
    ana.hand.cancels.set(false);
    let mut ids = Vec::new();
    for n in 0..MANY {
        server.clock.advance(1_000);
        ids.push(pay(&ana, "kavya", 10, &format!("coffee {n}"), "").await);
    }
    ana.act(Command::CancelQueued { id: ids[5] }).await;

    let check = |ana: &Device, shown: usize| {
        let open = ana.open();
        // Those that are shown whatever else is are beside the newest.
        let rest = usize::from(shown <= MANY);
        assert_eq!(open.queue.len(), shown.min(MANY + 1) + rest, "{shown}");
        assert_eq!(open.queue.iter().filter(|payment| payment.id == held).count(), 1);
        assert_eq!(open.queue[0].id, ids[MANY - 1], "newest first");
        assert!(open.queue.is_sorted_by_key(|payment| std::cmp::Reverse(payment.ordered_at)));
        let out = step_up + 10 * i64::try_from(MANY - 1).unwrap();
        let want = QueueTotals {
            count: MANY + 1,
            unsent: MANY - 1,
            payments: MANY + 1,
            sums: vec![Money::new(out, Currency::EUR)],
        };
        assert_eq!(open.queued, want);
        assert_eq!(open.wallets[0].after_queue.minor, 100_000 - out);
        assert_eq!(open.activity_complete, shown > MANY);
    };
    check(&ana, WINDOW);
    ana.restart().await;
    offline(&ana);
    check(&ana, WINDOW);
    // The first of them is far behind the window, and is there for whoever asks.
    assert!(ana.open().queue.iter().all(|payment| payment.id != ids[0]));
    for id in [ids[0], ids[5], held] {
        ana.act(Command::ShowPayment { id }).await;
    }
    let state = |ana: &Device, id| {
        let looked_at = ana.open().looked_at.into_iter().find(|one| one.id == id).unwrap();
        looked_at.payment.map(|payment| payment.state)
    };
    assert_eq!(state(&ana, ids[0]), Some(PaymentState::Queued));
    assert_eq!(state(&ana, ids[5]), Some(PaymentState::Cancelling));
    assert_eq!(state(&ana, held), Some(PaymentState::NeedsApproval));
    ana.act(Command::LoadOlder).await;
    check(&ana, 2 * WINDOW);
    ana.act(Command::LoadOlder).await;
    check(&ana, 3 * WINDOW);

    online(&ana);
    ana.catch_up().await;
    assert_eq!(ana.open().queued.count, 1, "only what waits for its passkey");
    ana.act(Command::Approve { id: held }).await;
    ana.catch_up().await;
    let open = ana.open();
    assert_eq!((open.queue.len(), open.queued), (0, QueueTotals::default()));
    let paid = step_up + 10 * i64::try_from(MANY - 1).unwrap();
    assert_eq!(open.wallets[0].balance.minor, 100_000 - paid);
    assert_eq!(open.wallets[0].after_queue, open.wallets[0].available);
    assert_eq!(state(&ana, ids[0]), Some(PaymentState::Settled), "the same page goes on being right");
    assert_eq!(state(&ana, ids[5]), Some(PaymentState::Cancelled));
    let unknown = TransactionId::new(1, [9; 10]);
    ana.act(Command::ShowPayment { id: unknown }).await;
    assert_eq!(state(&ana, unknown), None);
    // Everything is listed once, and the list ends.
    while !ana.open().activity_complete {
        ana.act(Command::LoadOlder).await;
    }
    let mut listed: Vec<_> = ana.open().activity.iter().map(|payment| payment.id).collect();
    listed.sort_unstable();
    listed.dedup();
    assert_eq!(listed.len(), MANY + 2, "and the deposit");
    assert_eq!(ana.open().activity.len(), MANY + 2);
    server.stop().await;
}
