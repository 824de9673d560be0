//! Two servers on one database: one writes the branch, the other passes on to it through the table; when the writer
//! goes, the other takes over within seconds. Every order is answered once, whoever was asked.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use futures::future::join_all;
use purse_shared::protocol::{IntentUpload, News};
use purse_shared::{Currency, WalletId};
use purse_tests::alone::{is_settled, send, settle};
use purse_tests::{Client, Person, TestServer, books};
use std::time::Duration;
use sync_server::Clock;
use sync_server::ops::operate;
use sync_server::settle::store::inbox;

const FUNDS: i64 = 100_000;

/// The same person's session at another server of the same database.
fn at(person: &Person, server: &TestServer) -> Client {
    Client { base: server.base.clone(), ..person.client.clone() }
}

fn order(person: &mut Person, server: &TestServer, from: WalletId, to: &str, minor: i64) -> IntentUpload {
    person.pay(from, to, None, minor, Currency::EUR, server.clock.now())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_other_server_passes_on_and_takes_over() {
    let first = TestServer::start().await;
    let mut ana = Person::register(&first, "ana").await;
    let mut bo = Person::register(&first, "bo1").await;
    ana.deposit(&first, FUNDS, Currency::EUR).await;
    let second = TestServer::start_beside(&first).await;
    let wallet = ana.wallet(Currency::EUR).await.wallet_id;

    // Both servers take orders; a repeated one hears its first answer from either.
    let orders: Vec<IntentUpload> = (0..20).map(|_| order(&mut ana, &first, wallet, "bo1", 100)).collect();
    let (here, there) = (at(&ana, &first), at(&ana, &second));
    let outcomes = join_all(orders.iter().zip(0..).map(|(upload, n)| {
        let client = if n % 2 == 0 { &here } else { &there };
        settle(client, upload)
    }))
    .await;
    assert!(outcomes.iter().all(is_settled));
    for (upload, outcome) in orders.iter().zip(&outcomes) {
        assert_eq!((&send(&here, upload).await, &send(&there, upload).await), (outcome, outcome));
    }
    assert_eq!(at(&bo, &second).get("/health/ready").await.status, 200);

    // What happens at one is told at the other.
    let mut heard = second.app().live.listen(bo.user);
    let upload = order(&mut ana, &first, wallet, "bo1", 100);
    assert!(is_settled(&settle(&here, &upload).await));
    let news = tokio::time::timeout(Duration::from_secs(5), heard.next()).await.expect("told in time");
    assert!(news.unwrap_or(News { feed: 0, book: 0 }).feed >= 21);

    // The writer's server ends while orders are under way at the other one.
    let late: Vec<IntentUpload> = (0..10).map(|_| order(&mut ana, &first, wallet, "bo1", 100)).collect();
    let all = join_all(late.iter().map(|upload| settle(&there, upload)));
    let (outcomes, database_url) = futures::join!(all, first.stop_and_keep());
    assert!(outcomes.iter().all(is_settled));
    ana.client.base.clone_from(&second.base);
    bo.client.base.clone_from(&second.base);
    assert_eq!(ana.wallet(Currency::EUR).await.balance, FUNDS - 31 * 100);
    assert_eq!(bo.wallet(Currency::EUR).await.balance, 31 * 100);
    books::check(&second.app().db).await;
    assert_eq!(database_url, second.database_url);
    second.stop().await;
}

/// Rows that no server wrote, or that somebody changed: put aside at once, said once, in nobody's way.
#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_can_decide_is_put_aside() {
    let server = TestServer::start().await;
    let mut ana = Person::register(&server, "ana").await;
    Person::register(&server, "bo1").await;
    ana.deposit(&server, FUNDS, Currency::EUR).await;
    let wallet = ana.wallet(Currency::EUR).await.wallet_id;
    let forged = order(&mut ana, &server, wallet, "bo1", 100);
    let mut envelope = forged.envelope.clone();
    *envelope.0.last_mut().unwrap() ^= 1;
    let nobody = uuid::Uuid::from_u128(7);
    let commands = [
        (ana.user.0, serde_json::json!({ "print_money": 1_000 })),
        (ana.user.0, serde_json::json!({ "intents": [{ "envelope": "AAAA", "stepped_up": true }] })),
        (ana.user.0, serde_json::json!({ "intents": [{ "envelope": envelope, "stepped_up": true }] })),
        // Passes the rules, and the database refuses it.
        (nobody, serde_json::json!({ "account": { "open_wallet": "EUR" } })),
    ];
    let db = server.app().db.clone();
    for (user, command) in &commands {
        sqlx::query("insert into inbox (branch, command_id, user_id, command, asked_at) values (0, gen_random_uuid(), $1, $2, 1)")
            .bind(user)
            .bind(command)
            .execute(&db)
            .await
            .unwrap();
    }
    let open = "select count(*) from inbox where answer is null and asked_at = 1";
    let until_aside = async || {
        for _ in 0..100 {
            if sqlx::query_scalar::<_, i64>(open).fetch_one(&db).await.unwrap() == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("not put aside within seconds");
    };
    until_aside().await;

    // Kept as evidence, and shown to the operator, with why.
    inbox::sweep(&db, server.clock.now()).await.unwrap();
    let clock = server.clock.clone();
    let clock = Clock::new(move || clock.now());
    let say = async |words: &str| {
        let args: Vec<&str> = words.split(' ').collect();
        operate(&server.app().settings, &clock, &args).await
    };
    let listed = say("inbox").await.unwrap();
    for why in [
        "of @ana, branch 0, 0 h ago: it cannot be read: unknown variant `print_money`",
        "of @ana, branch 0, 0 h ago: it is not what its device signed",
        "of 00000000-0000-0000-0000-000000000007, branch 0, 0 h ago: the database refused it",
        "wallet_owner_exists",
        "{\"print_money\":1000}",
    ] {
        assert!(listed.contains(why), "{why}: {listed}");
    }
    assert_eq!(listed.lines().count(), 2 * commands.len(), "{listed}");

    // Tried again it is put aside again; forgotten it is gone, and the record names it.
    let id = listed.lines().next().unwrap().split(' ').next().unwrap();
    assert_eq!(say(&format!("again {id} -- perhaps")).await.unwrap(), "Done.");
    until_aside().await;
    assert_eq!(say("inbox").await.unwrap().lines().count(), 2 * commands.len());
    assert_eq!(say(&format!("forget {id} -- looked at")).await.unwrap(), "Done.");
    assert!(say(&format!("forget {id} -- looked at")).await.is_err());
    assert!(say(&format!("forget {id}")).await.is_err(), "no reason");
    assert_eq!(say("inbox").await.unwrap().lines().count(), 2 * commands.len() - 2);
    let record =
        "select changes->>'command' from audit_logs where action = 'command_forgotten' order by log_id";
    let kept: Vec<String> = sqlx::query_scalar(record).fetch_all(&db).await.unwrap();
    assert_eq!(kept, [id]);
    assert!(is_settled(&settle(&ana.client, &forged).await), "the true one is paid");
    assert_eq!(ana.wallet(Currency::EUR).await.balance, FUNDS - 100);
    books::check(&server.app().db).await;
    server.stop().await;
}
