//! The book is the least important thing here: it holds up no payment, and it is bounded.

use super::{FUNDS, World, is_settled};
use purse_shared::limits::BOOK_BYTES_MAX;
use purse_shared::protocol::{BookChangeUp, BookUp, Bytes, IntentUpload, SyncReply, SyncRequest};
use ring::digest::{SHA256, digest};
use sqlx::{Connection, PgConnection};
use std::time::Duration;

/// A chain of changes, each of one sealed byte.
fn changes(n: std::ops::RangeInclusive<u8>) -> Vec<BookChangeUp> {
    let mut prev = vec![0; 32];
    let all = (1..=*n.end()).map(|n| {
        let sealed = vec![n];
        let before = std::mem::replace(&mut prev, digest(&SHA256, &sealed).as_ref().to_vec());
        BookChangeUp { n: u64::from(n), prev: Bytes(before), epoch: 1, sealed: Bytes(sealed) }
    });
    all.filter(|change| n.contains(&u8::try_from(change.n).unwrap())).collect()
}

/// Within a few seconds, far below every timeout of the database.
async fn sync(world: &World, intents: Vec<IntentUpload>, changes: Vec<BookChangeUp>) -> SyncReply {
    let request = SyncRequest {
        protocol: 1,
        incarnation: Some(world.ana.signed_in.incarnation),
        cursor: None,
        feed_limit: 10,
        intents,
        book: Some(BookUp { cursor: 0, changes }),
    };
    let answer = world.ana.client.post("/api/v1/sync", &request);
    tokio::time::timeout(Duration::from_secs(4), answer).await.expect("nothing waits").read()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_book_and_a_payment_do_not_wait_for_each_other() {
    let mut world = World::new().await;
    assert_eq!(sync(&world, Vec::new(), changes(1..=2)).await.book.unwrap().stored_n, 2);
    let mut db = PgConnection::connect(&world.server.database_url).await.unwrap();

    // The writer has the user's row, for as long as it likes.
    let mut writing = db.begin().await.unwrap();
    let users = "select 1 from users where user_id = $1 for no key update";
    sqlx::query(users).bind(world.ana.user.0).execute(&mut *writing).await.unwrap();
    assert_eq!(sync(&world, Vec::new(), changes(3..=4)).await.book.unwrap().stored_n, 4);
    writing.rollback().await.unwrap();

    // An upload is under way: payments settle, and whoever only reads the book reads it.
    let mut uploading = db.begin().await.unwrap();
    let heads = "select 1 from book_heads where user_id = $1 for no key update";
    sqlx::query(heads).bind(world.ana.user.0).execute(&mut *uploading).await.unwrap();
    let payment = world.pay(100);
    let reply = sync(&world, vec![payment], Vec::new()).await;
    assert!(is_settled(&reply.answers[0].outcome));
    let book = reply.book.unwrap();
    assert_eq!((book.stored_n, book.changes.len()), (4, 4));
    uploading.rollback().await.unwrap();
    world.ends_with(FUNDS - 100, 100).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_book_holds_up_no_payment() {
    let mut world = World::new().await;
    assert_eq!(sync(&world, Vec::new(), changes(1..=1)).await.book.unwrap().stored_n, 1);
    let db = world.server.app().db.clone();
    // Room for one more.
    sqlx::query("update book_heads set bytes = $1").bind(BOOK_BYTES_MAX - 300).execute(&db).await.unwrap();
    let payment = world.pay(100);
    let reply = sync(&world, vec![payment], changes(2..=4)).await;
    assert!(is_settled(&reply.answers[0].outcome));
    assert_eq!((reply.book, reply.book_problem.as_deref()), (None, Some("book_full")));
    // What fitted is there, and devices with nothing to add read it.
    let reply = sync(&world, Vec::new(), Vec::new()).await;
    assert_eq!((reply.book.unwrap().stored_n, reply.book_problem), (2, None));
    world.ends_with(FUNDS - 100, 100).await;
}
