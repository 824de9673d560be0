//! Ten thousand payments ordered without a network, and synced when it is back: the real core on a simulated device
//! (records in memory), the real server.

use crate::figures::{Figures, Samples, ms};
use crate::world::{round_trip_ms, synced};
use purse_bridge::{Command, QueueTotals};
use purse_shared::limits::INTENTS_PER_SYNC_MAX;
use purse_tests::TestServer;
use purse_tests::sim::Device;
use purse_tests::sim::people::{fund, offline, online, pay_order, person};
use std::time::Instant;

const INTENTS: usize = 10_000;
/// At the beginning and at the end of the queue: what one more costs.
const SOME: usize = 500;
const MINOR: i64 = 10;
const FUNDS: i64 = 900_000;
const VIEWS: usize = 50;

pub async fn measure(figures: &mut Figures) {
    let server = TestServer::start_with(|settings| {
        settings.limit_day_major = i64::from(i32::MAX);
        settings.limit_new_device_major = i64::from(i32::MAX);
        settings.limit_month_major = i64::from(i32::MAX);
    })
    .await;
    let (payer, payee) = (person(&server, "ana").await, person(&server, "bo1").await);
    fund(&server, &payer, FUNDS).await;
    offline(&payer);
    let mut all = Vec::with_capacity(INTENTS);
    for n in 0..INTENTS {
        let order = pay_order(&payer, "bo1", MINOR);
        let started = Instant::now();
        payer.act(Command::Pay(order)).await;
        all.push(ms(started) * 1_000.0);
        if n == SOME {
            figures.add("queue.view_few.p50_ms", view_ms(&payer));
        }
    }
    let few = Samples::new(all[..SOME].to_vec()).p50();
    let many = Samples::new(all[INTENTS - SOME..].to_vec()).p50();
    figures.add("queue.order.p50_us", many);
    figures.add("queue.order.growth_ratio", many / few);
    let view = view_ms(&payer);
    figures.add("queue.view_full.p50_ms", view);
    figures.add("queue.view.growth_ratio", view / figures.of("queue.view_few.p50_ms"));
    assert_eq!(payer.open().queued.count, INTENTS);

    let round_trip = round_trip_ms(&server).await;
    online(&payer);
    let started = Instant::now();
    synced(&payer).await;
    let took = started.elapsed().as_secs_f64();
    assert_eq!(payer.open().queued, QueueTotals::default());
    let paid = MINOR * i64::try_from(INTENTS).unwrap();
    assert_eq!(payer.open().wallets[0].balance.minor, FUNDS - paid);
    payee.catch_up().await;
    assert_eq!(payee.open().wallets[0].balance.minor, paid);
    let per_intent = took * 1_000.0 / INTENTS as f64;
    figures.add("queue.sync.total_s", took);
    figures.add("queue.sync.per_intent_ms", per_intent);
    let per_upload = per_intent * INTENTS_PER_SYNC_MAX as f64;
    figures.add("queue.sync.upload_round_trips_ratio", per_upload / round_trip);
    server.stop().await;
}

fn view_ms(device: &Device) -> f64 {
    let view = || {
        let started = Instant::now();
        std::hint::black_box(device.core.view());
        ms(started)
    };
    Samples::new((0..VIEWS).map(|_| view()).collect()).p50()
}
