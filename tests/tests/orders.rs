//! The real client core against the real server: orders beside paying somebody now. To the bank, between one's own
//! wallets, back to a payer, later; with and without a network.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use purse_bridge::{
    AlertKind, Command, Every, Fee, Fees, MethodId, Money, Notice, PaymentKind, PaymentState, Plan,
};
use purse_shared::limits::{DAY_MS, MINUTE_MS, QUOTE_LIFE_MS};
use purse_shared::{Currency, TransactionId, WalletId};
use purse_tests::sim::Device;
use purse_tests::sim::people::{funded, new_id, offline, online, pay_order, payment, person, place};
use purse_tests::{TestServer, euro};

fn wallet(device: &Device, currency: Currency) -> purse_bridge::WalletView {
    device.open().wallets.into_iter().find(|wallet| wallet.balance.currency == currency).unwrap()
}
fn euros(device: &Device) -> WalletId {
    wallet(device, Currency::EUR).wallet
}
fn balance(device: &Device, currency: Currency) -> i64 {
    wallet(device, currency).balance.minor
}
/// Available, held, and left after the queue, in euro cents.
fn figures(device: &Device) -> (i64, i64, i64) {
    let wallet = wallet(device, Currency::EUR);
    (wallet.available.minor, wallet.held.minor, wallet.after_queue.minor)
}
fn bank(device: &Device) -> MethodId {
    device.open().payment_methods.unwrap().into_iter().find(|method| method.verified).unwrap().id
}
fn is_queued(device: &Device, id: TransactionId) -> bool {
    device.open().queue.iter().any(|payment| payment.id == id)
}

async fn until(server: &TestServer, device: &Device, what: &str, is_so: impl Fn() -> bool) {
    for _ in 0..200 {
        device.catch_up().await;
        if is_so() {
            return;
        }
        server.clock.advance(500);
        tokio::time::sleep(std::time::Duration::from_millis(30)).await;
    }
    panic!("never: {what}");
}

async fn withdraw(device: &Device, minor: i64) -> TransactionId {
    let id = new_id(device);
    let order = Command::Withdraw { id, wallet: euros(device), method: bank(device), amount: euro(minor) };
    device.act(order).await;
    id
}

async fn pay(device: &Device, to: &str, minor: i64) -> TransactionId {
    let id = place(device, pay_order(device, to, minor)).await;
    device.catch_up().await;
    assert_eq!(payment(device, id).state, PaymentState::Settled);
    id
}

