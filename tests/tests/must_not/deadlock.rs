//! The same two wallets, in both directions, as fast as it goes, at two servers.

use super::{FUNDS, World, is_settled, settle};
use futures::future::join_all;
use purse_tests::{Client, TestServer, books};
use std::time::Duration;

const EACH_WAY: i64 = 150;

#[tokio::test(flavor = "multi_thread")]
async fn payments_both_ways_lock_each_other_out() {
    let mut world = World::new().await;
    let second = TestServer::start_beside(&world.server).await;
    let there = |client: &Client| Client { base: second.base.clone(), ..client.clone() };
    let clients = [&world.ana.client, &world.bo.client].map(|client| [client.clone(), there(client)]);
    let mut orders = Vec::new();
    for n in 1..=EACH_WAY {
        for (who, upload) in [world.pay_bo(n), world.pay_ana(2 * n)].into_iter().enumerate() {
            orders.push((&clients[who][usize::try_from(n % 2).unwrap()], upload));
        }
    }
    let all = join_all(orders.iter().map(|(client, upload)| settle(client, upload)));
    let outcomes = tokio::time::timeout(Duration::from_secs(60), all).await.expect("all are answered");
    assert!(outcomes.iter().all(is_settled), "{outcomes:?}");

    let deadlocks = "select deadlocks from pg_stat_database where datname = current_database()";
    let deadlocks: i64 = sqlx::query_scalar(deadlocks).fetch_one(&second.app().db).await.unwrap();
    assert_eq!(deadlocks, 0);
    let more = EACH_WAY * (EACH_WAY + 1) / 2;
    assert_eq!(world.balances().await, (FUNDS + more, FUNDS - more));
    assert_eq!(world.decided().await, 2 * EACH_WAY);
    books::check(&second.app().db).await;
    second.stop_and_keep().await;
    world.server.stop().await;
}
