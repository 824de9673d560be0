//! The real client core against the real server: one payment at a time, with everything that can go wrong.
//! `swarm.rs` does the same with hundreds of devices at once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod closing;
mod devices;
mod locking;
mod payments;
mod restore;
mod vault;

use purse_bridge::{AlertKind, Command, Network, Notice, PayOrder, PaymentKind, PaymentState, Stage};
use purse_shared::limits::{DAY_MS, MINUTE_MS, REPEAT_WARNING_MS};
use purse_shared::{Amount, Currency, Secret, TransactionId};
use purse_tests::sim::people::{
    another_device, balance, fund, new_id, offline, online, pay_order, payment, person, place, register,
    stranger,
};
use purse_tests::sim::{Authenticator, Device, Refuses, Weather};
use purse_tests::{TestServer, euro};

/// The same once more is asked about.
fn order(device: &Device, to: &str, minor: i64) -> PayOrder {
    let message = "Lunch".to_owned();
    PayOrder { message, repeat_confirmed: false, ..pay_order(device, to, minor) }
}

async fn pay(device: &Device, to: &str, minor: i64) -> TransactionId {
    place(device, order(device, to, minor)).await
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
