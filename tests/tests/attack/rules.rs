//! Whose money, how much, and who may not: the refusals with their codes.

use super::{FUNDS, World, alone, forge, is_settled, refusal, send_order};
use purse_shared::intent::Order;
use purse_shared::limits::DAY_MS;
use purse_shared::protocol::{DepositRequest, IntentOutcome, PaymentMethodRecord, RefusalCode, SignedIn};
use purse_shared::{Amount, Currency, DepositId, TransactionId, UserId, WalletId};
use purse_tests::person::random10;
use purse_tests::{TestDevice, Twist};
use serde_json::json;
use sync_server::settle::AccountChange;

#[tokio::test(flavor = "multi_thread")]
async fn only_ones_own_wallet_pays() {
    let mut world = World::new().await;
    let bos = world.bo.wallet(Currency::EUR).await.wallet_id;
    let house: uuid::Uuid = sqlx::query_scalar("select wallet_id from wallets where house is not null")
        .fetch_one(&world.server.app().db)
        .await
        .unwrap();
    for from in [bos, WalletId(house), WalletId::new(1, random10()), WalletId(uuid::Uuid::nil())] {
        let order = send_order(from, "bo1", Some(world.bo.user), 100);
        assert_eq!(refusal(&world.send(order).await), RefusalCode::UnknownWallet);
    }
    world.ends_with(FUNDS, 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn someone_elses_is_not_found() {
    let mut world = World::new().await;
    let upload = world.pay(100);
    let reply: serde_json::Value = alone::post(&world.ana.client, &upload).await.json();
    let id: TransactionId = reply["transaction_id"].as_str().unwrap().parse().unwrap();
    let third = purse_tests::Person::register(&world.server, "eve").await;
    let (status, report) =
        (format!("/api/v1/transactions/{id}/status"), format!("/api/v1/transactions/{id}/report"));
    for party in [&world.ana, &world.bo] {
        assert_eq!(party.client.get(&status).await.status, 200);
    }
    third.client.get(&status).await.expect_problem(404, "not_found");
    third.client.post(&report, &json!({"reason": "mine"})).await.expect_problem(404, "not_found");
    third
        .client
        .get(&format!("/api/v1/wallets/{}/balance", world.wallet))
        .await
        .expect_problem(404, "not_found");
    for odd in ["x", "00000000-0000-0000-0000-000000000000", "%00", "..%2f..%2fhealth", "😀"] {
        third
            .client
            .get(&format!("/api/v1/transactions/{odd}/status"))
            .await
            .expect_problem(404, "not_found");
        third.client.get(&format!("/api/v1/wallets/{odd}/balance")).await.expect_problem(404, "not_found");
    }
    // Money into Ana's wallet, from her bank, by somebody else.
    let methods: Vec<PaymentMethodRecord> = third.client.get("/api/v1/payment-methods").await.read();
    let anas: Vec<PaymentMethodRecord> = world.ana.client.get("/api/v1/payment-methods").await.read();
    let own = third.wallet(Currency::EUR).await.wallet_id;
    for (wallet_id, method_id) in [(world.wallet, methods[0].method_id), (own, anas[0].method_id)] {
        let deposit_id = DepositId::new(world.server.clock.now(), random10());
        let amount = Amount::new(100, Currency::EUR).unwrap();
        let request = DepositRequest { deposit_id, wallet_id, method_id, amount };
        third.client.post("/api/v1/transactions/deposit", &request).await.expect_problem(404, "not_found");
    }
    let page = third.client.get("/api/v1/user/activity").await.json();
    assert_eq!(page["items"], json!([]));
    world.ends_with(FUNDS - 100, 100).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blocked_payer_and_frozen_wallets() {
    let mut world = World::new().await;
    let block = format!("/api/v1/blocks/{}", world.ana.user);
    assert_eq!(world.bo.client.put(&block, &json!({})).await.status, 204);
    let order = world.order(100);
    let refused = world.send(order.clone()).await;
    // Whether one is blocked is not the payer's to know.
    assert_eq!(refusal(&refused), RefusalCode::PayeeCannotReceive);
    assert_eq!(world.bo.client.delete(&block).await.status, 204);
    assert!(is_settled(&world.send(order.clone()).await));

    let writers = world.server.app().writers.clone();
    let bos = world.bo.wallet(Currency::EUR).await.wallet_id;
    let set = async |user: UserId, wallet: WalletId, frozen: bool| {
        let change = AccountChange::SetFrozen { wallet, frozen };
        assert_eq!(writers.change(0, user, change).await.unwrap().unwrap().frozen, frozen);
    };
    set(world.bo.user, bos, true).await;
    assert_eq!(refusal(&world.send(order.clone()).await), RefusalCode::PayeeCannotReceive);
    set(world.bo.user, bos, false).await;
    set(world.ana.user, world.wallet, true).await;
    assert_eq!(refusal(&world.send(order.clone()).await), RefusalCode::WalletFrozen);
    assert_eq!(world.ana.wallet(Currency::EUR).await.status, "frozen");
    // Money still comes in.
    world.ana.deposit(&world.server, 1_000, Currency::EUR).await;
    set(world.ana.user, world.wallet, false).await;
    assert!(is_settled(&world.send(order).await));
    world.ends_with(FUNDS + 800, 200).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_per_payment_day_and_new_device() {
    let mut world = World::with(|settings| {
        (settings.step_up_major, settings.confirm_payee_major) = (1_000_000, 1_000_000);
        (settings.limit_payment_major, settings.limit_day_major, settings.limit_new_device_major) =
            (100, 250, 50);
    })
    .await;
    let limit = |outcome: &IntentOutcome| match outcome {
        IntentOutcome::Refused { code, figure: Some(figure), .. } => (*code, figure.minor),
        other => panic!("{other:?}"),
    };
    let check = async |world: &mut World, minor: i64, want: Option<(RefusalCode, i64)>| {
        let outcome = world.send(world.order(minor)).await;
        match want {
            Some(want) => assert_eq!(limit(&outcome), want, "{minor}"),
            None => assert!(is_settled(&outcome), "{minor}: {outcome:?}"),
        }
    };
    // Midnight (UTC) must not come in between.
    let now = world.server.clock.now();
    world.server.clock.advance((now / DAY_MS + 1) * DAY_MS - now);
    check(&mut world, 10_001, Some((RefusalCode::LimitPerPayment, 10_000))).await;
    check(&mut world, 10_000, None).await;
    check(&mut world, 10_000, None).await;
    check(&mut world, 5_001, Some((RefusalCode::LimitPerDay, 25_000))).await;
    check(&mut world, 5_000, None).await;
    check(&mut world, 1, Some((RefusalCode::LimitPerDay, 25_000))).await;
    // Refusals do not count, and neither does yesterday. A new device pays little for its first day.
    world.server.clock.advance(DAY_MS);
    let phone = TestDevice::new(world.server.clock.now());
    let client = world.ana.client.clone();
    let signed_in: SignedIn = world.ana.sign_in(&client, &phone, &Twist::default()).await.read();
    world.ana.client.bearer = signed_in.token;
    world.ana.device = phone;
    check(&mut world, 5_001, Some((RefusalCode::LimitNewDevice, 5_000))).await;
    check(&mut world, 2_000, None).await;
    check(&mut world, 3_001, Some((RefusalCode::LimitNewDevice, 5_000))).await;
    check(&mut world, 3_000, None).await;
    // Many little ones are no more than one.
    check(&mut world, 1, Some((RefusalCode::LimitNewDevice, 5_000))).await;
    world.server.clock.advance(DAY_MS);
    check(&mut world, 5_001, None).await;
    world.ends_with(FUNDS - 35_001, 35_001).await;
}

/// An id is unique for its payer alone: a report is about every payment that the reporter can mean by it.
#[tokio::test(flavor = "multi_thread")]
async fn a_report_names_the_payer() {
    let world = World::new().await;
    world.bo.deposit(&world.server, 1_000, Currency::EUR).await;
    let now = world.server.clock.now();
    let anas = forge::next(&world.ana, Order::Send(world.order(100)), now);
    assert!(is_settled(&world.ana.send(forge::sign(&anas, &world.ana.device)).await.outcome));
    let from = world.bo.wallet(Currency::EUR).await.wallet_id;
    let mut bos = forge::next(&world.bo, Order::Send(send_order(from, "ana", Some(world.ana.user), 70)), now);
    bos.id = anas.id;
    assert!(is_settled(&world.bo.send(forge::sign(&bos, &world.bo.device)).await.outcome));
    let report = format!("/api/v1/transactions/{}/report", anas.id);
    for _ in 0..2 {
        assert_eq!(world.ana.client.post(&report, &json!({"reason": "odd"})).await.status, 204);
    }
    let payers: Vec<uuid::Uuid> = sqlx::query_scalar("select payer_user_id from fraud_alerts order by 1")
        .fetch_all(&world.server.app().db)
        .await
        .unwrap();
    let mut both = [world.ana.user.0, world.bo.user.0];
    both.sort_unstable();
    assert_eq!(payers, both);
    world.ends_with(FUNDS - 30, 1_030).await;
}
