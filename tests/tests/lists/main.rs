//! The real client core against the real server: long queues, all that went between two people, and looking for a
//! payment among all of a device.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod person;
mod queue;
mod search;

use purse_bridge::{Command, PayOrder};
use purse_shared::{Currency, TransactionId};
use purse_tests::sim::Device;
use purse_tests::sim::people::{
    another_device, fund, offline, online, pay_order, place, register_as, stranger,
};
use purse_tests::{TestServer, euro};

async fn person(server: &TestServer, handle: &str, display_name: &str) -> Device {
    let device = stranger(server).await;
    device.act(register_as(handle, display_name)).await;
    device.catch_up().await;
    device
}

async fn pay(device: &Device, to: &str, minor: i64, message: &str, note: &str) -> TransactionId {
    let (message, private_note) = (message.to_owned(), note.to_owned());
    place(device, PayOrder { message, private_note, ..pay_order(device, to, minor) }).await
}
