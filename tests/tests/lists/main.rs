//! The real client core against the real server: long queues, all that went between two people, and looking for a
//! payment among all of a device.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod person;
mod queue;
mod search;

use purse_bridge::{Command, PayOrder};
use purse_shared::{Amount, Currency, TransactionId};
use purse_tests::TestServer;
use purse_tests::person::random10;
use purse_tests::sim::{Authenticator, Device, Machine, Weather};

async fn person(server: &TestServer, handle: &str, display_name: &str) -> Device {
    let machine = Machine::new(server.client(), server.clock.clone(), rand::random());
    let device = Device::new(machine, Authenticator::new(&server.origin)).await;
    let (handle, display_name) = (handle.to_owned(), display_name.to_owned());
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
}

fn euro(minor: i64) -> Amount {
    Amount::new(minor, Currency::EUR).unwrap()
}

fn offline(device: &Device, offline: bool) {
    device.machine.set_weather(Weather { offline, ..Weather::default() });
}

async fn pay(device: &Device, to: &str, minor: i64, message: &str, note: &str) -> TransactionId {
    let id = TransactionId::new(device.core.now(), random10());
    let order = PayOrder {
        id,
        from: device.open().wallets[0].wallet,
        to: to.parse().unwrap(),
        amount: euro(minor),
        message: message.to_owned(),
        private_note: note.to_owned(),
        repeat_confirmed: true,
    };
    device.act(Command::Pay(order)).await;
    id
}
