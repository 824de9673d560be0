//! The receipts that the parties of real payments get, and what is erased and what cannot be.

use crate::verified;
use purse_shared::audit::{Receipt, SignedCheckpoint};
use purse_shared::intent::{Order, SendOrder};
use purse_shared::protocol::{AuditKeyRecord, Bytes, IntentOutcome};
use purse_shared::{Currency, Money, TransactionId, UserId};
use purse_tests::branches::{branch_of, somebody};
use purse_tests::{Person, TestServer, books, database, euro, every_order};
use sqlx::{Executor, PgPool};
use sync_server::audit;

/// Two people, and a payment from Ana to Bo.
async fn paid(server: &TestServer) -> (Person, Person, TransactionId) {
    let (mut ana, bo) = (Person::register(server, "ana").await, Person::register(server, "bo1").await);
    ana.deposit(server, 10_000, Currency::EUR).await;
    let wallet = ana.wallet(Currency::EUR).await.wallet_id;
    let now = server.clock.now();
    let upload = ana.pay(wallet, "bo1", Some(bo.user), 1_850, Currency::EUR, now);
    let id = purse_shared::intent::SignedIntent::read(&upload.envelope.0).unwrap().own_intent().id;
    assert!(ana.send(upload).await.outcome.is_final());
    (ana, bo, id)
}

