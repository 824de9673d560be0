//! People and their money, in the hands of the real core on simulated devices: what most of its tests begin with.

use super::{Authenticator, Device, Machine, Weather};
use crate::person::random10;
use crate::{TestServer, euro};
use purse_bridge::{Command, Notice, PayOrder, PaymentView};
use purse_shared::{Currency, TransactionId, UnixMillis, WalletId};

/// A new device in the hands of somebody with a passkey of their own, who has not registered.
pub async fn stranger(server: &TestServer) -> Device {
    Device::new(Machine::at(server), Authenticator::new(&server.origin)).await
}

/// Somebody who has registered, on a device of their own.
pub async fn person(server: &TestServer, handle: &str) -> Device {
    let device = stranger(server).await;
    device.act(register(handle)).await;
    device.catch_up().await;
    device
}

/// Registers whoever sends it, with euros, as `{handle} of the tests`.
pub fn register(handle: &str) -> Command {
    register_as(handle, &format!("{handle} of the tests"))
}

/// The same under another name.
pub fn register_as(handle: &str, display_name: &str) -> Command {
    let (handle, display_name) = (handle.to_owned(), display_name.to_owned());
    Command::Register { handle, display_name, currency: Currency::EUR }
}

/// A new device in the hands of whoever holds `first`, with the same passkey; not signed in yet.
pub async fn another_device(server: &TestServer, first: &Device) -> Device {
    Device::new(Machine::at(server), first.hand.clone()).await
}

/// Somebody with euros.
pub async fn funded(server: &TestServer, handle: &str, minor: i64) -> Device {
    let device = person(server, handle).await;
    fund(server, &device, minor).await;
    device
}

/// The first money of somebody: from the bank into the first wallet, and there when this is over.
pub async fn fund(server: &TestServer, device: &Device, minor: i64) {
    let wallet = device.open().wallets[0].wallet;
    device.act(Command::Deposit { wallet, amount: euro(minor) }).await;
    server.clock.advance(2_000);
    device.catch_up().await;
    assert_eq!(balance(device), minor);
    assert!(device.open().deposits.is_empty());
    // Its person is told, wherever they are by then, and reads it.
    assert_eq!(device.core.view().notice, Some(Notice::Deposited { amount: euro(minor) }));
    device.act(Command::DismissNotice).await;
}

/// Of the first wallet, in minor units.
pub fn balance(device: &Device) -> i64 {
    device.open().wallets[0].balance.minor
}

/// An order to pay euros from the first wallet. The same once more needs no confirming.
pub fn pay_order(device: &Device, to: &str, minor: i64) -> PayOrder {
    pay_order_from(device.core.now(), device.open().wallets[0].wallet, to, minor)
}

/// The same from any wallet, on any device.
#[allow(clippy::unwrap_used, reason = "a test's tool")]
pub fn pay_order_from(now: UnixMillis, from: WalletId, to: &str, minor: i64) -> PayOrder {
    PayOrder {
        id: TransactionId::new(now, random10()),
        from,
        to: to.parse().unwrap(),
        amount: euro(minor),
        message: "Rent".to_owned(),
        private_note: String::new(),
        repeat_confirmed: true,
    }
}

/// Has the device pay; the payment's id.
pub async fn place(device: &Device, order: PayOrder) -> TransactionId {
    let id = order.id;
    device.act(Command::Pay(order)).await;
    id
}

pub fn new_id(device: &Device) -> TransactionId {
    TransactionId::new(device.core.now(), random10())
}

/// As the device shows it, which is once: in its queue or among what is final.
#[track_caller]
#[allow(clippy::panic, reason = "a test's tool")]
pub fn payment(device: &Device, id: TransactionId) -> PaymentView {
    let open = device.open();
    let mut found = open.queue.into_iter().chain(open.activity).filter(|payment| payment.id == id);
    let first =
        found.next().unwrap_or_else(|| panic!("no payment {id}; notice {:?}", device.core.view().notice));
    assert!(found.next().is_none(), "shown twice");
    first
}

/// Nothing passes from now on.
pub fn offline(device: &Device) {
    device.machine.set_weather(Weather { offline: true, ..Weather::default() });
}

/// Everything passes from now on.
pub fn online(device: &Device) {
    device.machine.set_weather(Weather::default());
}
