//! What the person at the screen waits for. One line per figure: `name value unit`.
//!
//! `cargo xtask bench client` builds what it needs and runs it; names of parts (`queue search`) leave the others out.
//! Figures of one machine and one moment: where machines are noisy they are multiples of something plain of the same
//! run. What cannot be measured says why, and is no figure. PostgreSQL is the tests' (no fsync).
#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod desktop;
mod enqueue;
mod figures;
mod payment;
mod queue;
mod search;
mod size;
mod start;
mod world;

use figures::Figures;
use purse_tests::browser::{Scene, play};

/// In the order in which they run.
const PARTS: [&str; 7] = ["size", "search", "enqueue", "queue", "payment", "start", "desktop"];

#[tokio::main]
async fn main() {
    let asked: Vec<String> = std::env::args().skip(1).collect();
    if let [enqueue::BY_KEYCHAIN, dir] = asked.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        return enqueue::measure_by_keychain(dir.as_ref()).await;
    }
    if let Some(unknown) = asked.iter().find(|part| !PARTS.contains(&part.as_str())) {
        eprintln!("no part '{unknown}'; there are: {}", PARTS.join(" "));
        std::process::exit(2);
    }
    let wants = |part: &str| asked.is_empty() || asked.iter().any(|one| one == part);
    let mut figures = Figures::default();
    if wants("size") {
        size::measure(&mut figures);
    }
    if wants("search") {
        search::measure(&mut figures).await;
    }
    if wants("enqueue") {
        enqueue::measure(&mut figures).await;
    }
    if wants("queue") {
        queue::measure(&mut figures).await;
    }
    if wants("payment") || wants("start") || wants("desktop") {
        play("bench-client", 1, async |scene: &Scene| {
            let browser = world::registered(scene).await;
            if wants("payment") {
                payment::measure(&mut figures, scene, &browser).await;
            }
            if wants("start") {
                start::measure(&mut figures, &browser).await;
            }
            if wants("desktop") {
                desktop::measure(&mut figures, scene, &browser).await;
            }
        })
        .await;
    }
    println!();
    figures.print();
}
