//! A batch is decided while the one before it is written. What was decided on that one must not outlive it, and must
//! not forget it.

use super::{FUNDS, Held, World, is_settled, refusal, send, settle};
use purse_shared::protocol::{IntentOutcome, RefusalCode};
use std::time::Duration;

impl World {
    /// Ana has nothing, Bo all.
    async fn broke(&mut self) {
        for _ in 0..10 {
            let upload = self.pay_bo(FUNDS / 10);
            assert!(is_settled(&settle(&self.ana.client, &upload).await));
        }
    }

    /// So many wait, and the later ones have been decided on the first, which is being written.
    async fn let_go_when_decided(&self, held: Held, waiting: usize) {
        self.until_waiting(waiting).await;
        tokio::time::sleep(Duration::from_millis(150)).await;
        held.let_go().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn money_of_a_payment_that_the_database_refuses_is_spent() {
    let mut world = World::new().await;
    world.broke().await;
    let refuse = "alter table transactions add constraint not_this_amount check (amount <> 666) not valid";
    sqlx::raw_sql(refuse).execute(&world.server.app().db).await.unwrap();
    let (income, spending) = (world.pay_ana(666), world.pay_bo(600));
    let held = world.hold_writer().await;
    let (came, spent, ()) = futures::join!(
        send(&world.bo.client, &income),
        async {
            world.until_waiting(1).await;
            tokio::time::sleep(Duration::from_millis(50)).await;
            send(&world.ana.client, &spending).await
        },
        world.let_go_when_decided(held, 2),
    );
    assert_eq!(came, IntentOutcome::TryAgain);
    assert_eq!(refusal(&spent), Some(RefusalCode::InsufficientFunds), "{spent:?}");
    let lift = "alter table transactions drop constraint not_this_amount";
    sqlx::raw_sql(lift).execute(&world.server.app().db).await.unwrap();
    assert!(is_settled(&settle(&world.bo.client, &income).await));
    assert_eq!(send(&world.ana.client, &spending).await, spent, "its answer stays");
    world.ends_with(666, 2 * FUNDS - 666).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn money_that_is_on_its_way_out_is_spent_again() {
    let mut world = World::new().await;
    let first = world.pay_bo(14_000);
    let later: Vec<_> = (0..9).map(|_| world.pay_bo(14_000)).collect();
    let held = world.hold_writer().await;
    let (first, later, ()) = futures::join!(
        send(&world.ana.client, &first),
        async {
            world.until_waiting(1).await;
            tokio::time::sleep(Duration::from_millis(50)).await;
            futures::future::join_all(later.iter().map(|upload| send(&world.ana.client, upload))).await
        },
        world.let_go_when_decided(held, 10),
    );
    assert!(is_settled(&first));
    assert_eq!(later.iter().filter(|outcome| is_settled(outcome)).count(), 6, "{later:?}");
    assert_eq!(later.iter().filter(|o| refusal(o) == Some(RefusalCode::InsufficientFunds)).count(), 3);
    world.ends_with(FUNDS - 7 * 14_000, FUNDS + 7 * 14_000).await;
}

/// Two orders under one number of the device, the second while the first is written: a fork all the same.
#[tokio::test(flavor = "multi_thread")]
async fn a_fork_of_an_order_on_its_way_is_overlooked() {
    let mut world = World::new().await;
    let (seq, prev) = (world.ana.device.next_seq, world.ana.device.prev);
    let first = world.pay_bo(100);
    (world.ana.device.next_seq, world.ana.device.prev) = (seq, prev);
    let second = world.pay_bo(200);
    let held = world.hold_writer().await;
    let (paid, forked, ()) = futures::join!(
        send(&world.ana.client, &first),
        async {
            world.until_waiting(1).await;
            tokio::time::sleep(Duration::from_millis(50)).await;
            send(&world.ana.client, &second).await
        },
        world.let_go_when_decided(held, 2),
    );
    assert!(is_settled(&paid));
    assert_eq!(refusal(&forked), Some(RefusalCode::DeviceForked), "{forked:?}");
    let next = world.pay_bo(300);
    assert_eq!(refusal(&send(&world.ana.client, &next).await), Some(RefusalCode::DeviceForked));
    world.ends_with(FUNDS - 100, FUNDS + 100).await;
}
