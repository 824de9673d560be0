//! A planned payment made twice, after it was stopped, or not at all.

use super::{FUNDS, World, euro, is_settled, refusal, settle, until};
use purse_shared::intent::{Every, Order, Plan, ScheduleOrder, SendOrder};
use purse_shared::limits::DAY_MS;
use purse_shared::protocol::{FeedEvent, IntentUpload, RefusalCode, ScheduleState};
use purse_tests::Person;

fn schedule(world: &mut World, minor: i64, plan: Plan) -> IntentUpload {
    let send = SendOrder {
        from: world.wallets[0],
        to: "bo1".parse().unwrap(),
        payee: Some(world.bo.user),
        amount: euro(minor),
        fee: 0,
        message: "Rent".to_owned(),
    };
    let now = world.server.clock.now();
    world.ana.order(Order::Schedule(ScheduleOrder { send, plan }), now).1
}

fn daily(first_at: i64, times: Option<u32>) -> Plan {
    Plan { first_at, every: Some(Every::Day), times }
}

/// What the person's devices know of their last schedule.
async fn known(person: &Person) -> ScheduleState {
    let feed = person.sync(0, Vec::new()).await.feed;
    let mut states = feed.into_iter().filter_map(|item| match item.event {
        FeedEvent::Schedule { schedule } => Some(schedule),
        _ => None,
    });
    states.next_back().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_is_paid_once_whatever_happens_to_the_server() {
    let mut world = World::new().await;
    let first_at = world.server.clock.now() + 2_000;
    let upload = schedule(&mut world, 1_000, daily(first_at, Some(5)));
    assert!(is_settled(&settle(&world.ana.client, &upload).await));
    assert!(is_settled(&settle(&world.ana.client, &upload).await), "the same again is the same");
    assert_eq!(world.balances().await, (FUNDS, FUNDS), "not before its day");
    // Away on two of its days: they are made up for.
    world.server.clock.advance(2 * DAY_MS + 2_000);
    world.server.restart().await;
    until("three are paid", async || world.balances().await.1 == FUNDS + 3_000).await;
    for day in 4..9 {
        world.server.clock.advance(DAY_MS);
        let paid = FUNDS + 1_000 * day.min(5);
        until("the day's is paid", async || world.balances().await.1 == paid).await;
        world.server.restart().await;
    }
    tokio::time::sleep(std::time::Duration::from_millis(600)).await;
    let state = known(&world.ana).await;
    assert_eq!((state.made, state.next_at), (5, None));
    let records = world.bo.records().await;
    assert_eq!(records.iter().filter(|record| record.message == "Rent").count(), 5);
    world.ends_with(FUNDS - 5_000, FUNDS + 5_000).await;
}

/// Somebody spoiled what was signed: it pays nothing, and holds up nobody.
#[tokio::test(flavor = "multi_thread")]
async fn one_that_cannot_be_read_keeps_none_waiting() {
    let mut world = World::new().await;
    let first_at = world.server.clock.now() + 60_000;
    let spoiled = schedule(&mut world, 1_000, daily(first_at, Some(2)));
    assert!(is_settled(&settle(&world.ana.client, &spoiled).await));
    let db = world.server.app().db.clone();
    let spoil = "create table kept as select number, envelope from transactions
                     where number = (select max(number) from schedules);
                 update transactions t set envelope = 'no'::bytea from kept where t.number = kept.number";
    sqlx::raw_sql(spoil).execute(&db).await.unwrap();
    let sound = schedule(&mut world, 300, daily(first_at + 1, Some(2)));
    assert!(is_settled(&settle(&world.ana.client, &sound).await), "another can be planned");
    world.server.clock.advance(60_001);
    until("the sound one is paid", async || world.balances().await.1 == FUNDS + 300).await;
    world.server.clock.advance(DAY_MS);
    until("and again", async || world.balances().await.1 == FUNDS + 600).await;
    let restore = "update transactions t set envelope = kept.envelope from kept where t.number = kept.number;
                   drop table kept";
    sqlx::raw_sql(restore).execute(&db).await.unwrap();
    drop(db);
    world.server.restart().await;
    until("it can be read again", async || world.balances().await.1 == FUNDS + 2_600).await;
    world.ends_with(FUNDS - 2_600, FUNDS + 2_600).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_stopped_never_pays_again() {
    let mut world = World::new().await;
    let first_at = world.server.clock.now() + 1_000;
    let upload = schedule(&mut world, 1_000, daily(first_at, None));
    let (id, hash) = world.ana.device.last();
    assert!(is_settled(&settle(&world.ana.client, &upload).await));
    until("the first is paid", async || world.balances().await.1 == FUNDS + 1_000).await;
    let now = world.server.clock.now();
    let (_, theirs) = world.bo.order(Order::Cancel { id, hash }, now);
    assert!(is_settled(&settle(&world.bo.client, &theirs).await), "a cancel of nothing of Bo's");
    assert!(known(&world.ana).await.next_at.is_some(), "nobody else stops it");
    let (_, stop) = world.ana.order(Order::Cancel { id, hash }, now);
    assert!(is_settled(&settle(&world.ana.client, &stop).await));
    let (_, again) = world.ana.order(Order::Cancel { id, hash }, now);
    assert_eq!(refusal(&settle(&world.ana.client, &again).await), Some(RefusalCode::AlreadyDecided));
    assert_eq!(known(&world.ana).await.next_at, None);
    world.server.clock.advance(3 * DAY_MS);
    tokio::time::sleep(std::time::Duration::from_millis(800)).await;
    world.ends_with(FUNDS - 1_000, FUNDS + 1_000).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_without_money_is_refused_and_told_and_the_next_goes_on() {
    let mut world = World::new().await;
    let first_at = world.server.clock.now() + 1_000;
    let upload = schedule(&mut world, 14_000, daily(first_at, None));
    assert!(is_settled(&settle(&world.ana.client, &upload).await));
    until("the first is paid", async || world.balances().await.1 == FUNDS + 14_000).await;
    let mut taken = 0;
    while taken < 80_000 {
        let upload = world.pay_bo(10_000);
        assert!(is_settled(&settle(&world.ana.client, &upload).await));
        taken += 10_000;
    }
    world.server.clock.advance(DAY_MS);
    until("it is told", async || {
        let records = world.ana.records().await;
        records.iter().any(|record| refusal(&record.outcome) == Some(RefusalCode::InsufficientFunds))
    })
    .await;
    let upload = world.pay_ana(50_000 / 5);
    assert!(is_settled(&settle(&world.bo.client, &upload).await));
    world.server.clock.advance(DAY_MS);
    until("the next is paid", async || known(&world.ana).await.made == 3).await;
    world
        .ends_with(FUNDS - 14_000 - 80_000 + 10_000 - 14_000, FUNDS + 14_000 + 80_000 - 10_000 + 14_000)
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_must_lie_ahead_and_within_a_year() {
    let mut world = World::new().await;
    let now = world.server.clock.now();
    for first_at in [now - 1, now - DAY_MS, now + 367 * DAY_MS] {
        let upload = schedule(&mut world, 100, Plan { first_at, every: None, times: None });
        assert_eq!(refusal(&settle(&world.ana.client, &upload).await), Some(RefusalCode::BadSchedule));
    }
    world.ends_with(FUNDS, FUNDS).await;
}
