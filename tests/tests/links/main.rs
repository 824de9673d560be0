//! Letting devices in: what the server answers to honest apps and to everybody else, and the core on both sides.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod ask;
mod confirm;
mod find;
mod flows;
mod redeem;
mod refuse;

use purse_shared::limits::{LINK_LIFE_MS, LINK_SHOWN_MS, MINUTE_MS, NEW_DEVICE_MS};
use purse_shared::link::{
    Act, Back, DeviceKind, LinkCode, LinkHash, LinkRequest, OneTimeKey, Purpose, redeem_message,
    seal_data_key,
};
use purse_shared::protocol::{
    Bytes, Ceremony, DeviceRecord, FeedEvent, LinkApproved, LinkFinish, LinkPost, LinkPosted, LinkRecord,
    LinkRedeem, LinkStart, LinkState, SignedIn,
};
use purse_shared::vault::DataKey;
use purse_shared::{DataKeyId, DeviceId, UserId};
use purse_tests::person::random10;
use purse_tests::strangers::Asking;
use purse_tests::{Answer, Client, Person, TestDevice, TestServer, Twist};
use serde_json::json;

fn data_key() -> DataKey {
    DataKey::new(DataKeyId::new(1, [2; 10]), [7; 32])
}

async fn links(person: &Person) -> Vec<(LinkState, DeviceId)> {
    let records: Vec<LinkRecord> = person.client.get("/api/v1/links").await.read();
    records.into_iter().map(|record| (record.state, record.device)).collect()
}

async fn devices(person: &Person) -> Vec<DeviceRecord> {
    person.client.get("/api/v1/devices").await.read()
}
