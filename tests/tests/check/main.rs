//! The books check themselves: each rule finds the row that breaks it and names that very row, while payments run, and
//! as the command that operators have.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod attempts;

use purse_shared::intent::{Order, SendOrder};
use purse_shared::protocol::IntentOutcome;
use purse_shared::{Amount, Currency, Money, TransactionId, WalletId};
use purse_tests::branches::branch_of;
use purse_tests::{Person, TestServer, books, database, every_order, process};
use sqlx::{AssertSqlSafe, PgConnection, PgPool};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use sync_server::check;
use sync_server::ops::{self, CheckOptions};

/// Two branches with one of everything: Ana and Bo in the first, Far in the second.
struct World {
    server: TestServer,
    ana: Person,
    bo: Person,
    far: Person,
}

impl World {
    async fn new() -> Self {
        let server = TestServer::start_with(|settings| {
            settings.branches = 2;
            (settings.fees.send.basis_points, settings.fees.withdraw.basis_points) = (100, 100);
        })
        .await;
        let (mut near, mut far) = (Vec::new(), Vec::new());
        for n in 0.. {
            if near.len() >= 2 && !far.is_empty() {
                break;
            }
            let person = Person::register(&server, &format!("person{n}")).await;
            match branch_of(&server, person.user).await {
                0 => near.push(person),
                _ => far.push(person),
            }
        }
        let (bo, ana, far) = (near.pop().unwrap(), near.pop().unwrap(), far.pop().unwrap());
        let mut world = Self { server, ana, bo, far };
        world.live().await;
        world
    }

    async fn live(&mut self) {
        let Self { server, ana, bo, far } = self;
        ana.deposit(server, 100_000, Currency::EUR).await;
        let wallet = ana.wallet(Currency::EUR).await.wallet_id;
        let of = pay(server, ana, wallet, bo, 1_850, true).await;
        every_order(server, ana, bo, of).await;
        let little = bo.wallet(Currency::EUR).await.wallet_id;
        pay(server, bo, little, ana, 10_000, false).await;
        pay(server, ana, wallet, far, 5_000, true).await;
        far.until_balance(Money::new(5_000, Currency::EUR)).await;
        let back = far.wallet(Currency::EUR).await.wallet_id;
        let before = ana.wallet(Currency::EUR).await.balance;
        pay(server, far, back, ana, 700, true).await;
        ana.until_balance(Money::new(before + 700, Currency::EUR)).await;
        // Told nobody's name but the handle.
        pay(server, ana, wallet, bo, 40, true).await;
    }
}

/// Small ones name the payee by the handle alone.
async fn pay(
    server: &TestServer,
    from: &mut Person,
    wallet: WalletId,
    to: &Person,
    minor: i64,
    settles: bool,
) -> TransactionId {
    let amount = Amount::new(minor, Currency::EUR).unwrap();
    let send = SendOrder {
        from: wallet,
        to: to.handle.parse().unwrap(),
        payee: (minor > 100).then_some(to.user),
        amount,
        fee: minor / 100 + 1,
        message: "Lunch".to_owned(),
    };
    let (id, upload) = from.order(Order::Send(send), server.clock.now());
    let outcome = from.send(upload).await.outcome;
    assert_eq!(matches!(outcome, IntentOutcome::Settled { .. }), settles, "{outcome:?}");
    id
}

