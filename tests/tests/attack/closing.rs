//! The end of an account: never with money in it, in one order with the payments, and afterwards nothing names its owner.

use super::{FUNDS, World, forge, is_settled, refusal, send_order};
use purse_shared::audit::Receipt;
use purse_shared::intent::{Order, Plan, RefundOrder, ScheduleOrder, SendOrder};
use purse_shared::limits::{DAY_MS, MINUTE_MS};
use purse_shared::link::Back;
use purse_shared::protocol::{
    AuditKeyRecord, DepositRequest, FeedEvent, LinkStart, PaymentMethodRecord, RefusalCode, SignedIn,
};
use purse_shared::{Amount, Currency, DepositId, Money};
use purse_tests::person::{begin, random10};
use purse_tests::strangers::Asking;
use purse_tests::{Answer, Client, Person, TestDevice, Twist, books};
use sync_server::identity::finish_closing;
use sync_server::settle::{MoneyAct, MoneyAnswer};

async fn close(client: &Client) -> Answer {
    client.delete("/api/v1/user").await
}

async fn generous() -> World {
    World::with(|settings| {
        (settings.step_up_major, settings.confirm_payee_major) = (1_000_000, 1_000_000);
        (settings.limit_payment_major, settings.limit_day_major) = (1_000_000, 1_000_000);
        settings.limit_month_major = 1_000_000;
    })
    .await
}

