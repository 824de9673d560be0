//! An offer taken twice, late, by somebody else, or for another price.

use super::{FUNDS, World, euro, is_settled, refusal, settle};
use futures::future::join_all;
use purse_shared::exchange::convert;
use purse_shared::intent::{ExchangeOrder, Order};
use purse_shared::limits::QUOTE_LIFE_MS;
use purse_shared::protocol::{Direction, IntentUpload, Quote, QuoteRequest, RefusalCode, TransactionKind};
use purse_shared::{Amount, Currency, WalletId};
use purse_tests::Person;

async fn quote(person: &Person, sell: Amount, buy: Currency) -> Quote {
    person.client.post("/api/v1/quotes", &QuoteRequest { sell, buy }).await.read()
}

fn take(by: &mut Person, from: WalletId, quote: &Quote, now: i64) -> IntentUpload {
    let order = ExchangeOrder { quote: quote.quote_id, from, sell: quote.sell, buy: quote.buy };
    by.order(Order::Exchange(order), now).1
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offer_is_taken_once_by_whom_it_was_made_to_as_it_was_made() {
    let mut world = World::new().await;
    let (now, wallet) = (world.server.clock.now(), world.wallets[0]);
    let offer = quote(&world.ana, euro(10_000), Currency::USD).await;
    // Anybody can add it up.
    assert_eq!(convert(offer.sell, offer.rate, offer.spread, Currency::USD), Some(offer.buy));
    assert_eq!(offer.buy.minor(), 10_778);

    let theirs = take(&mut world.bo, world.wallets[1], &offer, now);
    assert_eq!(refusal(&settle(&world.bo.client, &theirs).await), Some(RefusalCode::UnknownQuote));
    let dearer = Amount::new(offer.buy.minor() + 1, Currency::USD).unwrap();
    let changed = take(&mut world.ana, wallet, &Quote { buy: dearer, ..offer.clone() }, now);
    assert_eq!(refusal(&settle(&world.ana.client, &changed).await), Some(RefusalCode::UnknownQuote));

    let all: Vec<_> = (0..10).map(|_| take(&mut world.ana, wallet, &offer, now)).collect();
    let outcomes = join_all(all.iter().map(|upload| settle(&world.ana.client, upload))).await;
    assert_eq!(outcomes.iter().filter(|outcome| is_settled(outcome)).count(), 1);
    assert_eq!(outcomes.iter().filter(|o| refusal(o) == Some(RefusalCode::QuoteUsed)).count(), 9);
    assert_eq!(world.ana.wallet(Currency::USD).await.balance, 10_778);

    // Told as both of its sides, under one id.
    let told = world.ana.records().await;
    let sides: Vec<_> = told
        .iter()
        .filter(|record| record.kind == TransactionKind::Exchange && is_settled(&record.outcome))
        .map(|record| (record.id, record.direction, record.amount))
        .collect();
    let [(sold, Direction::Out, sell), (bought, Direction::In, buy)] = sides[..] else { panic!("{sides:?}") };
    assert_eq!((sold, sell, buy), (bought, offer.sell, offer.buy));
    world.ends_with(FUNDS - 10_000, FUNDS).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offer_that_is_over_is_over() {
    let mut world = World::new().await;
    let wallet = world.wallets[0];
    let offer = quote(&world.ana, euro(10_000), Currency::JPY).await;
    world.server.clock.advance(QUOTE_LIFE_MS);
    let late = take(&mut world.ana, wallet, &offer, world.server.clock.now());
    assert_eq!(refusal(&settle(&world.ana.client, &late).await), Some(RefusalCode::QuoteExpired));
    // More than there is; into nothing; between the same.
    let much = quote(&world.ana, euro(FUNDS + 1), Currency::USD).await;
    let upload = take(&mut world.ana, wallet, &much, world.server.clock.now());
    let outcome = settle(&world.ana.client, &upload).await;
    assert_eq!(refusal(&outcome), Some(RefusalCode::InsufficientFunds));
    let ask =
        async |sell: Amount, buy| world.ana.client.post("/api/v1/quotes", &QuoteRequest { sell, buy }).await;
    ask(euro(100), Currency::EUR).await.expect_problem(422, "amount_invalid");
    ask(Amount::new(1, Currency::from_code("VND").unwrap()).unwrap(), Currency::EUR)
        .await
        .expect_problem(422, "amount_invalid");
    world.ends_with(FUNDS, FUNDS).await;
}

/// In production there are no rates of a sandbox; a file that is too old, or not there, is none.
#[tokio::test(flavor = "multi_thread")]
async fn without_fresh_rates_nothing_is_offered() {
    let world = World::new_with(|settings| settings.rates = Some("no-such-file.csv".into())).await;
    let request = QuoteRequest { sell: euro(100), buy: Currency::USD };
    world.ana.client.post("/api/v1/quotes", &request).await.expect_problem(503, "no_rate");
    world.ends_with(FUNDS, FUNDS).await;
}
