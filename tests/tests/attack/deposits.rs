//! Money that comes in comes in once.

use super::{FUNDS, World, forge, is_settled, refusal};
use purse_shared::intent::Order;
use purse_shared::limits::{AMOUNT_MINOR_MAX, BALANCE_MINOR_MAX, HOUR_MS};
use purse_shared::protocol::{
    DepositReply, DepositRequest, DepositStatus, FeedEvent, PaymentMethodRecord, RefusalCode,
    TransactionKind, TransactionStatus,
};
use purse_shared::{Amount, Currency, DepositId, MethodId, TransactionId};
use purse_tests::person::random10;
use purse_tests::{Answer, Person, TestServer, books};
use serde_json::json;
use std::time::Duration;
use sync_server::settings::{Mode, Settings};
use sync_server::settle::{DepositAnswer, DepositOrder};
use sync_server::{App, Clock, gateways, ops};

async fn method(person: &Person) -> MethodId {
    person.client.get("/api/v1/payment-methods").await.read::<Vec<PaymentMethodRecord>>()[0].method_id
}

async fn request(world: &World, minor: i64) -> DepositRequest {
    DepositRequest {
        deposit_id: DepositId::new(world.server.clock.now(), random10()),
        wallet_id: world.wallet,
        method_id: method(&world.ana).await,
        amount: Amount::new(minor, Currency::EUR).unwrap(),
    }
}

async fn deposit(person: &Person, request: &DepositRequest) -> Answer {
    person.client.post("/api/v1/transactions/deposit", request).await
}

