//! The same through `POST /api/v1/sync`: sessions, JSON, signatures, the feed down.

use super::world::{World, is_settled};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures::StreamExt;
use purse_shared::protocol::{Bytes, IntentUpload, PROTOCOL_VERSION, SyncReply, SyncRequest};
use rand::Rng;
use sha2::{Digest, Sha256};
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
    cursor: u64,
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
        all.push(Device { who, token, cursor: u64::try_from(row.0).unwrap() });
    }
    all
}

fn body(world: &mut World, device: &Device, per_upload: usize) -> Vec<u8> {
    let intents = (0..per_upload)
        .map(|_| {
            let to = (device.who + rand::rng().random_range(1..world.people.len())) % world.people.len();
            IntentUpload { envelope: Bytes(world.order(device.who, to).envelope), step_up: None }
        })
        .collect();
    let request = SyncRequest {
        protocol: PROTOCOL_VERSION,
        incarnation: Some(world.app().incarnation),
        cursor: Some(device.cursor),
        feed_limit: 200,
        intents,
        book: None,
    };
    serde_json::to_vec(&request).unwrap()
}

async fn post(http: &reqwest::Client, base: &str, token: &str, body: Vec<u8>) -> SyncReply {
    let request = http.post(format!("{base}/api/v1/sync")).bearer_auth(token);
    let answer = request.header("content-type", "application/json").body(body).send().await.unwrap();
    let (status, bytes) = (answer.status(), answer.bytes().await.unwrap());
    assert!(status.is_success(), "{status} {}", String::from_utf8_lossy(&bytes));
    serde_json::from_slice(&bytes).unwrap()
}

fn client() -> reqwest::Client {
    reqwest::Client::builder().pool_max_idle_per_host(AT_ONCE).build().unwrap()
}

/// Settled payments a second.
pub async fn uploads(world: &mut World, per_upload: usize) -> f64 {
    let devices = devices(world, DEVICES).await;
    let mut bodies = Vec::new();
    for _ in 0..UPLOADS_PER_DEVICE {
        for device in &devices {
            bodies.push((device.token.clone(), body(world, device, per_upload)));
        }
    }
    let (http, base) = (client(), world.server.base.clone());
    let (http, base) = (&http, &base);
    let count = bodies.len() * per_upload;
    let started = Instant::now();
    let settled = futures::stream::iter(bodies)
        .map(|(token, body)| async move {
            let reply = post(http, base, &token, body).await;
            reply.answers.iter().filter(|answer| is_settled(&answer.outcome)).count()
        })
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
    let bodies: Vec<_> =
        devices.iter().map(|device| (device.token.clone(), body(world, device, 1))).collect();
    let (http, base) = (client(), world.server.base.clone());
    let mut all = Vec::new();
    for (token, body) in bodies {
        let started = Instant::now();
        let reply = post(&http, &base, &token, body).await;
        assert!(is_settled(&reply.answers[0].outcome));
        all.push(started.elapsed().as_secs_f64() * 1_000.0);
    }
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}
