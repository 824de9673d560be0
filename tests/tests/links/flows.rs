//! The core on both sides: an app beside a browser, and a device that asks another machine.

use purse_bridge::{
    Amount, Asked, AskedOrder, AskedPayment, AskedPayments, Command, Currency, Every, LinkState, LinkStep,
    Money, Notice, PayOrder, PaymentState, Plan, PurposeView, RequestView, Secret, Stage, TransactionId,
};
use purse_shared::MethodId;
use purse_shared::intent::{Intent, IntentHash, Order, RefundOrder, WithdrawOrder};
use purse_shared::limits::{DAY_MS, MINUTE_MS, NEW_DEVICE_MS};
use purse_shared::link::{Back, DeviceKind, LinkRequest, OneTimeKey, Purpose};
use purse_tests::TestServer;
use purse_tests::person::random10;
use purse_tests::sim::Device;
use purse_tests::sim::people::{fund, offline, online, pay_order, payment, person, register, stranger};
use purse_tests::visit::{App, Browser, Mood};
use std::rc::Rc;

async fn browser(server: &TestServer) -> Rc<Browser> {
    Browser::new(stranger(server).await)
}

/// An app that was let in beside the browser in which its person registered.
async fn app(server: &TestServer, handle: &str) -> App {
    let app = App::new(server, browser(server).await).await;
    app.act(register(handle)).await;
    app.as_device().open();
    app.as_device().catch_up().await;
    app
}

/// The same once more is asked about; the browser, for what needs a passkey.
async fn pay(app: &App, to: &str, minor: i64) -> TransactionId {
    let order = PayOrder { repeat_confirmed: false, ..pay_order(&app.as_device(), to, minor) };
    let id = order.id;
    app.act(Command::Pay(order)).await;
    id
}

fn order(app: &App, to: &str, minor: i64) -> PayOrder {
    let message = "Rent".to_owned();
    PayOrder { message, repeat_confirmed: false, ..pay_order(&app.as_device(), to, minor) }
}

/// The one payment that the page of the last visit asked about.
fn shown_payment(app: &App) -> AskedPayment {
    match app.browser.shown.borrow().as_ref().map(|shown| shown.purpose.clone()) {
        Some(PurposeView::StepUp { payments: AskedPayments::All(payments) }) if payments.len() == 1 => {
            payments[0].clone()
        }
        other => panic!("{other:?}"),
    }
}

fn state(app: &App, id: TransactionId) -> PaymentState {
    payment(&app.as_device(), id).state
}

