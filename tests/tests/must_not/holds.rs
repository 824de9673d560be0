//! Money set aside twice, freed twice, or gone although it was freed.

use super::{FUNDS, World, euro, is_settled, refusal, settle, until};
use futures::future::join_all;
use purse_shared::intent::{Order, WithdrawOrder};
use purse_shared::limits::MINUTE_MS;
use purse_shared::protocol::{IntentOutcome, IntentUpload, RefusalCode, TransactionKind, TransactionStatus};
use purse_shared::{Currency, MethodId};
use rand::Rng;
use std::time::Duration;
use sync_server::ops::{self, OperatorError};
use sync_server::settle::{AccountChange, HoldStatus, MoneyAct, MoneyAnswer};

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
    // Their time comes in the middle of the race, however long it takes to begin.
    let expires_at = Some(world.server.clock.now() + MINUTE_MS);
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
            let wait = rand::rng().random_range(0..1_500);
            tokio::time::sleep(Duration::from_millis(wait)).await;
            writers.money(0, ana, act).await.unwrap()
        }
    });
    let expiry = async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        world.server.clock.advance(MINUTE_MS);
    };
    let (answers, ()) = futures::join!(join_all(race), expiry);
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

/// `sync-server operator ...`
async fn operator(world: &World, words: &str) -> Result<String, OperatorError> {
    let (app, clock) = (world.server.app(), world.server.clock.clone());
    let args: Vec<&str> = words.split(' ').collect();
    ops::operate(&app.settings, &sync_server::Clock::new(move || clock.now()), &args).await
}

/// The newest payout's.
async fn payout(world: &World) -> (String, i32, Option<String>) {
    let newest = "select status, attempts, gateway_reference from payouts order by number desc limit 1";
    sqlx::query_as(newest).fetch_one(&world.server.app().db).await.unwrap()
}

/// What was ordered before the wallet was frozen, and is not with the bank, waits; people may free it, or thaw the wallet.
#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_wallet_pays_nothing_out() {
    let mut world = World::new().await;
    let (writers, ana, wallet) = (world.server.app().writers.clone(), world.ana.user, world.wallets[0]);
    let bank = world.ana.bank().await;
    let freeze = |frozen| writers.change(0, ana, AccountChange::SetFrozen { wallet, frozen });
    // Frozen in the moment between the order and the bank.
    let wait = "create function later() returns trigger language plpgsql as
                    $$ begin new.next_attempt_at = 9000000000000000; return new; end $$;
                create trigger later before insert on payouts for each row execute function later()";
    sqlx::raw_sql(wait).execute(&world.server.app().db).await.unwrap();
    for frees in [true, false] {
        let upload = withdraw(&mut world, bank, 5_000);
        assert!(is_held(&settle(&world.ana.client, &upload).await));
        freeze(true).await.unwrap();
        let now_due = "update payouts set next_attempt_at = 1 where status = 'requested'";
        sqlx::raw_sql(now_due).execute(&world.server.app().db).await.unwrap();
        until("the worker looked twice", async || payout(&world).await.1 >= 2).await;
        assert_eq!((payout(&world).await.0.as_str(), payout(&world).await.2), ("requested", None));
        let own = world.ana.wallet(Currency::EUR).await;
        assert_eq!((own.balance, own.held), (FUNDS, 5_000));
        let hold = hold_of(&world).await;
        if frees {
            let captured = operator(&world, &format!("capture @ana {hold} -- why")).await;
            assert!(matches!(captured, Err(OperatorError::Withdrawal)), "{captured:?}");
            let done =
                operator(&world, &format!("release @ana {hold} -- she did not order it")).await.unwrap();
            assert!(done.starts_with("Done, as transaction number "), "{done}");
            assert_eq!(payout(&world).await.0, "refused", "nobody asks the bank for it");
            let again = operator(&world, &format!("release @ana {hold} -- again")).await.unwrap();
            assert_eq!(again, "It was done before.");
        }
        freeze(false).await.unwrap();
    }
    world.server.clock.advance(MINUTE_MS);
    until("the bank has it", async || world.ana.wallet(Currency::EUR).await.held == 0).await;
    let (db, ends) = (world.server.app().db.clone(), "select array_agg(status order by number) from payouts");
    until("both ended", async || {
        sqlx::query_scalar::<_, Vec<String>>(ends).fetch_one(&db).await.unwrap() == ["failed", "done"]
    })
    .await;
    let hold = hold_of(&world).await;
    let late = operator(&world, &format!("release @ana {hold} -- too late")).await;
    assert!(matches!(late, Err(OperatorError::Withdrawal)), "{late:?}");
    drop(writers);
    world.ends_with(FUNDS - 5_000, FUNDS).await;
}

/// While a server asks the bank, nobody says that the bank does not pay. Where it was said all the same at that very
/// moment, the bank's reference is not lost.
#[tokio::test(flavor = "multi_thread")]
async fn unpaid_does_not_race_the_bank() {
    let mut world = World::new().await;
    let (db, bank) = (world.server.app().db.clone(), world.ana.bank().await);
    let wait = "create function later() returns trigger language plpgsql as
                    $$ begin new.next_attempt_at = 9000000000000000; return new; end $$;
                create trigger later before update on payouts for each row when (new.status = 'handed_over')
                    execute function later()";
    sqlx::raw_sql(wait).execute(&db).await.unwrap();
    let upload = withdraw(&mut world, bank, 5_000);
    assert!(is_held(&settle(&world.ana.client, &upload).await));
    until("it is handed over", async || payout(&world).await.0 == "handed_over").await;
    let asking = sqlx::query("update payouts set leased_until = $1");
    asking.bind(world.server.clock.now() + 10_000).execute(&db).await.unwrap();
    let hold = hold_of(&world).await;
    let unpaid = format!("unpaid @ana {hold} -- they know nothing of it");
    let said = operator(&world, &unpaid).await;
    assert!(matches!(said, Err(OperatorError::NoPayout)), "{said:?}");
    assert_eq!(payout(&world).await.0, "handed_over");
    world.server.clock.advance(10_000);
    operator(&world, &unpaid).await.unwrap();
    until("it is free", async || world.ana.wallet(Currency::EUR).await.held == 0).await;

    // Said between the call and its answer.
    let race = "drop trigger later on payouts;
                create function race() returns trigger language plpgsql as $$ begin
                    update payouts set status = 'refused', failure = 'said so', next_attempt_at = 9000000000000000
                    where branch = new.branch and number = new.number;
                    return null; end $$;
                create trigger race before update on payouts for each row
                    when (old.status = 'handed_over' and new.status = 'pending') execute function race()";
    sqlx::raw_sql(race).execute(&db).await.unwrap();
    let upload = withdraw(&mut world, bank, 4_000);
    assert!(is_held(&settle(&world.ana.client, &upload).await));
    until("the bank's reference is kept", async || payout(&world).await.2.is_some()).await;
    let (status, _, reference) = payout(&world).await;
    assert_eq!(status, "refused");
    assert!(reference.unwrap().starts_with("SBO-"));
    sqlx::raw_sql("update payouts set next_attempt_at = 1 where status = 'refused'")
        .execute(&db)
        .await
        .unwrap();
    until("it is free", async || world.ana.wallet(Currency::EUR).await.held == 0).await;
    drop(db);
    world.ends_with(FUNDS, FUNDS).await;
}
