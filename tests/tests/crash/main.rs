//! The real server killed in the middle of settling, again and again, and PostgreSQL gone for a while: people go on
//! paying through it all. At the end every intent has one answer, the one that was heard first; money is conserved;
//! the books are in order. `PURSE_SEED` chooses who pays whom and when it happens.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

mod walker;

use futures::future::join_all;
use purse_shared::protocol::IntentUpload;
use purse_tests::own_postgres::OwnPostgres;
use purse_tests::process::Server;
use purse_tests::seed::seeded;
use purse_tests::{Client, books, database};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use sqlx::{PgPool, Row};
use std::time::Duration;
use walker::{FUNDS, Heard, Walker};

const WALKERS: usize = 6;
const KILLS: usize = 12;

async fn until(what: &str, holds: impl AsyncFnMut() -> bool) {
    purse_tests::until(Duration::from_secs(90), what, holds).await;
}

async fn people(server: &Server, rng: &mut StdRng) -> (Vec<Walker>, Vec<String>) {
    let handles: Vec<String> = (0..WALKERS).map(|n| format!("walker{n}")).collect();
    let mut walkers = Vec::new();
    for handle in &handles {
        walkers.push(Walker::new(server, handle, StdRng::seed_from_u64(rng.random())).await);
    }
    join_all(walkers.iter().map(Walker::funded)).await;
    (walkers, handles)
}

