//! How much at once, and how often.

use super::{FUNDS, World, is_settled};
use purse_shared::limits::MINUTE_MS;
use purse_tests::Client;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The server's own bound on requests in work (`http::guard`).
const REQUESTS_MAX: usize = 512;

async fn until_health_says(client: &Client, status: u16) {
    for _ in 0..400 {
        if client.get("/health/live").await.status == status {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("health never said {status}");
}

/// Requests whose body never ends hold a place each. When all are taken the rest is told to come again, at once;
/// when they go away the places are free.
#[tokio::test(flavor = "multi_thread")]
async fn slow_senders_do_not_pile_up() {
    let mut world = World::new().await;
    let address = world.server.base.strip_prefix("http://").unwrap();
    let head = format!(
        "POST /api/v1/users/register HTTP/1.1\r\nhost: {address}\r\norigin: {}\r\ncontent-type: application/json\r\n\
         content-length: 100\r\n\r\n{{",
        world.server.origin
    );
    let mut slow = Vec::new();
    for _ in 0..REQUESTS_MAX + 8 {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        slow.push(stream);
    }
    let client = world.server.client();
    until_health_says(&client, 503).await;
    let upload = world.pay(100);
    let busy = world.ana.sync_raw(0, vec![upload.clone()]).await;
    busy.expect_problem(503, "busy");
    assert_eq!(busy.headers["retry-after"], "2");
    // Those beyond the bound were answered without waiting for their bodies.
    let mut answered = String::new();
    for stream in slow.iter_mut().rev() {
        let mut first = [0; 12];
        if let Ok(Ok(_)) = tokio::time::timeout(Duration::from_secs(2), stream.read_exact(&mut first)).await {
            answered = String::from_utf8_lossy(&first).into_owned();
            break;
        }
    }
    assert_eq!(answered, "HTTP/1.1 503");
    drop(slow);
    until_health_says(&client, 200).await;
    assert!(is_settled(&world.ana.send(upload).await.outcome));
    world.ends_with(FUNDS - 100, 100).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn uploads_and_guesses_are_counted() {
    let mut world = World::with(|settings| settings.rate_per_minute = 12).await;
    world.server.clock.advance(MINUTE_MS);
    let payments: Vec<_> = (0..150).map(|_| world.pay(1)).collect();
    let sends = payments.iter().map(|payment| super::send_alone(&world.ana, payment));
    let answers = futures::future::join_all(sends).await;
    let passed = answers.iter().filter(|answer| answer.status == 200).count();
    // A minute's worth at once, then evenly; real time passes meanwhile.
    assert!((120..150).contains(&passed), "{passed}");
    let refused = answers.iter().find(|answer| answer.status != 200).unwrap();
    refused.expect_problem(429, "too_many_requests");
    let wait: i64 = refused.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait));
    let bos = world.bo.client.get("/api/v1/wallets").await;
    assert_eq!(bos.status, 200, "others are not held up");

    // Guessing tokens is counted by address, as any request without a session.
    let guesser = Client { bearer: Some("A".repeat(43)), ..world.server.client() };
    let mut last = guesser.get("/api/v1/wallets").await;
    for _ in 0..20 {
        last = guesser.get("/api/v1/wallets").await;
    }
    last.expect_problem(429, "too_many_requests");

    // Later the rest goes through, and what had passed is not paid again.
    world.server.clock.advance(MINUTE_MS);
    for chunk in payments.chunks(64) {
        let reply = world.ana.sync(0, chunk.to_vec()).await;
        assert!(reply.answers.iter().all(|answer| is_settled(&answer.outcome)));
    }
    world.ends_with(FUNDS - 150, 150).await;
}
