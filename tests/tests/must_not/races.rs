//! Refund against reversal, offer against offer, withdrawal against payment: in one batch, at two servers, between
//! branches. Whatever the order, the money is there once.

use super::{FUNDS, World, branch_of, euro, is_settled, refusal, send, settle, until};
use futures::future::join_all;
use purse_shared::Currency;
use purse_shared::intent::{ExchangeOrder, Order, RefundOrder, WithdrawOrder};
use purse_shared::limits::DAY_MS;
use purse_shared::protocol::{IntentOutcome, RefusalCode, TransactionStatus};
use purse_tests::{Client, Person, TestServer, books};
use std::time::Duration;
use sync_server::settle::{AccountChange, MoneyAct, MoneyAnswer};

const fn is_held(outcome: &IntentOutcome) -> bool {
    matches!(outcome, IntentOutcome::Held { .. })
}

const fn is_done(answer: &MoneyAnswer) -> bool {
    matches!(answer, MoneyAnswer::Done { .. })
}

/// The payment, its refunds and its reversal, all decided in one batch: what is given back is at most what was paid.
#[tokio::test(flavor = "multi_thread")]
async fn refunds_and_a_reversal_of_one_batch_give_back_what_was_paid() {
    let mut world = World::new().await;
    let (ana, bo, now) = (world.ana.user, world.bo.user, world.server.clock.now());
    let first = world.pay_bo(1);
    let payment = world.pay_bo(10_000);
    let of = world.ana.device.last().0;
    let refunds: Vec<_> = (0..10).map(|_| world.bo.refund(ana, of, euro(1_500), now)).collect();
    let held = world.hold_writer().await;
    let writers = world.server.app().writers.clone();
    let reverse = || writers.money(0, bo, MoneyAct::Reverse { payer: ana, of });
    let batch = async {
        world.until_waiting(1).await;
        let paid = send(&world.ana.client, &payment);
        let back = async {
            world.until_waiting(2).await;
            let half = join_all(refunds[..5].iter().map(|upload| send(&world.bo.client, upload)));
            let rest = async {
                world.until_waiting(7).await;
                let reversals = join_all((0..3).map(|_| reverse()));
                let late = join_all(refunds[5..].iter().map(|upload| send(&world.bo.client, upload)));
                let let_go = async {
                    world.until_waiting(15).await;
                    held.let_go().await;
                };
                let (reversals, late, ()) = futures::join!(reversals, late, let_go);
                (reversals, late)
            };
            futures::join!(half, rest)
        };
        futures::join!(paid, back)
    };
    let (blocked, (paid, (half, (reversals, late)))) = futures::join!(send(&world.ana.client, &first), batch);
    assert!(is_settled(&blocked) && is_settled(&paid));
    assert!(half.iter().all(is_settled), "{half:?}");
    assert_eq!(
        reversals.iter().filter(|answer| is_done(answer.as_ref().unwrap())).count(),
        1,
        "{reversals:?}"
    );
    let refused = late.iter().filter(|outcome| refusal(outcome) == Some(RefusalCode::RefundTooLarge)).count();
    let settled = late.iter().filter(|outcome| is_settled(outcome)).count();
    assert_eq!(refused + settled, 5, "{late:?}");
    let batches = "select count(*) from audit_batches b where exists (select from transactions t
                       where t.branch = b.branch and t.number between b.first_number and b.last_number
                         and t.transaction_type in ('refund', 'reversal'))";
    let batches: i64 = sqlx::query_scalar(batches).fetch_one(&world.server.app().db).await.unwrap();
    assert_eq!(batches, 1, "it was one batch");
    drop(writers);
    world.ends_with(FUNDS - 1, FUNDS + 1).await;
}

