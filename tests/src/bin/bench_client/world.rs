//! The people of the bench: real cores on simulated devices, and one in a real browser.

use crate::figures::{Samples, ms};
use purse_bridge::{Command, PayOrder};
use purse_core::Round;
use purse_shared::{Amount, Currency, TransactionId, UnixMillis, WalletId};
use purse_tests::TestServer;
use purse_tests::browser::{Browser, Scene};
use purse_tests::person::random10;
use purse_tests::sim::{Authenticator, Device, Machine};
use std::sync::Arc;
use std::time::Instant;

const ROUND_TRIPS: usize = 200;

pub fn amount(minor: i64) -> Amount {
    Amount::new(minor, Currency::EUR).unwrap()
}

pub async fn device(server: &TestServer, handle: &str) -> Device {
    let machine = Machine::new(server.client(), server.clock.clone(), 1);
    let device = Device::new(machine, Authenticator::new(&server.origin)).await;
    let display_name = format!("{handle} of the bench");
    device.act(Command::Register { handle: handle.to_owned(), display_name, currency: Currency::EUR }).await;
    device.catch_up().await;
    device
}

pub async fn fund(server: &TestServer, device: &Device, minor: i64) {
    let wallet = device.open().wallets[0].wallet;
    device.act(Command::Deposit { wallet, amount: amount(minor) }).await;
    server.clock.advance(2_000);
    device.catch_up().await;
    assert_eq!(device.open().wallets[0].balance.minor, minor);
}

pub fn order(device: &Device, to: &str, minor: i64) -> PayOrder {
    order_from(device.core.now(), device.open().wallets[0].wallet, to, minor)
}

pub fn order_from(now: UnixMillis, from: WalletId, to: &str, minor: i64) -> PayOrder {
    PayOrder {
        id: TransactionId::new(now, random10()),
        from,
        to: to.parse().unwrap(),
        amount: amount(minor),
        message: "bench".to_owned(),
        private_note: String::new(),
        repeat_confirmed: true,
    }
}

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
