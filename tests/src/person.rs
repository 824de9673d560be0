//! People: a soft passkey, a device with its own key, a session, and what they do.

use crate::server::{Answer, Client, TestServer};
use crate::soft_passkey::{SoftPasskey, Twist};
use purse_shared::intent::{
    ExchangeOrder, Intent, IntentHash, Order, Plan, RefundOrder, ScheduleOrder, SendOrder, Unsigned,
    WithdrawOrder, session_message,
};
use purse_shared::limits::INTENT_LIFE_DEFAULT_MS;
use purse_shared::protocol::{
    BalanceRecord, Bytes, Ceremony, DepositRequest, DeviceProof, FeedEvent, IntentAnswer, IntentUpload,
    PROTOCOL_VERSION, PaymentMethodRecord, Quote, QuoteRequest, RegisterFinish, RegisterStart, SignInFinish,
    SignedIn, StepUp, SyncReply, SyncRequest, TransactionRecord,
};
use purse_shared::{
    Amount, Currency, DepositId, DeviceId, MethodId, Money, TransactionId, UnixMillis, UserId, WalletId,
};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::json;
use uuid::Uuid;

pub fn random10() -> [u8; 10] {
    rand::random()
}

/// A device's signing key, and where its chain of intents stands.
pub struct TestDevice {
    pub id: DeviceId,
    key: EcdsaKeyPair,
    pub next_seq: u64,
    pub prev: IntentHash,
    /// The id of what it signed last.
    prev_id: TransactionId,
}

#[allow(clippy::unwrap_used, reason = "a test's tool")]
impl TestDevice {
    pub fn new(now: UnixMillis) -> Self {
        let rng = SystemRandom::new();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &rng).unwrap();
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref(), &rng).unwrap();
        Self {
            id: DeviceId::new(now, random10()),
            key,
            next_seq: 1,
            prev: IntentHash::ZERO,
            prev_id: TransactionId::new(now, random10()),
        }
    }
    /// What a cancel names to take back what it signed last.
    pub const fn last(&self) -> (TransactionId, IntentHash) {
        (self.prev_id, self.prev)
    }
    pub fn public_key(&self) -> Vec<u8> {
        self.key.public_key().as_ref().to_vec()
    }
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.key.sign(&SystemRandom::new(), message).unwrap().as_ref().to_vec()
    }
    pub fn proof(&self, ceremony: Uuid, name: &str) -> DeviceProof {
        let public = self.public_key();
        let proof = Bytes(self.sign(&session_message(ceremony, &public)));
        DeviceProof { device: self.id, name: name.to_owned(), public_key: Bytes(public), proof }
    }
    /// Signs an order as the device's next intent.
    pub fn order(
        &mut self,
        user: UserId,
        order: Order,
        now: UnixMillis,
    ) -> (TransactionId, IntentHash, Vec<u8>) {
        let id = TransactionId::new(now, random10());
        let intent = Intent {
            id,
            user,
            device: self.id,
            seq: self.next_seq,
            prev: self.prev,
            created_at: now,
            expires_at: now + INTENT_LIFE_DEFAULT_MS,
            order,
        };
        let unsigned = Unsigned::new(&intent);
        let hash = unsigned.hash();
        let signature = self.sign(unsigned.to_be_signed());
        (self.next_seq, self.prev, self.prev_id) = (self.next_seq + 1, hash, id);
        (id, hash, unsigned.with_signature(&signature).unwrap())
    }
}

/// A signed-in person, as an app (bearer) unless a test makes them a browser.
pub struct Person {
    pub client: Client,
    pub passkey: SoftPasskey,
    pub device: TestDevice,
    pub user: UserId,
    pub handle: String,
    pub signed_in: SignedIn,
}

/// Step one of registering; [`finish`] is step two.
pub async fn begin(client: &Client, handle: &str) -> Answer {
    let start = RegisterStart { handle: handle.to_owned(), display_name: format!("{handle} of the tests") };
    client.post("/api/v1/users/register", &start).await
}

