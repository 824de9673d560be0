//! The app gives up waiting and asks again, while its first request is still on its way to the writer.

use super::{FUNDS, World, is_settled, send};
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn a_timed_out_request_that_is_sent_again_pays_twice() {
    let mut world = World::new().await;
    let upload = world.pay_bo(500);
    let held = world.hold_writer().await;
    for tries in 1..=5 {
        let given_up = tokio::time::timeout(Duration::from_millis(300), send(&world.ana.client, &upload));
        assert!(given_up.await.is_err(), "nothing is answered before it is decided");
        // What was given up is decided all the same.
        world.until_waiting(tries).await;
    }
    let asked = futures::future::join_all((0..20).map(|_| send(&world.ana.client, &upload)));
    let (outcomes, ()) = futures::join!(asked, async {
        world.until_waiting(25).await;
        held.let_go().await;
    });
    assert!(is_settled(&outcomes[0]), "{:?}", outcomes[0]);
    assert!(outcomes.iter().all(|outcome| *outcome == outcomes[0]), "{outcomes:?}");
    assert_eq!(world.decided().await, 1);
    world.ends_with(FUNDS - 500, FUNDS + 500).await;
}
