//! Something on the machine asks its owner for something, and nobody answers: a keychain, a finger's sensor.

use crate::asking::Keychain;
use crate::desk::{Desk, open, opened_with, order, state, until};
use purse_bridge::{Command, PaymentState, Stage, TransactionId};
use purse_shell::Engine;
use purse_tests::TestServer;
use purse_tests::sim::people::{fund, person};
use std::time::{Duration, Instant};

fn is_settled(open: &purse_bridge::Open, id: TransactionId) -> bool {
    state(open, id) == Some(PaymentState::Settled)
}

async fn until_marked(keychain: &Keychain, holds: impl Fn(u64) -> bool) -> u64 {
    for _ in 0..1_200 {
        let mark = keychain.mark();
        if holds(mark) {
            return mark;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the mark stays {}", keychain.mark());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_keychain_that_asks_stops_no_payment() {
    let server = TestServer::start().await;
    let payee = person(&server, "kavya").await;
    let keychain = Keychain::default();
    let mut desk = Desk::new(&server).await;
    let engine = desk.registered_with("ana", |setup| setup.keychain = keychain.choice()).await;
    fund(&server, &desk.browser, 10_000).await;
    let funded = opened_with(&engine, "funded", |open| {
        open.wallets.first().is_some_and(|wallet| wallet.balance.minor == 10_000)
    })
    .await;
    let paid = order(&funded, &server, "kavya", 100);
    engine.command(Command::Pay(paid.clone()));
    opened_with(&engine, "settled", |open| is_settled(open, paid.id)).await;
    let before = until_marked(&keychain, |mark| mark > 0).await;

    // From here on it asks, and nobody is there.
    keychain.set_asks(true);
    for minor in [1, 2, 4] {
        let order = order(&funded, &server, "kavya", minor);
        let began = Instant::now();
        let id = order.id;
        // The third of them may come before the server was asked.
        loop {
            engine.command(Command::Pay(order.clone()));
            let view = until(&engine, "done", |view| view.busy.is_none() && decided(view, id)).await;
            if has(&view.stage, id) {
                break;
            }
            engine.wake();
            tokio::time::sleep(Duration::from_millis(50)).await;
            assert!(began.elapsed() < Duration::from_secs(60), "never queued: {:?}", view.notice);
        }
        opened_with(&engine, "settled while it asks", |open| is_settled(open, id)).await;
        assert!(began.elapsed() < Duration::from_secs(60), "{:?}", began.elapsed());
    }
    assert_eq!(keychain.mark(), before);

    // It is locked, and opened, all the same.
    engine.command(Command::Lock);
    until(&engine, "locked", |view| matches!(view.stage, Stage::Locked(_))).await;
    engine.command(Command::Unlock);
    open(&engine).await;

    // Somebody answers: what is written is the newest, and it goes on as before.
    keychain.set_asks(false);
    until_marked(&keychain, |mark| mark == before + 3).await;
    let last = order(&funded, &server, "kavya", 8);
    pay_until_settled(&engine, &last).await;
    until_marked(&keychain, |mark| mark == before + 4).await;
    engine.stop().await;

    // A start finds nothing to ask about.
    let engine = desk.start_with(|setup| setup.keychain = keychain.choice());
    until(&engine, "locked", |view| matches!(view.stage, Stage::Locked(_))).await;
    engine.command(Command::Unlock);
    open(&engine).await;
    pay_until_settled(&engine, &order(&funded, &server, "kavya", 16)).await;
    payee.catch_up().await;
    assert_eq!(payee.open().wallets[0].balance.minor, 100 + 1 + 2 + 4 + 8 + 16, "each once");
    engine.stop().await;
    server.stop().await;
}

fn has(stage: &Stage, id: TransactionId) -> bool {
    matches!(stage, Stage::Open(open) if state(open, id).is_some())
}

/// Queued, or a notice says why not.
fn decided(view: &purse_bridge::View, id: TransactionId) -> bool {
    has(&view.stage, id) || view.notice.is_some()
}

/// After the keychain's owner was away, the server is asked once more first.
async fn pay_until_settled(engine: &Engine, order: &purse_bridge::PayOrder) {
    for _ in 0..600 {
        engine.command(Command::Pay(order.clone()));
        engine.wake();
        tokio::time::sleep(Duration::from_millis(100)).await;
        if has(&engine.views().borrow().stage, order.id) {
            opened_with(engine, "settled", |open| is_settled(open, order.id)).await;
            return;
        }
    }
    panic!("never queued: {:?}", engine.views().borrow().notice);
}

/// A question that is never answered is nothing under way: the wallet locks, and the app ends, as if it were not there.
#[tokio::test(flavor = "multi_thread")]
async fn a_sensor_that_never_answers_keeps_nothing_open() {
    let server = TestServer::start().await;
    let keychain = Keychain::default();
    let mut desk = Desk::new(&server).await;
    let engine = desk
        .registered_with("ana", |setup| {
            setup.keychain = keychain.choice();
            setup.lock_after = Some(Duration::from_millis(1_500));
        })
        .await;
    until(&engine, "locked", |view| matches!(view.stage, Stage::Locked(_))).await;
    desk.sensor.be_silent(true);
    engine.command(Command::Unlock);
    desk.sensor.until_asked().await;
    assert!(matches!(engine.views().borrow().stage, Stage::Locked(_)));
    // Asked once more, it answers.
    desk.sensor.be_silent(false);
    engine.command(Command::Unlock);
    open(&engine).await;
    until(&engine, "locked again", |view| matches!(view.stage, Stage::Locked(_))).await;
    let began = Instant::now();
    engine.stop().await;
    assert!(began.elapsed() < Duration::from_secs(4), "it waits for nobody: {:?}", began.elapsed());
    server.stop().await;
}