pub async fn finish(
    client: &Client,
    ceremony: &Ceremony,
    passkey: &mut SoftPasskey,
    device: &TestDevice,
    twist: &Twist,
) -> Answer {
    let origin = client.origin.clone().unwrap_or_default();
    let request = RegisterFinish {
        ceremony: ceremony.ceremony,
        credential: passkey.create(&ceremony.options, &origin, twist),
        passkey_name: "First passkey".to_owned(),
        device: device.proof(ceremony.ceremony, "A browser"),
        currency: Currency::EUR,
    };
    client.post("/api/v1/users/register/finish", &request).await
}

#[allow(clippy::unwrap_used, reason = "a test's tool")]
impl Person {
    /// Registers as an app.
    pub async fn register(server: &TestServer, handle: &str) -> Self {
        Self::register_by(server.client(), handle, server.clock.now()).await
    }

    /// On any server that `client` reaches.
    pub async fn register_by(mut client: Client, handle: &str, now: UnixMillis) -> Self {
        client.as_app = true;
        let ceremony: Ceremony = begin(&client, handle).await.read();
        let mut passkey = SoftPasskey::new();
        let device = TestDevice::new(now);
        let signed_in: SignedIn =
            finish(&client, &ceremony, &mut passkey, &device, &Twist::default()).await.read();
        client.bearer.clone_from(&signed_in.token);
        Self { client, passkey, device, user: signed_in.user, handle: handle.to_owned(), signed_in }
    }

    /// Signs in with this passkey on `device`.
    pub async fn sign_in(&mut self, client: &Client, device: &TestDevice, twist: &Twist) -> Answer {
        let ceremony: Ceremony = client.post_empty("/api/v1/session/start").await.read();
        let origin = client.origin.clone().unwrap();
        let request = SignInFinish {
            ceremony: ceremony.ceremony,
            credential: self.passkey.get(&ceremony.options, &origin, twist),
            device: device.proof(ceremony.ceremony, "Another browser"),
        };
        client.post("/api/v1/session/finish", &request).await
    }

    /// A fresh passkey for this session.
    pub async fn confirm(&mut self, twist: &Twist) -> Answer {
        let ceremony: Ceremony = self.client.post_empty("/api/v1/session/confirm/start").await.read();
        let credential = self.passkey.get(&ceremony.options, self.client.origin.as_deref().unwrap(), twist);
        let body = json!({"ceremony": ceremony.ceremony, "credential": credential});
        self.client.post("/api/v1/session/confirm/finish", &body).await
    }

    pub async fn wallet(&self, currency: Currency) -> BalanceRecord {
        let wallets: Vec<BalanceRecord> = self.client.get("/api/v1/wallets").await.read();
        wallets.into_iter().find(|wallet| wallet.currency == currency).unwrap()
    }

    /// Asks the sandbox bank for money and waits until it is there (its clock is turned, not waited for).
    pub async fn deposit(&self, server: &TestServer, minor: i64, currency: Currency) {
        let before = self.wallet(currency).await.balance;
        self.ask_for_deposit(minor, currency, server.clock.now()).await;
        self.until_balance(Money::new(before + minor, currency)).await;
    }

    /// Asks the sandbox bank for money; the bank sends it by itself.
    pub async fn ask_for_deposit(&self, minor: i64, currency: Currency, now: UnixMillis) {
        let request = DepositRequest {
            deposit_id: DepositId::new(now, random10()),
            wallet_id: self.wallet(currency).await.wallet_id,
            method_id: self.bank().await,
            amount: Amount::try_from(Money::new(minor, currency)).unwrap(),
        };
        let answer = self.client.post("/api/v1/transactions/deposit", &request).await;
        assert_eq!(answer.status, 202, "{}", answer.text);
    }

