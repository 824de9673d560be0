//! Requests that are none: each is a problem with a code, never a fault of the server's.

use super::{FUNDS, World, alone, forge, is_settled, refusal};
use purse_shared::TransactionId;
use purse_shared::limits::{
    BODY_BYTES_MAX, BOOK_CHANGES_PER_SYNC_MAX, INTENTS_PER_SYNC_MAX, STEP_UP_BYTES_MAX,
};
use purse_shared::protocol::{BookChangeUp, BookUp, Bytes, RefusalCode, SyncRequest};
use purse_tests::Answer;
use purse_tests::seed::seeded;
use purse_tests::server::send;
use rand::Rng;
use serde_json::json;

const ADDRESSES: [(&str, &str); 12] = [
    ("POST", "/api/v1/sync"),
    ("POST", "/api/v1/transactions/send"),
    ("POST", "/api/v1/transactions/deposit"),
    ("POST", "/api/v1/wallets"),
    ("POST", "/api/v1/users/register"),
    ("POST", "/api/v1/users/register/finish"),
    ("POST", "/api/v1/session/finish"),
    ("POST", "/api/v1/session/renew/start"),
    ("POST", "/api/v1/session/renew/finish"),
    ("POST", "/api/v1/session/confirm/finish"),
    ("PUT", "/api/v1/vault"),
    ("PUT", "/api/v1/vault/recovery"),
];

/// A problem that is the sender's.
#[track_caller]
fn is_refused(answer: &Answer, what: &str) {
    assert!((400..500).contains(&answer.status), "{what}: {} {}", answer.status, answer.text);
    answer.expect_problem(answer.status, &answer.code());
}

fn sync_request(world: &World) -> SyncRequest {
    let incarnation = Some(world.ana.signed_in.incarnation);
    SyncRequest { protocol: 1, incarnation, cursor: Some(0), feed_limit: 10, intents: Vec::new(), book: None }
}

#[tokio::test(flavor = "multi_thread")]
async fn garbage_is_refused_everywhere() {
    let world = World::new().await;
    let nested = "[".repeat(20_000);
    let garbage: [&[u8]; 14] = [
        b"",
        b"\0",
        b"\xff\xfe{\0}\0",
        b"null",
        b"true",
        b"[]",
        b"{}",
        b"{}{}",
        b"{\"protocol\":1e999}",
        b"{\"protocol\":-1,\"cursor\":0,\"feed_limit\":1,\"intents\":[]}",
        b"{\"protocol\":1,\"cursor\":-1,\"feed_limit\":1,\"intents\":[]}",
        b"{\"protocol\":1,\"cursor\":0,\"feed_limit\":1,\"intents\":[{\"envelope\":\"+/==\"}]}",
        b"{\"handle\":\"\\ud800\",\"display_name\":\"x\"}",
        nested.as_bytes(),
    ];
    for (method, path) in ADDRESSES {
        for body in garbage {
            let answer = world.ana.client.request(method, path, Some(body.to_vec())).await;
            is_refused(
                &answer,
                &format!("{method} {path} {:?}", String::from_utf8_lossy(&body[..body.len().min(60)])),
            );
        }
    }
    world.ends_with(FUNDS, 0).await;
}

