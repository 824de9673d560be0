//! Money set aside twice, freed twice, or gone although it was freed.

use super::{FUNDS, World, euro, is_settled, refusal, settle, until};
use futures::future::join_all;
use purse_shared::intent::{Order, WithdrawOrder};
use purse_shared::protocol::{IntentOutcome, IntentUpload, RefusalCode, TransactionKind, TransactionStatus};
use purse_shared::{Currency, MethodId};
use rand::Rng;
use std::time::Duration;
use sync_server::settle::{HoldStatus, MoneyAct, MoneyAnswer};

fn withdraw(world: &mut World, to: MethodId, minor: i64) -> IntentUpload {
    let (from, now) = (world.wallets[0], world.server.clock.now());
    world.ana.order(Order::Withdraw(WithdrawOrder { from, to, amount: euro(minor), fee: 0 }), now).1
}

const fn is_held(outcome: &IntentOutcome) -> bool {
    matches!(outcome, IntentOutcome::Held { .. })
}

async fn hold_of(world: &World) -> i64 {
    sqlx::query_scalar("select max(number) from holds").fetch_one(&world.server.app().db).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn holds_never_sum_to_more_than_the_balance() {
    let mut world = World::new().await;
    let bank = world.ana.bank().await;
    let all: Vec<_> = (0..20).map(|_| withdraw(&mut world, bank, 10_000)).collect();
    let outcomes = join_all(all.iter().map(|upload| settle(&world.ana.client, upload))).await;
    assert_eq!(
        outcomes.iter().filter(|outcome| is_held(outcome)).count(),
        10,
        "ten times 100.00 of 1,000.00"
    );
    let refused = outcomes.iter().filter_map(refusal).collect::<Vec<_>>();
    assert_eq!(refused, [RefusalCode::InsufficientFunds; 10]);
    // What is set aside cannot be paid.
    let payment = world.pay_bo(1);
    assert_eq!(refusal(&settle(&world.ana.client, &payment).await), Some(RefusalCode::InsufficientFunds));
    // Sent again it is the same order.
    let again = join_all(all.iter().map(|upload| settle(&world.ana.client, upload))).await;
    assert_eq!(again, outcomes);
    until("the bank has it", async || world.ana.wallet(Currency::EUR).await.balance == 0).await;
    assert_eq!(world.ana.wallet(Currency::EUR).await.held, 0);
    let told = world.ana.records().await;
    let ends = told.iter().filter(|r| r.kind == TransactionKind::Withdraw && is_settled(&r.outcome));
    assert_eq!(ends.map(|record| record.id).collect::<std::collections::BTreeSet<_>>().len(), 10);
    world.ends_with(0, FUNDS).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_that_the_bank_sent_back_is_never_captured() {
    let mut world = World::new_with(|settings| settings.fees.withdraw.basis_points = 100).await;
    let bank = world.ana.bank().await;
    let (from, now) = (world.wallets[0], world.server.clock.now());
    // The sandbox bank sends this one back; without the fee it is not even ordered.
    let order = |fee| Order::Withdraw(WithdrawOrder { from, to: bank, amount: euro(1_313), fee });
    let (_, cheap) = world.ana.order(order(12), now);
    assert_eq!(refusal(&settle(&world.ana.client, &cheap).await), Some(RefusalCode::FeeChanged));
    let (id, upload) = world.ana.order(order(13), now);
    assert!(is_held(&settle(&world.ana.client, &upload).await));
    assert_eq!(world.ana.wallet(Currency::EUR).await.held, 1_326, "with its fee");
    until("it is free again", async || world.ana.wallet(Currency::EUR).await.held == 0).await;
    let status: TransactionStatus =
        world.ana.client.get(&format!("/api/v1/transactions/{id}/status")).await.read();
    assert_eq!((status.status.as_str(), status.code.as_deref()), ("refused", Some("bank_refused")));
    let hold = hold_of(&world).await;
    let (writers, ana) = (world.server.app().writers.clone(), world.ana.user);
    let act = |act| writers.money(0, ana, act);
    let ended = |status| Ok(MoneyAnswer::Ended { status });
    assert_eq!(act(MoneyAct::Capture { hold }).await, ended(HoldStatus::Released));
    assert_eq!(act(MoneyAct::HandOver { hold }).await, ended(HoldStatus::Released));
    let code = RefusalCode::BankRefused;
    assert_eq!(act(MoneyAct::Release { hold, code }).await, Ok(MoneyAnswer::Done { number: 0 }), "as it was");

    // And one that the bank took is never freed.
    let (_, upload) = world.ana.order(order_of(from, bank, 2_000, 20), now);
    assert!(is_held(&settle(&world.ana.client, &upload).await));
    until("the bank has it", async || world.ana.wallet(Currency::EUR).await.balance == FUNDS - 2_020).await;
    let hold = hold_of(&world).await;
    assert_eq!(act(MoneyAct::Release { hold, code }).await, ended(HoldStatus::Captured));
    assert_eq!(act(MoneyAct::Capture { hold }).await, Ok(MoneyAnswer::Done { number: 0 }), "as it was");
    // Somebody else's hold is nobody's.
    let bo = world.bo.user;
    let unknown = MoneyAnswer::Refused { code: RefusalCode::UnknownPayment, figure: None };
    assert_eq!(writers.money(0, bo, MoneyAct::Capture { hold }).await, Ok(unknown));
    drop(writers);
    world.ends_with(FUNDS - 2_020, FUNDS).await;
}

fn order_of(from: purse_shared::WalletId, to: MethodId, minor: i64, fee: i64) -> Order {
    Order::Withdraw(WithdrawOrder { from, to, amount: euro(minor), fee })
}

/// Capture, release and expiry of many holds at the moment at which they expire: each ends once.
#[tokio::test(flavor = "multi_thread")]
async fn capture_release_and_expiry_racing_end_a_hold_once() {
    const HOLDS: usize = 30;
    let world = World::new().await;
    let (writers, ana, wallet) = (world.server.app().writers.clone(), world.ana.user, world.wallets[0]);
    let expires_at = Some(world.server.clock.now() + 1_500);
    let mut holds = Vec::new();
    for _ in 0..HOLDS {
        let act = MoneyAct::Hold { wallet, amount: euro(1_000), expires_at };
        match writers.money(0, ana, act).await.unwrap() {
            MoneyAnswer::Done { number } => holds.push(number),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(world.ana.wallet(Currency::EUR).await.held, 30_000);
    let race = holds.iter().flat_map(|hold| {
        let code = RefusalCode::Released;
        [MoneyAct::Capture { hold: *hold }, MoneyAct::Release { hold: *hold, code }]
    });
    let race = race.map(|act| {
        let writers = writers.clone();
        async move {
            let wait = rand::rng().random_range(1_200..1_800);
            tokio::time::sleep(Duration::from_millis(wait)).await;
            writers.money(0, ana, act).await.unwrap()
        }
    });
    let answers = join_all(race).await;
    until("all have ended", async || world.ana.wallet(Currency::EUR).await.held == 0).await;
    let ends: Vec<(String, i64)> = sqlx::query_as(
        "select status, count(*) from holds h where exists (
             select from transactions t where t.branch = h.branch and t.number = h.ended_number) group by 1",
    )
    .fetch_all(&world.server.app().db)
    .await
    .unwrap();
    let count =
        |wanted: &str| ends.iter().find(|(status, _)| status == wanted).map_or(0, |(_, count)| *count);
    let (captured, released, expired) = (count("captured"), count("released"), count("expired"));
    assert_eq!(captured + released + expired, 30, "{ends:?}");
    assert!(expired > 0 && captured + released > 0, "a race, not a walk: {ends:?}");
    let done = answers.iter().filter(|answer| matches!(answer, MoneyAnswer::Done { .. })).count();
    assert_eq!(i64::try_from(done).unwrap(), captured + released, "who was told so is who did it");
    let parts = "select count(*) from transactions where transaction_type in ('capture', 'release')";
    let parts: i64 = sqlx::query_scalar(parts).fetch_one(&world.server.app().db).await.unwrap();
    assert_eq!(parts, 30, "one end each");
    drop(writers);
    world.ends_with(FUNDS - captured * 1_000, FUNDS).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawal_goes_to_no_bank_of_somebody_else() {
    let mut world = World::new().await;
    let theirs = world.bo.bank().await;
    let unknown = Some(RefusalCode::UnknownMethod);
    let upload = withdraw(&mut world, theirs, 1_000);
    assert_eq!(refusal(&settle(&world.ana.client, &upload).await), unknown);
    let upload = withdraw(&mut world, MethodId::new(1, [1; 10]), 1_000);
    assert_eq!(refusal(&settle(&world.ana.client, &upload).await), unknown);
    let unverified = "update payment_methods set is_verified = false where user_id = $1";
    sqlx::query(unverified).bind(world.ana.user.0).execute(&world.server.app().db).await.unwrap();
    let own = world.ana.bank().await;
    let upload = withdraw(&mut world, own, 1_000);
    assert_eq!(refusal(&settle(&world.ana.client, &upload).await), unknown, "not verified");
    world.ends_with(FUNDS, FUNDS).await;
}

/// The server is gone between each two steps of a payout: it goes to the bank once.
#[tokio::test(flavor = "multi_thread")]
async fn a_payout_outlives_its_server() {
    let mut world = World::new().await;
    let bank = world.ana.bank().await;
    let upload = withdraw(&mut world, bank, 5_000);
    assert!(is_held(&settle(&world.ana.client, &upload).await));
    for _ in 0..4 {
        world.server.restart().await;
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    until("the bank has it", async || world.ana.wallet(Currency::EUR).await.balance == FUNDS - 5_000).await;
    assert!(is_held(&settle(&world.ana.client, &upload).await), "its first answer stays");
    world.ends_with(FUNDS - 5_000, FUNDS).await;
}
