//! What the writer knows by heart is right for as long as nobody else writes its branch. When somebody did, it must
//! notice before it writes over their rows.

use super::{FUNDS, World, is_settled, send, settle};
use purse_shared::protocol::IntentOutcome;
use sync_server::check;

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_somebody_else_wrote_are_written_over() {
    let mut world = World::new().await;
    let db = world.server.app().db.clone();
    let first = world.pay_bo(100);
    assert!(is_settled(&send(&world.ana.client, &first).await));

    // As if another writer had taken 5 from Ana's wallet, while this one thinks it knows it.
    let entries = "select entry_no from wallets where wallet_id = $1";
    let ana = world.wallets[0].0;
    let before: i64 = sqlx::query_scalar(entries).bind(ana).fetch_one(&db).await.unwrap();
    let raise = "update wallets set entry_no = entry_no + 1, balance = balance - 5 where wallet_id = $1";
    sqlx::query(raise).bind(ana).execute(&db).await.unwrap();

    let next = world.pay_bo(100);
    assert_eq!(send(&world.ana.client, &next).await, IntentOutcome::TryAgain, "it forgets all it knows");
    assert_eq!(world.balances().await, (FUNDS - 105, FUNDS + 100), "and nothing was written");
    assert_eq!(world.decided().await, 1);

    // It reads again, and goes on from what is there.
    assert!(is_settled(&settle(&world.ana.client, &next).await));
    assert_eq!(world.balances().await, (FUNDS - 205, FUNDS + 200));
    let after: i64 = sqlx::query_scalar(entries).bind(ana).fetch_one(&db).await.unwrap();
    assert_eq!(after, before + 2);
    let mut conn = db.acquire().await.unwrap();
    let faults = check::check(&mut conn, 0, |_progress| {}).await.unwrap();
    drop(conn);
    assert!(!faults.is_empty(), "whoever wrote it left no entry: the check says so");
    world.server.stop().await;
}
