//! One of every order, for tests that want a row of each kind.

use crate::{Person, TestServer};
use purse_shared::intent::{
    ExchangeOrder, Order, Plan, RefundOrder, ScheduleOrder, SendOrder, WithdrawOrder,
};
use purse_shared::protocol::{IntentOutcome, Quote, QuoteRequest};
use purse_shared::{Amount, Currency, TransactionId};
use sync_server::settle::{MoneyAct, MoneyAnswer};

/// A withdrawal that goes out and one that comes back, a refund, an exchange, a plan and its payment, a hold that ends,
/// a reversal: with a fee where there is one. `of` is Ana's payment to Bo; both are of branch 0.
///
/// # Panics
/// When one of them is not carried out.
#[allow(clippy::unwrap_used, clippy::panic, reason = "a test's tool")]
pub async fn every_order(server: &TestServer, ana: &mut Person, bo: &mut Person, of: TransactionId) {
    let (now, wallet) = (server.clock.now(), ana.wallet(Currency::EUR).await.wallet_id);
    let euro = |minor| Amount::new(minor, Currency::EUR).unwrap();
    let bank = ana.bank().await;
    let offer = QuoteRequest { sell: euro(300), buy: Currency::USD };
    let offer: Quote = ana.client.post("/api/v1/quotes", &offer).await.read();
    let send = SendOrder {
        from: wallet,
        to: bo.handle.parse().unwrap(),
        payee: Some(bo.user),
        amount: euro(100),
        fee: 10,
        message: "Planned".to_owned(),
    };
    let plan = Plan { first_at: now + 500, every: None, times: None };
    let orders = [
        Order::Withdraw(WithdrawOrder { from: wallet, to: bank, amount: euro(200), fee: 10 }),
        Order::Withdraw(WithdrawOrder { from: wallet, to: bank, amount: euro(1_313), fee: 20 }),
        Order::Exchange(ExchangeOrder {
            quote: offer.quote_id,
            from: wallet,
            sell: offer.sell,
            buy: offer.buy,
        }),
        Order::Schedule(ScheduleOrder { send, plan }),
    ];
    let uploads: Vec<_> = orders.into_iter().map(|order| ana.order(order, now).1).collect();
    let back = RefundOrder { payer: ana.user, of, amount: euro(50), message: "Sorry".to_owned() };
    let refund = bo.order(Order::Refund(back), now).1;
    for answer in ana.sync(0, uploads).await.answers.into_iter().chain(bo.sync(0, vec![refund]).await.answers)
    {
        let good = matches!(answer.outcome, IntentOutcome::Settled { .. } | IntentOutcome::Held { .. });
        assert!(good, "{answer:?}");
    }
    let writers = server.app().writers.clone();
    let hold = MoneyAct::Hold { wallet, amount: euro(60), expires_at: None };
    let Ok(MoneyAnswer::Done { number: hold }) = writers.money(0, ana.user, hold).await else {
        panic!("held")
    };
    let reverse = MoneyAct::Reverse { payer: ana.user, of };
    for (user, act) in [(ana.user, MoneyAct::Capture { hold }), (bo.user, reverse)] {
        assert!(matches!(writers.money(0, user, act).await, Ok(MoneyAnswer::Done { .. })));
    }
    let open = "select (select count(*) from payouts where status not in ('done', 'failed'))
                    + (select count(*) from schedules where next_at is not null)";
    for _ in 0..300 {
        if sqlx::query_scalar::<_, i64>(open).fetch_one(&server.app().db).await.unwrap() == 0 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("payouts or plans stay open");
}
