//! The bank test: many people pay and read at two servers over one PostgreSQL, while servers and PostgreSQL are killed
//! and the network between all of them is cut, slow or silent, and the servers' clocks differ by minutes. At the end
//! money is conserved, every payment that was acknowledged is there once with the answer that was heard first, and one
//! story explains all that anyone was told.
//!
//! `PURSE_SEED` chooses what is paid and what happens, `PURSE_BANK_SECONDS` for how long. `cargo xtask chaos` runs it
//! for minutes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

mod faults;
mod history;
mod walker;
mod world;

use futures::future::join_all;
use purse_shared::protocol::{Direction, IntentOutcome};
use purse_tests::books;
use purse_tests::seed::seeded;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use sqlx::{PgPool, Row};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use walker::{FUNDS, Met, Walker};
use world::World;

const WALKERS: usize = 16;
const SECONDS: u64 = 8;
/// From here on there is time for bad times that last.
const LONG_SECONDS: u64 = 60;
/// From the last fault: the database is up again, a branch has a writer, everybody has every answer.
const PATIENCE: Duration = Duration::from_secs(120);

async fn in_time(what: &str, work: impl Future<Output = ()>) {
    assert!(tokio::time::timeout(PATIENCE, work).await.is_ok(), "never: {what}");
}

async fn ready(world: &World) {
    for client in world.clients() {
        in_time("every server is ready again, by itself", async {
            loop {
                let asked = client.build("GET", "/health/ready").timeout(Duration::from_secs(5)).send().await;
                if asked.is_ok_and(|answer| answer.status() == 200) {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        })
        .await;
    }
}

/// Everybody has all answers, and what left for another branch has come.
async fn all_is_told(walkers: &mut [Walker], met: &Met) {
    for walker in walkers.iter_mut() {
        walker.ask_again(met).await;
    }
    let settled: usize = walkers.iter().map(|walker| payments_of(walker).count()).sum();
    loop {
        for walker in walkers.iter_mut() {
            walker.pull(met).await;
            walker.read_balance(met).await;
        }
        let incoming = |walker: &Walker| {
            walker.memory.payments().filter(|payment| payment.direction == Direction::In).count()
        };
        if walkers.iter().map(incoming).sum::<usize>() >= settled {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn payments_of(walker: &Walker) -> impl Iterator<Item = &walker::Ordered> {
    walker.settled().filter(|order| order.amount.is_some())
}

/// What people were told fits together: each settled payment is in its payer's feed once and in one other's once, each
/// refused one in nobody's but its payer's, and nothing else is.
fn one_story(walkers: &[Walker]) {
    let mut came = BTreeMap::new();
    for walker in walkers {
        for payment in walker.memory.payments().filter(|payment| payment.direction == Direction::In) {
            let twice = came.insert(payment.id, payment.amount);
            assert_eq!(twice, None, "{} was paid twice by {payment:?}", walker.name);
        }
    }
    for walker in walkers {
        walker.memory.reads_are_explained();
        let mut went = BTreeMap::new();
        for payment in walker.memory.payments().filter(|payment| payment.direction == Direction::Out) {
            let twice = went.insert(payment.id, payment);
            assert!(twice.is_none(), "{} paid twice: {payment:?}", walker.name);
        }
        for order in &walker.orders {
            let Some(amount) = order.amount else { continue };
            let answer = &order.answer.as_ref().expect("all are answered").outcome;
            let told = went.remove(&order.id).map(|payment| (payment.amount, &payment.outcome));
            let arrived = came.remove(&order.id);
            if let IntentOutcome::Settled { .. } = answer {
                assert_eq!(told, Some((amount, answer)), "acknowledged, and not in the feed: {:?}", order.id);
                assert_eq!(arrived, Some(amount), "acknowledged, and it never arrived: {:?}", order.id);
            } else {
                assert!(told.is_none_or(|told| told == (amount, answer)), "{told:?} {answer:?}");
                assert_eq!(arrived, None, "refused, and it arrived: {:?}", order.id);
            }
        }
        assert!(went.is_empty(), "{} never ordered {went:?}", walker.name);
    }
    assert!(came.is_empty(), "nobody ordered {came:?}");
}

/// What the rows say, and that it is what people were told.
async fn rows(walkers: &[Walker], db: &PgPool) {
    books::check(db).await;
    let funds = FUNDS * i64::try_from(walkers.len()).unwrap();
    assert_eq!(books::peoples_money(db, "EUR").await, funds, "money is conserved");
    let told: i64 = walkers.iter().map(|walker| walker.memory.balance()).sum();
    assert_eq!(told, funds, "as people were told");
    let count = "select count(*) as stored, count(*) filter (where status = 'settled') as settled
                 from transactions where transaction_type not in ('deposit', 'credit')";
    let row = sqlx::query(count).fetch_one(db).await.unwrap();
    let ordered: usize = walkers.iter().map(|walker| walker.orders.len()).sum();
    let settled: usize = walkers.iter().map(|walker| walker.settled().count()).sum();
    let stored = |column| usize::try_from(row.get::<i64, _>(column)).unwrap();
    assert_eq!((stored("stored"), stored("settled")), (ordered, settled), "every intent once");
    let negative = "select count(*) from wallets where user_id is not null and (balance < 0 or held < 0 or balance < held)";
    assert_eq!(sqlx::query_scalar::<_, i64>(negative).fetch_one(db).await.unwrap(), 0, "nothing is negative");
}

async fn bank(branches: u16) {
    let mut rng = seeded();
    let seconds =
        std::env::var("PURSE_BANK_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(SECONDS);
    let (world, mut servers) = World::start(branches).await;
    let names: Vec<String> = (0..WALKERS).map(|n| format!("walker{n}")).collect();
    let mut walkers = Vec::new();
    for name in &names {
        walkers.push(Walker::new(&world, name, StdRng::seed_from_u64(rng.random())).await);
    }
    join_all(walkers.iter().map(Walker::funded)).await;

    let met = Met::default();
    let mut own_rng = || StdRng::seed_from_u64(rng.random());
    let (kills, network) = (own_rng(), own_rng());
    let end = Instant::now() + Duration::from_secs(seconds);
    let may_last = seconds >= LONG_SECONDS;
    let walks = join_all(walkers.iter_mut().map(|walker| walker.walk(&met, &names)));
    let chaos = async {
        let (killed, disturbed) = futures::join!(
            faults::kill(&world, &mut servers, kills, end),
            faults::disturb(&world, may_last, network, end)
        );
        ready(&world).await;
        met.finish.set(true);
        killed.and(disturbed)
    };
    let walked = async {
        let walks = async { drop(walks.await) };
        let limit = Duration::from_secs(seconds) + PATIENCE + PATIENCE;
        assert!(tokio::time::timeout(limit, walks).await.is_ok(), "never: every order has its answer");
    };
    let (done, ()) = futures::join!(chaos, walked);
    in_time("all is told", all_is_told(&mut walkers, &met)).await;

    let ordered: usize = walkers.iter().map(|walker| walker.orders.len()).sum();
    let settled: usize = walkers.iter().map(|walker| walker.settled().count()).sum();
    println!("{branches} branches, {seconds} s: {done:?}");
    println!(
        "{ordered} orders: {settled} settled, {} refused; {} sent twice, {} times told to come again, {} without an answer; {} reads",
        ordered - settled,
        met.copies.get(),
        met.told_to_come_again.get(),
        met.silences.get(),
        met.reads.get()
    );
    one_story(&walkers);
    let db = PgPool::connect(&world.database_url()).await.unwrap();
    rows(&walkers, &db).await;
    assert!(settled > 0 && settled < ordered, "some of both");
    db.close().await;
    for server in &mut servers {
        server.kill().await;
    }
    world.remove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_one_branch() {
    bank(1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_four_branches() {
    bank(4).await;
}
