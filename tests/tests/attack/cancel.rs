//! Taking back: before, after, at the same moment, and what is not one's own.

use super::{FUNDS, World, alone, forge, is_settled, refusal};
use purse_shared::TransactionId;
use purse_shared::intent::{IntentHash, Order};
use purse_shared::protocol::{IntentUpload, RefusalCode};
use purse_tests::Person;

fn cancel(world: &mut World, hash: (TransactionId, IntentHash)) -> IntentUpload {
    cancel_by(&mut world.ana, hash, world.server.clock.now())
}

fn cancel_by(person: &mut Person, (id, hash): (TransactionId, IntentHash), now: i64) -> IntentUpload {
    let (_, _, envelope) = person.device.order(person.user, Order::Cancel { id, hash }, now);
    forge::upload(envelope)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancel_is_decided_before_the_rest_and_refuses_late_copies() {
    let mut world = World::new().await;
    let payment = world.pay(500);
    let hash = world.ana.device.last();
    let taken_back = cancel(&mut world, hash);
    let answers = world.ana.sync(0, vec![payment.clone(), taken_back.clone()]).await.answers;
    assert_eq!(refusal(&answers[0].outcome), RefusalCode::Cancelled);
    assert!(is_settled(&answers[1].outcome));
    // The same again, alone and together, in any order.
    for uploads in
        [vec![payment.clone()], vec![taken_back.clone(), payment.clone()], vec![payment, taken_back]]
    {
        for answer in world.ana.sync(0, uploads).await.answers {
            assert!(answers.contains(&answer), "{answer:?}");
        }
    }
    // One that the server never saw: the tombstone waits for it.
    let payment = world.pay(700);
    let hash = world.ana.device.last();
    let [first, second] = [cancel(&mut world, hash), cancel(&mut world, hash)];
    assert!(is_settled(&world.ana.send(first.clone()).await.outcome));
    assert!(is_settled(&world.ana.send(second).await.outcome), "asked twice, it holds as well");
    let copies = futures::future::join_all((0..10).map(|_| alone::send(&world.ana.client, &payment))).await;
    assert!(copies.iter().all(|outcome| refusal(outcome) == RefusalCode::Cancelled));
    let unknown = cancel(&mut world, (TransactionId::new(1, [7; 10]), IntentHash([7; 32])));
    assert!(is_settled(&world.ana.send(unknown).await.outcome));
    assert!(is_settled(&world.ana.send(first).await.outcome), "also when its answer was lost");
    world.ends_with(FUNDS, 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_decided_cannot_be_taken_back() {
    let mut world = World::new().await;
    let payment = world.pay(500);
    let hash = world.ana.device.last();
    let settled = world.ana.send(payment.clone()).await.outcome;
    let too_late = cancel(&mut world, hash);
    assert_eq!(refusal(&world.ana.send(too_late.clone()).await.outcome), RefusalCode::AlreadyDecided);
    let together = world.ana.sync(0, vec![too_late, payment.clone()]).await.answers;
    assert_eq!(refusal(&together[0].outcome), RefusalCode::AlreadyDecided);
    assert_eq!(together[1].outcome, settled);
    // A refusal is decided too, and so is a cancel.
    let refused = world.pay(FUNDS * 2);
    let hash = world.ana.device.last();
    assert!(!is_settled(&world.ana.send(refused).await.outcome));
    let too_late = cancel(&mut world, hash);
    let hash = world.ana.device.last();
    assert_eq!(refusal(&world.ana.send(too_late).await.outcome), RefusalCode::AlreadyDecided);
    let of_cancel = cancel(&mut world, hash);
    assert_eq!(refusal(&world.ana.send(of_cancel).await.outcome), RefusalCode::AlreadyDecided);
    world.ends_with(FUNDS - 500, 500).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_else_takes_nothing_back() {
    let mut world = World::new().await;
    let payment = world.pay(500);
    let hash = world.ana.device.last();
    let now = world.server.clock.now();
    let theirs = cancel_by(&mut world.bo, hash, now);
    assert!(is_settled(&world.bo.send(theirs).await.outcome), "a tombstone of Bo's own");
    assert!(is_settled(&world.ana.send(payment).await.outcome));
    world.ends_with(FUNDS - 500, 500).await;
}

/// Payment and cancel race on two connections: whichever is decided first, the two answers agree.
#[tokio::test(flavor = "multi_thread")]
async fn a_race_has_one_winner() {
    let mut world = World::new().await;
    let mut paid = 0;
    for _ in 0..20 {
        let payment = world.pay(10);
        let hash = world.ana.device.last();
        let taken_back = cancel(&mut world, hash);
        let (sent, cancelled) = futures::join!(
            alone::send(&world.ana.client, &payment),
            alone::send(&world.ana.client, &taken_back)
        );
        if is_settled(&sent) {
            assert_eq!(refusal(&cancelled), RefusalCode::AlreadyDecided);
            paid += 10;
        } else {
            assert_eq!(refusal(&sent), RefusalCode::Cancelled);
            assert!(is_settled(&cancelled));
        }
        assert_eq!(alone::send(&world.ana.client, &payment).await, sent);
        assert_eq!(alone::send(&world.ana.client, &taken_back).await, cancelled);
    }
    world.ends_with(FUNDS - paid, paid).await;
}
