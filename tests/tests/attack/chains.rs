//! Numbers and the order named before: evidence, not a gate. What does not follow is paid, recorded, and shown to the
//! operator; a number that comes late is missing no more.

use super::{FUNDS, World, alone, forge, is_settled, refusal};
use futures::future::join_all;
use purse_shared::intent::{Intent, IntentHash, Order};
use purse_shared::protocol::{IntentUpload, RefusalCode};
use purse_tests::books;
use purse_tests::seed::seeded;
use rand::seq::SliceRandom;
use sync_server::Clock;
use sync_server::ops::operate;

impl World {
    /// Ana's payment under any number, naming any order before it.
    fn numbered(&self, seq: u64, prev: IntentHash, minor: i64) -> (Intent, IntentUpload) {
        let order = Order::Send(self.order(minor));
        let intent = Intent { seq, prev, ..forge::next(&self.ana, order, self.server.clock.now()) };
        let upload = forge::sign(&intent, &self.ana.device);
        (intent, upload)
    }

    async fn settles(&self, upload: &IntentUpload) {
        let outcome = self.ana.send(upload.clone()).await.outcome;
        assert!(is_settled(&outcome), "{outcome:?}");
    }

    /// What the operator is shown, a line each, without its end.
    async fn breaks(&self) -> Vec<String> {
        let (app, clock) = (self.server.app(), self.server.clock.clone());
        let said = operate(&app.settings, &Clock::new(move || clock.now()), &["chains"]).await.unwrap();
        if said == "Every device's orders follow one another." {
            return Vec::new();
        }
        let line = |line: &str| {
            let (what, when) = line.rsplit_once(", noticed ").unwrap();
            assert_eq!(when, "0 h ago");
            what.strip_prefix("@ana A browser: ").unwrap().to_owned()
        };
        said.lines().map(line).collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gap_is_recorded_until_it_is_filled() {
    let mut world = World::new().await;
    let uploads: Vec<IntentUpload> = (1..=6).map(|n| world.pay(n * 100)).collect();
    world.settles(&uploads[0]).await;
    assert!(world.breaks().await.is_empty());
    world.settles(&uploads[5]).await;
    assert_eq!(world.breaks().await, ["numbers 2 to 5 are missing"]);
    // Sent again it is the same gap.
    world.settles(&uploads[5]).await;
    world.settles(&uploads[2]).await;
    assert_eq!(world.breaks().await, ["numbers 4 to 5 are missing", "number 2 is missing"]);
    world.settles(&uploads[1]).await;
    assert_eq!(world.breaks().await, ["numbers 4 to 5 are missing"]);
    books::check(&world.server.app().db).await;
    // The rest in one upload, the later one first.
    let answers = world.ana.sync(0, vec![uploads[4].clone(), uploads[3].clone()]).await.answers;
    assert!(answers.iter().all(|answer| is_settled(&answer.outcome)));
    assert!(world.breaks().await.is_empty(), "a gap that is filled is no gap");
    world.ends_with(FUNDS - 2_100, 2_100).await;
}

/// What is refused uses its number up, and a cancel that is decided before its upload's rest leaves no gap.
#[tokio::test(flavor = "multi_thread")]
async fn refusals_and_cancels_follow_too() {
    let mut world = World::new().await;
    let too_much = world.pay(FUNDS + 1);
    assert_eq!(refusal(&world.ana.send(too_much).await.outcome), RefusalCode::InsufficientFunds);
    let payment = world.pay(500);
    let (id, hash) = world.ana.device.last();
    let now = world.server.clock.now();
    let (_, _, cancel) = world.ana.device.order(world.ana.user, Order::Cancel { id, hash }, now);
    let answers = world.ana.sync(0, vec![payment, forge::upload(cancel)]).await.answers;
    assert_eq!(refusal(&answers[0].outcome), RefusalCode::Cancelled);
    let next = world.pay(100);
    world.settles(&next).await;
    assert!(world.breaks().await.is_empty());
    world.ends_with(FUNDS - 100, 100).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_order_named_stays_on_record() {
    let world = World::new().await;
    let bos = forge::hash(&forge::next(&world.bo, Order::Send(world.order(1)), world.server.clock.now()));
    // A first one that names something, and then one that names nothing, somebody else's, its own copy, the first.
    let (first, upload) = world.numbered(1, bos, 100);
    world.settles(&upload).await;
    let (second, upload) = world.numbered(2, IntentHash::ZERO, 200);
    world.settles(&upload).await;
    let (third, upload) = world.numbered(3, bos, 300);
    world.settles(&upload).await;
    let (_, upload) = world.numbered(4, forge::hash(&first), 400);
    world.settles(&upload).await;
    let named = |seq: u64| format!("number {seq} names another order than the one before it");
    let all: Vec<String> = (1..=4).map(named).collect();
    assert_eq!(world.breaks().await, all);
    // A gap whose order turns out to be another one than was named.
    let (sixth, upload) = world.numbered(6, forge::hash(&third), 100);
    world.settles(&upload).await;
    assert_eq!(world.breaks().await[4], "number 5 is missing");
    let (_, upload) = world.numbered(5, forge::hash(&second), 100);
    world.settles(&upload).await;
    assert_eq!(world.breaks().await, [all.as_slice(), &[named(6), named(5)]].concat());
    // What follows is in order again.
    let (_, upload) = world.numbered(7, forge::hash(&sixth), 100);
    world.settles(&upload).await;
    assert_eq!(world.breaks().await.len(), 6);
    world.ends_with(FUNDS - 1_300, 1_300).await;
}

/// The largest number there is has nothing after it, also when it is sent again.
#[tokio::test(flavor = "multi_thread")]
async fn the_last_of_all_numbers() {
    let world = World::new().await;
    let last = u64::try_from(i64::MAX).unwrap();
    let (before, before_upload) = world.numbered(last - 1, IntentHash::ZERO, 100);
    let (_, upload) = world.numbered(last, forge::hash(&before), 200);
    world.settles(&upload).await;
    world.settles(&upload).await;
    assert_eq!(world.breaks().await, [format!("numbers 1 to {} are missing", last - 1)]);
    world.settles(&before_upload).await;
    world.settles(&upload).await;
    assert_eq!(world.breaks().await, [format!("numbers 1 to {} are missing", last - 2)]);
    world.ends_with(FUNDS - 300, 300).await;
}

/// Whatever comes in whatever order, at the same moment, with repeats: in the end nothing is missing.
#[tokio::test(flavor = "multi_thread")]
async fn shuffled_and_at_once_nothing_is_missing() {
    let mut world = World::new().await;
    let mut rng = seeded();
    let mut uploads: Vec<IntentUpload> = (0..60).map(|_| world.pay(100)).collect();
    uploads.extend(uploads.clone());
    uploads.shuffle(&mut rng);
    for part in uploads.chunks(24) {
        join_all(part.iter().map(|upload| alone::send(&world.ana.client, upload))).await;
        books::check(&world.server.app().db).await;
    }
    assert!(world.breaks().await.is_empty());
    world.ends_with(FUNDS - 6_000, 6_000).await;
}