/// A good upload, changed anywhere: understood or refused, never a fault.
#[tokio::test(flavor = "multi_thread")]
async fn damaged_requests_are_never_a_fault() {
    let mut rng = seeded();
    let mut world = World::new().await;
    let payment = world.pay(100);
    let good = serde_json::to_vec(&SyncRequest { intents: vec![payment], ..sync_request(&world) }).unwrap();
    for _ in 0..200 {
        let mut damaged = good.clone();
        for _ in 0..rng.random_range(1..4) {
            if damaged.is_empty() {
                break;
            }
            let at = rng.random_range(0..damaged.len());
            match rng.random_range(0..4) {
                0 => damaged[at] = rng.random(),
                1 => drop(damaged.remove(at)),
                2 => damaged.insert(at, rng.random()),
                _ => damaged.truncate(at.max(1)),
            }
        }
        let answer = world.ana.client.request("POST", "/api/v1/sync", Some(damaged)).await;
        if answer.status != 200 {
            is_refused(&answer, "damaged");
        }
    }
    // Whatever survived the damage was the payment itself, once.
    let (ana, bo) = world.balances().await;
    assert!(bo == 0 || bo == 100, "{bo}");
    world.ends_with(ana, FUNDS - ana).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn too_much_is_too_large() {
    let mut world = World::new().await;
    let upload = async |request: &SyncRequest| world.ana.client.post("/api/v1/sync", request).await;
    let junk = forge::upload(vec![7; 100]);
    let full = SyncRequest { intents: vec![junk.clone(); INTENTS_PER_SYNC_MAX], ..sync_request(&world) };
    let reply: purse_shared::protocol::SyncReply = upload(&full).await.read();
    assert_eq!(reply.answers.len(), INTENTS_PER_SYNC_MAX);
    assert!(reply.answers.iter().all(|answer| refusal(&answer.outcome) == RefusalCode::Malformed));
    let over = SyncRequest { intents: vec![junk.clone(); INTENTS_PER_SYNC_MAX + 1], ..sync_request(&world) };
    upload(&over).await.expect_problem(413, "too_large");
    // Told by its text: read into values, small ones would take thirty times as much.
    let mut alone = serde_json::to_value(junk).unwrap();
    alone["step_up"] = json!(vec![1; STEP_UP_BYTES_MAX / 2 + 1]);
    let mut request = serde_json::to_value(sync_request(&world)).unwrap();
    request["intents"] = json!([alone]);
    world.ana.client.post("/api/v1/sync", &request).await.expect_problem(413, "too_large");
    world.ana.client.post("/api/v1/transactions/send", &alone).await.expect_problem(413, "too_large");
    let change = BookChangeUp { n: 1, prev: Bytes(vec![0; 32]), epoch: 0, sealed: Bytes(vec![1]) };
    let book = Some(BookUp { cursor: 0, changes: vec![change; BOOK_CHANGES_PER_SYNC_MAX + 1] });
    upload(&SyncRequest { book, ..sync_request(&world) }).await.expect_problem(413, "too_large");

    // By its bytes, also when they come in pieces and nobody said how many.
    for (path, bytes) in [("/api/v1/transactions/send", 70_000), ("/api/v1/sync", BODY_BYTES_MAX + 1)] {
        let pieces = (0..bytes / 10_000 + 1).map(|_| Ok::<_, std::io::Error>(vec![b' '; 10_000]));
        let body = reqwest::Body::wrap_stream(futures::stream::iter(pieces));
        let request =
            world.ana.client.build("POST", path).header("content-type", "application/json").body(body);
        send(request).await.expect_problem(413, "too_large");
    }
    let payment = world.pay(100);
    assert!(is_settled(&world.ana.send(payment).await.outcome));
    world.ends_with(FUNDS - 100, 100).await;
}

/// PostgreSQL's text has no U+0000; JSON's has.
#[tokio::test(flavor = "multi_thread")]
async fn a_zero_in_a_text_is_the_senders_fault() {
    let mut world = World::new().await;
    let payment = world.pay(100);
    let reply = alone::post(&world.ana.client, &payment).await.json();
    let id: TransactionId = reply["transaction_id"].as_str().unwrap().parse().unwrap();
    let client = &world.ana.client;
    let device = world.ana.device.id;
    let zero = "a\0b";
    let recipient = json!({"kind": "device", "name": zero, "public_key": "A".repeat(43), "wrap": "AA"});
    let list = json!({"data_key": uuid::Uuid::nil(), "epoch": 1, "recipients": [recipient], "seal": "AA"});
    for (method, path, body) in [
        ("POST", format!("/api/v1/transactions/{id}/report"), json!({"reason": zero})),
        ("PATCH", format!("/api/v1/devices/{device}"), json!({"name": zero})),
        ("PATCH", format!("/api/v1/passkeys/{}", world.ana.passkey.id_text()), json!({"name": zero})),
        ("POST", "/api/v1/users/register".to_owned(), json!({"handle": "zero", "display_name": zero})),
        ("PUT", "/api/v1/vault".to_owned(), json!({"version": 0, "recipients": list})),
    ] {
        let answer = client.request(method, &path, Some(body.to_string().into_bytes())).await;
        is_refused(&answer, &format!("{method} {path}"));
    }
    let answer = client.get("/api/v1/users/by-handle/a%00b").await;
    is_refused(&answer, "a handle");
    world.ends_with(FUNDS - 100, 100).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn versions_of_the_protocol() {
    let world = World::new().await;
    let old = SyncRequest { protocol: 0, ..sync_request(&world) };
    world.ana.client.post("/api/v1/sync", &old).await.expect_problem(426, "update_required");
    for version in ["0", "-1", "x", "", "70000", "1.0"] {
        let request = world.ana.client.build("GET", "/api/v1/wallets").header("purse-protocol", version);
        send(request).await.expect_problem(426, "update_required");
    }
    // A newer one is spoken to in ours: what it signed in a newer form is refused by its own bytes.
    let newer = SyncRequest { protocol: 2, ..sync_request(&world) };
    assert_eq!(world.ana.client.post("/api/v1/sync", &newer).await.status, 200);
    world.ends_with(FUNDS, 0).await;
}
