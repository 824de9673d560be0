//! More than a limit, a fee that nobody signed, money out of a frozen wallet.

use super::{FUNDS, World, euro, is_settled, refusal, settle};
use purse_shared::intent::{Order, SendOrder, WithdrawOrder};
use purse_shared::limits::DAY_MS;
use purse_shared::protocol::{IntentOutcome, IntentUpload, RefusalCode, TransactionKind};
use purse_shared::{Currency, Money};
use purse_tests::books;
use sync_server::settle::{AccountChange, MoneyAct, MoneyAnswer, Tier};

fn pay(world: &mut World, minor: i64, fee: i64) -> IntentUpload {
    let send = SendOrder {
        from: world.wallets[0],
        to: "bo1".parse().unwrap(),
        payee: Some(world.bo.user),
        amount: euro(minor),
        fee,
        message: String::new(),
    };
    let now = world.server.clock.now();
    world.ana.order(Order::Send(send), now).1
}

async fn outcome(world: &mut World, minor: i64) -> IntentOutcome {
    let upload = pay(world, minor, 0);
    settle(&world.ana.client, &upload).await
}

#[tokio::test(flavor = "multi_thread")]
async fn each_tier_keeps_its_limits() {
    let mut world = World::new_with(|settings| {
        (settings.limit_payment_major, settings.limit_day_major, settings.limit_month_major) = (50, 80, 120);
        (settings.limit_balance_major, settings.verified_times) = (1_200, 2);
    })
    .await;
    let code = async |world: &mut World, minor| refusal(&outcome(world, minor).await);
    assert_eq!(code(&mut world, 5_001).await, Some(RefusalCode::LimitPerPayment));
    assert!(is_settled(&outcome(&mut world, 5_000).await));
    assert_eq!(code(&mut world, 3_001).await, Some(RefusalCode::LimitPerDay));
    assert!(is_settled(&outcome(&mut world, 3_000).await));
    assert_eq!(code(&mut world, 1).await, Some(RefusalCode::LimitPerDay));

    // Verified, all of them are twice as large.
    let (writers, ana) = (world.server.app().writers.clone(), world.ana.user);
    writers.change(0, ana, AccountChange::SetTier(Tier::Verified)).await.unwrap();
    assert_eq!(code(&mut world, 10_001).await, Some(RefusalCode::LimitPerPayment));
    assert!(is_settled(&outcome(&mut world, 8_000).await));
    assert_eq!(code(&mut world, 1).await, Some(RefusalCode::LimitPerDay));
    // And kept so by a server that begins anew.
    world.server.restart().await;
    assert_eq!(code(&mut world, 10_001).await, Some(RefusalCode::LimitPerPayment));
    // No longer verified: what somebody else found out of her meanwhile stays.
    let db = world.server.app().db.clone();
    let found_out = "update users set kyc_status = 'refused' where user_id = $1";
    sqlx::query(found_out).bind(ana.0).execute(&db).await.unwrap();
    let writers = world.server.app().writers.clone();
    writers.change(0, ana, AccountChange::SetTier(Tier::Basic)).await.unwrap();
    let kyc = sqlx::query_scalar::<_, String>("select kyc_status from users where user_id = $1");
    assert_eq!(kyc.bind(ana.0).fetch_one(&db).await.unwrap(), "refused");

    world.never_sign_out().await;
    // A month later it starts anew; then the payee's wallet is full for a person of their tier.
    world.server.clock.advance(32 * DAY_MS);
    let mut paid = 16_000;
    for minor in [3_900, 2_000] {
        let room = 120_000 - (FUNDS + paid);
        let outcome = outcome(&mut world, minor).await;
        if minor <= room {
            assert!(is_settled(&outcome), "{outcome:?}");
            paid += minor;
        } else {
            assert_eq!(refusal(&outcome), Some(RefusalCode::PayeeCannotReceive));
        }
    }
    assert_eq!(paid, 19_900);
    drop(writers);
    world.ends_with(FUNDS - paid, FUNDS + paid).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_month_is_a_month() {
    let mut world = World::new_with(|settings| {
        (settings.limit_payment_major, settings.limit_day_major, settings.limit_month_major) = (90, 100, 120);
    })
    .await;
    world.never_sign_out().await;
    // To the middle of a month, so that the next day is of the same.
    let day = |now: i64| now / DAY_MS;
    let mut moved = 0;
    while !(5..20).contains(&time_of_month(world.server.clock.now())) && moved < 31 {
        world.server.clock.advance(DAY_MS);
        moved += 1;
    }
    let before = day(world.server.clock.now());
    assert!(is_settled(&outcome(&mut world, 9_000).await));
    world.server.clock.advance(DAY_MS);
    assert_eq!(day(world.server.clock.now()), before + 1);
    assert_eq!(refusal(&outcome(&mut world, 3_001).await), Some(RefusalCode::LimitPerMonth));
    assert!(is_settled(&outcome(&mut world, 3_000).await));
    world.server.clock.advance(DAY_MS);
    assert_eq!(refusal(&outcome(&mut world, 1).await), Some(RefusalCode::LimitPerMonth));
    world.server.clock.advance(31 * DAY_MS);
    assert!(is_settled(&outcome(&mut world, 9_000).await));
    world.ends_with(FUNDS - 21_000, FUNDS + 21_000).await;
}

/// The day of the month.
fn time_of_month(now: i64) -> u8 {
    time::OffsetDateTime::from_unix_timestamp(now / 1_000).unwrap().day()
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_pays_a_fee_that_they_did_not_sign() {
    let mut world = World::new_with(|settings| settings.fees.send.basis_points = 150).await;
    let cheap = pay(&mut world, 1_000, 14);
    assert_eq!(refusal(&settle(&world.ana.client, &cheap).await), Some(RefusalCode::FeeChanged));
    // Signed for more than is asked: what is asked is taken.
    let upload = pay(&mut world, 1_000, 40);
    assert!(is_settled(&settle(&world.ana.client, &upload).await));
    assert_eq!(world.balances().await, (FUNDS - 1_015, FUNDS + 1_000));
    let told = world.ana.records().await;
    let fees: Vec<_> = told.iter().filter(|record| record.kind == TransactionKind::Fee).collect();
    assert_eq!(fees.len(), 1);
    assert_eq!((fees[0].amount, fees[0].of), (euro(15), Some(world.ana.device.last().0)));
    assert!(world.bo.records().await.iter().all(|record| record.fee.is_none()), "the payee is told no fee");
    // All of it and no fee: too little.
    let all = pay(&mut world, FUNDS - 1_015, 2_000);
    let outcome = settle(&world.ana.client, &all).await;
    assert!(matches!(
        outcome,
        IntentOutcome::Refused { code: RefusalCode::InsufficientFunds, figure: Some(figure), .. }
            if figure.minor == FUNDS - 1_015
    ));
    world.ends_with(FUNDS - 1_015, FUNDS + 1_000).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_leaves_a_frozen_wallet() {
    let mut world = World::new().await;
    let (writers, ana, wallet) = (world.server.app().writers.clone(), world.ana.user, world.wallets[0]);
    let freeze = |frozen| writers.change(0, ana, AccountChange::SetFrozen { wallet, frozen });
    freeze(true).await.unwrap();
    let (bank, now) = (world.ana.bank().await, world.server.clock.now());
    let withdraw = WithdrawOrder { from: wallet, to: bank, amount: euro(100), fee: 0 };
    let (_, upload) = world.ana.order(Order::Withdraw(withdraw), now);
    let frozen = Some(RefusalCode::WalletFrozen);
    assert_eq!(refusal(&settle(&world.ana.client, &upload).await), frozen);
    assert_eq!(refusal(&outcome(&mut world, 100).await), frozen);
    let theirs = world.pay_ana(100);
    assert_eq!(refusal(&settle(&world.bo.client, &theirs).await), Some(RefusalCode::PayeeCannotReceive));
    freeze(false).await.unwrap();
    assert!(is_settled(&outcome(&mut world, 100).await));
    books::check(&world.server.app().db).await;
    drop(writers);
    world.ends_with(FUNDS - 100, FUNDS + 100).await;
}

/// A payment to another branch is refused by what the payee's wallet there holds, and while it is frozen.
#[tokio::test(flavor = "multi_thread")]
async fn a_wallet_in_another_branch_keeps_its_limit() {
    let mut world =
        World::new_with(|settings| (settings.branches, settings.limit_balance_major) = (4, 1_010)).await;
    let (far, branch) = world.somebody_far().await;
    let from = world.wallets[0];
    far.deposit(&world.server, FUNDS, Currency::EUR).await;
    let theirs = far.wallet(Currency::EUR).await.wallet_id;
    let pay = async |world: &mut World, minor| {
        let now = world.server.clock.now();
        let upload = world.ana.pay(from, &far.handle, Some(far.user), minor, Currency::EUR, now);
        settle(&world.ana.client, &upload).await
    };
    let shut = Some(RefusalCode::PayeeCannotReceive);
    assert_eq!(refusal(&pay(&mut world, 1_001).await), shut, "one too much");
    let writers = world.server.app().writers.clone();
    let freeze =
        |frozen| writers.change(branch, far.user, AccountChange::SetFrozen { wallet: theirs, frozen });
    freeze(true).await.unwrap();
    assert_eq!(refusal(&pay(&mut world, 1_000).await), shut, "frozen");
    freeze(false).await.unwrap();
    assert!(is_settled(&pay(&mut world, 1_000).await));
    far.until_balance(Money::new(FUNDS + 1_000, Currency::EUR)).await;
    assert_eq!(refusal(&pay(&mut world, 1).await), shut, "full");
    drop(writers);
    world.ends_with(FUNDS - 1_000, FUNDS).await;
}

/// What a payee there decides holds for the next payment from here.
#[tokio::test(flavor = "multi_thread")]
async fn who_blocks_the_payer_or_is_gone_in_another_branch_is_paid_nothing() {
    let mut world = World::new_with(|settings| settings.branches = 4).await;
    let (mut far, branch) = world.somebody_far().await;
    let (from, payee, handle) = (world.wallets[0], far.user, far.handle.clone());
    let pay = async |world: &mut World| {
        let now = world.server.clock.now();
        let upload = world.ana.pay(from, &handle, Some(payee), 100, Currency::EUR, now);
        settle(&world.ana.client, &upload).await
    };
    assert!(is_settled(&pay(&mut world).await));
    far.until_balance(Money::new(100, Currency::EUR)).await;
    let (writers, ana) = (world.server.app().writers.clone(), world.ana.user);
    let block = |blocked| writers.change(branch, payee, AccountChange::SetBlocked { other: ana, blocked });
    block(true).await.unwrap();
    assert_eq!(refusal(&pay(&mut world).await), Some(RefusalCode::PayeeCannotReceive));
    block(false).await.unwrap();
    assert!(is_settled(&pay(&mut world).await));
    far.until_balance(Money::new(200, Currency::EUR)).await;
    let theirs = far.wallet(Currency::EUR).await.wallet_id;
    let back = far.pay(theirs, &world.ana.handle, Some(ana), 200, Currency::EUR, world.server.clock.now());
    assert!(is_settled(&settle(&far.client, &back).await));
    world.ana.until_balance(Money::new(FUNDS, Currency::EUR)).await;
    let closed = writers.money(branch, payee, MoneyAct::CloseAccount).await.unwrap();
    assert_eq!(closed, MoneyAnswer::Done { number: 0 });
    assert_eq!(refusal(&pay(&mut world).await), Some(RefusalCode::UnknownPayee));
    drop(writers);
    world.ends_with(FUNDS, FUNDS).await;
}
