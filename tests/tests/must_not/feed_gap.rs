//! Numbers that are taken early and committed late are how readers of other systems lose events.

use super::{World, is_settled, settle};
use futures::future::join_all;
use purse_shared::Currency;
use purse_shared::protocol::{PROTOCOL_VERSION, SyncReply, SyncRequest};
use purse_tests::{Person, TestServer};
use serde_json::json;

const PAYERS: usize = 6;
const EACH: usize = 25;

async fn page(person: &Person, cursor: u64, feed_limit: u16) -> SyncReply {
    let request = SyncRequest {
        protocol: PROTOCOL_VERSION,
        incarnation: Some(person.signed_in.incarnation),
        cursor: Some(cursor),
        feed_limit,
        intents: Vec::new(),
        book: None,
    };
    person.client.post("/api/v1/sync", &request).await.read()
}

async fn payer(server: &TestServer, n: usize) -> Person {
    let person = Person::register(server, &format!("payer{n}")).await;
    person.deposit(server, 10_000, Currency::EUR).await;
    person
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_skips_an_event_that_committed_late() {
    let mut world = World::new().await;
    let mut payers = join_all((0..PAYERS).map(|n| payer(&world.server, n))).await;
    let mut orders = Vec::new();
    for payer in &mut payers {
        let from = payer.wallet(Currency::EUR).await.wallet_id;
        for _ in 0..EACH {
            let now = world.server.clock.now();
            orders.push((
                payer.client.clone(),
                payer.pay(from, "bo1", Some(world.bo.user), 1, Currency::EUR, now),
            ));
        }
    }
    // Bo's own orders, some of them refused, and their blocks: rows of the feed that are no entries.
    for n in 0..EACH {
        let refused = if n % 2 == 0 { 1_000_000 } else { 2 };
        orders.push((world.bo.client.clone(), world.pay_ana(refused)));
    }
    let start = page(&world.bo, 0, 200).await.cursor;
    let paying = async {
        let sent = join_all(orders.iter().map(|(client, upload)| settle(client, upload)));
        let blocking = async {
            // Ana pays nobody here, so this is in nobody's way.
            let path = format!("/api/v1/blocks/{}", world.ana.user);
            for _ in 0..EACH {
                assert_eq!(world.bo.client.put(&path, &json!({})).await.status, 204);
                assert_eq!(world.bo.client.delete(&path).await.status, 204);
            }
        };
        futures::join!(sent, blocking).0
    };

    // Two readers: one in small pages, one in large.
    let done = std::sync::atomic::AtomicBool::new(false);
    let read = async |limit: u16| {
        let mut cursor = start;
        let mut seen = 0;
        loop {
            let was_done = done.load(std::sync::atomic::Ordering::SeqCst);
            let page = page(&world.bo, cursor, limit).await;
            assert!(!page.rebuild);
            for item in &page.feed {
                assert_eq!(item.seq, cursor + 1, "a number that was not there when its successor was");
                cursor = item.seq;
                seen += 1;
            }
            assert_eq!(page.cursor, cursor);
            if was_done && !page.more {
                return (seen, cursor);
            }
        }
    };
    let paid = async {
        let outcomes = paying.await;
        done.store(true, std::sync::atomic::Ordering::SeqCst);
        outcomes
    };
    let (outcomes, small, large) = futures::join!(paid, read(3), read(200));
    assert!(outcomes[..PAYERS * EACH].iter().all(is_settled));
    assert_eq!(small, large);
    assert_eq!(small.0, PAYERS * EACH + EACH + 2 * EACH, "payments, own orders, blocks");
    let paid_by_bo = i64::try_from(EACH / 2).unwrap() * 2;
    let received = i64::try_from(PAYERS * EACH).unwrap();
    world.ends_with(super::FUNDS + paid_by_bo, super::FUNDS + received - paid_by_bo).await;
}
