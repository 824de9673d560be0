//! A payment, through everything that can go wrong with it.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_queued_offline_survives_a_restart_and_settles_once() {
    let server = TestServer::start().await;
    let (mut ana, kavya) = (person(&server, "ana").await, person(&server, "kavya").await);
    fund(&server, &ana, 10_000).await;

    offline(&ana);
    ana.core.sync_once().await;
    assert!(matches!(ana.core.view().network, Network::Offline { .. }));
    let id = pay(&ana, "kavya", 1_850).await;
    assert_eq!(state(&ana, id), PaymentState::Queued);
    let wallet = ana.open().wallets[0].clone();
    assert_eq!((wallet.balance.minor, wallet.after_queue.minor), (10_000, 8_150));
    let forgets = ana.machine.store.backup();

    ana.restart().await;
    assert_eq!(state(&ana, id), PaymentState::Queued, "still there after the app was closed");
    ana.core.sync_once().await;

    online(&ana);
    ana.catch_up().await;
    assert_eq!(state(&ana, id), PaymentState::Settled);
    assert_eq!(ana.core.view().notice, Some(Notice::Settled { count: 1 }));
    kavya.catch_up().await;
    assert_eq!((balance(&ana), balance(&kavya)), (8_150, 1_850));
    let alert = kavya.open().alerts[0].clone();
    assert!(matches!(alert.what, AlertKind::Received { id: received, .. } if received == id));
    let received = payment(&kavya, id);
    assert_eq!((received.kind, received.party.name.as_str()), (PaymentKind::In, "ana of the tests"));

    // Everything again, from the outbox of a device that forgot that it was answered.
    ana.machine.store = forgets;
    offline(&ana);
    ana.restart().await;
    assert_eq!(state(&ana, id), PaymentState::Queued);
    online(&ana);
    ana.machine.network.sent.borrow_mut().clear();
    ana.catch_up().await;
    let uploads = |body: &Vec<u8>| -> usize {
        let body: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
        body["intents"].as_array().map_or(0, Vec::len)
    };
    let sent: usize = ana.machine.network.sent.borrow().iter().map(uploads).sum();
    assert_eq!(sent, 1, "it went up once more");
    assert_eq!(state(&ana, id), PaymentState::Settled);
    kavya.catch_up().await;
    assert_eq!((balance(&ana), balance(&kavya)), (8_150, 1_850));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_reply_a_double_tap_and_a_late_copy_pay_once() {
    let server = TestServer::start().await;
    let (ana, kavya) = (person(&server, "ana").await, person(&server, "kavya").await);
    fund(&server, &ana, 10_000).await;
    let tapped = order(&ana, "kavya", 700);
    ana.act(Command::Pay(tapped.clone())).await;
    ana.act(Command::Pay(tapped.clone())).await;
    ana.machine.set_weather(Weather { lose_reply: 100, late: 100, twice: 100, ..Weather::default() });
    for _ in 0..3 {
        ana.core.sync_once().await;
    }
    assert_eq!(state(&ana, tapped.id), PaymentState::Queued, "no answer was heard");
    online(&ana);
    ana.catch_up().await;
    ana.machine.network.deliver_late().await;
    ana.act(Command::Pay(tapped.clone())).await;
    ana.catch_up().await;
    kavya.catch_up().await;
    assert_eq!((balance(&ana), balance(&kavya)), (9_300, 700));
    assert_eq!(state(&ana, tapped.id), PaymentState::Settled);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_say_why_and_can_be_sent_again() {
    let server = TestServer::start().await;
    let (ana, kavya) = (person(&server, "ana").await, person(&server, "kavya").await);
    fund(&server, &ana, 1_000).await;
    // Online and in step, the app says so before anything is signed.
    pay(&ana, "kavya", 1_500).await;
    assert!(
        matches!(ana.core.view().notice, Some(Notice::InsufficientFunds { missing, .. }) if missing.minor == 500)
    );
    assert!(ana.open().queue.is_empty());

    // Offline, money may have come in meanwhile: the server decides.
    offline(&ana);
    ana.core.sync_once().await;
    let too_much = pay(&ana, "kavya", 1_500).await;
    let nobody = pay(&ana, "nobody-at-all", 100).await;
    online(&ana);
    ana.catch_up().await;
    let PaymentState::Refused { reason } = state(&ana, too_much) else { panic!() };
    assert_eq!(
        (reason.code.as_str(), reason.available.unwrap().minor, reason.figure.unwrap().minor),
        ("insufficient_funds", 1_000, 500)
    );
    assert_eq!(refusal(&ana, nobody), "unknown_payee");
    assert_eq!(balance(&ana), 1_000, "nothing was taken");

    // Money comes in; sent again under a new id, the old refusal stays a refusal.
    let wallet = ana.open().wallets[0].wallet;
    ana.act(Command::Deposit { wallet, amount: euro(2_000) }).await;
    server.clock.advance(2_000);
    ana.catch_up().await;
    let again = new_id(&ana);
    for _twice in 0..2 {
        ana.act(Command::SendAgain { id: too_much, again }).await;
    }
    // The same once more, a moment later: asked about first, as any payment.
    let third = new_id(&ana);
    ana.act(Command::SendAgain { id: too_much, again: third }).await;
    assert_eq!(ana.open().repeat_warning.map(|warning| warning.order.id), Some(third));
    ana.act(Command::DismissNotice).await;
    ana.catch_up().await;
    assert_eq!(state(&ana, again), PaymentState::Settled);
    kavya.catch_up().await;
    assert_eq!((balance(&ana), balance(&kavya)), (1_500, 1_500));
    assert_eq!(refusal(&ana, too_much), "insufficient_funds");

    // Weeks later: expired, and said so.
    offline(&ana);
    let late = pay(&ana, "kavya", 10).await;
    server.clock.advance(8 * DAY_MS);
    online(&ana);
    ana.catch_up().await;
    assert_eq!(refusal(&ana, late), "expired");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_app_will_not_sign() {
    let server = TestServer::start().await;
    let ana = person(&server, "ana").await;
    fund(&server, &ana, 10_000).await;
    let refused = async |change: &dyn Fn(&mut PayOrder)| {
        let mut order = order(&ana, "kavya", 100);
        change(&mut order);
        ana.act(Command::Pay(order)).await;
        assert_eq!(ana.core.view().notice, Some(Notice::OrderInvalid));
        assert!(ana.open().queue.is_empty());
    };
    refused(&|order| order.to = "ana".parse().unwrap()).await;
    refused(&|order| order.message = "x".repeat(281)).await;
    refused(&|order| order.message = "bell\u{7}".to_owned()).await;
    refused(&|order| order.amount = Amount::new(100, Currency::JPY).unwrap()).await;
    refused(&|order| order.from = purse_shared::WalletId::new(1, [1; 10])).await;

    // A full disk: nothing is ordered, and it is said.
    ana.machine.store.fail(true);
    pay(&ana, "kavya", 100).await;
    assert_eq!(ana.core.view().notice, Some(Notice::StorageFailed));
    assert!(ana.open().queue.is_empty());
    ana.machine.store.fail(false);
    // The number that was not stored is used by the next.
    pay(&ana, "nobody-here", 100).await;
    ana.catch_up().await;
    assert_eq!(ana.open().activity.iter().filter(|p| p.kind == PaymentKind::Out).count(), 1);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn above_the_threshold_the_passkey_signs_off() {
    let server = TestServer::start().await;
    let (ana, kavya) = (person(&server, "ana").await, person(&server, "kavya").await);
    fund(&server, &ana, 100_000).await;
    ana.act(Command::LookUp { handle: "kavya".parse().unwrap() }).await;
    let threshold = ana.open().step_up_from.iter().find(|m| m.currency == Currency::EUR).unwrap().minor;

    ana.hand.cancels.set(true);
    let id = pay(&ana, "kavya", threshold).await;
    assert_eq!(ana.core.view().notice, Some(Notice::PasskeyCancelled));
    ana.catch_up().await;
    assert_eq!(state(&ana, id), PaymentState::NeedsApproval, "held back, not sent");
    assert_eq!(balance(&ana), 100_000);

    ana.hand.cancels.set(false);
    ana.act(Command::Approve { id }).await;
    ana.catch_up().await;
    assert_eq!(state(&ana, id), PaymentState::Settled);
    // Offline, the passkey is asked for at once and travels with the payment.
    offline(&ana);
    let queued = pay(&ana, "kavya", threshold + 1).await;
    assert_eq!(state(&ana, queued), PaymentState::Queued);
    online(&ana);
    ana.catch_up().await;
    kavya.catch_up().await;
    assert_eq!(balance(&kavya), 2 * threshold + 1);

    // Another passkey's approval is none: the payment asks again.
    let stranger = Authenticator::new(&server.origin);
    ana.hand.cancels.set(true);
    let third = pay(&ana, "kavya", threshold + 2).await;
    ana.core.command(Command::Approve { id: third }, &stranger).await;
    ana.catch_up().await;
    assert_eq!(state(&ana, third), PaymentState::NeedsApproval);
    // Taken back instead: cancelled, nothing moved.
    ana.act(Command::CancelQueued { id: third }).await;
    ana.catch_up().await;
    assert_eq!(state(&ana, third), PaymentState::Cancelled);
    assert_eq!(balance(&ana), 100_000 - 2 * threshold - 1);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_never_seen_is_confirmed_by_name() {
    let server = TestServer::start().await;
    let (mut ana, kavya) = (person(&server, "ana").await, person(&server, "kavya").await);
    fund(&server, &ana, 50_000).await;
    let above = ana.open().confirm_payee_above.iter().find(|m| m.currency == Currency::EUR).unwrap().minor;
    offline(&ana);
    let mut order = order(&ana, "kavya", above + 1);
    order.private_note = "rent".to_owned();
    ana.act(Command::Pay(order.clone())).await;
    online(&ana);
    ana.catch_up().await;
    assert_eq!(
        state(&ana, order.id),
        PaymentState::ConfirmPayee { display_name: "kavya of the tests".to_owned() }
    );
    ana.restart().await;
    ana.act(Command::ConfirmPayee { id: order.id }).await;
    ana.act(Command::ConfirmPayee { id: order.id }).await;
    ana.catch_up().await;
    kavya.catch_up().await;
    assert_eq!((balance(&ana), balance(&kavya)), (50_000 - above - 1, above + 1));
    let paid: Vec<_> = ana.open().activity.into_iter().filter(|p| p.kind == PaymentKind::Out).collect();
    assert_eq!(paid.len(), 1, "what was signed anew is shown once");
    assert_eq!(paid[0].private_note, "rent", "and keeps its note");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelled_while_queued_stays_cancelled() {
    let server = TestServer::start().await;
    let (ana, kavya) = (person(&server, "ana").await, person(&server, "kavya").await);
    fund(&server, &ana, 10_000).await;
    // The payment is on its way, held up, when the person takes it back.
    ana.machine.set_weather(Weather { lose_request: 100, late: 100, ..Weather::default() });
    let id = pay(&ana, "kavya", 500).await;
    ana.core.sync_once().await;
    assert_eq!(state(&ana, id), PaymentState::Queued);
    assert!(ana.machine.network.under_way() > 0);
    ana.act(Command::CancelQueued { id }).await;
    assert_eq!(state(&ana, id), PaymentState::Cancelling);
    assert_eq!(ana.open().wallets[0].after_queue.minor, 10_000);
    online(&ana);
    ana.catch_up().await;
    assert_eq!(state(&ana, id), PaymentState::Cancelled);
    ana.machine.network.deliver_late().await;
    ana.catch_up().await;
    kavya.catch_up().await;
    assert_eq!(state(&ana, id), PaymentState::Cancelled);
    assert_eq!((balance(&ana), balance(&kavya)), (10_000, 0));
    // What is settled cannot be taken back.
    let settled = pay(&ana, "kavya", 501).await;
    ana.catch_up().await;
    ana.act(Command::CancelQueued { id: settled }).await;
    ana.catch_up().await;
    assert_eq!(state(&ana, settled), PaymentState::Settled);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_again_within_minutes_asks_first() {
    let server = TestServer::start().await;
    let (ana, kavya) = (person(&server, "ana").await, person(&server, "kavya").await);
    fund(&server, &ana, 10_000).await;
    pay(&ana, "kavya", 500).await;
    ana.catch_up().await;
    pay(&ana, "kavya", 500).await;
    let warning = ana.open().repeat_warning.expect("a warning");
    assert!(ana.open().queue.is_empty());
    ana.act(Command::Pay(PayOrder { repeat_confirmed: true, ..warning.order })).await;
    assert!(ana.open().repeat_warning.is_none());
    pay(&ana, "kavya", 501).await;
    assert!(ana.open().repeat_warning.is_none(), "another amount");
    ana.catch_up().await;
    server.clock.advance(REPEAT_WARNING_MS + MINUTE_MS);
    pay(&ana, "kavya", 500).await;
    assert!(ana.open().repeat_warning.is_none(), "long ago");
    ana.catch_up().await;
    kavya.catch_up().await;
    assert_eq!(balance(&kavya), 2_001);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn taken_back_is_never_paid_whatever_becomes_of_the_cancellation() {
    let server = TestServer::start().await;
    let (ana, kavya) = (person(&server, "ana").await, person(&server, "kavya").await);
    fund(&server, &ana, 10_000).await;
    offline(&ana);
    let id = pay(&ana, "kavya", 500).await;
    // The clock jumps ahead before the person takes it back: the cancellation is refused as dated ahead.
    ana.machine.skew_ms.set(2 * DAY_MS);
    ana.act(Command::CancelQueued { id }).await;
    online(&ana);
    ana.catch_up().await;
    kavya.catch_up().await;
    assert_eq!(state(&ana, id), PaymentState::Cancelled);
    assert_eq!((balance(&ana), balance(&kavya)), (10_000, 0));
    let cancels: i64 =
        sqlx::query_scalar("select count(*) from transactions where transaction_type = 'cancel'")
            .fetch_one(&server.app().db)
            .await
            .unwrap();
    assert_eq!(cancels, 2, "refused for its clock, then signed again");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_asked_twice_at_the_same_time_is_done_once() {
    let server = TestServer::start().await;
    let (ana, kavya) = (person(&server, "ana").await, person(&server, "kavya").await);
    fund(&server, &ana, 50_000).await;
    let above = ana.open().confirm_payee_above.iter().find(|m| m.currency == Currency::EUR).unwrap().minor;
    let order = order(&ana, "kavya", above + 1);
    let id = order.id;
    futures::join!(ana.act(Command::Pay(order.clone())), ana.act(Command::Pay(order)));
    assert_eq!(ana.open().queue.len(), 1);
    ana.catch_up().await;
    futures::join!(ana.act(Command::ConfirmPayee { id }), ana.act(Command::ConfirmPayee { id }));
    ana.catch_up().await;
    kavya.catch_up().await;
    assert_eq!(balance(&kavya), above + 1);
    offline(&ana);
    let other = pay(&ana, "kavya", 10).await;
    futures::join!(
        ana.act(Command::CancelQueued { id: other }),
        ana.act(Command::CancelQueued { id: other })
    );
    online(&ana);
    ana.catch_up().await;
    let cancels: i64 =
        sqlx::query_scalar("select count(*) from transactions where transaction_type = 'cancel'")
            .fetch_one(&server.app().db)
            .await
            .unwrap();
    assert_eq!(cancels, 2, "one of the name's confirmation, one of the person");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_is_ordered_once_it_is_durable_whatever_fails_after() {
    let server = TestServer::start().await;
    let (mut ana, kavya) = (person(&server, "ana").await, person(&server, "kavya").await);
    fund(&server, &ana, 10_000).await;
    ana.machine.mark_fails.set(true);
    let first = pay(&ana, "kavya", 500).await;
    assert_eq!(state(&ana, first), PaymentState::Queued);
    assert_eq!(ana.core.view().notice, None);
    ana.restart().await;
    assert_eq!(state(&ana, first), PaymentState::Queued);
    ana.machine.mark_fails.set(false);
    pay(&ana, "kavya", 501).await;
    ana.catch_up().await;
    kavya.catch_up().await;
    assert_eq!(balance(&kavya), 1_001);
    server.stop().await;
}

/// Keys that are kept by something that takes its time: what is signed meanwhile has not left the device.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_leaves_before_its_number_is_written_beside_the_key() {
    let server = TestServer::start().await;
    let (ana, kavya) = (person(&server, "ana").await, person(&server, "kavya").await);
    fund(&server, &ana, 10_000).await;
    let order = order(&ana, "kavya", 500);
    let id = order.id;
    let hold = ana.machine.hold_mark();
    ana.machine.network.sent.borrow_mut().clear();
    let bytes_sent = || ana.machine.network.sent.borrow().iter().map(Vec::len).sum::<usize>();
    let ((), _round, ()) = futures::join!(ana.act(Command::Pay(order)), ana.core.sync_once(), async {
        hold.reached().await;
        assert_eq!(state(&ana, id), PaymentState::Queued, "and it is said to be queued already");
        for _ in 0..50 {
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        }
        assert_eq!(bytes_sent(), 0);
        hold.let_go();
    });
    assert!(bytes_sent() > 0);
    ana.catch_up().await;
    kavya.catch_up().await;
    assert_eq!((state(&ana, id), balance(&kavya)), (PaymentState::Settled, 500));
    server.stop().await;
}

/// A keychain that takes nothing for a while: what is paid goes on, with the server asked more often, and a restart is
/// none the worse for it.
#[tokio::test(flavor = "multi_thread")]
async fn keys_that_cannot_be_written_to_stop_no_payments() {
    let server = TestServer::start().await;
    let (mut ana, kavya) = (person(&server, "ana").await, person(&server, "kavya").await);
    fund(&server, &ana, 10_000).await;
    ana.machine.mark_fails.set(true);
    for minor in 1..=6 {
        pay(&ana, "kavya", minor).await;
        ana.catch_up().await;
    }
    // Without a network two are signed; a third one could be one that was signed already, in a store of another day.
    offline(&ana);
    let queued = [pay(&ana, "kavya", 7).await, pay(&ana, "kavya", 8).await];
    pay(&ana, "kavya", 9).await;
    assert_eq!(ana.core.view().notice, Some(Notice::NeedsNetwork));
    ana.restart().await;
    for id in queued {
        assert_eq!(state(&ana, id), PaymentState::Queued);
    }
    online(&ana);
    ana.catch_up().await;
    pay(&ana, "kavya", 9).await;
    ana.catch_up().await;
    kavya.catch_up().await;
    assert_eq!((balance(&ana), balance(&kavya)), (10_000 - 45, 45));
    assert!(!ana.open().alerts.iter().any(|alert| matches!(alert.what, AlertKind::DeviceForked { .. })));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn deposits_are_kept_whatever_a_round_is_doing() {
    let server = TestServer::start().await;
    let ana = person(&server, "ana").await;
    let wallet = ana.open().wallets[0].wallet;
    ana.act(Command::Deposit { wallet, amount: euro(1_000) }).await;
    // A second one while the bank is being asked for the first.
    let hold = ana.machine.network.hold("POST /api/v1/transactions/deposit");
    let (_, ()) = futures::join!(ana.core.sync_once(), async {
        hold.reached().await;
        ana.act(Command::Deposit { wallet, amount: euro(2_000) }).await;
        hold.let_go();
    });
    assert_eq!(ana.open().deposits.len(), 2);
    ana.core.sync_once().await;
    // The server forgot them: asked for again under the same ids, and paid in once.
    *ana.machine.network.refuses.borrow_mut() =
        Some(Refuses { request: "GET /api/v1/transactions/", status: 404, code: "not_found" });
    assert!(!matches!(ana.core.sync_once().await, purse_core::Round::Failed { .. }));
    *ana.machine.network.refuses.borrow_mut() = None;
    server.clock.advance(2_000);
    ana.catch_up().await;
    assert_eq!((balance(&ana), ana.open().deposits.len()), (3_000, 0));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_does_not_hold_is_no_tight_loop() {
    let server = TestServer::start().await;
    let ana = person(&server, "ana").await;
    *ana.machine.network.refuses.borrow_mut() =
        Some(Refuses { request: "POST /api/v1/sync", status: 401, code: "sign_in_needed" });
    assert_eq!(ana.core.sync_once().await, purse_core::Round::Failed { retry_after_s: None });
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_private_note_survives_a_passkey_that_was_declined() {
    let server = TestServer::start().await;
    let ana = person(&server, "ana").await;
    fund(&server, &ana, 100_000).await;
    let threshold = ana.open().step_up_from.iter().find(|m| m.currency == Currency::EUR).unwrap().minor;
    ana.hand.cancels.set(true);
    let mut order = order(&ana, "kavya", threshold);
    order.private_note = "rent".to_owned();
    ana.act(Command::Pay(order.clone())).await;
    assert_eq!(payment(&ana, order.id).private_note, "rent");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stale_balance_refuses_nothing() {
    let server = TestServer::start().await;
    let mut ana = person(&server, "ana").await;
    fund(&server, &ana, 1_000).await;
    ana.restart().await;
    assert_eq!(ana.core.view().network, Network::Connecting);
    let id = pay(&ana, "kavya", 1_500).await;
    assert_eq!(state(&ana, id), PaymentState::Queued, "money may have come in");
    ana.catch_up().await;
    *ana.machine.network.refuses.borrow_mut() =
        Some(Refuses { request: "POST /api/v1/sync", status: 503, code: "busy" });
    ana.core.sync_once().await;
    assert_eq!(ana.core.view().network, Network::Connecting, "there, and answers nothing");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_saved_queue_is_sent_from_another_device() {
    let server = TestServer::start().await;
    let (ana, kavya) = (person(&server, "ana").await, person(&server, "kavya").await);
    fund(&server, &ana, 10_000).await;
    offline(&ana);
    let (kept, back) = (pay(&ana, "kavya", 250).await, pay(&ana, "kavya", 300).await);
    ana.act(Command::CancelQueued { id: back }).await;
    ana.act(Command::SaveQueueToFile).await;
    let file = ana.machine.files.borrow()[0].1.clone();

    let phone = another_device(&server, &ana).await;
    phone.act(Command::SignIn).await;
    phone.catch_up().await;
    for _twice in 0..2 {
        phone.act(Command::ImportQueue { file: file.clone() }).await;
        let count = if phone.core.view().notice == Some(Notice::QueueImported { count: 0 }) { 0 } else { 2 };
        assert_eq!(phone.core.view().notice, Some(Notice::QueueImported { count }));
    }
    assert_eq!(phone.open().queue.len(), 2);
    phone.catch_up().await;
    kavya.catch_up().await;
    assert_eq!((balance(&phone), balance(&kavya)), (9_750, 250));
    assert_eq!((state(&phone, kept), state(&phone, back)), (PaymentState::Settled, PaymentState::Cancelled));
    // The first device hears the same answers.
    online(&ana);
    ana.catch_up().await;
    assert_eq!((state(&ana, kept), state(&ana, back)), (PaymentState::Settled, PaymentState::Cancelled));
    assert_eq!(balance(&ana), 9_750);
    // Nobody else can do anything with it.
    kavya.act(Command::ImportQueue { file }).await;
    assert_eq!(kavya.core.view().notice, Some(Notice::QueueFileInvalid));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_clocks_and_long_absences() {
    let server = TestServer::start().await;
    let (ana, kavya) = (person(&server, "ana").await, person(&server, "kavya").await);
    fund(&server, &ana, 10_000).await;
    // A clock that is a week fast from the start is corrected by what the server says.
    let fast = stranger(&server).await;
    fast.machine.skew_ms.set(7 * DAY_MS);
    fast.act(register("fast")).await;
    fast.catch_up().await;
    fund(&server, &fast, 1_000).await;
    let id = pay(&fast, "kavya", 100).await;
    fast.catch_up().await;
    assert_eq!(state(&fast, id), PaymentState::Settled);
    // One that is turned while offline is not: refused, said, and right when sent again.
    offline(&ana);
    ana.machine.skew_ms.set(2 * DAY_MS);
    let ahead = pay(&ana, "kavya", 100).await;
    online(&ana);
    ana.catch_up().await;
    assert_eq!(refusal(&ana, ahead), "clock_skew");
    ana.act(Command::SendAgain { id: ahead, again: new_id(&ana) }).await;
    ana.catch_up().await;
    kavya.catch_up().await;
    assert_eq!(balance(&kavya), 200);
    // The session ran out meanwhile: the device's key renews it, no person needed.
    server.clock.advance(40 * DAY_MS);
    let later = pay(&ana, "kavya", 300).await;
    ana.catch_up().await;
    assert_eq!(state(&ana, later), PaymentState::Settled);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_app_sends_its_queue() {
    let server = TestServer::start().await;
    let (ana, kavya) = (person(&server, "ana").await, person(&server, "kavya").await);
    fund(&server, &ana, 10_000).await;
    offline(&ana);
    let id = pay(&ana, "kavya", 250).await;
    ana.act(Command::Lock).await;
    let Stage::Locked(locked) = ana.core.view().stage else { panic!() };
    assert_eq!((locked.queued, locked.held, locked.handle.as_str()), (1, 0, "ana"));
    online(&ana);
    ana.catch_up().await;
    kavya.catch_up().await;
    assert_eq!(balance(&kavya), 250, "sent while locked");
    ana.act(Command::Unlock).await;
    assert_eq!(state(&ana, id), PaymentState::Settled, "the answer is there before the feed is");
    ana.catch_up().await;
    assert_eq!(balance(&ana), 9_750);
    server.stop().await;
}
