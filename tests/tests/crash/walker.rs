//! A person who goes on paying whatever happens to the server: signs, uploads, and repeats what got no answer.

use purse_shared::intent::{IntentHash, Order, SendOrder};
use purse_shared::protocol::{
    Bytes, IntentAnswer, IntentOutcome, IntentUpload, PROTOCOL_VERSION, SyncReply, SyncRequest,
};
use purse_shared::{Amount, Currency, Money, WalletId};
use purse_tests::alone::is_settled;
use purse_tests::process::Server;
use purse_tests::{Person, TestClock};
use rand::Rng;
use rand::rngs::StdRng;
use std::cell::Cell;
use std::time::Duration;

/// Longer than the server takes to say that it is busy: silence is no clear answer.
const SILENCE: Duration = Duration::from_secs(45);
const UNANSWERED_MAX: usize = 24;
pub const FUNDS: i64 = 30_000;

/// What all walkers have heard.
#[derive(Default)]
pub struct Heard {
    pub answers: Cell<usize>,
    /// `try_again` and 503: clear, and not final.
    pub told_to_come_again: Cell<usize>,
    pub finish: Cell<bool>,
}

pub struct Walker {
    pub person: Person,
    wallet: WalletId,
    clock: TestClock,
    rng: StdRng,
    pub orders: Vec<Ordered>,
    cursor: u64,
}

pub struct Ordered {
    upload: IntentUpload,
    hash: IntentHash,
    answer: Option<IntentAnswer>,
}

impl Walker {
    pub async fn new(server: &Server, handle: &str, rng: StdRng) -> Self {
        let clock = TestClock::default();
        let person = Person::register_by(server.client(), handle, clock.now()).await;
        let wallet = person.wallet(Currency::EUR).await.wallet_id;
        person.ask_for_deposit(FUNDS, Currency::EUR, clock.now()).await;
        Self { person, wallet, clock, rng, orders: Vec::new(), cursor: 0 }
    }

    /// Until the money of the first deposit is there.
    pub async fn funded(&self) {
        self.person.until_balance(Money::new(FUNDS, Currency::EUR)).await;
    }

    /// Orders and repeats until told to finish, then until everything has its answer.
    pub async fn walk(&mut self, heard: &Heard, handles: &[String]) {
        loop {
            let finishing = heard.finish.get();
            let unanswered = self.orders.iter().filter(|order| order.answer.is_none()).count();
            if finishing && unanswered == 0 {
                return;
            }
            if !finishing && unanswered < UNANSWERED_MAX {
                for _ in 0..self.rng.random_range(1..6) {
                    self.order(handles);
                }
            }
            if !self.round(heard).await {
                // Reconnecting at once would only spin.
                tokio::time::sleep(Duration::from_millis(self.rng.random_range(5..40))).await;
            }
        }
    }

    fn order(&mut self, handles: &[String]) {
        let order = match (self.rng.random_range(0..20), self.orders.last()) {
            (0, Some(_)) => {
                let (id, hash) = self.person.device.last();
                Order::Cancel { id, hash }
            }
            (kind, _) => {
                let to =
                    if kind == 1 { "nobody-here" } else { &handles[self.rng.random_range(0..handles.len())] };
                // Sometimes more than there is.
                let minor = if kind == 2 { 10 * FUNDS } else { self.rng.random_range(1..400) };
                self.payment(to, minor)
            }
        };
        self.sign(order);
    }

    fn sign(&mut self, order: Order) -> IntentUpload {
        let (_, hash, envelope) = self.person.device.order(self.person.user, order, self.clock.now());
        let upload = IntentUpload { envelope: Bytes(envelope), step_up: None };
        self.orders.push(Ordered { upload: upload.clone(), hash, answer: None });
        upload
    }

    /// Ordered, and not sent yet.
    pub fn next_payment(&mut self, to: &str, minor: i64) -> IntentUpload {
        self.sign(self.payment(to, minor))
    }