/// One offer, twice in one upload, twice in one batch; and together with more withdrawals and payments than there is.
#[tokio::test(flavor = "multi_thread")]
async fn one_upload_spends_what_is_there_once() {
    let mut world = World::new().await;
    let ([wallet, _], now) = (world.wallets, world.server.clock.now());
    let offer = world.ana.quote(euro(10_000), Currency::USD).await;
    let bank = world.ana.bank().await;
    let all = vec![
        world.ana.exchange(wallet, &offer, now),
        world.ana.exchange(wallet, &offer, now),
        world.ana.withdraw(wallet, bank, euro(14_000), 0, now),
        world.pay_bo(14_000),
        world.ana.withdraw(wallet, bank, euro(14_000), 0, now),
        world.pay_bo(14_000),
        world.ana.withdraw(wallet, bank, euro(14_000), 0, now),
        world.pay_bo(14_000),
        world.ana.withdraw(wallet, bank, euro(14_000), 0, now),
        world.pay_bo(6_000),
    ];
    let outcomes: Vec<_> =
        world.ana.sync(0, all.clone()).await.answers.into_iter().map(|answer| answer.outcome).collect();
    assert!(is_settled(&outcomes[0]));
    assert_eq!(refusal(&outcomes[1]), Some(RefusalCode::QuoteUsed));
    // 900.00 is left: six times 140.00, then 60.00.
    assert!([2, 4, 6].iter().all(|at| is_held(&outcomes[*at])), "{outcomes:?}");
    assert!([3, 5, 7, 9].iter().all(|at| is_settled(&outcomes[*at])), "{outcomes:?}");
    assert_eq!(refusal(&outcomes[8]), Some(RefusalCode::InsufficientFunds));
    let again = world.ana.sync(0, all).await.answers;
    assert!(again.into_iter().map(|answer| answer.outcome).eq(outcomes), "the same again, the same answers");
    until("the bank has it", async || world.ana.wallet(Currency::EUR).await.balance == 0).await;
    assert_eq!(world.ana.wallet(Currency::USD).await.balance, offer.buy.minor());
    world.ends_with(0, FUNDS + 48_000).await;
}

/// The same id with other contents is a conflict, for every order; the first answer stays.
#[tokio::test(flavor = "multi_thread")]
async fn another_order_under_the_id_of_one_that_is_decided_does_nothing() {
    let mut world = World::new().await;
    let ([wallet, bos], ana, now) = (world.wallets, world.ana.user, world.server.clock.now());
    let payment = world.pay_bo(5_000);
    let of = world.ana.device.last().0;
    assert!(is_settled(&settle(&world.ana.client, &payment).await));
    let first = world.bo.refund(ana, of, euro(100), now);
    let id = world.bo.device.last().0;
    assert!(is_settled(&settle(&world.bo.client, &first).await));
    let bank = world.bo.bank().await;
    for order in [
        Order::Refund(RefundOrder { payer: ana, of, amount: euro(200), message: String::new() }),
        Order::Withdraw(WithdrawOrder { from: bos, to: bank, amount: euro(300), fee: 0 }),
    ] {
        let upload = super::planned::under(&mut world.bo, id, order, now);
        assert_eq!(refusal(&send(&world.bo.client, &upload).await), Some(RefusalCode::Conflict));
    }
    assert!(is_settled(&send(&world.bo.client, &first).await));
    assert_eq!(world.bo.wallet(Currency::EUR).await.held, 0);
    // Out of somebody else's wallet.
    let theirs = world.bo.withdraw(wallet, bank, euro(100), 0, now);
    assert_eq!(refusal(&send(&world.bo.client, &theirs).await), Some(RefusalCode::UnknownWallet));
    let offer = world.bo.quote(euro(100), Currency::USD).await;
    let theirs = world.bo.exchange(wallet, &offer, now);
    assert_eq!(refusal(&send(&world.bo.client, &theirs).await), Some(RefusalCode::UnknownWallet));
    world.ends_with(FUNDS - 4_900, FUNDS + 4_900).await;
}

/// The same person's session at another server of the same database.
fn at(person: &Person, server: &TestServer) -> Client {
    Client { base: server.base.clone(), ..person.client.clone() }
}

