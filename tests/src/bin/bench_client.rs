//! What the person at the screen waits for, in plain figures: the size of the app, the second visit, a payment.
//!
//! `cargo xtask bench client` builds what it needs and runs it. Figures of one machine and one moment: each is also
//! told as a multiple of a bare HTTP round trip of the same run. PostgreSQL is the tests' (no fsync).
#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use purse_bridge::{Command, PayOrder, PaymentState};
use purse_shared::{Amount, Currency, TransactionId};
use purse_tests::TestServer;
use purse_tests::browser::{Browser, Scene, hook, play, required, until};
use purse_tests::person::random10;
use purse_tests::sim::{Authenticator, Device, Machine};
use serde_json::json;
use std::path::PathBuf;
use std::time::Instant;

const GZIP_AIM_BYTES: u64 = 1_200_000;
const START_AIM_MS: f64 = 1_000.0;
const VISITS: usize = 9;
const TAPS: usize = 15;
const ROUNDS: usize = 200;

#[tokio::main]
async fn main() {
    sizes();
    play("bench-client", 1, async |scene: &Scene| {
        let bare = bare_round_trips(&scene.server).await;
        println!("\none bare HTTP round trip, {ROUNDS} times");
        bare.print("/health/live", 0.0);
        let unit = bare.median();

        let (ana, bo) = (device(&scene.server, "ana").await, device(&scene.server, "bo1").await);
        let rounds = core_rounds(&ana, &scene.server).await;
        bo.catch_up().await;
        println!("\na payment by the core, without a browser, {ROUNDS} times");
        rounds.print("ordered, signed, sent, settled, answered", unit);

        let browser = scene.phone("ana").await;
        browser.register("kavya", "Kavya of the bench").await;
        browser.see_installed().await;
        browser.deposit("900").await;
        second_visits(&browser, unit).await;
        payments(&browser, unit).await;
    })
    .await;
}

/// Milliseconds, sorted.
struct Figures(Vec<f64>);

impl Figures {
    fn new(mut all: Vec<f64>) -> Self {
        all.sort_by(f64::total_cmp);
        Self(all)
    }
    fn median(&self) -> f64 {
        self.0[self.0.len() / 2]
    }
    fn p95(&self) -> f64 {
        self.0[(self.0.len() * 95 / 100).min(self.0.len() - 1)]
    }
    /// `unit`: the bare round trip; 0 for itself.
    fn print(&self, what: &str, unit: f64) {
        let times =
            if unit > 0.0 { format!("  {:>6.0} round trips", self.median() / unit) } else { String::new() };
        println!("  {what:<44} median {:>8.2} ms  p95 {:>8.2} ms{times}", self.median(), self.p95());
    }
}

fn ms(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1_000.0
}

fn verdict(is_met: bool) -> &'static str {
    if is_met { "met" } else { "missed" }
}

