//! How fast money settles, against pgbench's TPC-B on the same PostgreSQL in the same run, in turns. One line per figure:
//! `name value unit`.
//!
//! `cargo xtask bench settle` builds what it needs and runs it. Ratios, because machines are noisy; the books are
//! checked at the end of every round.
#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod figures;
mod grown;
mod http;
mod memory;
mod pgbench;
mod world;

use figures::Figures;
use futures::StreamExt;
use pgbench::Pgbench;
use purse_tests::alone::is_settled;
use purse_tests::books;
use std::time::Instant;
use sync_server::settle::SendIntent;
use world::{Payee, World};

/// Payments of one measurement.
const PAYMENTS: usize = 120_000;
/// Payments that wait at once: as many as the queue's bound allows with room to spare.
const WAITING: usize = 4_096;

struct Options {
    rounds: usize,
    /// 100 million entries instead of ten.
    long: bool,
    /// Without the grown ledger and the idle devices.
    short: bool,
    /// The engine alone.
    engine: bool,
}

#[tokio::main]
async fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let has = |name: &str| args.iter().any(|arg| arg == name);
    let options = Options {
        rounds: if has("--short") || has("--once") { 1 } else { 3 },
        long: has("--long"),
        short: has("--short") || has("--engine"),
        engine: has("--engine"),
    };
    // Before the cluster: it goes after it.
    let home = world::Home::new();
    let cluster = world::cluster(&home).await;
    let pgbench = Pgbench::prepare(&cluster.url()).await;
    let mut world = World::new(&cluster.url(), 1).await;
    world::run_sql(&cluster.url(), "create database branches").await;
    let url = cluster.url();
    let (server, _) = url.rsplit_once('/').unwrap();
    let mut branches = World::new(&format!("{server}/branches"), 4).await;
    let mut figures = Figures::default();
    for round in 1..=options.rounds {
        eprintln!("round {round} of {}", options.rounds);
        let tps = pgbench.tpcb().await;
        figures.add("tpcb.tps", tps);
        let uniform = engine(&mut world, Payee::Uniform).await;
        figures.add("engine.uniform.tps", uniform);
        figures.add("engine.uniform.ratio", uniform / tps);
        figures.add("engine.branches.ratio", engine(&mut branches, Payee::Uniform).await / tps);
        figures.add("engine.hot.ratio", engine(&mut world, Payee::HalfToOne).await / uniform);
        if options.engine {
            continue;
        }
        let uploads = http::uploads(&mut world, http::PER_UPLOAD).await;
        figures.add("http.tps", uploads);
        figures.add("http.ratio", uploads / tps);
        figures.add("http.single.ratio", http::uploads(&mut world, 1).await / tps);
        let (lone, simple) = (http::lone_p50_ms(&mut world).await, pgbench.simple_p50_ms().await);
        figures.add("lone.latency.p50_ms", lone);
        figures.add("lone.latency.ratio", lone / simple);
        books::check(&world.db).await;
        books::check(&branches.db).await;
    }
    branches.stop().await;
    if !options.short {
        grown::fill(&mut world, if options.long { 50_000_000 } else { 5_000_000 }).await;
        for _ in 0..options.rounds {
            let grown = engine(&mut world, Payee::Uniform).await;
            figures.add("grown.ratio", grown / figures.median("engine.uniform.tps"));
        }
        books::check(&world.db).await;
    }
    figures.add("rows.per_payment", world.rows_per_payment().await);
    if !options.short {
        let per_device = memory::per_idle_device(&world).await;
        figures.add("memory.per_device_bytes", per_device);
    }
    println!();
    figures.print();
    world.stop().await;
}

/// Settled payments a second, given to the writer as the intake gives them: signatures already checked.
async fn engine(world: &mut World, payee: Payee) -> f64 {
    let orders = world.orders(PAYMENTS, payee).into_iter().map(|order| (order.branch, order.verified()));
    let orders: Vec<(i16, SendIntent)> = orders.collect();
    let writers = &world.app().writers;
    let started = Instant::now();
    let settled = futures::stream::iter(orders)
        .map(|(branch, order)| async move {
            let user = order.intent.intent().user;
            let answered = writers.settle(branch, user, vec![order]).await.expect("the writer is there");
            usize::from(is_settled(&answered.outcomes[0]))
        })
        .buffer_unordered(WAITING)
        .fold(0, |sum, one| async move { sum + one })
        .await;
    world.nothing_flies().await;
    let seconds = started.elapsed().as_secs_f64();
    assert_eq!(settled, PAYMENTS, "all settled");
    PAYMENTS as f64 / seconds
}