fn asked(device: &Device) -> RequestView {
    match device.core.view().links.asked.map(|asked| asked.what) {
        Some(Asked::Request(request)) => *request,
        other => panic!("nothing is asked: {other:?}, {:?}", device.core.view().notice),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_is_registered_and_opened_beside_its_browser() {
    let server = TestServer::start().await;
    let mut app = App::new(&server, browser(&server).await).await;
    app.act(register("ana")).await;
    let open = app.as_device().open();
    assert_eq!((open.me.handle.as_str(), open.wallets.len() <= 1), ("ana", true));
    assert_eq!(app.browser.visits.borrow().len(), 1, "one visit for all of it");
    let shown = app.browser.shown.borrow().clone().unwrap();
    assert!(matches!(shown.purpose, PurposeView::LetIn { account: Some(_) }) && !shown.carried);
    assert_eq!(app.core.view().links.visit, None);
    app.as_device().catch_up().await;

    // Both open the same vault: what one writes the other reads.
    person(&server, "kavya").await;
    app.act(Command::AddContact { handle: "kavya".parse().unwrap(), name: "Kavya from work".into() }).await;
    app.as_device().catch_up().await;
    app.browser.device.catch_up().await;
    let known =
        |device: &Device| device.open().contacts.iter().any(|contact| contact.name == "Kavya from work");
    assert!(known(&app.as_device()) && known(&app.browser.device));

    // Closed, without a network: the keychain's own key opens it, with no visit.
    app.restart().await;
    assert!(matches!(app.core.view().stage, Stage::Locked(_)));
    offline(&app.as_device());
    app.act(Command::Unlock).await;
    assert_eq!(app.as_device().open().me.handle.as_str(), "ana");
    assert_eq!(app.browser.visits.borrow().len(), 1);
    online(&app.as_device());

    // It is one of the account's devices, with the way it came in.
    app.as_device().catch_up().await;
    app.act(Command::RefreshAccess).await;
    let open = app.as_device().open();
    let this = open.devices.unwrap().into_iter().find(|device| device.this_device).unwrap();
    assert_eq!(this.let_in_by, Some(app.browser.device.open().me.device));
    assert!(this.limited_until.is_some());
    let links = open.links.unwrap();
    assert_eq!(links.len(), 1);
    assert_eq!((links[0].state, links[0].device), (LinkState::LetIn, this.id));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_in_again_is_a_visit() {
    let server = TestServer::start().await;
    let mut app = app(&server, "ana").await;
    let device = app.as_device().open().me.device;
    app.act(Command::SignIn).await;
    assert_eq!(app.as_device().open().me.device, device, "the same device");
    // Removed in the browser: it comes back as another device, and its own vault opens again.
    app.browser.device.act(Command::RevokeDevice { id: device }).await;
    assert_eq!(app.browser.device.core.view().notice, Some(Notice::DeviceRevoked));
    app.as_device().catch_up().await;
    app.act(Command::SignIn).await;
    let open = app.as_device().open();
    assert_ne!(open.me.device, device);
    app.as_device().catch_up().await;
    // And from now on by its own key again.
    let visits = app.browser.visits.borrow().len();
    app.restart().await;
    app.act(Command::Unlock).await;
    assert_eq!(app.as_device().open().me.device, open.me.device);
    assert_eq!(app.browser.visits.borrow().len(), visits);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_is_no_and_garbage_is_nothing() {
    let server = TestServer::start().await;
    let browser = browser(&server).await;
    browser.device.act(register("ana")).await;
    browser.device.catch_up().await;
    let app = App::new(&server, browser.clone()).await;
    let set = |mood: Mood| *browser.mood.borrow_mut() = mood;
    let tries = async |mood: Mood, notice: Notice| {
        set(mood.clone());
        app.act(Command::SignIn).await;
        assert_eq!(app.core.view().notice, Some(notice), "{mood:?}");
        assert_eq!(app.core.view().stage, Stage::Welcome);
        assert_eq!(app.core.view().links.visit, None);
    };
    tries(Mood::No, Notice::LinkRefused).await;
    browser.device.act(Command::RefreshAccess).await;
    let links = browser.device.open().links.unwrap();
    assert_eq!(links[0].state, LinkState::Refused, "and it is seen in the list");
    let no = browser.answers.borrow().last().cloned().unwrap();
    for answer in ["", "AAAA", "%", &"A".repeat(100_000)] {
        tries(Mood::Answers(answer.to_owned()), Notice::LinkAnswerWrong).await;
    }
    // The answer to another request, good as it was.
    tries(Mood::Answers(no), Notice::LinkAnswerWrong).await;
    browser.device.hand.cancels.set(true);
    tries(Mood::Yes, Notice::PasskeyCancelled).await;
    browser.device.hand.cancels.set(false);
    set(Mood::Yes);
    app.act(Command::SignIn).await;
    app.as_device().open();
    let good = browser.answers.borrow().last().cloned().unwrap();
    app.act(Command::SignOut { discard_queue: true }).await;
    tries(Mood::Answers(good), Notice::LinkAnswerWrong).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_persons_browser_changes_nothing() {
    let server = TestServer::start().await;
    let app = app(&server, "ana").await;
    let bos = browser(&server).await;
    bos.device.act(register("bo1")).await;
    bos.device.catch_up().await;
    let beside_bo = App { machine: app.machine.clone(), core: app.core.clone(), browser: bos.clone() };
    beside_bo.act(Command::SignIn).await;
    assert!(bos.shown.borrow().as_ref().unwrap().somebody_elses);
    assert_eq!(bos.device.core.view().notice, Some(Notice::SomebodyElse));
    assert_eq!(app.as_device().open().me.handle.as_str(), "ana");
    // Nor does Bo's passkey approve what Ana pays.
    fund(&server, &app.as_device(), 100_000).await;
    server.clock.advance(NEW_DEVICE_MS);
    let threshold = app.as_device().open().step_up_from[0].minor;
    let id = pay(&beside_bo, "bo1", threshold).await;
    assert_eq!(bos.device.core.view().notice, Some(Notice::SomebodyElse));
    assert_eq!(state(&app, id), PaymentState::NeedsApproval);
    assert_eq!(bos.device.open().links, None);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_payment_is_approved_in_the_browser() {
    let server = TestServer::start().await;
    let app = app(&server, "ana").await;
    let bo = person(&server, "bo1").await;
    fund(&server, &app.as_device(), 100_000).await;
    server.clock.advance(NEW_DEVICE_MS);
    app.act(Command::LookUp { handle: "bo1".parse().unwrap() }).await;
    let threshold = app.as_device().open().step_up_from[0].minor;
    let visits = || app.browser.visits.borrow().len();
    let before = visits();
    let id = pay(&app, "bo1", threshold).await;
    assert_eq!(visits(), before + 1);
    let AskedPayment { order, amount, .. } = shown_payment(&app);
    let AskedOrder::Send { to, fee, message } = order else { panic!("{order:?}") };
    assert_eq!((to.as_str(), fee.minor, message.as_str()), ("bo1", 0, "Rent"));
    assert_eq!(amount.minor(), threshold);
    app.as_device().catch_up().await;
    assert_eq!(state(&app, id), PaymentState::Settled);

    // Without a network it waits, and nothing asks for a browser that could show nothing.
    offline(&app.as_device());
    assert!(matches!(app.core.sync_once().await, purse_core::Round::Failed { .. }));
    let waits = pay(&app, "bo1", threshold + 1).await;
    assert_eq!((state(&app, waits), visits()), (PaymentState::NeedsApproval, before + 1));
    online(&app.as_device());
    app.as_device().catch_up().await;
    assert_eq!(state(&app, waits), PaymentState::NeedsApproval, "not sent");
    *app.browser.mood.borrow_mut() = Mood::No;
    app.act(Command::Approve { id: waits }).await;
    assert_eq!(app.core.view().notice, Some(Notice::LinkRefused));
    assert_eq!(state(&app, waits), PaymentState::NeedsApproval);
    // The approval of one payment is none of another.
    let old = app.browser.answers.borrow()[before].clone();
    *app.browser.mood.borrow_mut() = Mood::Answers(old);
    app.act(Command::Approve { id: waits }).await;
    assert_eq!(app.core.view().notice, Some(Notice::LinkAnswerWrong));
    *app.browser.mood.borrow_mut() = Mood::Yes;
    app.act(Command::Approve { id: waits }).await;
    app.as_device().catch_up().await;
    assert_eq!(state(&app, waits), PaymentState::Settled);
    bo.catch_up().await;
    assert_eq!(bo.open().wallets[0].balance.minor, 2 * threshold + 1);
    server.stop().await;
}

/// However little it is: it would outlive the low limits. The passkey is asked for before anything is sent.
#[tokio::test(flavor = "multi_thread")]
async fn a_plan_on_a_devices_first_day_is_approved_at_once() {
    let server = TestServer::start().await;
    let app = app(&server, "ana").await;
    person(&server, "bo1").await;
    fund(&server, &app.as_device(), 100_000).await;
    app.act(Command::LookUp { handle: "bo1".parse().unwrap() }).await;
    let until = app.as_device().open().new_until.unwrap();
    assert!((1..=NEW_DEVICE_MS).contains(&(until - app.core.now())), "{until}");
    let visits = || app.browser.visits.borrow().len();
    let before = visits();
    let plan = || Plan { first_at: app.core.now() + DAY_MS, every: Some(Every::Month), times: None };
    app.act(Command::Schedule { order: order(&app, "bo1", 100), plan: plan() }).await;
    assert_eq!(visits(), before + 1);
    let AskedOrder::Schedule { to, .. } = shown_payment(&app).order else { panic!() };
    assert_eq!(to.as_str(), "bo1");
    app.as_device().catch_up().await;
    assert_eq!(app.as_device().open().schedules.len(), 1, "{:?}", app.core.view().notice);

    server.clock.advance(NEW_DEVICE_MS);
    app.as_device().catch_up().await;
    assert_eq!(app.as_device().open().new_until, None);
    app.act(Command::Schedule { order: order(&app, "bo1", 200), plan: plan() }).await;
    app.as_device().catch_up().await;
    assert_eq!((visits(), app.as_device().open().schedules.len()), (before + 1, 2));
    server.stop().await;
}

/// Every kind of order comes to the page with all that its passkey signs for; what only the open wallet can name is
/// asked for there first.
#[tokio::test(flavor = "multi_thread")]
async fn the_page_shows_all_of_what_is_signed() {
    let server = TestServer::start().await;
    let app = app(&server, "ana").await;
    let bo = person(&server, "bo1").await;
    fund(&server, &app.as_device(), 500_000).await;
    server.clock.advance(NEW_DEVICE_MS);
    app.act(Command::LookUp { handle: "bo1".parse().unwrap() }).await;
    let open = app.as_device().open();
    let (wallet, threshold) = (open.wallets[0].wallet, open.step_up_from[0].minor);
    let much = Amount::new(threshold, Currency::EUR).unwrap();
    let new_id = || TransactionId::new(app.core.now(), random10());
    let browser = &app.browser.device;

    let plan = Plan { first_at: app.core.now() + DAY_MS, every: Some(Every::Month), times: None };
    app.act(Command::Schedule { order: order(&app, "bo1", threshold), plan: plan.clone() }).await;
    let AskedOrder::Schedule { to, plan: shown, message, .. } = shown_payment(&app).order else { panic!() };
    assert_eq!((to.as_str(), shown, message.as_str()), ("bo1", plan, "Rent"));

    // The browser is locked, and then signed out: the account's name is behind that.
    let account = open.payment_methods.unwrap().remove(0);
    for ending in [Command::Lock, Command::SignOut { discard_queue: true }] {
        browser.act(ending).await;
        let id = new_id();
        app.act(Command::Withdraw { id, wallet, method: account.id, amount: much }).await;
        let AskedPayment { order, amount, .. } = shown_payment(&app);
        let fee = Money::zero(Currency::EUR);
        assert_eq!(order, AskedOrder::Withdraw { account: account.clone(), fee });
        assert_eq!(amount, much);
        app.as_device().catch_up().await;
        assert_eq!(state(&app, id), PaymentState::Held, "{:?}", app.core.view().notice);
    }

    // What Bo pays goes back to Bo; a browser that is locked cannot say to whom.
    bo.act(Command::LookUp { handle: "ana".parse().unwrap() }).await;
    let bos = PayOrder { from: bo.open().wallets[0].wallet, ..order(&app, "ana", threshold) };
    bo.act(Command::Deposit { wallet: bos.from, amount: much }).await;
    server.clock.advance(2_000);
    for _ in 0..100 {
        bo.catch_up().await;
        if bo.open().wallets[0].balance.minor == threshold {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let paid = bos.id;
    bo.act(Command::Pay(bos)).await;
    bo.catch_up().await;
    app.as_device().catch_up().await;
    browser.act(Command::Lock).await;
    let id = new_id();
    app.act(Command::Refund { id, payment: paid, amount: much, message: "Too much".into() }).await;
    let AskedOrder::Refund { to, paid, message, .. } = shown_payment(&app).order else { panic!() };
    assert_eq!((to.handle.unwrap().as_str(), to.name.as_str()), ("bo1", "bo1 of the tests"));
    assert_eq!((paid, message.as_str()), (much, "Too much"));
    app.as_device().catch_up().await;
    assert_eq!(state(&app, id), PaymentState::Settled, "{:?}", app.core.view().notice);
    server.stop().await;
}

/// A page that cannot say what it would sign signs nothing, whatever it is told.
#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_said_is_not_signed() {
    let server = TestServer::start().await;
    let app = app(&server, "ana").await;
    let device = app.as_device().open().me;
    let browser = &app.browser.device;
    let asks = |order: Order| {
        let intent = Intent {
            id: TransactionId::new(app.core.now(), random10()),
            user: device.user,
            device: device.device,
            seq: 1,
            prev: IntentHash::ZERO,
            created_at: app.core.now(),
            expires_at: app.core.now() + DAY_MS,
            order,
        };
        LinkRequest {
            purpose: Purpose::StepUp { intents: vec![intent] },
            device: device.device,
            device_key: [4; 65],
            name: "Purse on a laptop".to_owned(),
            kind: DeviceKind::Desktop,
            answer_key: OneTimeKey::new(rand::random()).public(),
            nonce: rand::random(),
            back: Back::Loopback { port: 40_000 },
        }
    };
    let amount = Amount::new(50_000, Currency::EUR).unwrap();
    let from = app.as_device().open().wallets[0].wallet;
    let nobodys = MethodId::new(1, random10());
    let withdraw = asks(Order::Withdraw(WithdrawOrder { from, to: nobodys, amount, fee: 0 }));
    let (payer, of) = (device.user, TransactionId::new(1, random10()));
    let refund = asks(Order::Refund(RefundOrder { payer, of, amount, message: String::new() }));
    for request in [withdraw, refund] {
        browser.act(Command::ReadLink { text: request.to_text() }).await;
        browser.catch_up().await;
        let shown = asked(browser);
        assert_eq!(shown.purpose, PurposeView::StepUp { payments: AskedPayments::Unknown });
        browser.act(Command::ApproveLink { link: shown.link }).await;
        assert_eq!(browser.core.view().notice, Some(Notice::OrderInvalid));
        assert_eq!(asked(browser).step, LinkStep::Asks, "no answer goes anywhere");
        // A no is an answer all the same.
        browser.act(Command::RefuseLink { link: shown.link }).await;
        assert!(matches!(asked(browser).step, LinkStep::LeaveFor { refused: true, .. }));
    }
    let cancel = asks(Order::Cancel { id: of, hash: IntentHash([1; 32]) });
    browser.act(Command::ReadLink { text: cancel.to_text() }).await;
    assert_eq!(browser.core.view().links.asked.unwrap().what, Asked::Nothing, "its passkey is never needed");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn protected_acts_ask_in_the_browser() {
    let server = TestServer::start().await;
    let app = app(&server, "ana").await;
    server.clock.advance(6 * MINUTE_MS);
    let before = app.browser.visits.borrow().len();
    app.act(Command::MakeRecoveryCode).await;
    assert!(app.as_device().open().recovery.code_to_show.is_some(), "{:?}", app.core.view().notice);
    assert_eq!(app.browser.visits.borrow().len(), before + 1);
    let shown = app.browser.shown.borrow().clone().unwrap();
    let PurposeView::Confirm { act, .. } = shown.purpose else { panic!("{shown:?}") };
    assert_eq!(act, purse_bridge::Act::MakeRecoveryCode);
    app.act(Command::AddPasskey { name: "Another".into() }).await;
    assert_eq!(app.core.view().notice, Some(Notice::PasskeysInBrowser));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn waiting_can_be_ended_and_the_browser_opened_again() {
    let server = TestServer::start().await;
    let browser = browser(&server).await;
    browser.device.act(register("ana")).await;
    browser.device.catch_up().await;
    let app = App::new(&server, browser.clone()).await;
    *browser.mood.borrow_mut() = Mood::Waits;
    let hand = async {
        while app.core.view().links.visit.is_none() {
            tokio::task::yield_now().await;
        }
        let visit = app.core.view().links.visit.unwrap();
        assert_eq!(visit.address, browser.visits.borrow()[0]);
        app.act(Command::OpenBrowserAgain).await;
        while browser.visits.borrow().len() < 2 {
            tokio::task::yield_now().await;
        }
        assert_eq!(browser.visits.borrow()[0], browser.visits.borrow()[1], "the same request");
        app.act(Command::StopVisit).await;
    };
    futures::join!(app.act(Command::SignIn), hand);
    assert_eq!(app.core.view().links.visit, None);
    assert_eq!(app.core.view().stage, Stage::Welcome);
    assert_eq!(app.core.view().busy, None);
    // A second visit ends the first.
    let second = async {
        while app.core.view().links.visit.is_none() {
            tokio::task::yield_now().await;
        }
        *browser.mood.borrow_mut() = Mood::Yes;
        app.act(Command::SignIn).await;
    };
    futures::join!(app.act(Command::SignIn), second);
    assert_eq!(app.core.view().links.visit, None);
    app.as_device().open();
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_machine_is_let_in_by_what_people_type() {
    let server = TestServer::start().await;
    let ana = person(&server, "ana").await;
    let new = stranger(&server).await;
    new.act(Command::AskToJoin).await;
    let joining = new.core.view().links.joining.unwrap();
    assert!(joining.picture.as_ref().is_some_and(|picture| picture.is_dark(0, 0)));
    ana.act(Command::FindLink { text: joining.code.to_lowercase() }).await;
    let seen = asked(&ana);
    assert!(seen.carried && seen.figures == joining.figures, "both show the same figures");
    assert_eq!(seen.name, "A simulated device");
    // The whole request, scanned, is the same.
    ana.act(Command::FindLink { text: joining.address.clone() }).await;
    assert_eq!(asked(&ana).link, seen.link);
    ana.act(Command::ApproveLink { link: seen.link }).await;
    let LinkStep::ShowCode { groups, .. } = asked(&ana).step else { panic!("{:?}", ana.core.view().notice) };
    let code = groups.0.join(" ");

    // Mistyped; another's; then the right one, once.
    let mut wrong = code.clone().into_bytes();
    wrong[0] = if wrong[0] == b'0' { b'1' } else { b'0' };
    new.act(Command::JoinWith { code: Secret(String::from_utf8(wrong).unwrap()) }).await;
    assert!(new.core.view().links.joining.unwrap().wrong);
    let guess = purse_shared::link::LinkCode::new([9; 16]).groups().concat();
    new.act(Command::JoinWith { code: Secret(guess) }).await;
    assert_eq!(new.core.view().notice, Some(Notice::LinkCodeWrong));
    assert_eq!(new.core.view().stage, Stage::Welcome);
    let thief = stranger(&server).await;
    thief.act(Command::AskToJoin).await;
    thief.act(Command::JoinWith { code: Secret(code.clone()) }).await;
    assert_eq!(thief.core.view().notice, Some(Notice::LinkCodeWrong), "the code is the other device's");
    new.act(Command::JoinWith { code: Secret(code.to_lowercase()) }).await;
    assert_eq!(new.open().me.handle.as_str(), "ana");
    assert_eq!(new.core.view().links.joining, None);
    new.catch_up().await;

    // Its vault is Ana's: notes travel.
    let kavya = person(&server, "kavya").await;
    ana.act(Command::AddContact { handle: kavya.open().me.handle, name: "Kavya from work".into() }).await;
    ana.catch_up().await;
    new.catch_up().await;
    assert!(new.open().contacts.iter().any(|contact| contact.name == "Kavya from work"));
    assert!(matches!(asked(&ana).step, LinkStep::ShowCode { .. }));
    ana.act(Command::Lock).await;
    assert_eq!(ana.core.view().links.asked, None, "a locked app shows no code");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_lets_another_machine_in_through_its_browser() {
    let server = TestServer::start().await;
    let app = app(&server, "ana").await;
    let new = App::new(&server, browser(&server).await).await;
    new.act(Command::AskToJoin).await;
    let joining = new.core.view().links.joining.unwrap();
    app.act(Command::FindLink { text: joining.code }).await;
    let device = app.as_device();
    let link = asked(&device).link;
    app.act(Command::ApproveLink { link }).await;
    let shown = app.browser.shown.borrow().clone().unwrap();
    let PurposeView::Confirm { figures, .. } = shown.purpose else { panic!("{shown:?}") };
    assert_eq!(figures, Some(joining.figures), "the browser says which device");
    let LinkStep::ShowCode { groups, .. } = asked(&device).step else {
        panic!("{:?}", app.core.view().notice)
    };
    new.act(Command::JoinWith { code: Secret(groups.0.concat()) }).await;
    assert_eq!(new.as_device().open().me.handle.as_str(), "ana");
    assert!(new.browser.visits.borrow().is_empty());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_request_asks_for_nothing() {
    let server = TestServer::start().await;
    let ana = person(&server, "ana").await;
    for text in ["", "#", "x", "https://evil.example/#AAAA", &"A".repeat(100_000)] {
        ana.act(Command::ReadLink { text: text.to_owned() }).await;
        let view = ana.core.view().links.asked.unwrap();
        assert_eq!((view.what, view.text.as_str()), (Asked::Nothing, text));
        ana.act(Command::FindLink { text: text.to_owned() }).await;
        assert_eq!(ana.core.view().links.asked.unwrap().what, Asked::Nothing);
    }
    ana.act(Command::FindLink { text: "ZZZZ ZZZZ".into() }).await;
    assert_eq!(ana.core.view().links.asked.unwrap().what, Asked::Nothing, "nobody asks under this code");
    // A yes to what is not shown, or was decided, is none.
    ana.act(Command::ApproveLink { link: purse_shared::link::LinkHash([1; 32]) }).await;
    ana.act(Command::RefreshAccess).await;
    assert_eq!(ana.open().links, Some(Vec::new()));
    server.stop().await;
}