/// Two servers: orders and acts at both, payouts worked on by both. Each hold ends once, each payout leaves once.
#[tokio::test(flavor = "multi_thread")]
async fn two_servers_end_a_hold_once_and_pay_out_once() {
    let mut world = World::new().await;
    let ([wallet, bos], ana, now) = (world.wallets, world.ana.user, world.server.clock.now());
    let second = TestServer::start_beside(&world.server).await;
    let (here, there) = (world.ana.client.clone(), at(&world.ana, &second));
    let bank = world.ana.bank().await;
    let mut uploads = Vec::new();
    for _ in 0..10 {
        uploads.push(world.ana.withdraw(wallet, bank, euro(1_000), 0, now));
    }
    // One that the bank sends back.
    uploads.push(world.ana.withdraw(wallet, bank, euro(1_313), 0, now));
    let outcomes =
        join_all(uploads.iter().flat_map(|upload| [settle(&here, upload), settle(&there, upload)])).await;
    assert!(outcomes.iter().all(is_held), "{outcomes:?}");
    assert!(outcomes.chunks(2).all(|pair| pair[0] == pair[1]), "one answer, whoever was asked");

    let offer = world.ana.quote(euro(5_000), Currency::USD).await;
    let takes = [world.ana.exchange(wallet, &offer, now), world.ana.exchange(wallet, &offer, now)];
    let taken = futures::join!(settle(&here, &takes[0]), settle(&there, &takes[1]));
    assert!(is_settled(&taken.0) != is_settled(&taken.1), "{taken:?}");

    // Holds for people to look at, ended at both servers at once.
    let (ours, theirs) = (world.server.app().writers.clone(), second.app().writers.clone());
    let bo = world.bo.user;
    let mut captured = 0;
    for _ in 0..10 {
        let act = MoneyAct::Hold { wallet: bos, amount: euro(100), expires_at: None };
        let MoneyAnswer::Done { number: hold } = theirs.money(0, bo, act).await.unwrap() else {
            panic!("held")
        };
        let code = RefusalCode::Released;
        let acts = futures::join!(
            ours.money(0, bo, MoneyAct::Capture { hold }),
            theirs.money(0, bo, MoneyAct::Release { hold, code }),
            theirs.money(0, bo, MoneyAct::Capture { hold }),
            ours.money(0, bo, MoneyAct::Release { hold, code }),
        );
        let acts = [acts.0.unwrap(), acts.1.unwrap(), acts.2.unwrap(), acts.3.unwrap()];
        let by_a_row = acts.iter().filter(|act| matches!(act, MoneyAnswer::Done { number } if *number > 0));
        assert_eq!(by_a_row.count(), 1, "{acts:?}");
        captured += i64::from(is_done(&acts[0]));
        assert!(is_done(&acts[0]) == is_done(&acts[2]) && is_done(&acts[1]) == is_done(&acts[3]), "{acts:?}");
        assert!(is_done(&acts[0]) != is_done(&acts[1]), "{acts:?}");
    }
    until("the bank has it", async || world.ana.wallet(Currency::EUR).await.held == 0).await;
    until("the bank has it", async || world.ana.wallet(Currency::EUR).await.balance == FUNDS - 15_000).await;
    let ends =
        "select count(*) from transactions where transaction_type in ('capture', 'release') and user_id = $1";
    let ends: i64 = sqlx::query_scalar(ends).bind(ana.0).fetch_one(&world.server.app().db).await.unwrap();
    assert_eq!(ends, 11);
    drop((ours, theirs));
    second.stop_and_keep().await;
    world.ends_with(FUNDS - 15_000, FUNDS - 100 * captured).await;
}