#[tokio::test(flavor = "multi_thread")]
async fn both_parties_get_a_receipt_and_nobody_else() {
    let server = TestServer::start().await;
    let (ana, bo, id) = paid(&server).await;
    let eve = Person::register(&server, "eve").await;
    let path = format!("/api/v1/transactions/{id}/receipt");
    let key: AuditKeyRecord = server.client().get("/api/v1/audit/key").await.read();
    assert_eq!(key.public_key.0.len(), 65);
    let mut records = Vec::new();
    for person in [&ana, &bo] {
        let receipt: Receipt = person.client.get(&path).await.read();
        let record = receipt.check_form().unwrap().verify(&key.public_key.0).unwrap();
        assert_eq!((record.transaction, record.user, record.payee), (id, ana.user, Some(bo.user)));
        assert_eq!((&*record.kind, &*record.status), ("send", "settled"));
        assert_eq!(record.amount, Some(Money::new(1_850, Currency::EUR)));
        records.push(record);
    }
    assert_eq!(records[0], records[1]);
    eve.client.get(&path).await.expect_problem(404, "not_found");
    server.client().get(&path).await.expect_problem(401, "sign_in_needed");
    let nothing = format!("/api/v1/transactions/{}/receipt", TransactionId::new(1, [1; 10]));
    ana.client.get(&nothing).await.expect_problem(404, "not_found");

    // A row from before the chain.
    let db = &server.app().db;
    db.execute("delete from audit_batches").await.unwrap();
    ana.client.get(&path).await.expect_problem(404, "no_receipt");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_orderly_stop_leaves_a_checkpoint_of_all_that_was_settled() {
    let server = TestServer::start().await;
    let (_, _, _) = paid(&server).await;
    let app = server.app().clone();
    let settled: i64 =
        sqlx::query_scalar("select max(batch) from audit_batches").fetch_one(&app.db).await.unwrap();
    server.stop().await;
    let lines = std::fs::read_to_string(app.settings.checkpoint_dir.join("checkpoints.log")).unwrap();
    let last = Bytes::from_text(lines.lines().last().unwrap()).unwrap();
    let checkpoint = SignedCheckpoint::read(&last.0).unwrap().verify(app.audit_key.public_key()).unwrap();
    assert_eq!(checkpoint.heads[0].batch, settled);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_address_of_an_act_is_erased_and_the_act_stays() {
    let server = TestServer::start().await;
    let (ana, bo) = (Person::register(&server, "ana").await, Person::register(&server, "bo1").await);
    let db = &server.app().db;
    let addresses = async |user: UserId| -> Vec<String> {
        sqlx::query_scalar("select ip_address from audit_log_addresses where actor_id = $1")
            .bind(user.0)
            .fetch_all(db)
            .await
            .unwrap()
    };
    let acts = async || -> i64 {
        sqlx::query_scalar("select count(*) from audit_logs").fetch_one(db).await.unwrap()
    };
    assert!(addresses(ana.user).await.iter().all(|address| address == "127.0.0.1"));
    let (before, theirs) = (acts().await, addresses(bo.user).await);
    assert!(!addresses(ana.user).await.is_empty() && !theirs.is_empty());
    audit::erase_personal(db, 0, ana.user, server.clock.now()).await.unwrap();
    assert_eq!(addresses(ana.user).await, Vec::<String>::new());
    assert_eq!((acts().await, addresses(bo.user).await), (before, theirs));
    server.stop().await;
}

/// `deploy/roles.sql` gives the server what it needs, and not what rewrites history.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_owns_nothing_settles_and_cannot_rewrite() {
    let url = database::create().await;
    let owner = PgPool::connect(&url).await.unwrap();
    let first = TestServer::start_on(url.clone(), |_| {}).await;
    owner.execute(include_str!("../../../deploy/roles.sql")).await.unwrap();
    // Its writers hold the branches.
    drop(first);
    let role = "options=-c%20role%3Dpurse_server";
    let as_role = format!("{url}{}{role}", if url.contains('?') { '&' } else { '?' });
    let as_role = sqlx::postgres::PgPoolOptions::new().max_connections(1).connect(&as_role).await.unwrap();
    let whoami: String = sqlx::query_scalar("select current_user::text").fetch_one(&as_role).await.unwrap();
    assert_eq!(whoami, "purse_server");
    for statement in [
        "update audit_logs set action = 'unmade'",
        "delete from audit_logs",
        "truncate audit_logs cascade",
        "alter table audit_logs disable trigger all",
        "update transactions set amount = 1",
        "delete from transactions",
        "update transactions set sender_balance_after = 1",
        "update holds set amount = 1",
        "delete from holds",
        "update returns set paid = 1",
        "delete from returns",
        "update quotes set buy_amount = 1",
        "update schedules set user_id = schedule_id",
        "delete from schedules",
        "update payouts set amount = 1",
        "update payouts set method_id = transaction_id",
        "delete from payouts",
        "update audit_log_links set hash = decode(repeat('00', 32), 'hex')",
        "delete from audit_log_links",
        "insert into audit_log_links select position + 1, log_id, hash from audit_log_links",
        "alter table audit_logs disable trigger audit_log_is_linked",
        "update audit_batches set head = root",
        "delete from audit_batches",
        "update _sqlx_migrations set success = false",
    ] {
        let error = as_role.execute(statement).await.unwrap_err();
        let code = error.as_database_error().and_then(|error| error.code()).unwrap_or_default().into_owned();
        assert_eq!(code, "42501", "{statement}: {error}");
    }
    audit::erase_personal(&as_role, 0, UserId::new(1, [1; 10]), 1).await.unwrap();
    as_role.close().await;

    // And a server as that role: people register, pay and are paid.
    let (scheme, rest) = url.split_once("://").unwrap();
    let (_, host) = rest.split_once('@').unwrap();
    owner.execute("alter role purse_server password 'of the tests'").await.unwrap();
    let url = format!("{scheme}://purse_server:of%20the%20tests@{host}");
    let server = TestServer::start_on(url, |settings| settings.migrate = false).await;
    let (mut ana, mut bo, id) = paid(&server).await;
    let found = ana.client.get(&format!("/api/v1/transactions/{id}/status")).await;
    assert_eq!(found.status, 200, "{}", found.text);
    every_order(&server, &mut ana, &mut bo, id).await;
    sync_server::exchange::sweep(&server.app().db, i64::MAX).await.unwrap();
    books::check(&server.app().db).await;
    owner.close().await;
    server.stop().await;
}

/// Each row that an order makes is in the chain as it is, also those that nobody signed.
#[tokio::test(flavor = "multi_thread")]
async fn every_order_has_its_receipts() {
    let server = TestServer::start_with(|settings| {
        (settings.fees.send.basis_points, settings.fees.withdraw.basis_points) = (100, 100);
    })
    .await;
    let (ana, bo) = (Person::register(&server, "ana").await, Person::register(&server, "bo1").await);
    let (mut ana, mut bo) = (ana, bo);
    ana.deposit(&server, 10_000, Currency::EUR).await;
    let (now, from) = (server.clock.now(), ana.wallet(Currency::EUR).await.wallet_id);
    let send = SendOrder {
        from,
        to: "bo1".parse().unwrap(),
        payee: None,
        amount: euro(1_850),
        fee: 19,
        message: "Lunch".to_owned(),
    };
    let (of, upload) = ana.order(Order::Send(send), now);
    assert!(matches!(ana.send(upload).await.outcome, IntentOutcome::Settled { .. }));
    every_order(&server, &mut ana, &mut bo, of).await;
    let rows: Vec<(uuid::Uuid, uuid::Uuid, String)> =
        sqlx::query_as("select user_id, transaction_id, transaction_type from transactions order by number")
            .fetch_all(&server.app().db)
            .await
            .unwrap();
    let mut kinds = std::collections::BTreeSet::new();
    for (user, id, kind) in rows {
        let owner = if user == ana.user.0 { &ana } else { &bo };
        let receipt: Receipt = owner.client.get(&format!("/api/v1/transactions/{id}/receipt")).await.read();
        let record = verified(&server, &receipt).unwrap();
        assert_eq!((&*record.kind, record.transaction.0, record.user.0), (&*kind, id, user));
        kinds.insert(kind);
    }
    let all = [
        "capture",
        "deposit",
        "exchange",
        "exchange_in",
        "fee",
        "hold",
        "refund",
        "release",
        "reversal",
        "schedule",
        "send",
        "withdraw",
    ];
    assert!(kinds.iter().eq(all.iter()), "{kinds:?}");
    books::check(&server.app().db).await;
    server.stop().await;
}

/// A payment between branches is two rows in two chains: each party has the receipt of theirs, and they name each other.
#[tokio::test(flavor = "multi_thread")]
async fn both_parties_of_a_payment_between_branches_have_their_receipt() {
    let server = TestServer::start_with(|settings| settings.branches = 2).await;
    let mut ana = Person::register(&server, "ana").await;
    let home = branch_of(&server, ana.user).await;
    let far = somebody(&server, "far", home, false).await;
    let third = Person::register(&server, "third").await;
    ana.deposit(&server, 10_000, Currency::EUR).await;
    let (now, from) = (server.clock.now(), ana.wallet(Currency::EUR).await.wallet_id);
    let upload = ana.pay(from, &far.handle, Some(far.user), 700, Currency::EUR, now);
    let id = ana.device.last().0;
    assert!(matches!(ana.send(upload).await.outcome, IntentOutcome::Settled { .. }));
    far.until_balance(Money::new(700, Currency::EUR)).await;

    let path = format!("/api/v1/transactions/{id}/receipt");
    let receipt = async |of: &Person| verified(&server, &of.client.get(&path).await.read()).unwrap();
    let (left, came) = (receipt(&ana).await, receipt(&far).await);
    let there = branch_of(&server, far.user).await;
    assert_eq!((left.branch, &*left.kind, left.payee), (home, "send", Some(far.user)));
    assert_eq!((came.branch, &*came.kind, came.user), (there, "credit", ana.user));
    assert_eq!((left.transaction, came.transaction), (id, id));
    assert_eq!((left.amount, came.amount), (Some(Money::new(700, Currency::EUR)), left.amount));
    // The same leg: where it went is where it came from.
    assert_eq!(left.to.map(|leg| (leg.branch, leg.no)), came.from.map(|leg| (there, leg.no)));
    assert_eq!(came.from.map(|leg| leg.branch), Some(home));
    third.client.get(&path).await.expect_problem(404, "not_found");
    books::check(&server.app().db).await;
    server.stop().await;
}
