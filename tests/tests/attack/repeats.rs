//! The same again, in every way: one decision, one answer.

use super::{FUNDS, World, alone, forge, is_settled, refusal, send_order};
use purse_shared::intent::Order;
use purse_shared::limits::DAY_MS;
use purse_shared::protocol::{IntentOutcome, RefusalCode, SendReply, TransactionStatus};
use purse_tests::{Person, TestDevice, Twist};

#[tokio::test(flavor = "multi_thread")]
async fn the_same_bytes_in_parallel_settle_once() {
    let mut world = World::new().await;
    let upload = world.pay(500);
    let (ana, hash) = (&world.ana, world.ana.device.prev);
    let sends = (0..40).map(async |n| match n % 2 {
        0 => ana.sync(0, vec![upload.clone()]).await.answers.remove(0).outcome,
        _ => alone::send(&ana.client, &upload).await,
    });
    let outcomes = futures::future::join_all(sends).await;
    assert!(is_settled(&outcomes[0]), "{:?}", outcomes[0]);
    assert!(outcomes.iter().all(|outcome| *outcome == outcomes[0]), "{outcomes:?}");

    // Many times in one upload, and long after it has expired: the first answer.
    let answers = ana.sync(0, vec![upload.clone(); 64]).await.answers;
    world.server.clock.advance(29 * DAY_MS);
    let late = ana.sync(0, vec![upload.clone()]).await.answers;
    for answer in answers.iter().chain(&late) {
        assert_eq!((&answer.outcome, &answer.hash), (&outcomes[0], &hash.to_bytes()));
    }
    assert_eq!(world.decided().await, 1);
    world.ends_with(FUNDS - 500, 500).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_stays_one() {
    let mut world = World::new().await;
    let upload = world.pay(FUNDS + 100);
    let first = world.ana.send(upload.clone()).await.outcome;
    let IntentOutcome::Refused { code: RefusalCode::InsufficientFunds, figure: Some(figure), .. } = &first
    else {
        panic!("{first:?}");
    };
    assert_eq!(figure.minor, FUNDS);
    world.ana.deposit(&world.server, 50_000, purse_shared::Currency::EUR).await;
    assert_eq!(world.ana.send(upload.clone()).await.outcome, first);
    assert_eq!(alone::send(&world.ana.client, &upload).await, first);
    let reply: SendReply = alone::post(&world.ana.client, &upload).await.read();
    let path = format!("/api/v1/transactions/{}/status", reply.transaction_id.unwrap());
    let status: TransactionStatus = world.ana.client.get(&path).await.read();
    assert_eq!((status.status.as_str(), status.code.as_deref()), ("refused", Some("insufficient_funds")));
    world.bo.client.get(&path).await.expect_problem(404, "not_found");
    world.ends_with(FUNDS + 50_000, 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_id_with_other_contents_is_a_conflict() {
    let mut world = World::new().await;
    let now = world.server.clock.now();
    let mut intent = forge::next(&world.ana, Order::Send(world.order(500)), now);
    let first = forge::sign(&intent, &world.ana.device);
    let settled = world.ana.send(first.clone()).await.outcome;
    assert!(is_settled(&settled));
    // Under the device's next number, so that it is no fork; more, or to somebody else, or a cancel.
    intent.seq += 1;
    for order in [
        Order::Send(world.order(900)),
        Order::Send(send_order(world.wallet, "nobody-here", None, 500)),
        Order::Cancel { id: intent.id, hash: forge::hash(&intent) },
    ] {
        intent.order = order;
        let upload = forge::sign(&intent, &world.ana.device);
        let answers = world.ana.sync(0, vec![upload.clone(), first.clone()]).await.answers;
        assert_eq!(refusal(&answers[0].outcome), RefusalCode::Conflict);
        assert_eq!(answers[1].outcome, settled, "the first keeps its answer");
        assert_eq!(refusal(&alone::send(&world.ana.client, &upload).await), RefusalCode::Conflict);
    }
    assert_eq!(world.decided().await, 1);
    // Both at once: one of them decides, the other is the conflict.
    world.ana.device.next_seq = 2;
    let mut twins = [100, 200].map(|minor| forge::next(&world.ana, Order::Send(world.order(minor)), now));
    (twins[1].id, twins[1].seq) = (twins[0].id, 3);
    let uploads = twins.map(|intent| forge::sign(&intent, &world.ana.device));
    let outcomes =
        futures::future::join_all(uploads.iter().map(|upload| alone::send(&world.ana.client, upload))).await;
    assert_eq!(outcomes.iter().filter(|outcome| is_settled(outcome)).count(), 1, "{outcomes:?}");
    assert!(outcomes.iter().any(|outcome| !is_settled(outcome) && refusal(outcome) == RefusalCode::Conflict));
    let (ana, bo) = world.balances().await;
    assert!(bo == 600 || bo == 700, "{bo}");
    world.ends_with(ana, FUNDS - ana).await;
}

/// The payee of a payment learns its id. Their own payment under it takes nothing away.
#[tokio::test(flavor = "multi_thread")]
async fn another_person_may_have_the_same_id() {
    let world = World::new().await;
    let now = world.server.clock.now();
    let intent = forge::next(&world.ana, Order::Send(world.order(500)), now);
    assert!(is_settled(&world.ana.send(forge::sign(&intent, &world.ana.device)).await.outcome));
    let from = world.bo.wallet(purse_shared::Currency::EUR).await.wallet_id;
    let order = Order::Send(send_order(from, "ana", Some(world.ana.user), 900));
    let mut back = forge::next(&world.bo, order, now);
    back.id = intent.id;
    let refused = world.bo.send(forge::sign(&back, &world.bo.device)).await.outcome;
    assert_eq!(refusal(&refused), RefusalCode::InsufficientFunds);
    let path = format!("/api/v1/transactions/{}/status", intent.id);
    let of = async |person: &Person| person.client.get(&path).await.read::<TransactionStatus>().status;
    assert_eq!((of(&world.ana).await, of(&world.bo).await), ("settled".to_owned(), "refused".to_owned()));
    assert!(is_settled(&world.ana.send(forge::sign(&intent, &world.ana.device)).await.outcome));
    world.ends_with(FUNDS - 500, 500).await;
}

/// Two devices of one person spend the same money at the same moment.
#[tokio::test(flavor = "multi_thread")]
async fn two_devices_cannot_spend_the_same_money() {
    let mut world = World::with(|settings| {
        (settings.step_up_major, settings.limit_new_device_major) = (1_000_000, 1_000_000);
    })
    .await;
    let phone = TestDevice::new(world.server.clock.now());
    let client = world.ana.client.clone();
    assert_eq!(world.ana.sign_in(&client, &phone, &Twist::default()).await.status, 200);
    let mut uploads = Vec::new();
    let laptop = std::mem::replace(&mut world.ana.device, phone);
    uploads.extend((0..4).map(|_| world.pay(30_000)));
    world.ana.device = laptop;
    uploads.extend((0..4).map(|_| world.pay(30_000)));
    let outcomes =
        futures::future::join_all(uploads.iter().map(|upload| alone::send(&world.ana.client, upload))).await;
    assert_eq!(outcomes.iter().filter(|outcome| is_settled(outcome)).count(), 3, "{outcomes:?}");
    for outcome in outcomes.iter().filter(|outcome| !is_settled(outcome)) {
        assert_eq!(refusal(outcome), RefusalCode::InsufficientFunds);
    }
    world.ends_with(FUNDS - 90_000, 90_000).await;
}
