//! Reading what happened, page by page.

use super::{FUNDS, World, is_settled, send_order};
use purse_shared::Currency;
use purse_shared::protocol::{ActivityPage, Direction, FeedEvent};
use purse_tests::Person;
use std::collections::BTreeSet;

async fn page(person: &Person, cursor: Option<&str>, limit: u16) -> ActivityPage {
    let cursor = cursor.map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
    person.client.get(&format!("/api/v1/user/activity?limit={limit}{cursor}")).await.read()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_walk_is_complete_and_sees_nothing_twice() {
    let mut world = World::new().await;
    let eve = Person::register(&world.server, "eve").await;
    // Out and refused, and some of Eve's that are none of theirs.
    let mut expected = BTreeSet::new();
    for n in 0..23_i64 {
        let (to, payee) = if n % 3 == 0 { ("eve", eve.user) } else { ("bo1", world.bo.user) };
        let minor = if n % 7 == 6 { FUNDS * 2 } else { 10 + n };
        let now = world.server.clock.now();
        let upload = world.ana.pay(world.wallet, to, Some(payee), minor, Currency::EUR, now);
        let settled = is_settled(&world.ana.send(upload).await.outcome);
        assert_eq!(settled, n % 7 != 6);
        expected.insert((minor, settled));
    }
    let feed = world.ana.sync(0, Vec::new()).await.feed;
    let told = feed.iter().filter(|item| matches!(item.event, FeedEvent::Transaction { .. })).count();
    assert_eq!(told, 24, "23 payments and a deposit");

    for limit in [1, 5, 8, 24, 25, 100] {
        let (mut seen, mut cursor, mut pages) = (Vec::new(), None::<String>, 0);
        loop {
            let page = page(&world.ana, cursor.as_deref(), limit).await;
            assert!(page.items.len() <= usize::from(limit));
            seen.extend(page.items);
            pages += 1;
            if pages == 2 {
                // What happens meanwhile is before the walk and does not shift it.
                let order = send_order(world.wallet, "bo1", Some(world.bo.user), 1);
                assert!(is_settled(&world.send(order).await));
            }
            cursor = page.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
        let ids: BTreeSet<_> = seen.iter().map(|item| item.transaction_id).collect();
        assert_eq!(ids.len(), seen.len(), "nothing twice, {limit} a page");
        assert!(seen.windows(2).all(|pair| pair[0].timestamp >= pair[1].timestamp), "newest first");
        let own: BTreeSet<_> = seen
            .iter()
            .filter(|item| item.direction == Direction::Out && item.amount.minor > 1)
            .map(|item| (item.amount.minor, item.status == "settled"))
            .collect();
        assert_eq!(own, expected, "{limit} a page");
        assert_eq!(seen.iter().filter(|item| item.direction == Direction::In).count(), 1, "the deposit");
    }
    let bos = page(&world.bo, None, 100).await.items;
    assert!(bos.iter().all(|item| item.direction == Direction::In && item.status == "settled"));
    let (ana, bo) = world.balances().await;
    world.ends_with(ana, bo).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_cursors_and_limits() {
    let world = World::new().await;
    let get = async |query: &str| world.ana.client.get(&format!("/api/v1/user/activity{query}")).await;
    for garbage in ["x", "1.5", "99999999999999999999", "%00", "1;drop", "0x10", "%F0%9F%98%80", ""] {
        get(&format!("?cursor={garbage}")).await.expect_problem(400, "bad_request");
    }
    for query in ["?limit=-1", "?limit=65536", "?limit=", "?limit=1&limit=2", "?page=2", "?cursor=1&x=%FF"] {
        get(query).await.expect_problem(400, "bad_request");
    }
    // Numbers that are nobody's are the empty end.
    for cursor in [i64::MIN, -1, 0, 1] {
        let page: ActivityPage = get(&format!("?cursor={cursor}")).await.read();
        assert_eq!((page.items.len(), page.next_cursor), (0, None));
    }
    let all: ActivityPage = get(&format!("?cursor={}&limit=0", i64::MAX)).await.read();
    assert_eq!(all.items.len(), 1);
    world.ends_with(FUNDS, 0).await;
}

/// A cursor of the feed that this server never gave.
#[tokio::test(flavor = "multi_thread")]
async fn odd_feed_cursors() {
    let world = World::new().await;
    let whole = world.ana.sync(0, Vec::new()).await;
    assert!(!whole.rebuild && !whole.more);
    for ahead in [whole.cursor + 1, 1 << 40, u64::MAX] {
        let reply = world.ana.sync(ahead, Vec::new()).await;
        assert!(reply.rebuild, "a cursor from the future means that the database went back");
        assert_eq!((reply.feed, reply.cursor), (whole.feed.clone(), whole.cursor));
    }
    let mut cursor = 0;
    for item in &whole.feed {
        let body = serde_json::json!({"protocol": 1, "cursor": cursor, "feed_limit": 0, "intents": []});
        let reply: purse_shared::protocol::SyncReply =
            world.ana.client.post("/api/v1/sync", &body).await.read();
        assert_eq!(reply.feed, std::slice::from_ref(item), "at least one at a time");
        assert_eq!(reply.more, item.seq < whole.cursor);
        cursor = reply.cursor;
    }
    world.ends_with(FUNDS, 0).await;
}
