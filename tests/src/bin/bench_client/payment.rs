//! A payment, from the order to the answer: by the core alone, and from a tap in the browser.

use crate::figures::{Figures, Samples, ms};
use crate::world::round_trip_ms;
use purse_bridge::{Command, PaymentState};
use purse_tests::browser::{Browser, Scene, hook};
use purse_tests::sim::people::{fund, pay_order, person};
use serde_json::json;
use std::time::Instant;

const ROUNDS: usize = 200;
const TAPS: usize = 15;

pub async fn measure(figures: &mut Figures, scene: &Scene, browser: &Browser) {
    let round_trip = round_trip_ms(&scene.server).await;
    figures.add("payment.round_trip.p50_ms", round_trip);
    by_the_core(figures, scene, round_trip).await;
    in_the_browser(figures, browser).await;
}

/// The real core and the real server in one process: what the browser adds is not in it.
async fn by_the_core(figures: &mut Figures, scene: &Scene, round_trip: f64) {
    let (payer, payee) = (person(&scene.server, "ana").await, person(&scene.server, "bo1").await);
    fund(&scene.server, &payer, 1_000_000).await;
    let mut all = Vec::new();
    for n in 0..i64::try_from(ROUNDS).unwrap() {
        let order = pay_order(&payer, "bo1", 100 + n);
        let id = order.id;
        let started = Instant::now();
        payer.act(Command::Pay(order)).await;
        payer.core.sync_once().await;
        all.push(ms(started));
        let found = payer.open().activity.into_iter().find(|payment| payment.id == id);
        assert_eq!(found.map(|payment| payment.state), Some(PaymentState::Settled));
    }
    payee.catch_up().await;
    let p50 = Samples::new(all).p50();
    figures.add("payment.core.p50_ms", p50);
    figures.add("payment.core.round_trips_ratio", p50 / round_trip);
}

/// From the tap on Pay until the page says settled.
async fn in_the_browser(figures: &mut Figures, browser: &Browser) {
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
        all.push(crate::start::number(browser, "settled", "return window.benchTook").await);
    }
    figures.add("payment.browser.p50_ms", Samples::new(all).p50());
}
