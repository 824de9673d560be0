//! The same through `POST /api/v1/sync`: sessions, JSON, signatures, the feed down.
//!
//! The load comes from the same machine, so it does what a phone does and no more: intents are signed and written out
//! beforehand, each request continues at the cursor of the reply before, and of a reply only what is counted is read.

use super::world::World;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures::StreamExt;
use purse_shared::Incarnation;
use purse_shared::protocol::{Bytes, IntentAnswer, IntentUpload, PROTOCOL_VERSION};
use purse_tests::alone::is_settled;
use rand::Rng;
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};
use sha2::{Digest, Sha256};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

pub const DEVICES: usize = 1_000;
/// Payments in one upload: a queue after a while without network.
pub const PER_UPLOAD: usize = 16;
const UPLOADS_PER_DEVICE: usize = 3;
/// Requests under way at once.
const AT_ONCE: usize = 64;
const LONE: usize = 400;

/// A session for a person's device; the bearer token.
pub async fn session(world: &World, who: usize) -> String {
    let token = URL_SAFE_NO_PAD.encode(rand::rng().random::<[u8; 32]>());
    let one = &world.people[who];
    sqlx::query("insert into sessions (token_hash, user_id, device_id, created_at, expires_at) values ($1, $2, $3, 0, $4)")
        .bind(Sha256::digest(token.as_bytes()).to_vec())
        .bind(one.user.0)
        .bind(one.device.0)
        .bind(i64::MAX)
        .execute(&world.db)
        .await
        .unwrap();
    token
}

struct Device {
    who: usize,
    token: String,
    cursor: AtomicU64,
}

async fn devices(world: &World, count: usize) -> Vec<Device> {
    let mut all = Vec::with_capacity(count);
    for who in 1..=count {
        let token = session(world, who).await;
        let row: (i64,) = sqlx::query_as("select max(feed_seq) from wallets where user_id = $1")
            .bind(world.people[who].user.0)
            .fetch_one(&world.db)
            .await
            .unwrap();
        all.push(Device { who, token, cursor: AtomicU64::new(u64::try_from(row.0).unwrap()) });
    }
    all
}

/// One upload's intents, as they stand in the request.
fn upload(world: &mut World, device: &Device, payments: usize) -> Box<RawValue> {
    let intents: Vec<IntentUpload> = (0..payments)
        .map(|_| {
            let to = (device.who + rand::rng().random_range(1..world.people.len())) % world.people.len();
            IntentUpload { envelope: Bytes(world.order(device.who, to).envelope), step_up: None }
        })
        .collect();
    to_raw_value(&intents).unwrap()
}

/// A `SyncRequest`, around intents that are JSON already.
#[derive(Serialize)]
struct Request<'a> {
    protocol: u16,
    incarnation: Incarnation,
    cursor: u64,
    feed_limit: u16,
    intents: &'a RawValue,
}

/// Of a `SyncReply` what is counted here.
#[derive(Deserialize)]
struct Reply {
    answers: Vec<IntentAnswer>,
    cursor: u64,
}

/// Where the requests go.
struct Way {
    http: reqwest::Client,
    url: String,
    incarnation: Incarnation,
}

impl Way {
    fn to(world: &World) -> Self {
        let http = purse_tests::http().pool_max_idle_per_host(AT_ONCE).build().unwrap();
        let url = format!("{}/api/v1/sync", world.server.base);
        Self { http, url, incarnation: world.app().incarnation }
    }

    /// How many were settled.
    async fn send(&self, device: &Device, intents: &RawValue) -> usize {
        let request = Request {
            protocol: PROTOCOL_VERSION,
            incarnation: self.incarnation,
            cursor: device.cursor.load(Ordering::Relaxed),
            feed_limit: 200,
            intents,
        };
        let post = self.http.post(&self.url).bearer_auth(&device.token);
        let post =
            post.header("content-type", "application/json").body(serde_json::to_vec(&request).unwrap());
        let answer = post.send().await.unwrap();
        let (status, bytes) = (answer.status(), answer.bytes().await.unwrap());
        assert!(status.is_success(), "{status} {}", String::from_utf8_lossy(&bytes));
        let reply: Reply = serde_json::from_slice(&bytes).unwrap();
        device.cursor.store(reply.cursor, Ordering::Relaxed);
        reply.answers.iter().filter(|answer| is_settled(&answer.outcome)).count()
    }
}

/// Settled payments a second.
pub async fn uploads(world: &mut World, per_upload: usize) -> f64 {
    let devices = devices(world, DEVICES).await;
    let mut uploads = Vec::new();
    for _ in 0..UPLOADS_PER_DEVICE {
        for device in &devices {
            uploads.push((device, upload(world, device, per_upload)));
        }
    }
    let way = Way::to(world);
    let way = &way;
    let count = uploads.len() * per_upload;
    let started = Instant::now();
    let settled = futures::stream::iter(uploads)
        .map(|(device, intents)| async move { way.send(device, &intents).await })
        .buffer_unordered(AT_ONCE)
        .fold(0, |sum, one| async move { sum + one })
        .await;
    let seconds = started.elapsed().as_secs_f64();
    assert_eq!(settled, count, "all settled");
    count as f64 / seconds
}

/// One payment at a time, from the request to the settled answer: the median, in milliseconds.
pub async fn lone_p50_ms(world: &mut World) -> f64 {
    let devices = devices(world, LONE).await;
    let uploads: Vec<_> = devices.iter().map(|device| (device, upload(world, device, 1))).collect();
    let way = Way::to(world);
    let mut all = Vec::new();
    for (device, intents) in uploads {
        let started = Instant::now();
        assert_eq!(way.send(device, &intents).await, 1);
        all.push(started.elapsed().as_secs_f64() * 1_000.0);
    }
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}
