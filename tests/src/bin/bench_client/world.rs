//! What the figures share: a device that syncs as in a host, a bare round trip, and a phone in a real browser.

use crate::figures::{Samples, ms};
use purse_core::Round;
use purse_tests::TestServer;
use purse_tests::browser::{Browser, Scene};
use purse_tests::sim::Device;
use std::sync::Arc;
use std::time::Instant;

const ROUND_TRIPS: usize = 200;

/// As a host would: the next round at once, as long as there is more.
pub async fn synced(device: &Device) {
    loop {
        match device.core.sync_once().await {
            Round::More => {}
            Round::InStep => return,
            other => panic!("not in step: {other:?}"),
        }
    }
}

/// A bare HTTP round trip to the server: what everything else is a multiple of.
pub async fn round_trip_ms(server: &TestServer) -> f64 {
    let client = server.client();
    let mut all = Vec::new();
    for _ in 0..ROUND_TRIPS {
        let started = Instant::now();
        assert_eq!(client.get("/health/live").await.status, 200);
        all.push(ms(started));
    }
    Samples::new(all).p50()
}

/// A phone with money, that knows the app.
pub async fn registered(scene: &Scene) -> Arc<Browser> {
    let browser = scene.phone("ana").await;
    browser.register("kavya", "Kavya of the bench").await;
    browser.see_installed().await;
    browser.deposit("900").await;
    browser
}