    fn payment(&self, to: &str, minor: i64) -> Order {
        let amount = Amount::new(minor, Currency::EUR).unwrap();
        let message = "on the way".to_owned();
        Order::Send(SendOrder {
            from: self.wallet,
            to: to.parse().unwrap(),
            payee: None,
            amount,
            fee: 0,
            message,
        })
    }

    /// Uploads what has no answer and a little that has. `false` when it was not heard.
    async fn round(&mut self, heard: &Heard) -> bool {
        let mut chosen: Vec<usize> =
            (0..self.orders.len()).filter(|n| self.orders[*n].answer.is_none()).collect();
        chosen.truncate(40);
        if !self.orders.is_empty() {
            chosen.extend((0..3).map(|_| self.rng.random_range(0..self.orders.len())));
        }
        let Some(reply) = self.upload(&chosen, heard).await else { return false };
        assert!(!reply.rebuild, "the database never went back");
        for item in &reply.feed {
            assert_eq!(item.seq, self.cursor + 1, "the feed has no gaps, also across crashes");
            self.cursor = item.seq;
        }
        let mut all_final = true;
        for (n, answer) in chosen.into_iter().zip(reply.answers) {
            assert_eq!(answer.hash, self.orders[n].hash.to_bytes());
            match (&self.orders[n].answer, answer.outcome.is_final()) {
                (Some(first), _) if answer.outcome != IntentOutcome::TryAgain => {
                    assert_eq!(answer, *first, "the first answer is the answer");
                }
                (None, true) => {
                    self.orders[n].answer = Some(answer);
                    heard.answers.set(heard.answers.get() + 1);
                }
                _ => {
                    assert_eq!(answer.outcome, IntentOutcome::TryAgain);
                    heard.told_to_come_again.set(heard.told_to_come_again.get() + 1);
                    all_final = false;
                }
            }
        }
        all_final
    }

    async fn upload(&self, chosen: &[usize], heard: &Heard) -> Option<SyncReply> {
        let request = SyncRequest {
            protocol: PROTOCOL_VERSION,
            incarnation: Some(self.person.signed_in.incarnation),
            cursor: Some(self.cursor),
            feed_limit: 200,
            intents: chosen.iter().map(|n| self.orders[*n].upload.clone()).collect(),
            book: None,
        };
        let body = serde_json::to_vec(&request).unwrap();
        let request =
            self.person.client.build("POST", "/api/v1/sync").header("content-type", "application/json");
        let answered = async {
            let response = request.body(body).timeout(SILENCE).send().await?;
            let status = response.status().as_u16();
            Ok::<_, reqwest::Error>((status, response.bytes().await?))
        };
        match answered.await {
            Ok((200, body)) => Some(serde_json::from_slice(&body).unwrap()),
            Ok((status, body)) => {
                let text = String::from_utf8_lossy(&body);
                assert!(status == 503 && text.contains(r#""code":"busy""#), "{status} {text}");
                heard.told_to_come_again.set(heard.told_to_come_again.get() + 1);
                None
            }
            Err(error) => {
                assert!(!error.is_timeout(), "no answer at all is not a clear one");
                None
            }
        }
    }

    /// Uploads everything once more: the answers are those that were heard first. And pulls the rest of the feed.
    pub async fn ask_again(&mut self, heard: &Heard) {
        for chunk in (0..self.orders.len()).collect::<Vec<_>>().chunks(64) {
            let reply = self.upload(chunk, heard).await.expect("the server is there");
            for (n, answer) in chunk.iter().zip(reply.answers) {
                assert_eq!(Some(answer), self.orders[*n].answer);
            }
        }
        loop {
            let reply = self.upload(&[], heard).await.expect("the server is there");
            for item in &reply.feed {
                assert_eq!(item.seq, self.cursor + 1);
                self.cursor = item.seq;
            }
            if !reply.more {
                return;
            }
        }
    }

    pub fn settled(&self) -> usize {
        let settled =
            |order: &&Ordered| order.answer.as_ref().is_some_and(|answer| is_settled(&answer.outcome));
        self.orders.iter().filter(settled).count()
    }
}