    /// Waits until so much is in this currency's wallet, half a minute at most.
    pub async fn until_balance(&self, wanted: Money) {
        for _ in 0..600 {
            if self.wallet(wanted.currency).await.balance == wanted.minor {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("never {wanted:?}");
    }

    /// The order to pay `minor` of `currency` to a handle, signed as this device's next intent.
    pub fn pay(
        &mut self,
        from: WalletId,
        to: &str,
        payee: Option<UserId>,
        minor: i64,
        currency: Currency,
        now: UnixMillis,
    ) -> IntentUpload {
        let amount = Amount::try_from(Money::new(minor, currency)).unwrap();
        let order =
            SendOrder { from, to: to.parse().unwrap(), payee, amount, fee: 0, message: String::new() };
        let (_, _, envelope) = self.device.order(self.user, Order::Send(order), now);
        IntentUpload { envelope: Bytes(envelope), step_up: None }
    }

    /// Any order, signed as this device's next intent; with its id.
    pub fn order(&mut self, order: Order, now: UnixMillis) -> (TransactionId, IntentUpload) {
        let (id, _, envelope) = self.device.order(self.user, order, now);
        (id, IntentUpload { envelope: Bytes(envelope), step_up: None })
    }

    /// To the bank account `to`.
    pub fn withdraw(
        &mut self,
        from: WalletId,
        to: MethodId,
        amount: Amount,
        fee: i64,
        now: UnixMillis,
    ) -> IntentUpload {
        self.order(Order::Withdraw(WithdrawOrder { from, to, amount, fee }), now).1
    }

    /// Of a payment that this person received from `payer`.
    pub fn refund(
        &mut self,
        payer: UserId,
        of: TransactionId,
        amount: Amount,
        now: UnixMillis,
    ) -> IntentUpload {
        self.order(Order::Refund(RefundOrder { payer, of, amount, message: String::new() }), now).1
    }

    /// An offer of the house.
    pub async fn quote(&self, sell: Amount, buy: Currency) -> Quote {
        self.client.post("/api/v1/quotes", &QuoteRequest { sell, buy }).await.read()
    }

    /// Takes the offer.
    pub fn exchange(&mut self, from: WalletId, quote: &Quote, now: UnixMillis) -> IntentUpload {
        let order = ExchangeOrder { quote: quote.quote_id, from, sell: quote.sell, buy: quote.buy };
        self.order(Order::Exchange(order), now).1
    }

    pub fn plan(&mut self, send: SendOrder, plan: Plan, now: UnixMillis) -> (TransactionId, IntentUpload) {
        self.order(Order::Schedule(ScheduleOrder { send, plan }), now)
    }

    /// Has this person's passkey sign `hash`, for an upload's `step_up`.
    pub fn step_up(&mut self, hash: IntentHash, origin: &str) -> Option<StepUp> {
        StepUp::new(&self.passkey.assert_challenge(hash.step_up_challenge(), origin, &Twist::default())).ok()
    }

    /// The bank account that came with the account.
    pub async fn bank(&self) -> MethodId {
        let methods: Vec<PaymentMethodRecord> = self.client.get("/api/v1/payment-methods").await.read();
        methods[0].method_id
    }

    /// All that this person was told of money, oldest first.
    pub async fn records(&self) -> Vec<TransactionRecord> {
        let (mut cursor, mut all) = (0, Vec::new());
        loop {
            let page = self.sync(cursor, Vec::new()).await;
            cursor = page.cursor;
            all.extend(page.feed.into_iter().filter_map(|item| match item.event {
                FeedEvent::Transaction { transaction, .. } => Some(transaction),
                _ => None,
            }));
            if !page.more {
                return all;
            }
        }
    }

    /// Uploads intents and pulls the feed from `cursor`.
    pub async fn sync(&self, cursor: u64, intents: Vec<IntentUpload>) -> SyncReply {
        self.sync_raw(cursor, intents).await.read()
    }

    pub async fn sync_raw(&self, cursor: u64, intents: Vec<IntentUpload>) -> Answer {
        let request = SyncRequest {
            protocol: PROTOCOL_VERSION,
            incarnation: Some(self.signed_in.incarnation),
            cursor: Some(cursor),
            feed_limit: 200,
            intents,
            book: None,
        };
        self.client.post("/api/v1/sync", &request).await
    }

    pub async fn send(&self, intent: IntentUpload) -> IntentAnswer {
        self.sync(0, vec![intent]).await.answers.remove(0)
    }
}