/// What must hold when everybody has all answers.
async fn check(walkers: &mut [Walker], heard: &Heard, db: &PgPool) {
    for walker in walkers.iter_mut() {
        walker.ask_again(heard).await;
    }
    books::check(db).await;
    let funds = FUNDS * i64::try_from(walkers.len()).unwrap();
    assert_eq!(books::peoples_money(db, "EUR").await, funds, "money is conserved");
    let count = "select count(*) as stored, count(*) filter (where status = 'settled') as settled
                 from transactions where transaction_type <> 'deposit'";
    let row = sqlx::query(count).fetch_one(db).await.unwrap();
    let ordered: usize = walkers.iter().map(|walker| walker.orders.len()).sum();
    let settled: usize = walkers.iter().map(Walker::settled).sum();
    let stored = |column| usize::try_from(row.get::<i64, _>(column)).unwrap();
    assert_eq!((stored("stored"), stored("settled")), (ordered, settled), "every intent once");
    println!(
        "{ordered} orders, {settled} settled, {} times told to come again",
        heard.told_to_come_again.get()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_is_killed_while_it_settles() {
    let mut rng = seeded();
    let url = database::create().await;
    let mut server = Server::start(&url).await;
    let (mut walkers, handles) = people(&server, &mut rng).await;
    let heard = Heard::default();
    let walks = join_all(walkers.iter_mut().map(|walker| walker.walk(&heard, &handles)));
    let kills = async {
        for _ in 0..KILLS {
            let wanted = heard.answers.get() + rng.random_range(20..200);
            until("more answers", async || heard.answers.get() >= wanted).await;
            // Any moment of a batch.
            tokio::time::sleep(Duration::from_micros(rng.random_range(0..20_000))).await;
            server.kill().await;
            server.restart().await;
        }
        heard.finish.set(true);
    };
    futures::join!(walks, kills);
    let db = PgPool::connect(&url).await.unwrap();
    check(&mut walkers, &heard, &db).await;
    server.kill().await;
    db.close().await;
    database::drop_database(&url).await;
}

/// The first walker repeats the one order that has no answer.
async fn repeated_it_settles(walkers: &mut [Walker], db: &PgPool) {
    let heard = Heard { finish: true.into(), ..Heard::default() };
    walkers[0].walk(&heard, &[]).await;
    assert_eq!(walkers[0].settled(), 1);
    check(walkers, &heard, db).await;
}

/// One upload, sent and not waited for.
fn send_off(client: &Client, upload: &IntentUpload) -> tokio::task::JoinHandle<()> {
    let body = serde_json::json!({"envelope": upload.envelope}).to_string();
    let request =
        client.build("POST", "/api/v1/transactions/send").header("content-type", "application/json");
    let sent = request.body(body).send();
    // The server dies: there will be no answer.
    tokio::spawn(async move { drop(sent.await) })
}

/// Killed before the commit: its rows are written and not committed. Nothing of it holds, and the repeated intent
/// settles, once.
#[tokio::test(flavor = "multi_thread")]
async fn killed_before_the_commit_nothing_holds() {
    let mut rng = seeded();
    let url = database::create().await;
    let mut server = Server::start(&url).await;
    let (mut walkers, _) = people(&server, &mut rng).await;
    let db = PgPool::connect(&url).await.unwrap();
    let upload = walkers[0].next_payment("walker1", 700);

    // The entries are the last that a payment's batch writes: their lock holds the batch there.
    let mut lock = db.begin().await.unwrap();
    sqlx::query("lock table transactions in share mode").execute(&mut *lock).await.unwrap();
    let sent = send_off(&walkers[0].person.client, &upload);
    let stuck = "select count(*) from pg_locks where not granted and relation = 'transactions'::regclass";
    until("the batch is stuck", async || {
        sqlx::query_scalar::<_, i64>(stuck).fetch_one(&db).await.unwrap() > 0
    })
    .await;
    server.kill().await;
    sent.await.unwrap();
    lock.commit().await.unwrap();
    server.restart().await;
    let rows = "select count(*) from transactions where transaction_type = 'send'";
    assert_eq!(sqlx::query_scalar::<_, i64>(rows).fetch_one(&db).await.unwrap(), 0);
    repeated_it_settles(&mut walkers, &db).await;
    server.kill().await;
    db.close().await;
    database::drop_database(&url).await;
}

/// Killed after the commit and before its answer: the row is there, nobody was told. The repeated intent hears it.
#[tokio::test(flavor = "multi_thread")]
async fn killed_after_the_commit_the_answer_is_kept() {
    let mut rng = seeded();
    let postgres = OwnPostgres::start().await;
    let mut server = Server::start(&postgres.url()).await;
    let (mut walkers, _) = people(&server, &mut rng).await;
    let db = PgPool::connect(&postgres.url()).await.unwrap();
    let upload = walkers[0].next_payment("walker1", 700);

    // A commit waits for a standby that there is not: it is on disk, and not acknowledged.
    let run = async |statement: &'static str| sqlx::query(statement).execute(&db).await.unwrap();
    run("alter system set synchronous_standby_names = 'nobody'").await;
    run("select pg_reload_conf()").await;
    until("the setting is read", async || {
        sqlx::query_scalar::<_, String>("show synchronous_standby_names").fetch_one(&db).await.unwrap()
            == "nobody"
    })
    .await;
    let sent = send_off(&walkers[0].person.client, &upload);
    let waiting =
        "select count(*) from pg_stat_activity where wait_event = 'SyncRep' and query ilike 'commit%'";
    until("the commit waits", async || {
        sqlx::query_scalar::<_, i64>(waiting).fetch_one(&db).await.unwrap() > 0
    })
    .await;
    server.kill().await;
    sent.await.unwrap();
    run("alter system reset synchronous_standby_names").await;
    run("select pg_reload_conf()").await;
    server.restart().await;
    let rows = "select count(*) from transactions where transaction_type = 'send'";
    until("the commit is done", async || {
        sqlx::query_scalar::<_, i64>(rows).fetch_one(&db).await.unwrap() == 1
    })
    .await;
    repeated_it_settles(&mut walkers, &db).await;
    server.kill().await;
    db.close().await;
    postgres.remove().await;
}

/// Stopped in its tracks a server keeps its connections open, and with them its branch, until PostgreSQL gives up on it.
#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_servers_branch_is_taken_over() {
    let mut rng = seeded();
    let url = database::create().await;
    let key = std::env::temp_dir().join(format!("purse-crash-audit-{}", uuid::Uuid::new_v4().simple()));
    let key = ("PURSE_AUDIT_KEY", key.to_string_lossy().into_owned());
    let mut first = Server::prepare(&url, vec![key.clone()]);
    let origin = ("PURSE_PUBLIC_URL", first.origin());
    let mut second = Server::prepare(&url, vec![key.clone(), origin]);
    first.restart().await;
    let (mut walkers, _) = people(&first, &mut rng).await;
    second.restart().await;
    let heard = Heard { finish: true.into(), ..Heard::default() };
    first.freeze();
    let there = Client { base: second.client().base, ..walkers[0].person.client.clone() };
    let here = std::mem::replace(&mut walkers[0].person.client, there);
    walkers[0].next_payment("walker1", 700);
    walkers[0].walk(&heard, &[]).await;
    assert_eq!(walkers[0].settled(), 1);

    // It goes on as if nothing had been, and finds that it writes no more: what it is asked is answered by the other.
    first.thaw();
    walkers[0].person.client = here;
    walkers[0].next_payment("walker1", 600);
    walkers[0].walk(&heard, &[]).await;
    assert_eq!(walkers[0].settled(), 2);
    let db = PgPool::connect(&url).await.unwrap();
    check(&mut walkers, &heard, &db).await;
    first.kill().await;
    second.kill().await;
    db.close().await;
    database::drop_database(&url).await;
    std::fs::remove_file(key.1).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_is_gone_for_seconds() {
    let mut rng = seeded();
    let postgres = OwnPostgres::start().await;
    let mut server = Server::start(&postgres.url()).await;
    let (mut walkers, handles) = people(&server, &mut rng).await;
    let heard = Heard::default();
    let health = server.client();
    let walks = join_all(walkers.iter_mut().map(|walker| walker.walk(&heard, &handles)));
    let outages = async {
        for _ in 0..3 {
            let wanted = heard.answers.get() + rng.random_range(50..200);
            until("more answers", async || heard.answers.get() >= wanted).await;
            postgres.kill().await;
            let told = heard.told_to_come_again.get() + 2 * WALKERS;
            until("everybody is told to come again", async || heard.told_to_come_again.get() >= told).await;
            health.get("/health/ready").await.expect_problem(503, "busy");
            assert_eq!(health.get("/health/live").await.status, 200);
            postgres.restart().await;
            until("the server is ready again, by itself", async || {
                health.get("/health/ready").await.status == 200
            })
            .await;
        }
        heard.finish.set(true);
    };
    futures::join!(walks, outages);
    let db = PgPool::connect(&postgres.url()).await.unwrap();
    check(&mut walkers, &heard, &db).await;
    server.kill().await;
    db.close().await;
    postgres.remove().await;
}