/// Waits until the worker brought it there.
async fn until(person: &Person, id: DepositId, status: &str) -> TransactionStatus {
    let path = format!("/api/v1/transactions/{id}/status");
    for _ in 0..200 {
        let now: TransactionStatus = person.client.get(&path).await.read();
        if now.status == status {
            return now;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("never {status}: {}", person.client.get(&path).await.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_deposit_comes_in_once() {
    let world = World::new().await;
    let ask = request(&world, 4_200).await;
    let answers = futures::future::join_all((0..16).map(|_| deposit(&world.ana, &ask))).await;
    for answer in &answers {
        assert_eq!(answer.status, 202, "{}", answer.text);
        assert_eq!(answer.read::<DepositReply>().transaction_id, TransactionId(ask.deposit_id.0));
    }
    until(&world.ana, ask.deposit_id, "settled").await;
    let again: DepositReply = deposit(&world.ana, &ask).await.read();
    assert_eq!(again.status, DepositStatus::Settled);

    // Other contents under the same id.
    let other = Amount::new(4_201, Currency::EUR).unwrap();
    deposit(&world.ana, &DepositRequest { amount: other, ..ask.clone() })
        .await
        .expect_problem(409, "conflict");
    let dollars = world.ana.client.post("/api/v1/wallets", &json!({"currency": "USD"})).await.json();
    let wallet_id = dollars["wallet_id"].as_str().unwrap().parse().unwrap();
    let amount = Amount::new(4_200, Currency::USD).unwrap();
    let elsewhere = DepositRequest { wallet_id, amount, ..ask.clone() };
    deposit(&world.ana, &elsewhere).await.expect_problem(409, "conflict");

    // Somebody else's id is theirs alone.
    let bos = DepositRequest {
        wallet_id: world.bo.wallet(Currency::EUR).await.wallet_id,
        method_id: method(&world.bo).await,
        ..ask.clone()
    };
    assert_eq!(deposit(&world.bo, &bos).await.status, 202);
    until(&world.bo, ask.deposit_id, "settled").await;
    world.ends_with(FUNDS + 4_200, 4_200).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_deposit() {
    let world = World::new().await;
    let good = serde_json::to_value(request(&world, 100).await).unwrap();
    let check = async |field: &str, value: serde_json::Value, status: u16, code: &str| {
        let mut body = good.clone();
        *body.pointer_mut(field).unwrap() = value;
        let answer = world.ana.client.post("/api/v1/transactions/deposit", &body).await;
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "{field}: {}", answer.text);
        answer.expect_problem(status, code);
    };
    check("/amount/minor", json!(0), 422, "amount_invalid").await;
    check("/amount/minor", json!(-100), 422, "amount_invalid").await;
    check("/amount/minor", json!(1_000_000_000_000_001_i64), 422, "amount_invalid").await;
    check("/amount/minor", json!(1.5), 400, "bad_request").await;
    check("/amount/minor", json!("100"), 400, "bad_request").await;
    check("/amount/minor", json!(null), 400, "bad_request").await;
    check("/amount/currency", json!("XXX"), 422, "unknown_currency").await;
    check("/amount/currency", json!("USD"), 422, "amount_invalid").await;
    check("/wallet_id", json!(world.bo.wallet(Currency::EUR).await.wallet_id), 404, "not_found").await;
    check("/method_id", json!(uuid::Uuid::nil()), 404, "not_found").await;
    check("/deposit_id", json!("'; drop table deposits; --"), 400, "bad_request").await;
    let huge = good.to_string().replace("\"minor\":100", "\"minor\":1000000000000000000000000000000");
    let answer =
        world.ana.client.request("POST", "/api/v1/transactions/deposit", Some(huge.into_bytes())).await;
    answer.expect_problem(400, "bad_request");

    // More than the bank moves: accepted as a request, failed by the bank, and never there.
    let too_much = request(&world, 100_000_001).await;
    assert_eq!(deposit(&world.ana, &too_much).await.status, 202);
    let failed = until(&world.ana, too_much.deposit_id, "failed").await;
    assert_eq!(failed.reason.as_deref(), Some("more than the sandbox bank moves at once"));
    let again: DepositReply = deposit(&world.ana, &too_much).await.read();
    assert_eq!(again.status, DepositStatus::Failed);
    world.ends_with(FUNDS, 0).await;
}

/// One id is one thing: a deposit under a payment's id, or the other way round, would hide one of them.
#[tokio::test(flavor = "multi_thread")]
async fn a_deposit_and_a_payment_do_not_share_an_id() {
    let world = World::new().await;
    let intent = forge::next(&world.ana, Order::Send(world.order(500)), world.server.clock.now());
    let upload = forge::sign(&intent, &world.ana.device);
    assert!(is_settled(&world.ana.send(upload).await.outcome));
    let mut ask = request(&world, 4_200).await;
    ask.deposit_id = DepositId(intent.id.0);
    deposit(&world.ana, &ask).await.expect_problem(409, "conflict");

    // Asked for first, and not there yet: the payment is the conflict, and the money comes in.
    let ask = request(&world, 4_200).await;
    assert_eq!(deposit(&world.ana, &ask).await.status, 202);
    let mut intent = forge::next(&world.ana, Order::Send(world.order(700)), world.server.clock.now());
    (intent.id, intent.seq) = (TransactionId(ask.deposit_id.0), 2);
    let upload = forge::sign(&intent, &world.ana.device);
    assert_eq!(refusal(&world.ana.send(upload.clone()).await.outcome), RefusalCode::Conflict);
    until(&world.ana, ask.deposit_id, "settled").await;
    assert_eq!(refusal(&world.ana.send(upload).await.outcome), RefusalCode::Conflict);
    world.ends_with(FUNDS - 500 + 4_200, 500).await;
}

/// A server whose way to the bank is gone (another mode, a processor that was taken out) finds deposits in every
/// state. What the bank has paid is booked; what it may still pay waits; what it never heard of fails.
#[tokio::test(flavor = "multi_thread")]
async fn deposits_outlive_their_gateway() {
    let world = World::new().await;
    let app = world.server.app();
    let method = method(&world.ana).await;
    let now = world.server.clock.now();
    let insert = async |status: &str, reference: Option<String>| {
        let id = DepositId::new(now, random10());
        // Due in an hour: the server's own worker does not see it, ours lives later.
        sqlx::query(
            "insert into deposits (deposit_id, user_id, branch, wallet_id, method_id, amount, currency, status,
                 gateway_reference, next_attempt_at, created_at, updated_at)
             values ($1, $2, 0, $3, $4, 100, 'EUR', $5, $6, $7, $8, $8)",
        )
        .bind(id.0)
        .bind(world.ana.user.0)
        .bind(world.wallet.0)
        .bind(method.0)
        .bind(status)
        .bind(reference)
        .bind(now + HOUR_MS)
        .bind(now)
        .execute(&app.db)
        .await
        .unwrap();
        id
    };
    let reference = || Some(format!("SB-{now}-x"));
    let requested = insert("requested", None).await;
    let pending = insert("pending", reference()).await;
    let confirmed = insert("confirmed", reference()).await;
    let status = async |id: DepositId| -> String {
        let status = "select status from deposits where deposit_id = $1";
        sqlx::query_scalar(status).bind(id.0).fetch_one(&app.db).await.unwrap()
    };
    let at = |mode: Mode, hours: i64| {
        let settings = Settings { mode, ..(*app.settings).clone() };
        App { settings: settings.into(), clock: Clock::new(move || now + hours * HOUR_MS), ..app.clone() }
    };
    gateways::work_once(&at(Mode::Production, 2)).await.unwrap();
    assert_eq!(
        (status(requested).await.as_str(), status(pending).await.as_str(), status(confirmed).await.as_str()),
        ("failed", "pending", "settled")
    );
    assert_eq!(
        until(&world.ana, requested, "failed").await.reason.as_deref(),
        Some("this payment method is not available")
    );
    // The way to the bank is there again.
    for hours in 3..5 {
        gateways::work_once(&at(Mode::Sandbox, hours)).await.unwrap();
    }
    assert_eq!(status(pending).await, "settled");
    world.ends_with(FUNDS + 200, 0).await;
}

/// Out of people's way until somebody looks: `sync-server operator ...`.
async fn operator(world: &World, words: &str) -> String {
    let (app, clock) = (world.server.app(), world.server.clock.clone());
    let args: Vec<&str> = words.split(' ').collect();
    ops::operate(&app.settings, &Clock::new(move || clock.now()), &args).await.unwrap()
}

/// What the books hold of one wallet at most, but for so much.
async fn fill(world: &World, but_for: i64) {
    let (writers, method) = (&world.server.app().writers, method(&world.ana).await);
    let mut left = BALANCE_MINOR_MAX - FUNDS - but_for;
    while left > 0 {
        let orders = (0..100).map_while(|_| {
            let minor = left.min(AMOUNT_MINOR_MAX);
            left -= minor;
            (minor > 0).then(|| DepositOrder {
                deposit: DepositId::new(world.server.clock.now(), random10()),
                user: world.ana.user,
                wallet: world.wallet,
                amount: Amount::new(minor, Currency::EUR).unwrap(),
                reference: "much".to_owned(),
                requested_at: world.server.clock.now(),
            })
        });
        let orders: Vec<DepositOrder> = orders.collect();
        // Each with its request: money that nobody asked for is a fault of the books.
        sqlx::query(
            "insert into deposits (deposit_id, user_id, branch, wallet_id, method_id, amount, currency, status,
                 gateway_reference, next_attempt_at, created_at, updated_at)
             select d, $3, 0, $4, $5, a, 'EUR', 'settled', 'much', $6, $6, $6
             from unnest($1::uuid[], $2::bigint[]) as o (d, a)",
        )
        .bind(orders.iter().map(|order| order.deposit.0).collect::<Vec<_>>())
        .bind(orders.iter().map(|order| order.amount.minor()).collect::<Vec<_>>())
        .bind(world.ana.user.0)
        .bind(world.wallet.0)
        .bind(method.0)
        .bind(world.server.clock.now())
        .execute(&world.server.app().db)
        .await
        .unwrap();
        for answer in futures::future::join_all(orders.into_iter().map(|one| writers.deposit(0, one))).await {
            assert!(matches!(answer, Ok(DepositAnswer::Booked(_))), "{answer:?}");
        }
    }
}

/// The deposits that this person was told to be set aside.
async fn set_aside(person: &Person) -> Vec<DepositId> {
    let (mut cursor, mut all) = (0, Vec::new());
    loop {
        let page = person.sync(cursor, Vec::new()).await;
        cursor = page.cursor;
        all.extend(page.feed.into_iter().filter_map(|item| match item.event {
            FeedEvent::DepositSetAside { deposit, amount } => {
                assert_eq!(amount.minor(), 100);
                Some(deposit)
            }
            _ => None,
        }));
        if !page.more {
            return all;
        }
    }
}

/// The bank paid what no wallet can hold: into suspense, once, on whichever server, until the operator books it.
#[tokio::test(flavor = "multi_thread")]
async fn what_fits_into_no_wallet_waits_in_suspense() {
    let mut world = World::new().await;
    fill(&world, 50).await;
    let db = world.server.app().db.clone();
    let beside = TestServer::start_beside(&world.server).await;
    let ask = request(&world, 100).await;
    assert_eq!(deposit(&world.ana, &ask).await.status, 202);
    until(&world.ana, ask.deposit_id, "suspended").await;
    assert_eq!(world.balances().await.0, BALANCE_MINOR_MAX - 50);
    assert_eq!(set_aside(&world.ana).await, [ask.deposit_id]);
    let again: DepositReply = deposit(&world.ana, &ask).await.read();
    assert_eq!(again.status, DepositStatus::Suspended);
    books::check(&db).await;

    // Asked again by a worker that had not heard, and a week later: the same, once.
    let order = DepositOrder {
        deposit: ask.deposit_id,
        user: world.ana.user,
        wallet: world.wallet,
        amount: ask.amount,
        reference: "again".to_owned(),
        requested_at: 1,
    };
    let writers = world.server.app().writers.clone();
    let answers = futures::future::join_all((0..8).map(|_| writers.deposit(0, order.clone()))).await;
    assert!(answers.iter().all(|answer| *answer == Ok(DepositAnswer::Suspended)), "{answers:?}");
    let later = world.server.clock.now() + 168 * HOUR_MS;
    let late = App { clock: Clock::new(move || later), ..world.server.app().clone() };
    gateways::work_once(&late).await.unwrap();
    assert_eq!(set_aside(&world.ana).await.len(), 1);
    let suspense = "select coalesce(sum(balance), 0)::bigint from wallets where house = 'suspense'";
    let suspense = async || sqlx::query_scalar::<_, i64>(suspense).fetch_one(&db).await.unwrap();
    assert_eq!(suspense().await, 100);

    // Its id is taken, whatever becomes of it.
    let mut intent = forge::next(&world.ana, Order::Send(world.order(7)), world.server.clock.now());
    intent.id = TransactionId(ask.deposit_id.0);
    let taken = forge::sign(&intent, &world.ana.device);
    assert_eq!(refusal(&world.ana.send(taken.clone()).await.outcome), RefusalCode::Conflict);

    // The operator sees it, and books it when there is room: once, and to whom it belongs.
    let listed = operator(&world, "deposits").await;
    let number = listed.strip_prefix("@ana ").and_then(|rest| rest.split("  1.00 EUR  in suspense").next());
    let number = number.unwrap_or_else(|| panic!("{listed}")).to_owned();
    let book = |handle: &str| format!("book {handle} {number} -- there is room");
    assert_eq!(operator(&world, &book("ana")).await, "Not done: limit_balance.");
    assert_eq!(operator(&world, &book("bo1")).await, "Not done: unknown_payment.");
    let pay = world.pay(60);
    assert!(is_settled(&world.ana.send(pay).await.outcome));
    let done = operator(&world, &book("ana")).await;
    assert!(done.starts_with("Done, as transaction number "), "{done}");
    assert_eq!(operator(&world, &book("ana")).await, "Not done: unknown_payment.");
    assert_eq!(operator(&world, "deposits").await, "Every deposit is in its wallet, or on its way.");
    until(&world.ana, ask.deposit_id, "settled").await;
    let told = world.ana.records().await.into_iter().filter(|one| one.id.0 == ask.deposit_id.0);
    let told: Vec<_> = told.map(|one| (one.kind, one.amount.minor(), one.of)).collect();
    assert_eq!(told, [(TransactionKind::Deposit, 100, None)]);
    let answers = futures::future::join_all((0..8).map(|_| writers.deposit(0, order.clone()))).await;
    assert!(answers.iter().all(|answer| matches!(answer, Ok(DepositAnswer::Booked(_)))), "{answers:?}");
    assert_eq!(refusal(&world.ana.send(taken).await.outcome), RefusalCode::Conflict);
    assert_eq!(suspense().await, 0);
    beside.stop_and_keep().await;
    world.ends_with(BALANCE_MINOR_MAX - 50 - 60 + 100, 60).await;
}

/// A payment that took the deposit's id at the same moment: the money is there all the same.
#[tokio::test(flavor = "multi_thread")]
async fn a_deposit_whose_id_was_taken_is_not_lost() {
    let world = World::new().await;
    let intent = forge::next(&world.ana, Order::Send(world.order(500)), world.server.clock.now());
    assert!(is_settled(&world.ana.send(forge::sign(&intent, &world.ana.device)).await.outcome));
    let (db, now) = (world.server.app().db.clone(), world.server.clock.now());
    sqlx::query(
        "insert into deposits (deposit_id, user_id, branch, wallet_id, method_id, amount, currency, status,
             gateway_reference, next_attempt_at, created_at, updated_at)
         values ($1, $2, 0, $3, $4, 100, 'EUR', 'confirmed', 'SB-1-x', $5, $5, $5)",
    )
    .bind(intent.id.0)
    .bind(world.ana.user.0)
    .bind(world.wallet.0)
    .bind(method(&world.ana).await.0)
    .bind(now)
    .execute(&db)
    .await
    .unwrap();
    for _ in 0..200 {
        if !set_aside(&world.ana).await.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(set_aside(&world.ana).await, [DepositId(intent.id.0)]);
    books::check(&db).await;
    let listed = operator(&world, "deposits").await;
    let number = listed.split(' ').nth(1).unwrap();
    let done = operator(&world, &format!("book ana {number} -- under another id")).await;
    assert!(done.starts_with("Done"), "{done}");
    let payment = world.ana.client.get(&format!("/api/v1/transactions/{}/status", intent.id)).await;
    assert_eq!(payment.json()["transaction_type"], "send");
    world.ends_with(FUNDS - 500 + 100, 500).await;
}