fn sizes() {
    let wasm = PathBuf::from(required("PURSE_WEB_DIR")).join("purse_bg.wasm");
    let bytes = |path: PathBuf| {
        std::fs::metadata(&path)
            .map(|file| file.len())
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    let (raw, gzip) = (bytes(wasm.clone()), bytes(wasm.with_added_extension("gz")));
    println!("the app's wasm");
    println!(
        "  raw {raw} bytes, gzip {gzip} bytes; aim: at most {GZIP_AIM_BYTES} gzip: {}",
        verdict(gzip <= GZIP_AIM_BYTES)
    );
}

async fn bare_round_trips(server: &TestServer) -> Figures {
    let client = server.client();
    let mut all = Vec::new();
    for _ in 0..ROUNDS {
        let started = Instant::now();
        assert_eq!(client.get("/health/live").await.status, 200);
        all.push(ms(started));
    }
    Figures::new(all)
}

async fn device(server: &TestServer, handle: &str) -> Device {
    let machine = Machine::new(server.client(), server.clock.clone(), 1);
    let device = Device::new(machine, Authenticator::new(&server.origin)).await;
    let display_name = format!("{handle} of the bench");
    device.act(Command::Register { handle: handle.to_owned(), display_name, currency: Currency::EUR }).await;
    device.catch_up().await;
    device
}

/// The real core and the real server in one process: what the browser adds is not in it.
async fn core_rounds(payer: &Device, server: &TestServer) -> Figures {
    let wallet = payer.open().wallets[0].wallet;
    let amount = |minor| Amount::new(minor, Currency::EUR).unwrap();
    payer.act(Command::Deposit { wallet, amount: amount(1_000_000) }).await;
    server.clock.advance(2_000);
    payer.catch_up().await;
    let mut all = Vec::new();
    for n in 0..i64::try_from(ROUNDS).unwrap() {
        let order = PayOrder {
            id: TransactionId::new(payer.core.now(), random10()),
            from: wallet,
            to: "bo1".parse().unwrap(),
            amount: amount(100 + n),
            message: "bench".to_owned(),
            private_note: String::new(),
            repeat_confirmed: true,
        };
        let id = order.id;
        let started = Instant::now();
        payer.act(Command::Pay(order)).await;
        payer.core.sync_once().await;
        all.push(ms(started));
        let state =
            payer.open().activity.into_iter().find(|payment| payment.id == id).map(|payment| payment.state);
        assert_eq!(state, Some(PaymentState::Settled));
    }
    Figures::new(all)
}

async fn number(browser: &Browser, what: &str, script: &str) -> f64 {
    until(what, async || browser.eval(script, vec![]).await.as_f64()).await
}

/// The service worker has the app; the passkey opens the vault. The person's own time to tap is not counted.
async fn second_visits(browser: &Browser, unit: f64) {
    let (mut usable, mut unlock, mut both) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..VISITS {
        browser.open("/").await;
        browser.see(&hook("unlock")).await;
        let at = number(
            browser,
            "the mark",
            "return performance.getEntriesByName('purse-usable')[0]?.startTime ?? null",
        )
        .await;
        let watch = "document.addEventListener('click', () => { window.benchTap = performance.now(); }, { capture: true, once: true })";
        browser.eval(watch, vec![]).await;
        browser.unlock().await;
        let opened = "const mark = performance.getEntriesByName('purse-open')[0];
            return mark && window.benchTap ? mark.startTime - window.benchTap : null";
        let took = number(browser, "the open wallet", opened).await;
        usable.push(at);
        unlock.push(took);
        both.push(at + took);
    }
    println!("\nthe second visit, {VISITS} times");
    Figures::new(usable).print("opened, until it can be unlocked", unit);
    Figures::new(unlock).print("tap on unlock, until the wallet is open", unit);
    let both = Figures::new(both);
    both.print("both: until home can be used", unit);
    println!("  aim: under {START_AIM_MS} ms: {}", verdict(both.median() < START_AIM_MS));
}

async fn payments(browser: &Browser, unit: f64) {
    let mut all = Vec::new();
    for n in 0..TAPS {
        // Another amount each time: the same again would ask first.
        browser.prepare("bo1", &format!("{}.{:02}", 1 + n / 10, 10 + n)).await;
        let watch = "
            const settled = () => document.querySelector(arguments[0]);
            window.benchTook = null;
            document.addEventListener('click', () => {
                const tapped = performance.now();
                const observer = new MutationObserver(() => {
                    if (!settled()) return;
                    window.benchTook = performance.now() - tapped;
                    observer.disconnect();
                });
                observer.observe(document, { subtree: true, childList: true, attributes: true });
            }, { capture: true, once: true });";
        let settled = format!("{}[data-state=settled]", hook("outcome"));
        browser.eval(watch, vec![json!(settled)]).await;
        browser.press("pay-confirm").await;
        all.push(number(browser, "settled", "return window.benchTook").await);
    }
    println!("\na payment in the browser, {TAPS} times");
    Figures::new(all).print("tap on Pay, until the page says settled", unit);
}
