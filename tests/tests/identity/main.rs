//! Identity and the HTTP edge, against a real server and a real database.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod edge;
mod passkeys;
mod people;
mod sessions;

use purse_shared::limits::{BODY_BYTES_MAX, MINUTE_MS, NEW_DEVICE_MS, PASSKEY_FRESH_MS, SESSION_LIFE_MS};
use purse_shared::protocol::{
    Bytes, Ceremony, DeviceRecord, FeedEvent, HandleRecord, IntentOutcome, PasskeyRecord, SignedIn, StepUp,
    VaultState,
};
use purse_shared::vault::RecipientList;
use purse_shared::{Currency, DataKeyId};
use purse_tests::person::{self, random10};
use purse_tests::server::send;
use purse_tests::{Answer, Client, Person, SoftPasskey, TestDevice, TestServer, Twist};
use serde_json::{Value, json};

async fn wait_for_event(person: &Person, wanted: impl Fn(&FeedEvent) -> bool) -> FeedEvent {
    for _ in 0..100 {
        let feed = person.sync(0, Vec::new()).await.feed;
        if let Some(item) = feed.into_iter().find(|item| wanted(&item.event)) {
            return item.event;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("no such event came");
}