/// What needs a passkey sets nothing aside and takes no offer without it; with it, it does.
#[tokio::test(flavor = "multi_thread")]
async fn without_its_passkey_nothing_large_leaves() {
    let mut world = World::new_with(|settings| settings.step_up_major = 90).await;
    let ([wallet, _], ana, now) = (world.wallets, world.ana.user, world.server.clock.now());
    for _ in 0..2 {
        let payment = world.pay_bo(8_000);
        assert!(is_settled(&settle(&world.ana.client, &payment).await));
    }
    let of = world.ana.device.last().0;
    let offer = world.ana.quote(euro(9_000), Currency::USD).await;
    let bank = world.ana.bank().await;
    let orders = [
        Order::Withdraw(WithdrawOrder { from: wallet, to: bank, amount: euro(9_000), fee: 0 }),
        Order::Exchange(ExchangeOrder {
            quote: offer.quote_id,
            from: wallet,
            sell: offer.sell,
            buy: offer.buy,
        }),
    ];
    let origin = world.server.origin.clone();
    let mut approved = Vec::new();
    for order in orders {
        let (_, mut upload) = world.ana.order(order, now);
        let hash = world.ana.device.last().1;
        assert_eq!(send(&world.ana.client, &upload).await, IntentOutcome::ApprovalRequired);
        // Somebody else's passkey is none.
        upload.step_up = world.bo.step_up(hash, &origin);
        assert_eq!(send(&world.ana.client, &upload).await, IntentOutcome::ApprovalRequired);
        upload.step_up = world.ana.step_up(hash, &origin);
        approved.push(upload);
    }
    let own = world.ana.wallet(Currency::EUR).await;
    assert_eq!((own.balance, own.held), (FUNDS - 16_000, 0));
    for upload in &approved {
        let outcome = send(&world.ana.client, upload).await;
        assert!(is_settled(&outcome) || is_held(&outcome), "{outcome:?}");
    }
    let small = world.bo.refund(ana, of, euro(8_000), now);
    assert!(is_settled(&send(&world.bo.client, &small).await), "below the limit no passkey is asked for");
    until("the bank has it", async || world.ana.wallet(Currency::EUR).await.held == 0).await;
    world.ends_with(FUNDS - 8_000 - 18_000, FUNDS + 8_000).await;
}

/// Nothing leaves a frozen wallet, and nothing but the bank's money comes into it; what the bank had before ends as it
/// would have.
#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_wallet_gives_nothing_back_and_exchanges_nothing() {
    let mut world = World::new().await;
    let ([wallet, bos], ana, bo, now) =
        (world.wallets, world.ana.user, world.bo.user, world.server.clock.now());
    let payment = world.pay_bo(5_000);
    let of = world.ana.device.last().0;
    assert!(is_settled(&settle(&world.ana.client, &payment).await));
    let writers = world.server.app().writers.clone();
    let freeze = |user, wallet, frozen| writers.change(0, user, AccountChange::SetFrozen { wallet, frozen });
    let (frozen, shut) = (Some(RefusalCode::WalletFrozen), Some(RefusalCode::PayeeCannotReceive));

    freeze(bo, bos, true).await.unwrap();
    let back = world.bo.refund(ana, of, euro(100), now);
    assert_eq!(refusal(&settle(&world.bo.client, &back).await), frozen);
    let offer = world.bo.quote(euro(100), Currency::USD).await;
    let sold = world.bo.exchange(bos, &offer, now);
    assert_eq!(refusal(&settle(&world.bo.client, &sold).await), frozen);
    // Somebody else cannot thaw it.
    assert_eq!(freeze(ana, bos, false).await, Ok(None));
    let back = world.bo.refund(ana, of, euro(100), now);
    assert_eq!(refusal(&settle(&world.bo.client, &back).await), frozen);
    freeze(bo, bos, false).await.unwrap();

    freeze(ana, wallet, true).await.unwrap();
    let back = world.bo.refund(ana, of, euro(100), now);
    assert_eq!(refusal(&settle(&world.bo.client, &back).await), shut, "into a frozen one");
    freeze(ana, wallet, false).await.unwrap();

    // The wallet that would get what is bought.
    let offer = world.ana.quote(euro(1_000), Currency::USD).await;
    let bought = world.ana.exchange(wallet, &offer, now);
    assert!(is_settled(&settle(&world.ana.client, &bought).await));
    let dollars = world.ana.wallet(Currency::USD).await.wallet_id;
    freeze(ana, dollars, true).await.unwrap();
    let offer = world.ana.quote(euro(1_000), Currency::USD).await;
    let more = world.ana.exchange(wallet, &offer, now);
    assert_eq!(refusal(&settle(&world.ana.client, &more).await), frozen);

    // The bank has been asked already.
    let bank = world.ana.bank().await;
    let out = world.ana.withdraw(wallet, bank, euro(2_000), 0, now);
    assert!(is_held(&settle(&world.ana.client, &out).await));
    let (db, asked) =
        (world.server.app().db.clone(), "select count(*) from payouts where status <> 'requested'");
    until("it is asked", async || sqlx::query_scalar::<_, i64>(asked).fetch_one(&db).await.unwrap() == 1)
        .await;
    freeze(ana, wallet, true).await.unwrap();
    until("the bank has it", async || world.ana.wallet(Currency::EUR).await.held == 0).await;
    drop(writers);
    world.ends_with(FUNDS - 8_000, FUNDS + 5_000).await;
}

