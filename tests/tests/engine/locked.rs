//! Nobody at the desk: the vault locks, the queue goes on, and news is heard at once.

use crate::desk::{Desk, PASSPHRASE, give, has, open, opened_with, order, shut, until};
use purse_bridge::{Command, Locked, Shut, Stage};
use purse_tests::TestServer;
use purse_tests::sim::people::{fund, pay_order, person};
use std::time::{Duration, Instant};
use tokio::time::timeout;

fn locked(stage: &Stage) -> Option<&Locked> {
    match stage {
        Stage::Locked(locked) => Some(locked),
        _ => None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn news_comes_by_the_live_stream() {
    let server = TestServer::start().await;
    let payer = person(&server, "kavya").await;
    let mut desk = Desk::new(&server).await;
    let engine = desk.registered("ana").await;
    opened_with(&engine, "in step", |open| open.payment_methods.is_some()).await;
    fund(&server, &payer, 5_000).await;
    // From here on the next round by itself would come in a minute.
    let began = Instant::now();
    payer.act(Command::Pay(pay_order(&payer, "ana", 700))).await;
    payer.catch_up().await;
    opened_with(&engine, "paid", |open| has(open, 700)).await;
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());

    // The stream breaks, and what comes after that is heard as well.
    desk.proxy.cut();
    payer.act(Command::Pay(pay_order(&payer, "ana", 300))).await;
    payer.catch_up().await;
    let began = Instant::now();
    opened_with(&engine, "paid again", |open| has(open, 1_000)).await;
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());

    // Locked, it counts what it is told of.
    engine.command(Command::Lock);
    until(&engine, "locked", |view| locked(&view.stage).is_some()).await;
    let mut views = engine.views();
    let mut heard = false;
    // A payment before the stream is back is not counted: it is in the feed all the same.
    for _ in 0..6 {
        payer.act(Command::Pay(pay_order(&payer, "ana", 200))).await;
        payer.catch_up().await;
        let told = views.wait_for(|view| locked(&view.stage).is_some_and(|locked| locked.news > 0));
        if timeout(Duration::from_secs(5), told).await.is_ok() {
            heard = true;
            break;
        }
    }
    assert!(heard, "locked, it hears as well");
    engine.stop().await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_there_locks_and_the_queue_goes_on() {
    let server = TestServer::start().await;
    let payee = person(&server, "kavya").await;
    let mut desk = Desk::new(&server).await;
    let funded = desk.funded(&server, "ana", 5_000).await;

    let lock_after = Duration::from_millis(1_500);
    let engine = desk.start_with(|setup| setup.lock_after = Some(lock_after));
    shut(&engine, Shut::AskPassphrase { wrong: false }).await;
    give(&engine, PASSPHRASE);
    open(&engine).await;
    // Somebody is there for longer than that.
    for _ in 0..15 {
        engine.touched();
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert!(matches!(engine.views().borrow().stage, Stage::Open(_)));
    }
    desk.proxy.black_hole();
    desk.proxy.cut();
    let order = order(&funded, &server, "kavya", 400);
    engine.command(Command::Pay(order));
    let view = until(&engine, "locked", |view| locked(&view.stage).is_some()).await;
    assert_eq!(locked(&view.stage).unwrap().queued, 1);
    // Locked, and the network comes back.
    desk.proxy.heal();
    desk.proxy.cut();
    engine.wake();
    until(&engine, "sent", |view| locked(&view.stage).is_some_and(|locked| locked.queued == 0)).await;
    for _ in 0..100 {
        payee.catch_up().await;
        if has(&payee.open(), 400) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(has(&payee.open(), 400));
    assert!(locked(&engine.views().borrow().stage).is_some(), "it stayed locked");
    engine.stop().await;
    server.stop().await;
}
