//! More given back than was paid; what was not received, given back.

use super::{FUNDS, World, euro, is_settled, refusal, settle};
use futures::future::join_all;
use purse_shared::intent::{Order, RefundOrder};
use purse_shared::protocol::{IntentUpload, RefusalCode, TransactionKind};
use purse_shared::{Currency, TransactionId, UserId};
use purse_tests::{Person, books};
use sync_server::settle::{MoneyAct, MoneyAnswer};

fn refund(by: &mut Person, payer: UserId, of: TransactionId, minor: i64, now: i64) -> IntentUpload {
    let order = RefundOrder { payer, of, amount: euro(minor), message: "Sorry".to_owned() };
    by.order(Order::Refund(order), now).1
}

/// Ana's payment to Bo, settled.
async fn paid(world: &mut World, minor: i64) -> TransactionId {
    let upload = world.pay_bo(minor);
    assert!(is_settled(&settle(&world.ana.client, &upload).await));
    world.ana.device.last().0
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_refunds_at_once_give_back_what_was_paid_and_no_more() {
    let mut world = World::new().await;
    let of = paid(&mut world, 10_000).await;
    let now = world.server.clock.now();
    let all: Vec<_> = (0..100).map(|_| refund(&mut world.bo, world.ana.user, of, 1_500, now)).collect();
    let first = join_all(all.iter().map(|upload| settle(&world.bo.client, upload))).await;
    assert_eq!(first.iter().filter(|outcome| is_settled(outcome)).count(), 6, "6 times 15.00 of 100.00");
    assert!(
        first
            .iter()
            .all(|outcome| is_settled(outcome) || refusal(outcome) == Some(RefusalCode::RefundTooLarge))
    );
    assert_eq!(world.balances().await, (FUNDS - 1_000, FUNDS + 1_000));
    // The very same ones again: the same answers, nothing moves.
    let again = join_all(all.iter().map(|upload| settle(&world.bo.client, upload))).await;
    assert_eq!(again, first);
    // What is left, once; then nothing is.
    let rest = refund(&mut world.bo, world.ana.user, of, 1_000, now);
    assert!(is_settled(&settle(&world.bo.client, &rest).await));
    let more = refund(&mut world.bo, world.ana.user, of, 1, now);
    assert_eq!(refusal(&settle(&world.bo.client, &more).await), Some(RefusalCode::RefundTooLarge));
    // Both are told which payment it was.
    for person in [&world.ana, &world.bo] {
        let told = person.records().await;
        let refunds: Vec<_> = told.iter().filter(|record| record.kind == TransactionKind::Refund).collect();
        let settled = refunds.iter().filter(|record| is_settled(&record.outcome));
        assert_eq!(settled.map(|record| record.amount.minor()).sum::<i64>(), 10_000);
        assert!(refunds.iter().all(|record| record.of == Some(of)));
    }
    world.ends_with(FUNDS, FUNDS).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_else_received_is_not_given_back() {
    let mut world = World::new().await;
    let of = paid(&mut world, 5_000).await;
    let now = world.server.clock.now();
    let (ana, bo) = (world.ana.user, world.bo.user);
    let mut eve = Person::register(&world.server, "eve").await;
    eve.deposit(&world.server, 10_000, Currency::EUR).await;
    let unknown = Some(RefusalCode::UnknownPayment);
    let eves = refund(&mut eve, ana, of, 100, now);
    assert_eq!(refusal(&settle(&eve.client, &eves).await), unknown, "somebody else's");
    let own = refund(&mut world.ana, ana, of, 100, now);
    assert_eq!(refusal(&settle(&world.ana.client, &own).await), unknown, "one's own payment");
    let never = refund(&mut world.bo, ana, TransactionId::new(now, [9; 10]), 100, now);
    assert_eq!(refusal(&settle(&world.bo.client, &never).await), unknown, "one that never was");
    let payer = refund(&mut world.bo, bo, of, 100, now);
    assert_eq!(refusal(&settle(&world.bo.client, &payer).await), unknown, "of another payer");
    let good = refund(&mut world.bo, ana, of, 100, now);
    assert!(is_settled(&settle(&world.bo.client, &good).await));
    let back_again = world.bo.device.last().0;
    let of_refund = refund(&mut world.ana, bo, back_again, 100, now);
    assert_eq!(refusal(&settle(&world.ana.client, &of_refund).await), unknown, "a refund");
    world.ends_with(FUNDS - 4_900, FUNDS + 4_900).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reversal_takes_what_is_left_once() {
    let mut world = World::new().await;
    let of = paid(&mut world, 5_000).await;
    let now = world.server.clock.now();
    let (payer, bo) = (world.ana.user, world.bo.user);
    let part = refund(&mut world.bo, payer, of, 2_000, now);
    assert!(is_settled(&settle(&world.bo.client, &part).await));
    let writers = world.server.app().writers.clone();
    let reverse = || writers.money(0, bo, MoneyAct::Reverse { payer, of });
    let answers = join_all((0..20).map(|_| reverse())).await;
    let done = answers.iter().filter(|answer| matches!(answer, Ok(MoneyAnswer::Done { .. }))).count();
    assert_eq!(done, 1, "{answers:?}");
    let none_left = MoneyAnswer::Refused { code: RefusalCode::RefundTooLarge, figure: Some(0) };
    assert_eq!(answers.into_iter().filter(|answer| *answer == Ok(none_left.clone())).count(), 19);
    let late = refund(&mut world.bo, payer, of, 1, now);
    assert_eq!(refusal(&settle(&world.bo.client, &late).await), Some(RefusalCode::RefundTooLarge));
    assert_eq!(world.balances().await, (FUNDS, FUNDS));

    // What the payee no longer has is not taken.
    let of = paid(&mut world, 10_000).await;
    let wallet = world.wallets[1];
    for _ in 0..11 {
        let spent = world.bo.pay(wallet, "ana", Some(payer), 9_999, Currency::EUR, now);
        assert!(is_settled(&settle(&world.bo.client, &spent).await));
    }
    let answer = world.server.app().writers.money(0, bo, MoneyAct::Reverse { payer, of }).await.unwrap();
    assert_eq!(answer, MoneyAnswer::Refused { code: RefusalCode::InsufficientFunds, figure: Some(11) });
    drop(writers);
    world.ends_with(2 * FUNDS - 11, 11).await;
}

/// Each branch gives back what it received; the way between them is a leg like any other.
#[tokio::test(flavor = "multi_thread")]
async fn refunds_between_branches_give_back_what_was_paid_and_no_more() {
    let mut world = World::new_with(|settings| settings.branches = 4).await;
    let (mut far, _) = world.somebody_far().await;
    let now = world.server.clock.now();
    let wallet = world.wallets[0];
    let payment = world.ana.pay(wallet, &far.handle, Some(far.user), 10_000, Currency::EUR, now);
    assert!(is_settled(&settle(&world.ana.client, &payment).await));
    let of = world.ana.device.last().0;
    super::until("it arrives", async || far.wallet(Currency::EUR).await.balance == 10_000).await;
    let all: Vec<_> = (0..20).map(|_| refund(&mut far, world.ana.user, of, 900, now)).collect();
    let outcomes = join_all(all.iter().map(|upload| settle(&far.client, upload))).await;
    assert_eq!(outcomes.iter().filter(|outcome| is_settled(outcome)).count(), 11, "11 times 9.00 of 100.00");
    let back = FUNDS - 100;
    super::until("it comes back", async || world.ana.wallet(Currency::EUR).await.balance == back).await;
    let told = world.ana.records().await;
    let refunds = told.iter().filter(|record| record.kind == TransactionKind::Refund);
    assert_eq!(refunds.filter(|record| record.of == Some(of)).count(), 11, "told of which payment");
    assert_eq!(far.wallet(Currency::EUR).await.balance, 100);
    books::check(&world.server.app().db).await;
    world.server.stop().await;
}
