//! The connections that every request reads on: used again when all went well, closed otherwise, and few.
#![allow(clippy::unwrap_used)]

use futures::FutureExt;
use purse_tests::database;
use sqlx::postgres::PgPoolOptions;
use sync_server::reads::{CONNECTIONS_MAX, Reads, Turn};

async fn backend(turn: &mut Turn) -> i32 {
    sqlx::query_scalar("select pg_backend_pid()").fetch_one(turn.connection()).await.unwrap()
}

#[tokio::test]
async fn a_turn_that_ended_in_order_keeps_its_connection() {
    let url = database::create().await;
    let pool = PgPoolOptions::new().max_connections(1).connect(&url).await.unwrap();
    let reads = Reads::new(pool.clone());
    let mut turn = reads.turn().await.unwrap();
    let first = backend(&mut turn).await;
    turn.done();
    let mut turn = reads.turn().await.unwrap();
    assert_eq!(backend(&mut turn).await, first);

    // Given up in the middle of a statement: whoever comes next must not read its answer.
    let left = sqlx::query("select pg_sleep(60)").execute(turn.connection()).now_or_never();
    assert!(left.is_none());
    drop(turn);
    let mut turn = reads.turn().await.unwrap();
    assert_ne!(backend(&mut turn).await, first);
    turn.done();

    // None of them is the pool's only one.
    sqlx::query("select 1").execute(&pool).await.unwrap();
    pool.close().await;
    drop(reads);
    database::drop_database(&url).await;
}

#[tokio::test]
async fn more_wait_for_their_turn() {
    let url = database::create().await;
    let reads = Reads::new(PgPoolOptions::new().connect(&url).await.unwrap());
    let mut turns = Vec::new();
    for _ in 0..CONNECTIONS_MAX {
        turns.push(reads.turn().await.unwrap());
    }
    let mut next = Box::pin(reads.turn());
    assert!(next.as_mut().now_or_never().is_none());
    turns.pop().unwrap().done();
    next.await.unwrap().done();
    drop((turns, reads));
    database::drop_database(&url).await;
}
