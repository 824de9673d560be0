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
    /// Empty: all.
    parts: Vec<String>,
}

impl Options {
    /// As `cargo xtask` has checked them.
    fn read() -> Self {
        let (mut rounds, mut long, mut parts) = (3, false, Vec::new());
        let mut args = std::env::args().skip(1);
        while let Some(arg) = args.next() {
            match arg.as_str() {
                "--rounds" => rounds = args.next().unwrap().parse().expect("a number of rounds"),
                "--long" => long = true,
                _ => parts.push(arg),
            }
        }
        Self { rounds, long, parts }
    }

    fn has(&self, part: &str) -> bool {
        self.parts.is_empty() || self.parts.iter().any(|wanted| wanted == part)
    }
}

#[tokio::main]
async fn main() {
    let options = Options::read();
    // Before the cluster: it goes after it.
    let home = world::Home::new();
    let cluster = world::cluster(&home).await;
    let mut figures = Figures::default();
    let mut world = World::new(&cluster.url(), 1).await;
    in_rounds(&options, &cluster.url(), &mut world, &mut figures).await;
    if options.has("grown") {
        if figures.get("engine.uniform.tps").is_none() {
            for _ in 0..options.rounds {
                figures.add("engine.uniform.tps", engine(&mut world, Payee::Uniform).await);
            }
        }
        grown::fill(&mut world, if options.long { 50_000_000 } else { 5_000_000 }).await;
        let empty = figures.get("engine.uniform.tps").unwrap();
        for _ in 0..options.rounds {
            figures.add("grown.ratio", engine(&mut world, Payee::Uniform).await / empty);
        }
        books::check(&world.db).await;
    }
    if options.has("rows") {
        figures.add("rows.per_payment", world.rows_per_payment().await);
    }
    if options.has("memory") {
        figures.add("memory.per_device_bytes", memory::per_idle_device(&world).await);
    }
    println!();
    figures.print();
    world.stop().await;
}

/// What is measured in turns with pgbench.
async fn in_rounds(options: &Options, url: &str, world: &mut World, figures: &mut Figures) {
    if !["uniform", "branches", "hot", "http", "single", "lone"].iter().any(|part| options.has(part)) {
        return;
    }
    let pgbench = Pgbench::prepare(url).await;
    let mut branches = None;
    if options.has("branches") {
        world::run_sql(url, "create database branches").await;
        let (server, _) = url.rsplit_once('/').unwrap();
        branches = Some(World::new(&format!("{server}/branches"), 4).await);
    }
    for round in 1..=options.rounds {
        eprintln!("round {round} of {}", options.rounds);
        let tps = pgbench.tpcb().await;
        figures.add("tpcb.tps", tps);
        if options.has("uniform") || options.has("hot") {
            let uniform = engine(world, Payee::Uniform).await;
            figures.add("engine.uniform.tps", uniform);
            figures.add("engine.uniform.ratio", uniform / tps);
            if options.has("hot") {
                figures.add("engine.hot.ratio", engine(world, Payee::HalfToOne).await / uniform);
            }
        }
        if let Some(branches) = &mut branches {
            figures.add("engine.branches.ratio", engine(branches, Payee::Uniform).await / tps);
        }
        if options.has("http") {
            let uploads = http::uploads(world, http::PER_UPLOAD).await;
            figures.add("http.tps", uploads);
            figures.add("http.ratio", uploads / tps);
        }
        if options.has("single") {
            figures.add("http.single.ratio", http::uploads(world, 1).await / tps);
        }
        if options.has("lone") {
            let (lone, simple) = (http::lone_p50_ms(world).await, pgbench.simple_p50_ms().await);
            figures.add("lone.latency.p50_ms", lone);
            figures.add("lone.latency.ratio", lone / simple);
        }
        books::check(&world.db).await;
        if let Some(branches) = &branches {
            books::check(&branches.db).await;
        }
    }
    if let Some(branches) = branches {
        branches.stop().await;
    }
}

/// Settled payments a second, given to the writer as the intake gives them: signatures already checked.
async fn engine(world: &mut World, payee: Payee) -> f64 {
    let orders = world.orders(PAYMENTS, payee).into_iter().map(|order| (order.branch, order.verified()));
    let orders: Vec<(i16, SendIntent)> = orders.collect();
    let writers = &world.app().writers;
    eprintln!("  settling {PAYMENTS} payments");
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
