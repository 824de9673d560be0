//! Two orders under one number: proof that a key was copied or a backup restored. That device stops.

use super::{FUNDS, World, alone, forge, is_settled, refusal};
use purse_shared::intent::Order;
use purse_shared::protocol::{FeedEvent, IntentUpload, RefusalCode};
use purse_tests::{Person, TestDevice, Twist};

/// Two of Ana's payments with one number.
fn forked(world: &mut World) -> [IntentUpload; 2] {
    let now = world.server.clock.now();
    let intents = [500, 600].map(|minor| forge::next(&world.ana, Order::Send(world.order(minor)), now));
    world.ana.device.next_seq += 1;
    world.ana.device.prev = forge::hash(&intents[0]);
    intents.map(|intent| forge::sign(&intent, &world.ana.device))
}

async fn told_of_forks(person: &Person) -> usize {
    let feed = person.sync(0, Vec::new()).await.feed;
    let own = |event: &FeedEvent| matches!(event, FeedEvent::DeviceForked { device, .. } if *device == person.device.id);
    feed.iter().filter(|item| own(&item.event)).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forked_device_stops_and_the_others_go_on() {
    let mut world = World::new().await;
    let [first, second] = forked(&mut world);
    let settled = world.ana.send(first.clone()).await.outcome;
    assert!(is_settled(&settled));
    assert_eq!(told_of_forks(&world.ana).await, 0);
    let refused = world.ana.send(second.clone()).await.outcome;
    assert_eq!(refusal(&refused), RefusalCode::DeviceForked);
    assert_eq!(told_of_forks(&world.ana).await, 1, "the owner is told");

    // What was decided stays; what that device signs from now on is refused, also a cancel.
    assert_eq!(world.ana.send(first).await.outcome, settled);
    assert_eq!(world.ana.send(second).await.outcome, refused);
    let next = world.pay(100);
    assert_eq!(refusal(&world.ana.send(next).await.outcome), RefusalCode::DeviceForked);
    let (id, hash) = world.ana.device.last();
    let order = Order::Cancel { id, hash };
    let (_, _, cancel) = world.ana.device.order(world.ana.user, order, world.server.clock.now());
    assert_eq!(refusal(&world.ana.send(forge::upload(cancel)).await.outcome), RefusalCode::DeviceForked);
    assert_eq!(told_of_forks(&world.ana).await, 1, "once");

    // Another device of the same person, and the wallet, go on.
    let phone = TestDevice::new(world.server.clock.now());
    let client = world.ana.client.clone();
    assert_eq!(world.ana.sign_in(&client, &phone, &Twist::default()).await.status, 200);
    world.ana.device = phone;
    let from_phone = world.pay(700);
    assert!(is_settled(&world.ana.send(from_phone).await.outcome));
    world.ends_with(FUNDS - 1_200, 1_200).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fork_within_one_upload_or_at_one_moment_settles_one() {
    let mut world = World::new().await;
    let both = forked(&mut world);
    let answers = world.ana.sync(0, both.to_vec()).await.answers;
    assert!(is_settled(&answers[0].outcome));
    assert_eq!(refusal(&answers[1].outcome), RefusalCode::DeviceForked);
    assert_eq!(told_of_forks(&world.ana).await, 1);

    let phone = TestDevice::new(world.server.clock.now());
    let client = world.ana.client.clone();
    assert_eq!(world.ana.sign_in(&client, &phone, &Twist::default()).await.status, 200);
    world.ana.device = phone;
    let both = forked(&mut world);
    let outcomes =
        futures::future::join_all(both.iter().map(|upload| alone::send(&world.ana.client, upload))).await;
    assert_eq!(outcomes.iter().filter(|outcome| is_settled(outcome)).count(), 1, "{outcomes:?}");
    assert_eq!(told_of_forks(&world.ana).await, 1);
    let (ana, bo) = world.balances().await;
    assert!(bo == 1_000 || bo == 1_100, "{bo}");
    world.ends_with(ana, FUNDS - ana).await;
}

/// The same id and the same number with other contents is both: a conflict, said loudly, and a fork.
#[tokio::test(flavor = "multi_thread")]
async fn one_id_and_one_number_for_two_orders() {
    let mut world = World::new().await;
    let mut intent = forge::next(&world.ana, Order::Send(world.order(500)), world.server.clock.now());
    assert!(is_settled(&world.ana.send(forge::sign(&intent, &world.ana.device)).await.outcome));
    intent.order = Order::Send(world.order(600));
    let outcome = world.ana.send(forge::sign(&intent, &world.ana.device)).await.outcome;
    assert_eq!(refusal(&outcome), RefusalCode::Conflict);
    assert_eq!(told_of_forks(&world.ana).await, 1);
    (world.ana.device.next_seq, world.ana.device.prev) = (2, forge::hash(&intent));
    let next = world.pay(100);
    assert_eq!(refusal(&world.ana.send(next).await.outcome), RefusalCode::DeviceForked);
    world.ends_with(FUNDS - 500, 500).await;
}

/// Numbers are evidence, not a gate: a gap blocks nothing, and what comes late under a lower number settles.
#[tokio::test(flavor = "multi_thread")]
async fn gaps_and_late_numbers_block_nothing() {
    let mut world = World::new().await;
    let uploads = [100, 200, 300].map(|minor| world.pay(minor));
    world.ana.device.next_seq = u64::try_from(i64::MAX).unwrap();
    let last = world.pay(400);
    for upload in [&uploads[2], &last, &uploads[0], &uploads[1]] {
        assert!(is_settled(&world.ana.send(upload.clone()).await.outcome));
    }
    assert_eq!(told_of_forks(&world.ana).await, 0);
    world.ends_with(FUNDS - 1_000, 1_000).await;
}
