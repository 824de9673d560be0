//! How much at once, and how often.

use super::{FUNDS, World, alone, is_settled};
use purse_shared::Currency;
use purse_shared::intent::{Order, Plan, ScheduleOrder};
use purse_shared::limits::{INTENTS_PER_SYNC_MAX, MINUTE_MS};
use purse_shared::protocol::{IntentOutcome, SyncReply};
use purse_tests::Client;
use std::time::Duration;
use sync_server::settle::WAITING_PER_USER_MAX;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The server's own bound on requests in work (`http::guard`).
const REQUESTS_MAX: usize = 512;
/// And on one person's live streams.
const STREAMS_OF_USER_MAX: usize = 32;

async fn until_wallets_say(client: &Client, status: u16) {
    for _ in 0..600 {
        if client.get("/api/v1/wallets").await.status == status {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("wallets never said {status}");
}

async fn connected(world: &World, says: &str) -> TcpStream {
    let mut stream = TcpStream::connect(world.server.base.strip_prefix("http://").unwrap()).await.unwrap();
    stream.write_all(says.as_bytes()).await.unwrap();
    stream
}

/// What comes back until it is closed.
async fn heard(stream: &mut TcpStream, within: Duration) -> String {
    let mut all = Vec::new();
    let closed = tokio::time::timeout(within, stream.read_to_end(&mut all)).await;
    assert!(closed.is_ok(), "still open after {within:?}");
    String::from_utf8_lossy(&all).into_owned()
}

/// Requests whose body does not come hold a place each. When all are taken the rest is told to come again, at once; but
/// the server lives, and says so. The places are free again soon, although nobody went away.
#[tokio::test(flavor = "multi_thread")]
async fn slow_senders_do_not_pile_up() {
    let mut world = World::new().await;
    let head = format!(
        "POST /api/v1/users/register HTTP/1.1\r\nhost: localhost\r\norigin: {}\r\ncontent-type: application/json\r\n\
         content-length: 100\r\n\r\n{{",
        world.server.origin
    );
    let mut slow = Vec::new();
    for _ in 0..REQUESTS_MAX + 8 {
        slow.push(connected(&world, &head).await);
    }
    until_wallets_say(&world.ana.client, 503).await;
    let upload = world.pay(100);
    let busy = world.ana.sync_raw(0, vec![upload.clone()]).await;
    busy.expect_problem(503, "busy");
    assert_eq!(busy.headers["retry-after"], "2");
    for path in ["/health/live", "/health/ready", "/metrics"] {
        assert_eq!(world.server.client().get(path).await.status, 200, "{path}");
    }
    // Those beyond the bound were answered without waiting for their bodies.
    let mut answered = String::new();
    for stream in slow.iter_mut().rev() {
        let mut first = [0; 12];
        if let Ok(Ok(_)) =
            tokio::time::timeout(Duration::from_millis(200), stream.read_exact(&mut first)).await
        {
            answered = String::from_utf8_lossy(&first).into_owned();
            break;
        }
    }
    assert_eq!(answered, "HTTP/1.1 503");
    until_wallets_say(&world.ana.client, 200).await;
    assert!(heard(&mut slow[0], Duration::from_secs(15)).await.starts_with("HTTP/1.1 400"));
    assert!(is_settled(&world.ana.send(upload).await.outcome));
    world.ends_with(FUNDS - 100, 100).await;
}

/// Connections that say nothing, or not enough, or one byte now and then.
#[tokio::test(flavor = "multi_thread")]
async fn a_head_that_does_not_come_is_not_waited_for() {
    let world = World::new().await;
    let mut mute = connected(&world, "").await;
    let mut cut = connected(&world, "GET /api/v1/wallets HTTP/1.1\r\nhost: localhost\r\nx-").await;
    let mut begun = connected(&world, "PRI * HTTP").await;
    let mut trickling = connected(&world, "GET /api/v1/wallets HTTP/1.1\r\nhost: localhost\r\n").await;
    let trickle = async {
        let mut answer = [0; 1];
        for _ in 0..25 {
            let wrote = trickling.write_all(b"x").await;
            let closed = tokio::time::timeout(Duration::from_secs(1), trickling.read(&mut answer)).await;
            if wrote.is_err() || matches!(closed, Ok(Ok(0) | Err(_))) {
                return;
            }
        }
        panic!("trickled on and on");
    };
    let within = Duration::from_secs(20);
    let ((), mute, cut, begun) =
        tokio::join!(trickle, heard(&mut mute, within), heard(&mut cut, within), heard(&mut begun, within));
    assert_eq!((mute.as_str(), begun.as_str()), ("", ""));
    assert!(cut.is_empty() || cut.starts_with("HTTP/1.1 408"), "{cut}");
    world.ends_with(FUNDS, 0).await;
}

/// One person's streams leave room for everybody else's.
#[tokio::test(flavor = "multi_thread")]
async fn live_streams_are_counted_by_person() {
    let world = World::new().await;
    let open = async |person: &purse_tests::Person| {
        let response = person.client.build("GET", "/api/v1/live").send().await.unwrap();
        (response.status().as_u16(), response)
    };
    let mut streams = Vec::new();
    for _ in 0..STREAMS_OF_USER_MAX {
        let (status, stream) = open(&world.ana).await;
        assert_eq!(status, 200);
        streams.push(stream);
    }
    world.ana.client.get("/api/v1/live").await.expect_problem(429, "too_many_requests");
    assert_eq!(open(&world.bo).await.0, 200);
    drop(streams);
    for _ in 0..200 {
        if open(&world.ana).await.0 == 200 {
            return world.ends_with(FUNDS, 0).await;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("the places never came back");
}

/// A handle is answered with who it is, by a payment as by a look-up: both are counted together.
#[tokio::test(flavor = "multi_thread")]
async fn payments_do_not_look_people_up_for_free() {
    let mut world = World::with(|settings| settings.rate_per_minute = 12).await;
    world.server.clock.advance(MINUTE_MS);
    let now = world.server.clock.now();
    let guess = |world: &mut World, n: usize| {
        let wallet = world.wallet;
        world.ana.pay(wallet, &format!("guess{n}"), None, 1, Currency::EUR, now)
    };
    let mut guesses: Vec<_> = (0..10).map(|n| guess(&mut world, n)).collect();
    guesses.push(world.pay(100));
    let reply = world.ana.sync(0, guesses.clone()).await;
    let answered = reply.answers[..10].iter().filter(|answer| answer.outcome.is_final()).count();
    // Half of what an address may; a little more as real time passes.
    assert!((6..=7).contains(&answered), "{answered}");
    assert!(reply.answers[..10].iter().all(|a| a.outcome.is_final() || a.outcome == IntentOutcome::TryAgain));
    assert!(is_settled(&reply.answers[10].outcome), "whose payee is known is looked up nowhere");
    let look_up = world.ana.client.get("/api/v1/users/by-handle/bo1").await;
    look_up.expect_problem(429, "too_many_requests");
    assert_eq!(alone::send(&world.ana.client, &guesses[9]).await, IntentOutcome::TryAgain);
    // Later the rest has its answer.
    world.server.clock.advance(MINUTE_MS);
    let reply = world.ana.sync(0, guesses[6..10].to_vec()).await;
    assert!(reply.answers.iter().all(|answer| answer.outcome.is_final()));
    world.ends_with(FUNDS - 100, 100).await;
}

/// Nor do plans, whose payee is always to be confirmed when it is named by handle alone.
#[tokio::test(flavor = "multi_thread")]
async fn plans_do_not_look_people_up_for_free() {
    let mut world = World::with(|settings| settings.rate_per_minute = 12).await;
    world.server.clock.advance(MINUTE_MS);
    let now = world.server.clock.now();
    let plan = Plan { first_at: now + MINUTE_MS, every: None, times: None };
    let guesses: Vec<_> = (0..10)
        .map(|n| {
            let handle = if n == 0 { "bo1".to_owned() } else { format!("guess{n}") };
            let send = super::send_order(world.wallet, &handle, None, 1);
            world.ana.order(Order::Schedule(ScheduleOrder { send, plan: plan.clone() }), now).1
        })
        .collect();
    let answers = world.ana.sync(0, guesses).await.answers;
    assert!(matches!(answers[0].outcome, IntentOutcome::ConfirmPayee { .. }), "{:?}", answers[0]);
    let told = answers.iter().filter(|answer| answer.outcome != IntentOutcome::TryAgain).count();
    assert!((6..=7).contains(&told), "{told}");
    let look_up = world.ana.client.get("/api/v1/users/by-handle/bo1").await;
    look_up.expect_problem(429, "too_many_requests");
    world.ends_with(FUNDS, 0).await;
}

/// Behind a proxy of ours people are told apart by what it says; what others say counts for nothing.
#[tokio::test(flavor = "multi_thread")]
async fn people_behind_a_proxy_are_counted_apart() {
    let world = World::with(|settings| {
        settings.rate_per_minute = 5;
        settings.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    })
    .await;
    let client = world.server.client();
    let from = async |address: &str| {
        let request = client.build("POST", "/api/v1/session/start").header("x-forwarded-for", address);
        purse_tests::server::send(request).await.status
    };
    for _ in 0..5 {
        assert_eq!(from("203.0.113.7").await, 200);
    }
    assert_eq!(from("203.0.113.7").await, 429);
    assert_eq!(from("192.0.2.1, 203.0.113.7").await, 429, "the client's own words");
    assert_eq!(from("203.0.113.8").await, 200);
    let logged: Vec<String> = sqlx::query_scalar("select distinct ip_address from audit_log_addresses")
        .fetch_all(&world.server.app().db)
        .await
        .unwrap();
    assert_eq!(logged, ["127.0.0.1"]);
    // Handed on by a proxy, it is not this machine that asks.
    let metrics = client.build("GET", "/metrics").header("x-forwarded-for", "203.0.113.7");
    purse_tests::server::send(metrics).await.expect_problem(404, "not_found");
    world.ends_with(FUNDS, 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_have_an_address_of_their_own() {
    let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = free.local_addr().unwrap();
    drop(free);
    let world = World::with(|settings| settings.metrics_listen = Some(address)).await;
    world.server.client().get("/metrics").await.expect_problem(404, "not_found");
    let apart = Client::new(&format!("http://{address}"), &world.server.origin);
    assert!(apart.get("/metrics").await.text.contains("purse_http_requests_total"));
    assert_eq!(apart.get("/api/v1/wallets").await.status, 404);
    world.ends_with(FUNDS, 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn uploads_and_guesses_are_counted() {
    let mut world = World::with(|settings| settings.rate_per_minute = 12).await;
    world.server.clock.advance(MINUTE_MS);
    let payments: Vec<_> = (0..150).map(|_| world.pay(1)).collect();
    let sends = payments.iter().map(|payment| alone::post(&world.ana.client, payment));
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

/// While the database is slow one person's orders are taken up to a bound, and told to come again beyond it; others are
/// taken all the same. What was turned away left nothing behind, and settles later.
#[tokio::test(flavor = "multi_thread")]
async fn a_full_queue_says_when_to_come_again() {
    const UPLOAD: usize = INTENTS_PER_SYNC_MAX;
    let mut world = World::new().await;
    let db = world.server.app().db.clone();
    let mut uploads: Vec<Vec<_>> =
        (0..WAITING_PER_USER_MAX / UPLOAD).map(|_| (0..UPLOAD).map(|_| world.pay(1)).collect()).collect();
    let beyond = world.pay(1);
    world.bo.deposit(&world.server, 500, Currency::EUR).await;
    let (bos, now) = (world.bo.wallet(Currency::EUR).await.wallet_id, world.server.clock.now());
    let from_bo = world.bo.pay(bos, "ana", Some(world.ana.user), 5, Currency::EUR, now);

    let mut slow = db.begin().await.unwrap();
    sqlx::query("lock table transactions in share row exclusive mode").execute(&mut *slow).await.unwrap();
    let waiting = async |at_least: usize| {
        for _ in 0..400 {
            if world.server.app().writers.waiting() >= at_least {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("never {at_least} waiting");
    };
    let (ana, bo) = (&world.ana, &world.bo);
    let all = uploads.drain(..).enumerate().map(async |(before, upload)| {
        // One after the other, as the device signed them.
        waiting(before * UPLOAD).await;
        ana.sync_raw(0, upload).await
    });
    let others = async {
        waiting(WAITING_PER_USER_MAX).await;
        let full = ana.sync_raw(0, vec![beyond.clone()]).await;
        full.expect_problem(429, "too_many_requests");
        assert_eq!(full.headers["retry-after"], "1");
        let bos = bo.send(from_bo);
        let release = async {
            waiting(WAITING_PER_USER_MAX + 1).await;
            slow.rollback().await.unwrap();
        };
        futures::join!(bos, release).0
    };
    let (answers, bos) = futures::join!(futures::future::join_all(all), others);
    assert!(is_settled(&bos.outcome));
    for answer in answers {
        let reply: SyncReply = answer.read();
        assert!(reply.answers.iter().all(|answer| is_settled(&answer.outcome)), "{:?}", reply.answers);
    }
    assert!(is_settled(&world.ana.send(beyond).await.outcome));
    let paid = i64::try_from(WAITING_PER_USER_MAX).unwrap() + 1;
    world.ends_with(FUNDS - paid + 5, 500 + paid - 5).await;
}