/// Every rule has an attempt that breaks it, in a transaction that is taken back: whoever owns the database may do so
/// (triggers and foreign keys are off).
#[tokio::test(flavor = "multi_thread")]
async fn every_rule_names_the_row_that_breaks_it() {
    let world = World::new().await;
    books::check(&world.server.app().db).await;
    let url = world.server.stop_and_keep().await;
    let db = PgPool::connect(&url).await.unwrap();
    let mut tried = BTreeSet::new();
    let mut wrong = Vec::new();
    for attempt in attempts::ALL {
        let mut damaged = db.begin().await.unwrap();
        sqlx::query("set local session_replication_role = replica").execute(&mut *damaged).await.unwrap();
        let statement = AssertSqlSafe(attempts::with_names(attempt.damage));
        let rows: Vec<String> = match sqlx::query_scalar(statement).fetch_all(&mut *damaged).await {
            Ok(rows) => rows,
            Err(error) => panic!("{}: {error}", attempt.damage),
        };
        assert!(!rows.is_empty(), "it damages nothing: {}", attempt.damage);
        let found = faults(&mut damaged).await;
        damaged.rollback().await.unwrap();
        let names = |fault: &check::Fault| fault.rule == attempt.rule && is_named(&fault.row, &rows[0]);
        if !found.iter().any(names) {
            wrong.push(format!(
                "{}\n  by: {}\n  wanted: {}\n  found: {found:#?}",
                attempt.rule, attempt.damage, rows[0]
            ));
        }
        tried.insert(attempt.rule);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let missing: Vec<&str> = check::rules().filter(|rule| !tried.contains(rule)).collect();
    assert!(missing.is_empty(), "no attempt to break {missing:#?}");
    assert!(faults(&mut db.acquire().await.unwrap()).await.is_empty(), "all was taken back");
    db.close().await;
    database::drop_database(&url).await;
}

/// The row that was damaged and not another whose number begins alike.
fn is_named(row: &str, wanted: &str) -> bool {
    row.strip_prefix(wanted).is_some_and(|rest| !rest.starts_with(|next: char| next.is_ascii_alphanumeric()))
}

async fn faults(conn: &mut PgConnection) -> Vec<check::Fault> {
    let mut found = check::check_acts(conn).await.unwrap();
    for branch in [0, 1] {
        found.extend(check::check(conn, branch, |_progress| {}).await.unwrap());
    }
    found
}

/// What cannot be read is a fault by its number, and keeps nothing else from being found.
#[tokio::test(flavor = "multi_thread")]
async fn rows_that_cannot_be_read_are_named_with_all_the_rest() {
    let world = World::new().await;
    let db = PgPool::connect(&world.server.database_url).await.unwrap();
    for change in [
        "update transactions set leaf_salt = null where branch = 0 and number = 1",
        "update transactions set currency = 'ZZZ' where branch = 0 and number = 2",
        "update returns set returned = returned - 1 where branch = 0",
        "alter table audit_batches drop constraint audit_batch_hashes_are_sha_256",
        "update audit_batches set root = '\\x01' where branch = 0 and batch = 2",
        "update audit_batches set last_number = 9223372036854775807 where branch = 0 and batch = 3",
    ] {
        sqlx::query(change).execute(&db).await.unwrap();
    }
    let checked = ops::check_books(&world.server.app().settings, &CheckOptions::default()).await.unwrap();
    assert!(checked.stopped.is_none(), "{:?}", checked.stopped);
    let rows: Vec<&str> = checked.faults.iter().map(|fault| fault.row.as_str()).collect();
    for wanted in [
        "transaction 1 cannot be read: it has no salt",
        "transaction 2 cannot be read: its currency is unknown",
        "batch 2: it has no hashes",
        "batch 3: it covers numbers that no batch does",
    ] {
        assert!(rows.contains(&wanted), "{wanted}: {rows:#?}");
    }
    assert!(checked.faults.iter().any(|fault| fault.rule.starts_with("what was returned")), "{rows:#?}");
    db.close().await;
    world.server.stop().await;
}

/// Nothing that is being settled meanwhile looks like a fault.
#[tokio::test(flavor = "multi_thread")]
async fn the_books_are_in_order_while_payments_run() {
    let mut world = World::new().await;
    let settings = world.server.app().settings.clone();
    let done = AtomicBool::new(false);
    let paying = async {
        let World { server, ana, bo, far } = &mut world;
        let from = ana.wallet(Currency::EUR).await.wallet_id;
        for n in 0..60 {
            let to: &Person = if n % 3 == 0 { &*far } else { &*bo };
            pay(server, ana, from, to, 100 + n, true).await;
        }
        done.store(true, Ordering::SeqCst);
    };
    let checking = async {
        let mut times = 0;
        while !done.load(Ordering::SeqCst) || times < 3 {
            let checked = ops::check_books(&settings, &CheckOptions::default()).await.unwrap();
            assert!(checked.stopped.is_none() && checked.faults.is_empty(), "{checked:#?}");
            assert_eq!(checked.branches, 2);
            times += 1;
        }
        times
    };
    let ((), times) =
        tokio::time::timeout(Duration::from_secs(300), async { futures::join!(paying, checking) })
            .await
            .expect("payments and checks end");
    println!("checked {times} times");
    world.server.stop().await;
}

/// As operators run it, beside the server: its words, and its code.
#[tokio::test(flavor = "multi_thread")]
async fn the_command_names_the_wrong_row() {
    let world = World::new().await;
    let (url, dir) = (world.server.database_url.clone(), world.server.data_dir.clone());
    let app = world.server.app().clone();
    sync_server::audit::checkpoints::write_once(&app).await.unwrap();
    let log = app.settings.checkpoint_dir.join("checkpoints.log");
    let log = log.to_str().unwrap();
    for args in [vec!["check"], vec!["check", "--branch", "0"], vec!["check", "--checkpoints", log]] {
        let (code, said) = process::run(&url, &dir, &args).await;
        assert_eq!(code, Some(0), "{args:?}: {said}");
        assert!(said.contains("The books are in order"), "{said}");
    }
    for args in [vec!["check", "--branch"], vec!["check", "--branch", "x"], vec!["check", "all"]] {
        assert_eq!(process::run(&url, &dir, &args).await, (Some(1), String::new()), "{args:?}");
    }
    let (number,): (i64,) = sqlx::query_as(
        "update transactions set amount = amount + 1 where branch = 0 and number = (
             select min(number) from transactions where branch = 0 and transaction_type = 'send' and status = 'settled')
         returning number",
    )
    .fetch_one(&app.db)
    .await
    .unwrap();
    let (code, said) = process::run(&url, &dir, &["check"]).await;
    assert_eq!(code, Some(1), "{said}");
    let named = format!(
        "branch 0: not so: an order is what its device signed: transaction {number}: its amount is another"
    );
    assert!(said.lines().any(|line| line == named), "{said}");
    assert!(said.lines().any(|line| line.contains("the audit chain is what the rows say: batch")), "{said}");
    assert!(said.lines().last().unwrap().ends_with("faults."), "{said}");

    // A line that the database has not.
    sqlx::query("delete from audit_batches where branch = 1").execute(&app.db).await.unwrap();
    let (code, said) = process::run(&url, &dir, &["check", "--checkpoints", log]).await;
    assert_eq!(code, Some(1), "{said}");
    let gone = |line: &str| {
        line.starts_with("not so: history is what was written down: line ")
            && line.contains("branch 1 no longer has its batch")
    };
    assert!(said.lines().any(gone), "{said}");
    world.server.stop().await;
}