/// A refund and a reversal of one payment between branches, at once: the payer gets back what they paid, once.
#[tokio::test(flavor = "multi_thread")]
async fn refunds_against_a_reversal_between_branches() {
    let mut world = World::new_with(|settings| settings.branches = 4).await;
    let db = world.server.app().db.clone();
    let (mut far, branch) = world.somebody_far().await;
    let home = branch_of(&world.server, world.ana.user).await;
    let (wallet, ana, now) = (world.wallets[0], world.ana.user, world.server.clock.now());
    let payment = world.ana.pay(wallet, &far.handle, Some(far.user), 10_000, Currency::EUR, now);
    let of = world.ana.device.last().0;
    // Before it is there it cannot be given back; the payer's branch has nothing to reverse.
    let early = far.refund(ana, of, euro(1), now);
    assert_eq!(refusal(&settle(&far.client, &early).await), Some(RefusalCode::UnknownPayment));
    assert!(is_settled(&settle(&world.ana.client, &payment).await));
    until("it arrives", async || far.wallet(Currency::EUR).await.balance == 10_000).await;
    let writers = world.server.app().writers.clone();
    let unknown = MoneyAnswer::Refused { code: RefusalCode::UnknownPayment, figure: None };
    assert_eq!(writers.money(home, far.user, MoneyAct::Reverse { payer: ana, of }).await, Ok(unknown));
    let all: Vec<_> = (0..50).map(|_| far.refund(ana, of, euro(700), now)).collect();
    let refunds = join_all(all.iter().map(|upload| settle(&far.client, upload)));
    let reversals =
        join_all((0..10).map(|_| writers.money(branch, far.user, MoneyAct::Reverse { payer: ana, of })));
    let (refunds, reversals) = futures::join!(refunds, reversals);
    assert!(
        reversals.iter().filter(|answer| is_done(answer.as_ref().unwrap())).count() <= 1,
        "{reversals:?}"
    );
    assert!(
        refunds.iter().all(|o| is_settled(o) || refusal(o) == Some(RefusalCode::RefundTooLarge)),
        "{refunds:?}"
    );
    let rest = writers.money(branch, far.user, MoneyAct::Reverse { payer: ana, of }).await.unwrap();
    assert!(
        matches!(rest, MoneyAnswer::Refused { code: RefusalCode::RefundTooLarge, figure: Some(0) })
            || is_done(&rest)
    );
    until("all comes back", async || world.ana.wallet(Currency::EUR).await.balance == FUNDS).await;
    assert_eq!(far.wallet(Currency::EUR).await.balance, 0);
    // What came back is no payment that could be given back again.
    let id = far.device.last().0;
    let again = world.ana.refund(far.user, id, euro(1), now);
    assert_eq!(refusal(&settle(&world.ana.client, &again).await), Some(RefusalCode::UnknownPayment));
    drop(writers);
    books::check(&db).await;
    world.ends_with(FUNDS, FUNDS).await;
}

