//! What people with bad intentions, bad networks or bad software send to the server. Each is a clear answer, nothing
//! is lost or paid twice, and the books are in order afterwards ([`purse_tests::books`]).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

mod activity;
mod amounts;
mod bodies;
mod book;
mod bounds;
mod cancel;
mod chains;
mod closing;
mod deposits;
mod forge;
mod fork;
mod repeats;
mod rules;
mod signatures;
mod suspense;

use purse_shared::intent::{Order, SendOrder};
use purse_shared::protocol::{IntentOutcome, IntentUpload, RefusalCode};
use purse_shared::{Currency, UserId, WalletId};
use purse_tests::alone::{self, is_settled};
use purse_tests::{Person, TestServer, books, euro};
use sync_server::settings::Settings;

/// What Ana has at first, in cents.
const FUNDS: i64 = 100_000;

/// A server, Ana with money, and Bo without.
struct World {
    server: TestServer,
    ana: Person,
    bo: Person,
    /// Ana's euros.
    wallet: WalletId,
}

impl World {
    async fn new() -> Self {
        Self::with(|_| {}).await
    }

    async fn with(adjust: impl FnOnce(&mut Settings)) -> Self {
        let server = TestServer::start_with(adjust).await;
        let (ana, bo) = (Person::register(&server, "ana").await, Person::register(&server, "bo1").await);
        ana.deposit(&server, FUNDS, Currency::EUR).await;
        let wallet = ana.wallet(Currency::EUR).await.wallet_id;
        Self { server, ana, bo, wallet }
    }

    /// Ana's next payment to Bo.
    fn pay(&mut self, minor: i64) -> IntentUpload {
        let now = self.server.clock.now();
        self.ana.pay(self.wallet, "bo1", Some(self.bo.user), minor, Currency::EUR, now)
    }

    /// The order behind it, for those who sign it otherwise.
    fn order(&self, minor: i64) -> SendOrder {
        send_order(self.wallet, "bo1", Some(self.bo.user), minor)
    }

    /// Sends Ana's next intent with this order, whatever comes of it.
    async fn send(&mut self, order: SendOrder) -> IntentOutcome {
        let (_, _, envelope) =
            self.ana.device.order(self.ana.user, Order::Send(order), self.server.clock.now());
        self.ana.send(forge::upload(envelope)).await.outcome
    }

    async fn balances(&self) -> (i64, i64) {
        (self.ana.wallet(Currency::EUR).await.balance, self.bo.wallet(Currency::EUR).await.balance)
    }

    /// Rows of decided orders, deposits apart.
    async fn decided(&self) -> i64 {
        let count = "select count(*) from transactions where transaction_type <> 'deposit'";
        sqlx::query_scalar(count).fetch_one(&self.server.app().db).await.unwrap()
    }

    /// The end: Ana and Bo have so much, together what came in, and the books are in order.
    async fn ends_with(self, ana: i64, bo: i64) {
        assert_eq!(self.balances().await, (ana, bo));
        books::check(&self.server.app().db).await;
        self.server.stop().await;
    }
}

fn send_order(from: WalletId, to: &str, payee: Option<UserId>, minor: i64) -> SendOrder {
    SendOrder { from, to: to.parse().unwrap(), payee, amount: euro(minor), fee: 0, message: String::new() }
}

#[track_caller]
fn refusal(outcome: &IntentOutcome) -> RefusalCode {
    match outcome {
        IntentOutcome::Refused { code, .. } => *code,
        other => panic!("{other:?} is no refusal"),
    }
}
