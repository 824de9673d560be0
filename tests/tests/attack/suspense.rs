//! Money that is in nobody's wallet: people see all of it, and each of it leaves once.

use super::deposits::{fill, operator};
use super::{World, is_settled};
use purse_shared::limits::BALANCE_MINOR_MAX;
use purse_shared::protocol::{Direction, TransactionKind};
use purse_shared::{Amount, Currency, Money};
use purse_tests::books;
use purse_tests::branches::{branch_of, somebody};
use std::time::Duration;

/// The lines of `sync-server operator suspense`, once there are so many.
async fn listed(world: &World, count: usize) -> Vec<String> {
    for _ in 0..400 {
        let text = operator(world, "suspense").await;
        let lines: Vec<String> =
            text.lines().filter(|line| line.contains(" in suspense ")).map(str::to_owned).collect();
        if lines.len() == count {
            return lines;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("never {count}");
}

fn number(line: &str) -> &str {
    line.split(' ').nth(1).unwrap()
}

/// Two payments from another branch find a full wallet and a closed account: one is booked when there is room, one goes
/// back. What people took comes back to its owner.
#[tokio::test(flavor = "multi_thread")]
async fn what_could_be_credited_to_nobody_is_booked_or_sent_back_once() {
    let mut world = World::with(|settings| {
        settings.branches = 2;
        settings.limit_balance_major = i64::MAX;
    })
    .await;
    let (db, now) = (world.server.app().db.clone(), world.server.clock.now());
    let home = branch_of(&world.server, world.ana.user).await;
    let mut far = somebody(&world.server, "far", home, false).await;
    far.deposit(&world.server, 1_000, Currency::EUR).await;
    let eve = somebody(&world.server, "eve", home, true).await;
    let wallet = far.wallet(Currency::EUR).await.wallet_id;

    // Both leave while nothing arrives.
    let hold = "create function later() returns trigger language plpgsql as $$ begin raise exception 'not now'; end $$;
                create trigger later before insert on transactions for each row
                    when (new.transaction_type = 'credit') execute function later()";
    sqlx::raw_sql(hold).execute(&db).await.unwrap();
    let eves = eve.handle.clone();
    let to_eve = far.pay(wallet, &eves, Some(eve.user), 200, Currency::EUR, now);
    let to_ana = far.pay(wallet, "ana", Some(world.ana.user), 100, Currency::EUR, now);
    let paid = far.device.last().0;
    for upload in [to_eve, to_ana] {
        assert!(is_settled(&far.send(upload).await.outcome));
    }
    assert_eq!(eve.client.delete("/api/v1/user").await.status, 204);
    fill(&world, home, 50).await;
    sqlx::raw_sql("drop trigger later on transactions").execute(&db).await.unwrap();
    let lines = listed(&world, 2).await;
    let line = |start: &str| {
        lines.iter().find(|line| line.starts_with(start)).unwrap_or_else(|| panic!("{lines:?}"))
    };
    let by = format!(": a payment by @{}", far.handle);
    let (eves, anas) = (line(&eve.user.to_string()), line("@ana "));
    assert!(eves.contains("  2.00 EUR  in suspense since 0 h") && eves.ends_with(&by), "{eves}");
    assert!(anas.contains("  1.00 EUR  in suspense since 0 h") && anas.ends_with(&by), "{anas}");
    books::check(&db).await;

    // Into the wallet when there is room, as the payment that it is: it can be given back.
    let book = format!("book @ana {} -- there is room", number(anas));
    assert_eq!(operator(&world, &book).await, "Not done: limit_balance.");
    let pay = world.pay(60);
    assert!(is_settled(&world.ana.send(pay).await.outcome));
    let done = operator(&world, &book).await;
    assert!(done.starts_with("Done, as transaction number "), "{done}");
    assert_eq!(operator(&world, &book).await, "Not done: unknown_payment.");
    let back = format!("return @ana {} -- too late", number(anas));
    assert_eq!(operator(&world, &back).await, "Not done: unknown_payment.");
    let told = world.ana.records().await;
    let came = told.iter().find(|one| one.of == Some(paid)).unwrap();
    assert_eq!((came.kind, came.direction, came.amount.minor()), (TransactionKind::Send, Direction::In, 100));
    assert_eq!(came.counterparty.as_ref().and_then(|other| other.user), Some(far.user));
    let (id, amount) = (came.id, Amount::new(30, Currency::EUR).unwrap());
    let refund = world.ana.refund(far.user, id, amount, now);
    assert!(is_settled(&world.ana.send(refund).await.outcome));
    far.until_balance(Money::new(730, Currency::EUR)).await;

    // To a closed account by its id: not into it, and back to who paid, once.
    let of = format!("{} {}", eve.user, number(eves));
    assert_eq!(operator(&world, &format!("book {of} -- hers")).await, "Not done: unknown_wallet.");
    let done = operator(&world, &format!("return {of} -- she closed it")).await;
    assert!(done.starts_with("Done, as transaction number "), "{done}");
    assert_eq!(operator(&world, &format!("return {of} -- again")).await, "Not done: unknown_payment.");
    far.until_balance(Money::new(930, Currency::EUR)).await;

    // What people took out of a wallet.
    let held = operator(&world, "hold @ana 5.00 EUR -- looks odd").await;
    let hold = held.trim_end_matches('.').rsplit(' ').next().unwrap();
    assert!(operator(&world, &format!("capture @ana {hold} -- it is")).await.starts_with("Done"));
    let lines = listed(&world, 1).await;
    assert!(lines[0].ends_with(": taken from the wallet"), "{lines:?}");
    let of = format!("@ana {} -- it was not", number(&lines[0]));
    assert_eq!(operator(&world, &format!("return {of}")).await, "Not done: unknown_payment.");
    assert!(operator(&world, &format!("book {of}")).await.starts_with("Done"));
    assert_eq!(operator(&world, &format!("book {of}")).await, "Not done: unknown_payment.");
    assert_eq!(operator(&world, "suspense").await, "Nothing is in suspense.");
    let last = world.ana.records().await.pop().unwrap();
    assert_eq!(
        (last.kind, last.direction, last.amount.minor()),
        (TransactionKind::Reversal, Direction::In, 500)
    );
    world.bo.until_balance(Money::new(60, Currency::EUR)).await;
    world.ends_with(BALANCE_MINOR_MAX - 50 - 60 + 100 - 30, 60).await;
}
