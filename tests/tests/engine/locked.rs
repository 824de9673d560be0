//! Nobody at the desk: the vault locks, the queue goes on, and news is heard at once.

use crate::desk::{Desk, PASSPHRASE, answer, give, has, open, opened_with, order, page, shut, state, until};
use purse_bridge::{Command, Locked, Open, PaymentState, Shut, Stage};
use purse_shell::{Clock, Moment};
use purse_tests::TestServer;
use purse_tests::sim::Device;
use purse_tests::sim::people::{fund, pay_order, person};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
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

/// The machine's clocks, of which a test sets one: what a sleep does.
#[derive(Clone, Default)]
struct Slept(Arc<AtomicI64>);

impl Slept {
    fn clock(&self) -> Clock {
        let (start, slept) = (Instant::now(), self.0.clone());
        Clock::new(move || {
            let steady = start.elapsed();
            let wall = i64::try_from(steady.as_millis()).unwrap() + slept.load(Ordering::Relaxed);
            Moment { steady, wall }
        })
    }
    fn sleep(&self, time: Duration) {
        self.0.fetch_add(i64::try_from(time.as_millis()).unwrap(), Ordering::Relaxed);
    }
}

const LOCK_AFTER: Duration = Duration::from_secs(300);

/// A laptop that was closed for a night with the wallet open: its owner's hand, or anybody's, is the first thing that it
/// notices.
#[tokio::test(flavor = "multi_thread")]
async fn woken_up_it_is_locked_whoever_touches_it() {
    let server = TestServer::start().await;
    person(&server, "kavya").await;
    let mut desk = Desk::new(&server).await;
    let funded = desk.funded(&server, "ana", 5_000).await;
    let slept = Slept::default();
    let engine = desk.start_with(|setup| (setup.lock_after, setup.clock) = (Some(LOCK_AFTER), slept.clock()));
    shut(&engine, Shut::AskPassphrase { wrong: false }).await;
    give(&engine, PASSPHRASE);
    open(&engine).await;
    slept.sleep(LOCK_AFTER / 2);
    engine.touched();
    slept.sleep(LOCK_AFTER / 2);
    engine.touched();
    assert!(engine.idle() < LOCK_AFTER / 2);
    assert!(matches!(engine.views().borrow().stage, Stage::Open(_)));

    slept.sleep(Duration::from_secs(8 * 3_600));
    let began = Instant::now();
    engine.touched();
    // What that hand presses comes too late.
    engine.command(Command::Pay(order(&funded, &server, "kavya", 400)));
    engine.touched();
    let view = until(&engine, "locked", |view| locked(&view.stage).is_some()).await;
    assert!(began.elapsed() < Duration::from_secs(5), "at once: {:?}", began.elapsed());
    assert_eq!(locked(&view.stage).unwrap().queued, 0);
    for _ in 0..20 {
        engine.wake();
        engine.touched();
        tokio::time::sleep(Duration::from_millis(20)).await;
        let view = engine.views().borrow().clone();
        assert!(locked(&view.stage).is_some_and(|locked| (locked.queued, locked.held) == (0, 0)), "{view:?}");
    }
    engine.stop().await;
    server.stop().await;
}

/// What pages ask for of their own accord (news came in, the network is back) is nobody's being there.
#[tokio::test(flavor = "multi_thread")]
async fn pages_that_speak_by_themselves_do_not_keep_it_open() {
    let server = TestServer::start().await;
    let mut desk = Desk::new(&server).await;
    let engine = desk.registered("ana").await;
    engine.stop().await;
    let engine = desk.start_with(|setup| setup.lock_after = Some(Duration::from_millis(1_500)));
    shut(&engine, Shut::AskPassphrase { wrong: false }).await;
    give(&engine, PASSPHRASE);
    open(&engine).await;
    let began = Instant::now();
    while locked(&engine.views().borrow().stage).is_none() {
        engine.command(Command::AlertsSeen);
        engine.command(Command::RefreshAccess);
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert!(began.elapsed() < Duration::from_secs(30), "it stays open");
    }
    engine.stop().await;
    server.stop().await;
}

/// Somebody left for the browser and never came back: the payment that they were to confirm waits, and nothing is lost.
#[tokio::test(flavor = "multi_thread")]
async fn a_visit_that_nobody_comes_back_from_ends_locked() {
    let server = TestServer::start().await;
    let payee = person(&server, "kavya").await;
    let mut desk = Desk::new(&server).await;
    desk.funded(&server, "ana", 50_000).await;
    let slept = Slept::default();
    let engine = desk.start_with(|setup| (setup.lock_after, setup.clock) = (Some(LOCK_AFTER), slept.clock()));
    shut(&engine, Shut::AskPassphrase { wrong: false }).await;
    give(&engine, PASSPHRASE);
    let funded = opened_with(&engine, "funded", |open| has(open, 50_000)).await;
    // Known, so that confirming is all that the large one waits for.
    engine.command(Command::LookUp { handle: "kavya".parse().unwrap() });
    opened_with(&engine, "known", |open| open.looked_up.is_some()).await;
    let (large, small) = (order(&funded, &server, "kavya", 20_000), order(&funded, &server, "kavya", 300));
    engine.command(Command::Pay(large.clone()));
    let asked = desk.opened().await;
    slept.sleep(LOCK_AFTER);
    engine.touched();
    assert!(engine.idle() < LOCK_AFTER, "whoever confirms in the browser finds it open");
    engine.command(Command::Pay(small.clone()));
    let settled = |open: &Open| state(open, small.id) == Some(PaymentState::Settled);
    opened_with(&engine, "the queue goes on", settled).await;

    slept.sleep(LOCK_AFTER + Duration::from_millis(purse_shared::limits::LINK_LIFE_MS.unsigned_abs()));
    engine.touched();
    let view = until(&engine, "locked", |view| locked(&view.stage).is_some()).await;
    assert_eq!(locked(&view.stage).unwrap().held, 1, "{view:?}");
    // Its way back is closed.
    let back = page(&desk.browser, &asked, true).await;
    assert!(is_refused(&back).await, "nobody waits there any more");

    engine.command(Command::Unlock);
    shut(&engine, Shut::AskPassphrase { wrong: false }).await;
    give(&engine, PASSPHRASE);
    open(&engine).await;
    engine.command(Command::Approve { id: large.id });
    let address = desk.opened().await;
    answer(&page(&desk.browser, &address, true).await).await;
    let settled = |open: &Open| state(open, large.id) == Some(PaymentState::Settled);
    opened_with(&engine, "paid once it is confirmed", settled).await;
    payee.catch_up().await;
    assert_eq!(received(&payee), 20_300);
    engine.stop().await;
    server.stop().await;
}

async fn is_refused(address: &str) -> bool {
    let client = purse_tests::http().no_proxy().build().unwrap();
    client.get(address).send().await.is_err()
}

fn received(payee: &Device) -> i64 {
    payee.open().wallets.first().map_or(0, |wallet| wallet.balance.minor)
}
