//! A reply tells from memory what its upload added to the feed. It must be what the feed says ever after.

use super::World;
use purse_shared::intent::Order;
use purse_shared::protocol::{IntentUpload, SyncReply};

/// Uploads, and reads the same again from the feed.
async fn told_twice(world: &World, cursor: u64, upload: Vec<IntentUpload>) -> SyncReply {
    let told = world.ana.sync(cursor, upload).await;
    let read = world.ana.sync(cursor, Vec::new()).await;
    assert_eq!(told.feed, read.feed);
    assert_eq!((told.cursor, told.more, &told.device), (read.cursor, read.more, &read.device));
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_and_the_feed_disagree() {
    for branches in [1, 4] {
        let mut world = World::new_with(|settings| settings.branches = branches).await;
        let start = world.ana.sync(0, Vec::new()).await.cursor;

        // One payment, several, and one to a wallet that it opens.
        let one = vec![world.pay_bo(700)];
        let told = told_twice(&world, start, one).await;
        assert_eq!(told.feed.len(), 1);
        let several = (0..5).map(|n| world.pay_bo(100 + n)).collect();
        let told = told_twice(&world, told.cursor, several).await;
        assert_eq!(told.feed.len(), 5);

        // In no order, and one that was there before.
        let mut shuffled: Vec<IntentUpload> = (0..4).map(|n| world.pay_bo(200 + n)).collect();
        shuffled.swap(0, 3);
        let first = shuffled[0].clone();
        let told = told_twice(&world, told.cursor, shuffled).await;
        let repeated = vec![first, world.pay_bo(300)];
        let told = told_twice(&world, told.cursor, repeated).await;
        assert_eq!(told.feed.len(), 1);

        // What is more than settled payments: one that is refused, and one that is taken back before it came.
        let refused = vec![world.pay_bo(1), world.pay_bo(1_000_000_000)];
        let told = told_twice(&world, told.cursor, refused).await;
        assert_eq!(told.feed.len(), 2);
        let (id, hash) = world.ana.device.last();
        let cancel = world.ana.order(Order::Cancel { id, hash }, world.server.clock.now()).1;
        let told = told_twice(&world, told.cursor, vec![cancel]).await;

        // Others' payments between its cursor and its upload, and a cursor that is behind.
        let theirs = world.pay_ana(400);
        world.bo.sync(0, vec![theirs]).await;
        super::until("it has come", async || world.ana.sync(told.cursor, Vec::new()).await.feed.len() == 1)
            .await;
        let mixed = vec![world.pay_bo(500)];
        let told = told_twice(&world, told.cursor, mixed).await;
        assert_eq!(told.feed.len(), 2);
        let behind = vec![world.pay_bo(600)];
        told_twice(&world, start, behind).await;
        world.server.stop().await;
    }
}