/// A withdrawal that its bank was asked for is the bank's to end: the operator's words end holds that people made.
#[tokio::test(flavor = "multi_thread")]
async fn the_operator_ends_no_withdrawal() {
    let mut world = World::new().await;
    let ([wallet, _], now) = (world.wallets, world.server.clock.now());
    let bank = world.ana.bank().await;
    let out = world.ana.withdraw(wallet, bank, euro(2_000), 0, now);
    let id = world.ana.device.last().0;
    // The bank is slow.
    let wait = "create function later() returns trigger language plpgsql as
                    $$ begin new.next_attempt_at = 9000000000000000; return new; end $$;
                create trigger later before update on payouts for each row when (new.status = 'handed_over')
                    execute function later()";
    sqlx::raw_sql(wait).execute(&world.server.app().db).await.unwrap();
    assert!(is_held(&settle(&world.ana.client, &out).await));
    let handed_over = "select count(*) from payouts where status = 'handed_over'";
    let db = world.server.app().db.clone();
    until("it is handed over", async || {
        sqlx::query_scalar::<_, i64>(handed_over).fetch_one(&db).await.unwrap() == 1
    })
    .await;
    let (app, clock) = (world.server.app().clone(), world.server.clock.clone());
    let hold: i64 = sqlx::query_scalar("select max(number) from holds").fetch_one(&app.db).await.unwrap();
    let (hold, clock) = (hold.to_string(), sync_server::Clock::new(move || clock.now()));
    let say = async |args: &[&str]| sync_server::ops::operate(&app.settings, &clock, args).await;
    for what in ["release", "capture"] {
        let said = say(&[what, "@ana", &hold, "--", "a", "mistake"]).await;
        assert!(matches!(said, Err(sync_server::ops::OperatorError::Withdrawal)), "{said:?}");
    }
    assert_eq!(world.ana.wallet(Currency::EUR).await.held, 2_000);
    assert!(say(&["hold", "@ana", "7.00", "EUR", "--", "why"]).await.unwrap().starts_with("Done, as"));
    let hold: i64 = sqlx::query_scalar("select max(number) from holds").fetch_one(&app.db).await.unwrap();
    let hold = hold.to_string();
    assert!(say(&["release", "@bo1", &hold, "--", "why"]).await.unwrap().starts_with("Not done"), "not Bo's");
    assert!(say(&["release", "@ana", &hold, "--", "why"]).await.unwrap().starts_with("Done, as"));
    assert!(
        say(&["capture", "@ana", &hold, "--", "why"]).await.unwrap().starts_with("Not done: it had ended")
    );
    let now_due = "drop trigger later on payouts; update payouts set next_attempt_at = 1";
    sqlx::raw_sql(now_due).execute(&app.db).await.unwrap();
    until("the bank has it", async || world.ana.wallet(Currency::EUR).await.balance == FUNDS - 2_000).await;
    let path = format!("/api/v1/transactions/{id}/status");
    assert_eq!(world.ana.client.get(&path).await.read::<TransactionStatus>().status, "settled");
    drop((app, clock, db));
    world.ends_with(FUNDS - 2_000, FUNDS).await;
}

