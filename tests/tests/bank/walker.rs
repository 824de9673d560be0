//! A person who pays and reads all the time, at either server, whatever happens in between; and remembers everything
//! that was ever heard.

use crate::history::Memory;
use crate::world::World;
use purse_shared::intent::{IntentHash, Order, SendOrder};
use purse_shared::protocol::{
    BalanceRecord, Bytes, IntentAnswer, IntentOutcome, IntentUpload, PROTOCOL_VERSION, SyncReply, SyncRequest,
};
use purse_shared::{Amount, Currency, Money, TransactionId, UnixMillis, WalletId};
use purse_tests::alone::is_settled;
use purse_tests::{Client, Person, TestClock};
use rand::Rng;
use rand::rngs::StdRng;
use serde::de::DeserializeOwned;
use std::cell::Cell;
use std::time::Duration;

/// After some time between these a walker asks again: a black hole gives no answer at all.
const PATIENCE_MS: std::ops::Range<u64> = 500..4_000;
const UNANSWERED_MAX: usize = 24;
const LATE_MS_MAX: u64 = 5_000;
/// The server takes what was signed up to ten minutes ahead of its own clock, which is wrong itself ([`crate::world`]).
const SKEW_MS_MAX: UnixMillis = 8 * 60_000;
pub const FUNDS: i64 = 30_000;

/// What all walkers have met.
#[derive(Default)]
pub struct Met {
    /// `try_again`, and "come again" from a server that is busy.
    pub told_to_come_again: Cell<usize>,
    /// Requests without any answer.
    pub silences: Cell<usize>,
    pub reads: Cell<usize>,
    pub copies: Cell<usize>,
    pub finish: Cell<bool>,
}

fn one_more(count: &Cell<usize>) {
    count.set(count.get() + 1);
}

pub struct Walker {
    pub name: String,
    person: Person,
    /// The same session at each server.
    ways: Vec<Client>,
    pub wallet: WalletId,
    clock: TestClock,
    rng: StdRng,
    pub orders: Vec<Ordered>,
    pub memory: Memory,
}

pub struct Ordered {
    pub id: TransactionId,
    pub hash: IntentHash,
    /// `None`: it cancels another.
    pub amount: Option<Amount>,
    upload: IntentUpload,
    pub answer: Option<IntentAnswer>,
}

impl Walker {
    /// Registered through the first server, with its first deposit asked for.
    pub async fn new(world: &World, name: &str, mut rng: StdRng) -> Self {
        let mut ways = world.clients();
        let clock = TestClock::default();
        let mut person = Person::register_by(ways[0].clone(), name, clock.now()).await;
        person.client.http = purse_tests::http().no_proxy().build().unwrap();
        for way in &mut ways {
            *way = Client { base: way.base.clone(), ..person.client.clone() };
        }
        let wallet = person.wallet(Currency::EUR).await.wallet_id;
        person.ask_for_deposit(FUNDS, Currency::EUR, clock.now()).await;
        clock.advance(rng.random_range(-SKEW_MS_MAX..=SKEW_MS_MAX));
        let memory = Memory::new(wallet);
        Self { name: name.to_owned(), person, ways, wallet, clock, rng, orders: Vec::new(), memory }
    }

    /// Until the money of the first deposit is there.
    pub async fn funded(&self) {
        self.person.until_balance(Money::new(FUNDS, Currency::EUR)).await;
    }

    /// Orders, repeats and reads until told to finish, then until everything has its answer.
    pub async fn walk(&mut self, met: &Met, names: &[String]) {
        loop {
            let finishing = met.finish.get();
            let unanswered = self.orders.iter().filter(|order| order.answer.is_none()).count();
            if finishing && unanswered == 0 {
                return;
            }
            if !finishing && unanswered < UNANSWERED_MAX {
                for _ in 0..self.rng.random_range(1..6) {
                    self.order(names);
                }
            }
            self.round(met).await;
            if self.rng.random_bool(0.4) {
                self.read_balance(met).await;
            }
            tokio::time::sleep(Duration::from_millis(self.rng.random_range(5..60))).await;
        }
    }

    fn order(&mut self, names: &[String]) {
        let kind = self.rng.random_range(0..20);
        let (amount, order) = match (kind, self.orders.last()) {
            (0, Some(last)) => (None, Order::Cancel { id: last.id, hash: last.hash }),
            _ => {
                let to =
                    if kind == 1 { "nobody-here" } else { &names[self.rng.random_range(0..names.len())] };
                // Small change, or more than a third of all there was: some have less by then.
                let minor =
                    if kind < 6 { self.rng.random_range(1..FUNDS) } else { self.rng.random_range(1..400) };
                let amount = Amount::new(minor, Currency::EUR).unwrap();
                let to = to.parse().unwrap();
                let send =
                    SendOrder { from: self.wallet, to, payee: None, amount, fee: 0, message: String::new() };
                (Some(amount), Order::Send(send))
            }
        };
        let (id, hash, envelope) = self.person.device.order(self.person.user, order, self.clock.now());
        let upload = IntentUpload { envelope: Bytes(envelope), step_up: None };
        self.orders.push(Ordered { id, hash, amount, upload, answer: None });
    }

