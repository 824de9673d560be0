//! An order that passes the rules and that the database refuses all the same (a fault of ours, whatever it is) must be
//! the only one that suffers.

use super::{FUNDS, World, is_settled, send};
use futures::future::join_all;
use purse_shared::protocol::IntentOutcome;

/// Refuses one amount and counts how often it was asked to take it: a sequence does not roll back.
const REFUSE: &str = "
    create sequence asked;
    create function is_taken(amount bigint) returns boolean language plpgsql as $$
    begin
        if amount = 666 then
            perform nextval('asked');
            return false;
        end if;
        return true;
    end $$;
    alter table transactions add constraint not_this_amount check (is_taken(amount)) not valid;";

async fn asked(world: &World) -> i64 {
    let count = "select case when is_called then last_value else 0 end from asked";
    sqlx::query_scalar(count).fetch_one(&world.server.app().db).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_order_fails_its_batch_or_stops_the_writer() {
    let mut world = World::new().await;
    sqlx::raw_sql(REFUSE).execute(&world.server.app().db).await.unwrap();

    // Alone: refused once, to come again.
    let bad = world.pay_bo(666);
    assert_eq!(send(&world.ana.client, &bad).await, IntentOutcome::TryAgain);
    assert_eq!(asked(&world).await, 1, "once a try");

    // In one batch with others, before, between and after them: it fails in the batch and alone.
    let first = world.pay_bo(1);
    let mates: Vec<_> = (0..10).map(|_| (world.pay_bo(100), world.pay_ana(30))).collect();
    let held = world.hold_writer().await;
    let blocked = send(&world.ana.client, &first);
    let rest = async {
        world.until_waiting(1).await;
        let sent = mates.iter().enumerate().map(async |(n, (to_bo, to_ana))| {
            let ana = send(&world.ana.client, to_bo);
            let bo = send(&world.bo.client, to_ana);
            let bad = async { if n == 5 { Some(send(&world.ana.client, &bad).await) } else { None } };
            futures::join!(ana, bad, bo)
        });
        let let_go = async {
            world.until_waiting(1 + 2 * mates.len() + 1).await;
            held.let_go().await;
        };
        futures::join!(join_all(sent), let_go).0
    };
    let (first, outcomes) = futures::join!(blocked, rest);
    assert!(is_settled(&first));
    for (to_bo, bad, to_ana) in &outcomes {
        assert!(is_settled(to_bo) && is_settled(to_ana), "{outcomes:?}");
        assert!(bad.as_ref().is_none_or(|bad| *bad == IntentOutcome::TryAgain), "{outcomes:?}");
    }
    assert_eq!(asked(&world).await, 1 + 2, "once with its batch, once alone");
    assert_eq!(world.balances().await, (FUNDS - 1 - 10 * 70, FUNDS + 1 + 10 * 70));

    // The writer goes on with the right books; and once the database takes it, the order is decided.
    let next = world.pay_bo(50);
    assert!(is_settled(&send(&world.ana.client, &next).await));
    let lift = "alter table transactions drop constraint not_this_amount";
    sqlx::raw_sql(lift).execute(&world.server.app().db).await.unwrap();
    assert!(is_settled(&send(&world.ana.client, &bad).await));
    assert_eq!(world.decided().await, 1 + 20 + 1 + 1);
    let more = 1 + 10 * 70 + 50 + 666;
    world.ends_with(FUNDS - more, FUNDS + more).await;
}