/// A bank that never answers: the operator sees the withdrawal, and says once what the bank said on the telephone.
#[tokio::test(flavor = "multi_thread")]
async fn people_answer_for_a_silent_bank() {
    let mut world = World::new().await;
    let ([wallet, _], now) = (world.wallets, world.server.clock.now());
    let bank = world.ana.bank().await;
    let silent = "create function silent() returns trigger language plpgsql as
                      $$ begin new.next_attempt_at = 9000000000000000; return new; end $$;
                  create trigger silent before update on payouts for each row when (new.status = 'pending')
                      execute function silent()";
    sqlx::raw_sql(silent).execute(&world.server.app().db).await.unwrap();
    let (app, clock) = (world.server.app().clone(), world.server.clock.clone());
    let clock = sync_server::Clock::new(move || clock.now());
    let say = async |args: &[&str]| sync_server::ops::operate(&app.settings, &clock, args).await;
    let pending = "select count(*) from payouts where status = 'pending'";
    let newest = "select max(number) from holds";
    let mut holds = Vec::new();
    for (nth, minor) in [(1, 2_000), (2, 3_000)] {
        let out = world.ana.withdraw(wallet, bank, euro(minor), 0, now);
        assert!(is_held(&settle(&world.ana.client, &out).await));
        until("the bank has it", async || {
            sqlx::query_scalar::<_, i64>(pending).fetch_one(&app.db).await.unwrap() == nth
        })
        .await;
        holds.push(sqlx::query_scalar::<_, i64>(newest).fetch_one(&app.db).await.unwrap().to_string());
    }
    let told = say(&["payouts"]).await.unwrap();
    assert!(told.contains(&format!("@ana {}  20.00 EUR  pending", holds[0])), "{told}");
    let not_his = say(&["paid", "@bo1", &holds[0], "--", "why"]).await;
    assert!(matches!(not_his, Err(sync_server::ops::OperatorError::NoPayout)), "{not_his:?}");
    say(&["paid", "@ana", &holds[0], "--", "on the statement"]).await.unwrap();
    say(&["unpaid", "@ana", &holds[1], "--", "account closed"]).await.unwrap();
    until("both ended", async || {
        let wallet = world.ana.wallet(Currency::EUR).await;
        (wallet.balance, wallet.held) == (FUNDS - 2_000, 0)
    })
    .await;
    let again = say(&["unpaid", "@ana", &holds[0], "--", "why"]).await;
    assert!(matches!(again, Err(sync_server::ops::OperatorError::NoPayout)), "{again:?}");
    assert_eq!(say(&["payouts"]).await.unwrap(), "Every withdrawal has its bank's answer.");
    drop((app, clock));
    world.ends_with(FUNDS - 2_000, FUNDS).await;
}

/// The bank was never asked, for longer than it may take: the money is free with its fee, and is not sent after that.
#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawal_that_ended_by_itself_is_not_sent() {
    let mut world = World::new_with(|settings| settings.fees.withdraw.basis_points = 100).await;
    world.never_sign_out().await;
    let ([wallet, _], now, bank) = (world.wallets, world.server.clock.now(), world.ana.bank().await);
    let wait = "create function later() returns trigger language plpgsql as
                    $$ begin new.next_attempt_at = 9000000000000000; return new; end $$;
                create trigger later before insert on payouts for each row execute function later()";
    let db = world.server.app().db.clone();
    sqlx::raw_sql(wait).execute(&db).await.unwrap();
    let out = world.ana.withdraw(wallet, bank, euro(2_000), 20, now);
    let id = world.ana.device.last().0;
    assert!(is_held(&settle(&world.ana.client, &out).await));
    world.server.clock.advance(7 * DAY_MS - 60_000);
    tokio::time::sleep(Duration::from_millis(600)).await;
    assert_eq!(world.ana.wallet(Currency::EUR).await.held, 2_020, "not before its time");
    world.server.clock.advance(60_000);
    // At that moment the bank's worker wakes up, too.
    sqlx::raw_sql("update payouts set next_attempt_at = 1").execute(&db).await.unwrap();
    until("it is free", async || world.ana.wallet(Currency::EUR).await.held == 0).await;
    let failed = "select count(*) from payouts where status = 'failed' and gateway_reference is null";
    until("it is given up", async || sqlx::query_scalar::<_, i64>(failed).fetch_one(&db).await.unwrap() == 1)
        .await;
    let path = format!("/api/v1/transactions/{id}/status");
    let status: TransactionStatus = world.ana.client.get(&path).await.read();
    assert_eq!((status.status.as_str(), status.code.as_deref()), ("refused", Some("hold_expired")));
    assert!(is_held(&send(&world.ana.client, &out).await), "its first answer stays");
    world.ends_with(FUNDS, FUNDS).await;
}
