//! A fee that rose between signing and deciding, limits that withdrawals and payments share.

use super::{FUNDS, World, euro, is_settled, refusal, settle, until};
use purse_shared::Currency;
use purse_shared::intent::{Every, Plan, SendOrder};
use purse_shared::limits::DAY_MS;
use purse_shared::protocol::{IntentOutcome, RefusalCode, TransactionKind};
use purse_tests::TestServer;
use std::time::Duration;

const fn is_held(outcome: &IntentOutcome) -> bool {
    matches!(outcome, IntentOutcome::Held { .. })
}

/// The server comes back with fees: what was signed without is refused, what was set aside without is captured without,
/// and a plan says so on its day.
#[tokio::test(flavor = "multi_thread")]
async fn a_fee_that_rose_after_signing_is_taken() {
    let mut world = World::new().await;
    let ([wallet, _], bank, now) = (world.wallets, world.ana.bank().await, world.server.clock.now());
    let wait = "create function later() returns trigger language plpgsql as
                    $$ begin new.next_attempt_at = 9000000000000000; return new; end $$;
                create trigger later before insert on payouts for each row execute function later()";
    sqlx::raw_sql(wait).execute(&world.server.app().db).await.unwrap();
    let before = world.ana.withdraw(wallet, bank, euro(2_000), 0, now);
    assert!(is_held(&settle(&world.ana.client, &before).await));
    let send = |fee| SendOrder {
        from: wallet,
        to: "bo1".parse().unwrap(),
        payee: Some(world.bo.user),
        amount: euro(1_000),
        fee,
        message: String::new(),
    };
    let (sends, start) = ([send(0), send(10)], now + 60_000);
    for send in sends {
        let plan = Plan { first_at: start, every: Some(Every::Day), times: Some(2) };
        let (_, upload) = world.ana.plan(send, plan, now);
        assert!(is_settled(&settle(&world.ana.client, &upload).await));
    }
    let (payment, out) = (world.pay_bo(500), world.ana.withdraw(wallet, bank, euro(500), 4, now));

    let World { server, mut ana, mut bo, wallets } = world;
    let url = server.stop_and_keep().await;
    let server = TestServer::start_on(url, |settings| {
        (settings.fees.send.basis_points, settings.fees.withdraw.basis_points) = (100, 100);
    })
    .await;
    ana.client.base.clone_from(&server.base);
    bo.client.base.clone_from(&server.base);
    let world = World { server, ana, bo, wallets };
    for upload in [&payment, &out] {
        assert_eq!(refusal(&settle(&world.ana.client, upload).await), Some(RefusalCode::FeeChanged));
    }
    assert!(is_held(&settle(&world.ana.client, &before).await), "decided before");
    let wake = "drop trigger later on payouts; update payouts set next_attempt_at = 1";
    sqlx::raw_sql(wake).execute(&world.server.app().db).await.unwrap();
    until("the bank has it", async || world.ana.wallet(Currency::EUR).await.balance == FUNDS - 2_000).await;
    let told = async |world: &World| {
        let records = world.ana.records().await;
        let changed = |code| code == Some(RefusalCode::FeeChanged);
        records
            .iter()
            .filter(|record| record.kind == TransactionKind::Send && changed(refusal(&record.outcome)))
            .count()
    };
    world.server.clock.advance(61_000);
    until("the first day is told", async || told(&world).await == 2).await;
    world.server.clock.advance(DAY_MS);
    until("so is the second", async || told(&world).await == 3).await;
    until("who signed a fee pays it", async || world.bo.wallet(Currency::EUR).await.balance == FUNDS + 2_000)
        .await;
    world.ends_with(FUNDS - 2_000 - 2_020, FUNDS + 2_000).await;
}

/// Withdrawals and payments share the day's and the month's limit; what the bank sent back stays counted.
#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawal_goes_around_a_limit() {
    let mut world = World::new_with(|settings| {
        (settings.limit_payment_major, settings.limit_day_major, settings.limit_month_major) = (60, 80, 90);
    })
    .await;
    let ([wallet, _], bank) = (world.wallets, world.ana.bank().await);
    let now = world.server.clock.now();
    // Away from the day's end.
    world.server.clock.advance((now / DAY_MS + 1) * DAY_MS + DAY_MS / 4 - now);
    world.never_sign_out().await;
    let withdraw = async |world: &mut World, minor| {
        let now = world.server.clock.now();
        let upload = world.ana.withdraw(wallet, bank, euro(minor), 0, now);
        settle(&world.ana.client, &upload).await
    };
    assert_eq!(refusal(&withdraw(&mut world, 6_001).await), Some(RefusalCode::LimitPerPayment));
    let back = withdraw(&mut world, 1_313).await;
    assert!(is_held(&back), "{back:?}");
    until("the bank sent it back", async || world.ana.wallet(Currency::EUR).await.held == 0).await;
    let payment = world.pay_bo(6_000);
    assert!(is_settled(&settle(&world.ana.client, &payment).await));
    assert_eq!(refusal(&withdraw(&mut world, 688).await), Some(RefusalCode::LimitPerDay));
    assert!(is_held(&withdraw(&mut world, 687).await));
    let payment = world.pay_bo(1);
    assert_eq!(refusal(&settle(&world.ana.client, &payment).await), Some(RefusalCode::LimitPerDay));
    until("the bank has it", async || world.ana.wallet(Currency::EUR).await.held == 0).await;
    // An exchange and a refund leave nobody: they count for nothing.
    let offer = world.ana.quote(euro(7_000), Currency::USD).await;
    let now = world.server.clock.now();
    let exchanged = world.ana.exchange(wallet, &offer, now);
    assert!(is_settled(&settle(&world.ana.client, &exchanged).await));
    tokio::time::sleep(Duration::from_millis(10)).await;
    world.ends_with(FUNDS - 6_000 - 687 - 7_000, FUNDS + 6_000).await;
}