    /// Uploads what has no answer and a little that has: to one server, to both at once, or once more much later.
    async fn round(&mut self, met: &Met) {
        let mut chosen: Vec<usize> =
            (0..self.orders.len()).filter(|n| self.orders[*n].answer.is_none()).take(40).collect();
        if !self.orders.is_empty() {
            chosen.extend((0..3).map(|_| self.rng.random_range(0..self.orders.len())));
        }
        let at = self.rng.random_range(0..self.ways.len());
        let body = self.body(&chosen);
        let copy = body.clone();
        match self.rng.random_range(0..10) {
            0 | 1 => {
                one_more(&met.copies);
                let other = (at + 1) % self.ways.len();
                let (here, there) = (self.request(at, body), self.request(other, copy));
                let (here, there) = futures::join!(heard(here, met), heard(there, met));
                for reply in [here, there].into_iter().flatten() {
                    self.hear(&chosen, reply, met);
                }
            }
            kind => {
                let reply = self.upload(at, body, met).await;
                if let Some(reply) = reply {
                    self.hear(&chosen, reply, met);
                }
                if kind == 2 {
                    one_more(&met.copies);
                    self.send_late(copy);
                }
            }
        }
    }

    fn body(&self, chosen: &[usize]) -> Vec<u8> {
        let request = SyncRequest {
            protocol: PROTOCOL_VERSION,
            incarnation: Some(self.person.signed_in.incarnation),
            cursor: Some(self.memory.cursor()),
            feed_limit: 200,
            intents: chosen.iter().map(|n| self.orders[*n].upload.clone()).collect(),
            book: None,
        };
        serde_json::to_vec(&request).unwrap()
    }

    fn patience(&mut self) -> Duration {
        Duration::from_millis(self.rng.random_range(PATIENCE_MS))
    }

    fn request(&mut self, at: usize, body: Vec<u8>) -> reqwest::RequestBuilder {
        let request = self.ways[at].build("POST", "/api/v1/sync").header("content-type", "application/json");
        request.body(body).timeout(self.patience())
    }

    async fn upload(&mut self, at: usize, body: Vec<u8>, met: &Met) -> Option<SyncReply> {
        heard(self.request(at, body), met).await
    }

    /// As a network that kept a copy would: nobody waits for its answer.
    fn send_late(&mut self, body: Vec<u8>) {
        let at = self.rng.random_range(0..self.ways.len());
        let late = Duration::from_millis(self.rng.random_range(0..LATE_MS_MAX));
        let request = self.request(at, body);
        tokio::spawn(async move {
            tokio::time::sleep(late).await;
            drop(request.send().await);
        });
    }

    fn hear(&mut self, chosen: &[usize], reply: SyncReply, met: &Met) {
        assert!(!reply.rebuild, "the database never went back");
        assert_eq!(reply.answers.len(), chosen.len(), "an answer for each");
        self.memory.pulled(reply.feed);
        for (n, answer) in chosen.iter().zip(reply.answers) {
            let ordered = &mut self.orders[*n];
            assert_eq!(answer.hash, ordered.hash.to_bytes());
            match (&ordered.answer, answer.outcome.is_final()) {
                (Some(first), true) => assert_eq!(answer, *first, "the first answer is the answer"),
                (None, true) => ordered.answer = Some(answer),
                (_, false) => {
                    assert_eq!(answer.outcome, IntentOutcome::TryAgain);
                    one_more(&met.told_to_come_again);
                }
            }
        }
    }

    pub async fn read_balance(&mut self, met: &Met) {
        let at = self.rng.random_range(0..self.ways.len());
        let from = self.memory.entries();
        let path = format!("/api/v1/wallets/{}/balance", self.wallet);
        let request = self.ways[at].build("GET", &path).timeout(self.patience());
        let Some(read) = heard::<BalanceRecord>(request, met).await else { return };
        one_more(&met.reads);
        assert!(read.available >= 0 && read.held == 0, "{read:?}");
        self.memory.read(from, read.balance);
    }

    /// Uploads everything once more, to a server drawn for each: the answers are those that were heard first.
    pub async fn ask_again(&mut self, met: &Met) {
        let all: Vec<usize> = (0..self.orders.len()).collect();
        for chunk in all.chunks(64) {
            let at = self.rng.random_range(0..self.ways.len());
            let mut unheard = true;
            while unheard {
                let body = self.body(chunk);
                if let Some(reply) = self.upload(at, body, met).await {
                    unheard = reply.answers.iter().any(|answer| !answer.outcome.is_final());
                    self.hear(chunk, reply, met);
                }
            }
        }
    }

    /// Until the feed has no more. `true` when something came.
    pub async fn pull(&mut self, met: &Met) -> bool {
        let before = self.memory.cursor();
        loop {
            let at = self.rng.random_range(0..self.ways.len());
            let body = self.body(&[]);
            let Some(reply) = self.upload(at, body, met).await else { continue };
            let more = reply.more;
            self.hear(&[], reply, met);
            if !more {
                return self.memory.cursor() > before;
            }
        }
    }

    pub fn settled(&self) -> impl Iterator<Item = &Ordered> {
        self.orders
            .iter()
            .filter(|order| order.answer.as_ref().is_some_and(|answer| is_settled(&answer.outcome)))
    }
}

/// What came back, when it was an answer: else the server said to come again, or nothing.
async fn heard<T: DeserializeOwned>(request: reqwest::RequestBuilder, met: &Met) -> Option<T> {
    let answered = async {
        let response = request.send().await?;
        let status = response.status().as_u16();
        Ok::<_, reqwest::Error>((status, response.bytes().await?))
    };
    match answered.await {
        Ok((200, body)) => Some(serde_json::from_slice(&body).unwrap()),
        Ok((status, body)) => {
            let text = String::from_utf8_lossy(&body);
            let says = |code: &str| text.contains(&format!(r#""code":"{code}""#));
            assert!(
                (status == 503 && says("busy")) || (status == 429 && says("too_many_requests")),
                "{status} {text}"
            );
            one_more(&met.told_to_come_again);
            None
        }
        Err(_cut_or_silent) => {
            one_more(&met.silences);
            None
        }
    }
}
