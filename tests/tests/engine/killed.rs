//! Killed with -9: between *queued* and sent, and in the middle of sending.

use crate::desk::{Desk, has, open, opened_with, order, state};
use crate::process::pays_and_says_queued;
use purse_bridge::{Open, PayOrder, PaymentState};
use purse_tests::TestServer;
use purse_tests::sim::Device;
use purse_tests::sim::people::person;
use std::time::Duration;

/// What the payee has, once everything that is on its way has arrived.
async fn received(payee: &Device) -> (usize, i64) {
    payee.catch_up().await;
    let open = payee.open();
    (open.activity.len(), open.wallets.first().map_or(0, |wallet| wallet.balance.minor))
}

/// Answers come while the vault is locked, balances when it is open: both, and no other sum.
fn is_paid(open: &Open, orders: &[PayOrder], left_minor: i64) -> bool {
    let settled = |order: &PayOrder| state(open, order.id) == Some(PaymentState::Settled);
    orders.iter().all(settled) && has(open, left_minor)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_queued_is_paid_once() {
    let server = TestServer::start().await;
    let payee = person(&server, "kavya").await;
    let mut desk = Desk::new(&server).await;
    let before = desk.funded(&server, "ana", 10_000).await;

    let orders: Vec<PayOrder> = (1..=3).map(|n| order(&before, &server, "kavya", 100 * n)).collect();
    desk.proxy.black_hole();
    desk.proxy.cut();
    let origin = desk.setup().origin;
    let mut child = pays_and_says_queued(&desk.folder, &origin, &orders).await;
    child.kill().await.unwrap();
    assert_eq!(received(&payee).await, (0, 0), "nothing had left");

    // It opens, and all three are there, still without a network.
    let engine = desk.started().await;
    let again = open(&engine).await;
    for order in &orders {
        let found = state(&again, order.id);
        assert!(matches!(found, Some(PaymentState::Queued | PaymentState::Sending)), "{found:?}");
    }
    desk.proxy.heal();
    desk.proxy.cut();
    engine.wake();
    opened_with(&engine, "settled", |open| is_paid(open, &orders, 10_000 - 600)).await;
    assert_eq!(received(&payee).await, (3, 600));
    engine.stop().await;
    // And once more from the start: nothing is sent twice.
    let engine = desk.started().await;
    let last = opened_with(&engine, "settled", |open| is_paid(open, &orders, 10_000 - 600)).await;
    assert_eq!((last.queue.len(), received(&payee).await), (0, (3, 600)));
    engine.stop().await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_it_sends_nothing_is_lost_or_doubled() {
    let server = TestServer::start().await;
    let payee = person(&server, "kavya").await;
    let mut desk = Desk::new(&server).await;
    let before = desk.funded(&server, "ana", 10_000).await;
    // Requests and replies take their time, so that the end comes between them.
    desk.proxy.delay(Duration::from_millis(60));
    let origin = desk.setup().origin;
    let mut all = Vec::new();
    for life in 0..6_u64 {
        let orders: Vec<PayOrder> = (0..2).map(|_| order(&before, &server, "kavya", 10)).collect();
        let mut child = pays_and_says_queued(&desk.folder, &origin, &orders).await;
        tokio::time::sleep(Duration::from_millis(life * 37)).await;
        child.kill().await.unwrap();
        all.extend(orders);
    }
    desk.proxy.heal();
    let engine = desk.started().await;
    let paid = 10 * i64::try_from(all.len()).unwrap();
    opened_with(&engine, "settled", |open| is_paid(open, &all, 10_000 - paid)).await;
    assert_eq!(received(&payee).await, (all.len(), paid));
    engine.stop().await;
    server.stop().await;
}