fn fees() -> Fees {
    let fee = |minor, basis_points| Fee { fixed: vec![Money::new(minor, Currency::EUR)], basis_points };
    Fees { send: fee(10, 0), withdraw: fee(35, 50) }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawal_waits_is_on_its_way_and_is_there() {
    let server = TestServer::start_with(|settings| settings.fees = fees()).await;
    let mut ana = funded(&server, "ana", 20_000).await;
    assert_eq!(ana.open().fees, fees());

    offline(&ana);
    ana.core.sync_once().await;
    ana.restart().await;
    // The bank is known without a network, and after the app was closed.
    let id = withdraw(&ana, 10_000).await;
    let queued = payment(&ana, id);
    assert_eq!((queued.kind, &queued.state), (PaymentKind::Withdrawal, &PaymentState::Queued));
    assert_eq!(queued.fee, Some(euro(85)));
    assert_eq!(figures(&ana), (20_000, 0, 20_000 - 10_085));

    online(&ana);
    ana.catch_up().await;
    let held = payment(&ana, id);
    assert_eq!(held.state, PaymentState::Held);
    assert!(is_queued(&ana, id), "not at its end");
    assert_eq!(figures(&ana), (9_915, 10_085, 9_915));
    until(&server, &ana, "at the bank", || payment(&ana, id).state == PaymentState::Settled).await;
    let there = payment(&ana, id);
    assert!(!is_queued(&ana, id));
    assert_eq!((there.ordered_at, there.fee), (held.ordered_at, Some(euro(85))));
    assert_eq!(figures(&ana), (9_915, 0, 9_915));
    let withdrawn =
        ana.open().alerts.iter().filter(|alert| matches!(alert.what, AlertKind::Withdrawn { .. })).count();
    assert_eq!(withdrawn, 1);
    let fee = ana.open().activity.into_iter().find(|payment| payment.kind == PaymentKind::Fee).unwrap();
    assert_eq!((fee.amount, fee.of), (euro(85), Some(id)));

    // The bank sends this one back.
    let id = withdraw(&ana, 1_313).await;
    until(&server, &ana, "sent back", || matches!(payment(&ana, id).state, PaymentState::Refused { .. }))
        .await;
    assert_eq!(figures(&ana), (9_915, 0, 9_915));
    assert!(ana.open().alerts.iter().any(|alert| matches!(alert.what, AlertKind::NotWithdrawn { .. })));

    // Too much is said before anything is queued; the fee counts.
    let id = withdraw(&ana, 9_900).await;
    assert!(!is_queued(&ana, id));
    // 0.35, and half a percent to the even cent: 0.85.
    let euros = |minor| Money::new(minor, Currency::EUR);
    let (available, missing) = (euros(9_915), euros(9_900 + 85 - 9_915));
    assert_eq!(ana.core.view().notice, Some(Notice::InsufficientFunds { available, missing }));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queued_withdrawal_is_taken_back_approved_and_carried_in_a_file() {
    let server = TestServer::start().await;
    let ana = funded(&server, "ana", 50_000).await;
    offline(&ana);
    ana.core.sync_once().await;
    let (kept, back) = (withdraw(&ana, 1_000).await, withdraw(&ana, 2_000).await);
    ana.act(Command::CancelQueued { id: back }).await;
    assert_eq!(payment(&ana, back).state, PaymentState::Cancelling);
    // Above the step-up amount the passkey was asked for at once.
    let large = withdraw(&ana, 30_000).await;
    assert_eq!(payment(&ana, large).state, PaymentState::Queued);
    assert_eq!(figures(&ana).2, 50_000 - 31_000);
    ana.act(Command::SaveQueueToFile).await;
    let (_, file) = ana.machine.files.borrow().last().cloned().unwrap();
    ana.act(Command::ImportQueue { file }).await;
    assert_eq!(ana.core.view().notice, Some(Notice::QueueImported { count: 0 }));

    online(&ana);
    until(&server, &ana, "both at the bank", || {
        [kept, large].iter().all(|id| payment(&ana, *id).state == PaymentState::Settled)
    })
    .await;
    assert_eq!(payment(&ana, back).state, PaymentState::Cancelled);
    assert_eq!(figures(&ana), (19_000, 0, 19_000));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offer_is_taken_once_and_in_its_minute() {
    let server = TestServer::start().await;
    let ana = funded(&server, "ana", 20_000).await;
    let ask = Command::AskQuote { sell: euro(10_000), buy: Currency::USD };
    ana.act(ask.clone()).await;
    let quote = ana.open().quote.expect("an offer");
    assert_eq!((quote.sell, quote.buy.currency()), (euro(10_000), Currency::USD));
    assert!(quote.kept.minor > 0 && quote.expires_at > ana.core.now());

    let id = new_id(&ana);
    ana.act(Command::Exchange { id, quote: quote.id }).await;
    assert_eq!(ana.open().quote, None, "one offer, one order");
    ana.act(Command::Exchange { id, quote: quote.id }).await;
    ana.act(Command::Exchange { id: new_id(&ana), quote: quote.id }).await;
    assert_eq!(ana.core.view().notice, Some(Notice::QuoteOver));
    ana.catch_up().await;
    let exchanged = payment(&ana, id);
    assert_eq!((exchanged.kind, &exchanged.state), (PaymentKind::Exchange, &PaymentState::Settled));
    assert_eq!((exchanged.amount, exchanged.bought), (euro(10_000), Some(quote.buy)));
    assert_eq!(balance(&ana, Currency::EUR), 10_000);
    assert_eq!(balance(&ana, Currency::USD), quote.buy.minor());

    // Over: nothing is ordered, and the view shows it no more.
    ana.act(ask.clone()).await;
    let quote = ana.open().quote.expect("another offer");
    server.clock.advance(QUOTE_LIFE_MS + 1_000);
    assert_eq!(ana.open().quote, None);
    let late = new_id(&ana);
    ana.act(Command::Exchange { id: late, quote: quote.id }).await;
    assert_eq!(ana.core.view().notice, Some(Notice::QuoteOver));
    assert!(!is_queued(&ana, late));

    // Without a network there is no offer, and none is taken.
    offline(&ana);
    ana.core.sync_once().await;
    ana.act(ask).await;
    assert_eq!((ana.core.view().notice, ana.open().quote), (Some(Notice::NeedsNetwork), None));
    ana.act(Command::Exchange { id: late, quote: quote.id }).await;
    assert_eq!(ana.core.view().notice, Some(Notice::NeedsNetwork));
    assert!(!is_queued(&ana, late));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_goes_back_in_parts_and_never_more_than_it_was() {
    let server = TestServer::start().await;
    let (ana, shop) = (funded(&server, "ana", 10_000).await, person(&server, "shop").await);
    let paid = pay(&ana, "shop", 5_000).await;
    shop.catch_up().await;
    assert_eq!(payment(&shop, paid).returnable, Some(euro(5_000)));
    assert_eq!(payment(&ana, paid).returnable, None, "not the payer's to give back");

    offline(&shop);
    shop.core.sync_once().await;
    let refund = async |minor| {
        let id = new_id(&shop);
        let message = "Wrong size".to_owned();
        shop.act(Command::Refund { id, payment: paid, amount: euro(minor), message }).await;
        id
    };
    let part = refund(2_000).await;
    let queued = payment(&shop, part);
    assert_eq!((queued.kind, &queued.state), (PaymentKind::RefundOut, &PaymentState::Queued));
    assert_eq!((queued.party.name.as_str(), queued.of), ("ana of the tests", Some(paid)));
    assert_eq!(payment(&shop, paid).returnable, Some(euro(3_000)), "what is queued counts");
    assert_eq!(figures(&shop), (5_000, 0, 3_000));
    let too_much = refund(3_001).await;
    assert_eq!(shop.core.view().notice, Some(Notice::OrderInvalid));
    assert!(!is_queued(&shop, too_much));

    online(&shop);
    shop.catch_up().await;
    assert_eq!(payment(&shop, part).state, PaymentState::Settled);
    let rest = refund(3_000).await;
    shop.catch_up().await;
    assert_eq!(payment(&shop, rest).state, PaymentState::Settled);
    assert_eq!(payment(&shop, paid).returnable, None);
    ana.catch_up().await;
    assert_eq!((figures(&ana).0, figures(&shop).0), (10_000, 0));
    let got = payment(&ana, part);
    assert_eq!((got.kind, got.of, got.message.as_str()), (PaymentKind::RefundIn, Some(paid), "Wrong size"));
    assert!(
        ana.open()
            .alerts
            .iter()
            .any(|alert| matches!(&alert.what, AlertKind::GivenBack { id, .. } if *id == rest))
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schedule_is_confirmed_pays_on_its_days_and_is_stopped() {
    let server = TestServer::start().await;
    let (ana, shop) = (funded(&server, "ana", 10_000).await, person(&server, "shop").await);
    offline(&ana);
    ana.core.sync_once().await;
    let order = pay_order(&ana, "shop", 1_000);
    let id = order.id;
    let plan = Plan { first_at: ana.core.now() + DAY_MS, every: Some(Every::Day), times: None };
    ana.act(Command::Schedule { order, plan: plan.clone() }).await;
    let queued = payment(&ana, id);
    assert_eq!((queued.kind, &queued.state), (PaymentKind::Schedule, &PaymentState::Queued));
    assert_eq!(queued.plan, Some(plan.clone()));
    assert_eq!(figures(&ana), (10_000, 0, 10_000), "nothing leaves before its day");

    // Nobody had looked the payee up.
    online(&ana);
    ana.catch_up().await;
    assert!(matches!(payment(&ana, id).state, PaymentState::ConfirmPayee { .. }));
    ana.act(Command::ConfirmPayee { id }).await;
    until(&server, &ana, "it runs", || !ana.open().schedules.is_empty()).await;
    let running = ana.open().schedules[0].clone();
    assert_eq!((running.in_place_of, running.made), (Some(id), 0));
    assert_eq!((running.next_at, running.plan), (plan.first_at, plan));
    assert!(ana.open().queue.is_empty());

    server.clock.advance(DAY_MS + MINUTE_MS);
    until(&server, &ana, "the first is made", || ana.open().schedules[0].made == 1).await;
    assert_eq!(figures(&ana).0, 9_000);
    let made = ana.open().activity.into_iter().find(|payment| payment.of == Some(running.id)).unwrap();
    assert_eq!((made.kind, made.state), (PaymentKind::Out, PaymentState::Settled));
    shop.catch_up().await;
    assert_eq!(figures(&shop).0, 1_000);

    // Stopped without a network: said, and once is enough.
    offline(&ana);
    ana.core.sync_once().await;
    ana.act(Command::EndSchedule { id: running.id }).await;
    ana.act(Command::EndSchedule { id: running.id }).await;
    assert!(ana.open().schedules[0].ending);
    online(&ana);
    until(&server, &ana, "it is over", || ana.open().schedules.is_empty()).await;
    server.clock.advance(3 * DAY_MS);
    ana.catch_up().await;
    assert_eq!(figures(&ana).0, 9_000);

    // One that lies in the past cannot be ordered.
    let order = pay_order(&ana, "shop", 1_000);
    let plan = Plan { first_at: ana.core.now() - 1, every: None, times: None };
    ana.act(Command::Schedule { order, plan }).await;
    assert_eq!(ana.core.view().notice, Some(Notice::OrderInvalid));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fee_that_changed_is_learnt() {
    let mut server = TestServer::start().await;
    let ana = funded(&server, "ana", 10_000).await;
    let _shop = person(&server, "shop").await;
    server.restart_with(|settings| settings.fees = fees()).await;
    let order = pay_order(&ana, "shop", 1_000);
    let id = order.id;
    ana.act(Command::Pay(order)).await;
    ana.catch_up().await;
    let PaymentState::Refused { reason } = payment(&ana, id).state else { panic!("{:?}", payment(&ana, id)) };
    assert_eq!(reason.code, "fee_changed");
    ana.act(Command::Retry).await;
    ana.catch_up().await;
    assert_eq!(ana.open().fees, fees());
    let id = pay(&ana, "shop", 1_000).await;
    assert_eq!(payment(&ana, id).fee, Some(euro(10)));
    assert_eq!(figures(&ana).0, 8_990);
    server.stop().await;
}
