//! The real client core against the real server: one payment at a time, with everything that can go wrong.
//! `swarm.rs` does the same with hundreds of devices at once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod closing;
mod devices;
mod locking;
mod payments;
mod restore;
mod vault;

use purse_bridge::{
    AlertKind, Command, Network, Notice, PayOrder, PaymentKind, PaymentState, PaymentView, Stage,
};
use purse_shared::limits::{DAY_MS, MINUTE_MS, REPEAT_WARNING_MS};
use purse_shared::{Amount, Currency, Secret, TransactionId};
use purse_tests::TestServer;
use purse_tests::person::random10;
use purse_tests::sim::{Authenticator, Device, Machine, Refuses, Weather};

async fn stranger(server: &TestServer) -> Device {
    let machine = Machine::new(server.client(), server.clock.clone(), rand::random());
    Device::new(machine, Authenticator::new(&server.origin)).await
}

async fn person(server: &TestServer, handle: &str) -> Device {
    let device = stranger(server).await;
    let (handle, display_name) = (handle.to_owned(), format!("{handle} of the tests"));
    device.act(Command::Register { handle, display_name, currency: Currency::EUR }).await;
    device.catch_up().await;
    device
}

async fn fund(server: &TestServer, device: &Device, minor: i64) {
    let wallet = device.open().wallets[0].wallet;
    device.act(Command::Deposit { wallet, amount: euro(minor) }).await;
    server.clock.advance(2_000);
    device.catch_up().await;
    assert_eq!(device.open().wallets[0].balance.minor, minor);
    assert!(device.open().deposits.is_empty());
}

fn euro(minor: i64) -> Amount {
    Amount::new(minor, Currency::EUR).unwrap()
}

fn order(device: &Device, to: &str, minor: i64) -> PayOrder {
    PayOrder {
        id: another(device),
        from: device.open().wallets[0].wallet,
        to: to.parse().unwrap(),
        amount: euro(minor),
        message: "Lunch".to_owned(),
        private_note: String::new(),
        repeat_confirmed: false,
    }
}

fn another(device: &Device) -> TransactionId {
    TransactionId::new(device.core.now(), random10())
}

async fn pay(device: &Device, to: &str, minor: i64) -> TransactionId {
    let order = order(device, to, minor);
    let id = order.id;
    device.act(Command::Pay(order)).await;
    id
}

#[track_caller]
fn payment(device: &Device, id: TransactionId) -> PaymentView {
    let open = device.open();
    let found = open.queue.into_iter().chain(open.activity).find(|payment| payment.id == id);
    found.unwrap_or_else(|| panic!("no payment {id}; notice {:?}", device.core.view().notice))
}

fn state(device: &Device, id: TransactionId) -> PaymentState {
    payment(device, id).state
}

fn refusal(device: &Device, id: TransactionId) -> String {
    match state(device, id) {
        PaymentState::Refused { reason } => reason.code,
        other => panic!("{other:?}"),
    }
}

fn offline(device: &Device) {
    device.machine.set_weather(Weather { offline: true, ..Weather::default() });
}

fn online(device: &Device) {
    device.machine.set_weather(Weather::default());
}

fn balance(device: &Device) -> i64 {
    device.open().wallets[0].balance.minor
}
