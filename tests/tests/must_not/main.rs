//! What users of other ledgers reported, and what must not happen here: one test each, named by it. What bad intentions
//! come up with is in `attack`; a database that was set back, in `sync`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod deadlock;
mod everything;
mod exchange;
mod feed_gap;
mod fence;
mod holds;
mod in_flight;
mod limits;
mod planned;
mod races;
mod refund;
mod refused_order;
mod risen_fee;
mod schedule;
mod taken_id;
mod timed_out;
mod told;

use purse_shared::protocol::{IntentOutcome, IntentUpload, RefusalCode};
use purse_shared::{Currency, WalletId};
use purse_tests::alone::{is_settled, send, settle};
use purse_tests::branches::{branch_of, somebody};
use purse_tests::{Person, TestServer, books, euro};
use sqlx::{Connection, PgConnection};
use std::time::Duration;
use sync_server::settings::Settings;

/// What Ana and Bo have at first, in cents.
const FUNDS: i64 = 100_000;

/// A server, and two people with money.
struct World {
    server: TestServer,
    ana: Person,
    bo: Person,
    /// Their euros.
    wallets: [WalletId; 2],
}

impl World {
    async fn new() -> Self {
        Self::new_with(|_| {}).await
    }

    async fn new_with(adjust: impl FnOnce(&mut Settings)) -> Self {
        let server = TestServer::start_with(adjust).await;
        let (ana, bo) = (Person::register(&server, "ana").await, Person::register(&server, "bo1").await);
        let mut wallets = Vec::new();
        for person in [&ana, &bo] {
            person.deposit(&server, FUNDS, Currency::EUR).await;
            wallets.push(person.wallet(Currency::EUR).await.wallet_id);
        }
        Self { server, ana, bo, wallets: wallets.try_into().unwrap() }
    }

    /// Ana's next payment to Bo.
    fn pay_bo(&mut self, minor: i64) -> IntentUpload {
        let now = self.server.clock.now();
        self.ana.pay(self.wallets[0], "bo1", Some(self.bo.user), minor, Currency::EUR, now)
    }

    /// Bo's next payment to Ana.
    fn pay_ana(&mut self, minor: i64) -> IntentUpload {
        let now = self.server.clock.now();
        self.bo.pay(self.wallets[1], "ana", Some(self.ana.user), minor, Currency::EUR, now)
    }

    /// A person whose branch is not Ana's, and their branch.
    async fn somebody_far(&self) -> (Person, i16) {
        let home = branch_of(&self.server, self.ana.user).await;
        let person = somebody(&self.server, "far", home, false).await;
        let branch = branch_of(&self.server, person.user).await;
        (person, branch)
    }

    /// However far the clock is turned.
    async fn never_sign_out(&self) {
        let forever = "update sessions set expires_at = 9000000000000000";
        sqlx::query(forever).execute(&self.server.app().db).await.unwrap();
    }

    async fn balances(&self) -> (i64, i64) {
        (self.ana.wallet(Currency::EUR).await.balance, self.bo.wallet(Currency::EUR).await.balance)
    }

    /// Rows of decided orders, deposits apart.
    async fn decided(&self) -> i64 {
        let count = "select count(*) from transactions where transaction_type <> 'deposit'";
        sqlx::query_scalar(count).fetch_one(&self.server.app().db).await.unwrap()
    }

    /// Keeps the writer from writing anything: what is sent meanwhile makes the next batch.
    async fn hold_writer(&self) -> Held {
        let mut connection = PgConnection::connect(&self.server.database_url).await.unwrap();
        sqlx::query("begin").execute(&mut connection).await.unwrap();
        sqlx::query("lock table transactions in share mode").execute(&mut connection).await.unwrap();
        Held(connection)
    }

    /// Until so many orders wait for the writer.
    async fn until_waiting(&self, orders: usize) {
        until("they wait", async || self.server.app().writers.waiting() >= orders).await;
    }

    /// The end: they have so much, and the books are in order.
    async fn ends_with(self, ana: i64, bo: i64) {
        assert_eq!(self.balances().await, (ana, bo));
        books::check(&self.server.app().db).await;
        self.server.stop().await;
    }
}

struct Held(PgConnection);

impl Held {
    async fn let_go(mut self) {
        sqlx::query("rollback").execute(&mut self.0).await.unwrap();
        self.0.close().await.unwrap();
    }
}

async fn until(what: &str, holds: impl AsyncFnMut() -> bool) {
    purse_tests::until(Duration::from_secs(15), what, holds).await;
}

fn refusal(outcome: &IntentOutcome) -> Option<RefusalCode> {
    match outcome {
        IntentOutcome::Refused { code, .. } => Some(*code),
        _ => None,
    }
}