/// Rows of any table that have this text somewhere, also within bytes.
async fn found(world: &World, text: &str) -> Vec<String> {
    let db = &world.server.app().db;
    let tables = "select table_name::text from information_schema.tables
                  where table_schema = 'public' and table_type = 'BASE TABLE'";
    let mut all = Vec::new();
    for table in sqlx::query_scalar::<_, String>(tables).fetch_all(db).await.unwrap() {
        let hex: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
        let rows = format!("select t::text from {table} t where t::text like $1 or t::text like $2");
        let rows: Vec<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(rows))
            .bind(format!("%{text}%"))
            .bind(format!("%{hex}%"))
            .fetch_all(db)
            .await
            .unwrap();
        all.extend(rows.into_iter().map(|row| format!("{table}: {row}")));
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_ends_and_names_nobody() {
    let mut world = generous().await;
    let clock = world.server.clock.clone();
    // Another device, with a name of its own.
    let phone = TestDevice::new(clock.now());
    let client = world.ana.client.clone();
    let answer = world.ana.sign_in(&client, &phone, &Twist::default()).await;
    let mut phone_client = world.ana.client.clone();
    phone_client.bearer = answer.read::<SignedIn>().token;

    // A passkey is needed, the money must go, and what is planned or on its way, too.
    clock.advance(6 * MINUTE_MS);
    close(&world.ana.client).await.expect_problem(403, "passkey_needed");
    assert_eq!(world.ana.confirm(&Twist::default()).await.status, 204);
    close(&world.ana.client).await.expect_problem(409, "account_not_empty");
    let mut order = world.order(FUNDS - 1_000);
    order.message = "for the rent".to_owned();
    let paid = forge::next(&world.ana, Order::Send(order), clock.now());
    world.ana.device.next_seq += 1;
    world.ana.device.prev = forge::hash(&paid);
    assert!(is_settled(&world.ana.send(forge::sign(&paid, &world.ana.device)).await.outcome));
    close(&world.ana.client).await.expect_problem(409, "account_not_empty");
    let plan = Plan { first_at: clock.now() + DAY_MS, every: None, times: None };
    let send = SendOrder { message: "for the rent".to_owned(), ..world.order(100) };
    let (id, upload) = world.ana.order(Order::Schedule(ScheduleOrder { send, plan }), clock.now());
    let hash = world.ana.device.last().1;
    assert!(is_settled(&world.ana.send(upload).await.outcome));
    let rest = world.pay(1_000);
    assert!(is_settled(&world.ana.send(rest).await.outcome));
    close(&world.ana.client).await.expect_problem(409, "account_waits");
    let (_, cancel) = world.ana.order(Order::Cancel { id, hash }, clock.now());
    assert!(is_settled(&world.ana.send(cancel).await.outcome));
    let methods: Vec<PaymentMethodRecord> = world.ana.client.get("/api/v1/payment-methods").await.read();
    let deposit = |minor: i64| DepositRequest {
        deposit_id: DepositId::new(clock.now(), random10()),
        wallet_id: world.wallet,
        method_id: methods[0].method_id,
        amount: Amount::new(minor, Currency::EUR).unwrap(),
    };
    // The bank takes a second: the account waits for it, and then there is money in it.
    let asked = deposit(70);
    assert_eq!(world.ana.client.post("/api/v1/transactions/deposit", &asked).await.status, 202);
    assert_eq!(close(&world.ana.client).await.status, 409);
    world.ana.until_balance(Money::new(70, Currency::EUR)).await;
    close(&world.ana.client).await.expect_problem(409, "account_not_empty");
    let rest = world.pay(70);
    assert!(is_settled(&world.ana.send(rest).await.outcome));
    assert!(!found(&world, "ana of the tests").await.is_empty());
    assert!(!found(&world, "for the rent").await.is_empty());

    // She once said no to a device, which has a name too.
    let asking = Asking::to_be_let_in(clock.now(), Back::Scheme);
    let no = LinkStart { request: asking.bytes() };
    assert_eq!(world.ana.client.post("/api/v1/links/refuse", &no).await.status, 204);
    assert!(!found(&world, &asking.request.name).await.is_empty());

    // It ends. The same again is the same answer; every session that it had has ended.
    assert_eq!(close(&world.ana.client).await.status, 204);
    assert_eq!(close(&world.ana.client).await.status, 204);
    assert_eq!(close(&phone_client).await.status, 204);
    for client in [&world.ana.client, &phone_client] {
        client.get("/api/v1/wallets").await.expect_problem(403, "device_revoked");
    }
    let stranger = Client { bearer: Some("a".repeat(43)), ..world.ana.client.clone() };
    close(&stranger).await.expect_problem(401, "sign_in_needed");
    let client = world.server.client();
    let phone = TestDevice::new(clock.now());
    world.ana.sign_in(&client, &phone, &Twist::default()).await.expect_problem(404, "passkey_unknown");

    // Nobody finds it, pays it, or gives anything back to it; nobody gets its handle.
    world.bo.client.get("/api/v1/users/by-handle/ana").await.expect_problem(404, "not_found");
    begin(&world.server.client(), "ana").await.expect_problem(409, "handle_taken");
    let bos = world.bo.wallet(Currency::EUR).await.wallet_id;
    for payee in [None, Some(world.ana.user)] {
        let order = Order::Send(send_order(bos, "ana", payee, 100));
        let (_, upload) = world.bo.order(order, clock.now());
        assert_eq!(refusal(&world.bo.send(upload).await.outcome), RefusalCode::UnknownPayee);
    }
    let amount = Amount::new(100, Currency::EUR).unwrap();
    let order = RefundOrder { payer: world.ana.user, of: paid.id, amount, message: String::new() };
    let (_, upload) = world.bo.order(Order::Refund(order), clock.now());
    assert_eq!(refusal(&world.bo.send(upload).await.outcome), RefusalCode::PayeeCannotReceive);

    // What Bo has of it: a payment from somebody without a name, and a receipt that can be checked.
    let records = world.bo.records().await;
    let came = records.iter().find(|one| one.id == paid.id).unwrap();
    let from = came.counterparty.as_ref().unwrap();
    assert_eq!((from.user, &from.handle, from.display_name.as_str()), (Some(world.ana.user), &None, ""));
    let activity = world.bo.client.get("/api/v1/user/activity").await.text;
    assert!(!activity.contains("ana") && !activity.contains("closed"), "{activity}");
    let key: AuditKeyRecord = world.server.client().get("/api/v1/audit/key").await.read();
    let receipt = format!("/api/v1/transactions/{}/receipt", paid.id);
    let receipt: Receipt = world.bo.client.get(&receipt).await.read();
    assert_eq!(receipt.message, None);
    let record = receipt.check_form().unwrap().verify(&key.public_key.0).unwrap();
    assert_eq!((record.transaction, record.user), (paid.id, world.ana.user));

    // No row names her, and what was under way then is looked through once more.
    for text in ["ana of the tests", "for the rent", "Another browser", "127.0.0.1", &asking.request.name] {
        let rows = found(&world, text).await;
        let hers: Vec<_> = rows.iter().filter(|row| row.contains(&world.ana.user.to_string())).collect();
        assert!(hers.is_empty(), "{text}: {hers:?}");
    }
    let handle = found(&world, "ana").await;
    assert!(handle.iter().all(|row| !row.contains(&world.ana.user.to_string())), "{handle:?}");
    let db = world.server.app().db.clone();
    clock.advance(3 * MINUTE_MS);
    finish_closing(world.server.app()).await.unwrap();
    let erased = "select count(*) from users where closed_at is not null and erased_at is not null";
    assert_eq!(sqlx::query_scalar::<_, i64>(erased).fetch_one(&db).await.unwrap(), 1);
    let acts = "select count(*) from audit_logs where action = 'closed'";
    assert_eq!(sqlx::query_scalar::<_, i64>(acts).fetch_one(&db).await.unwrap(), 1);
    books::check(&db).await;
    assert_eq!(world.bo.wallet(Currency::EUR).await.balance, FUNDS + 70);
    world.server.stop().await;
}

/// The server dies after the writer's commit: the account is closed for everybody, and the rest is done later.
#[tokio::test(flavor = "multi_thread")]
async fn a_closing_that_was_cut_off_is_finished() {
    let mut world = generous().await;
    let all = world.pay(FUNDS);
    assert!(is_settled(&world.ana.send(all).await.outcome));
    let app = world.server.app().clone();
    let closed = || app.writers.money(0, world.ana.user, MoneyAct::CloseAccount);
    assert_eq!(closed().await, Ok(MoneyAnswer::Done { number: 0 }));
    assert_eq!(closed().await, Ok(MoneyAnswer::Done { number: 0 }));
    // Whoever is still signed in can do nothing with money.
    let late = world.pay(1);
    assert_eq!(refusal(&world.ana.send(late).await.outcome), RefusalCode::DeviceRevoked);
    let methods: Vec<PaymentMethodRecord> = world.ana.client.get("/api/v1/payment-methods").await.read();
    let deposit = DepositRequest {
        deposit_id: DepositId::new(world.server.clock.now(), random10()),
        wallet_id: world.wallet,
        method_id: methods[0].method_id,
        amount: Amount::new(70, Currency::EUR).unwrap(),
    };
    let answer = world.ana.client.post("/api/v1/transactions/deposit", &deposit).await;
    answer.expect_problem(409, "conflict");
    world.ana.client.post("/api/v1/wallets", &serde_json::json!({"currency": "USD"})).await;
    finish_closing(&app).await.unwrap();
    assert_eq!(world.ana.client.get("/api/v1/wallets").await.status, 200, "not yet");
    world.server.clock.advance(3 * MINUTE_MS);
    finish_closing(&app).await.unwrap();
    world.ana.client.get("/api/v1/wallets").await.expect_problem(403, "device_revoked");
    let hers = found(&world, "ana of the tests").await;
    assert!(hers.is_empty(), "{hers:?}");
    books::check(&app.db).await;
    world.server.stop().await;
}

/// Paid and closed at the same moment: one of them is first, and no money is in what is closed.
#[tokio::test(flavor = "multi_thread")]
async fn a_payment_and_the_end_have_one_order() {
    let mut world = generous().await;
    let (mut closed, mut paid) = (0, 0);
    for n in 0..24 {
        let other = Person::register(&world.server, &format!("other{n}")).await;
        let order = send_order(world.wallet, &other.handle, Some(other.user), 100);
        let (_, upload) = world.ana.order(Order::Send(order), world.server.clock.now());
        let (outcome, answer) = if n % 2 == 0 {
            futures::join!(world.ana.send(upload), close(&other.client))
        } else {
            let (answer, outcome) = futures::join!(close(&other.client), world.ana.send(upload));
            (outcome, answer)
        };
        match answer.status {
            204 => {
                assert_eq!(refusal(&outcome.outcome), RefusalCode::UnknownPayee);
                closed += 1;
            }
            _ => {
                answer.expect_problem(409, "account_not_empty");
                assert!(is_settled(&outcome.outcome));
                paid += 1;
            }
        }
    }
    println!("{closed} were closed, {paid} were paid");
    let told = world.ana.sync(0, Vec::new()).await.feed;
    assert!(told.iter().any(|item| matches!(item.event, FeedEvent::Transaction { .. })));
    books::check(&world.server.app().db).await;
    assert_eq!(world.ana.wallet(Currency::EUR).await.balance, FUNDS - 100 * paid);
    world.server.stop().await;
}
