//! The real client core on simulated devices: storage in memory, soft keys and passkeys, a clock that is wrong,
//! and a network that loses, doubles, delays and reorders, all from one seed.

pub mod people;

use crate::server::{Client, TestClock, TestServer};
use crate::soft_passkey::{SoftPasskey, Twist};
use purse_bridge::{Command, Open, Stage};
use purse_core::Core;
use purse_core::ports::{
    Call, DeviceKeys, Env, Host, KeyError, Mark, PasskeyAnswer, PasskeyError, Passkeys, Reply, Server,
    SignedOnce, Surroundings, Unreachable,
};
use purse_core::store::MemoryStore;
use purse_shared::UnixMillis;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use ring::hmac;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::Value;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use tokio::sync::Notify;

/// What the network does, in chances of a hundred.
#[derive(Clone, Copy, Debug, Default)]
pub struct Weather {
    /// Nothing passes.
    pub offline: bool,
    pub lose_request: u32,
    pub lose_reply: u32,
    pub twice: u32,
    /// Delivered once more, at a later time of its own.
    pub late: u32,
}

/// One device's way to the server.
pub struct Network {
    client: RefCell<Client>,
    pub weather: Cell<Weather>,
    rng: RefCell<StdRng>,
    late: RefCell<Vec<Call>>,
    /// Every body that left this device.
    pub sent: RefCell<Vec<Vec<u8>>>,
    /// Requests that the server is made to refuse.
    pub refuses: RefCell<Option<Refuses>>,
    /// One request that is held on its way.
    pub holds: RefCell<Option<Rc<Hold>>>,
    /// What answers in the server's place.
    speaks: RefCell<Option<Box<Speaks>>>,
}

/// `None`: the server answers.
type Speaks = dyn Fn(&Call) -> Option<Reply>;

/// `PUT /api/v1/vault`, say: every request that begins so gets this answer.
#[derive(Clone, Debug)]
pub struct Refuses {
    pub request: &'static str,
    pub status: u16,
    pub code: &'static str,
}

/// The first request that begins so waits on its way until it is let go.
pub struct Hold {
    request: &'static str,
    reached: Notify,
    go: Notify,
}

impl Hold {
    pub async fn reached(&self) {
        self.reached.notified().await;
    }
    pub fn let_go(&self) {
        self.go.notify_one();
    }
}

impl Network {
    fn chance(&self, of_a_hundred: u32) -> bool {
        self.rng.borrow_mut().random_range(0..100) < of_a_hundred
    }

    pub fn hold(&self, request: &'static str) -> Rc<Hold> {
        let hold = Rc::new(Hold { request, reached: Notify::new(), go: Notify::new() });
        *self.holds.borrow_mut() = Some(hold.clone());
        hold
    }

    /// From now on: for a client alone with a history that no server needs to have settled.
    pub fn speak_for_the_server(&self, speaks: impl Fn(&Call) -> Option<Reply> + 'static) {
        *self.speaks.borrow_mut() = Some(Box::new(speaks));
    }

    async fn deliver(&self, call: &Call) -> Option<Reply> {
        let spoken = self.speaks.borrow().as_ref().and_then(|speaks| speaks(call));
        if spoken.is_some() {
            return spoken;
        }
        let line = format!("{} {}", call.method.as_str(), call.path);
        let refused = self.refuses.borrow().clone().filter(|refuses| line.starts_with(refuses.request));
        if let Some(Refuses { status, code, .. }) = refused {
            let problem = serde_json::json!({"type": format!("urn:purse:problem:{code}"), "title": code,
                "status": status, "detail": "Told to refuse.", "code": code});
            return Some(Reply { status, body: problem.to_string().into_bytes() });
        }
        let held = self.holds.borrow_mut().take_if(|hold| line.starts_with(hold.request));
        if let Some(hold) = held {
            hold.reached.notify_one();
            hold.go.notified().await;
        }
        let client = self.client.borrow().clone();
        let mut request = client.build(call.method.as_str(), &call.path).header("purse-protocol", "1");
        if let Some(body) = &call.body {
            request = request.header("content-type", "application/json").body(body.clone());
        }
        let response = request.send().await.ok()?;
        let status = response.status().as_u16();
        Some(Reply { status, body: response.bytes().await.ok()?.to_vec() })
    }

    /// How many copies are held up.
    pub fn under_way(&self) -> usize {
        self.late.borrow().len()
    }

    /// Copies of requests that were held up arrive now, after everything that overtook them.
    pub async fn deliver_late(&self) {
        let late = std::mem::take(&mut *self.late.borrow_mut());
        for call in late {
            self.deliver(&call).await;
        }
    }
}

/// The world of one device.
#[derive(Clone)]
pub struct Machine {
    pub store: MemoryStore,
    keys: Rc<RefCell<Keys>>,
    pub network: Rc<Network>,
    clock: TestClock,
    pub skew_ms: Rc<Cell<UnixMillis>>,
    pub files: Rc<RefCell<Vec<SavedFile>>>,
    /// Writing beside the key fails.
    pub mark_fails: Rc<Cell<bool>>,
    /// The next writing beside the key waits until it is let go.
    mark_hold: Rc<RefCell<Option<Rc<Hold>>>>,
    pub surroundings: Rc<Cell<Surroundings>>,
    /// Ids, nonces and secrets: from the seed (the signatures themselves are not).
    rng: Rc<RefCell<StdRng>>,
}

/// Name and contents.
pub type SavedFile = (String, Vec<u8>);

struct Keys {
    pair: Option<EcdsaKeyPair>,
    secret: [u8; 32],
    mark: Mark,
}

impl Machine {
    /// A new one, on its way to this server; its seed is drawn.
    pub fn at(server: &TestServer) -> Self {
        Self::new(server.client(), server.clock.clone(), rand::random())
    }

    pub fn new(client: Client, clock: TestClock, seed: u64) -> Self {
        let mut rng = StdRng::seed_from_u64(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 1);
        let network = Network {
            client: RefCell::new(Client { as_app: true, ..client }),
            weather: Cell::default(),
            rng: RefCell::new(StdRng::seed_from_u64(seed)),
            late: RefCell::default(),
            sent: RefCell::default(),
            refuses: RefCell::default(),
            holds: RefCell::default(),
            speaks: RefCell::default(),
        };
        let keys = Keys { pair: None, secret: rng.random(), mark: Mark::default() };
        Self {
            store: MemoryStore::default(),
            keys: Rc::new(RefCell::new(keys)),
            network: Rc::new(network),
            clock,
            skew_ms: Rc::default(),
            files: Rc::default(),
            mark_fails: Rc::default(),
            mark_hold: Rc::default(),
            surroundings: Rc::new(Cell::new(Surroundings::Browser)),
            rng: Rc::new(RefCell::new(rng)),
        }
    }

    pub fn hold_mark(&self) -> Rc<Hold> {
        let hold = Rc::new(Hold { request: "", reached: Notify::new(), go: Notify::new() });
        *self.mark_hold.borrow_mut() = Some(hold.clone());
        hold
    }

    /// The server has another address now.
    pub fn move_to(&self, client: &Client) {
        let mut current = self.network.client.borrow_mut();
        (current.base, current.origin) = (client.base.clone(), client.origin.clone());
    }

    pub fn set_weather(&self, weather: Weather) {
        self.network.weather.set(weather);
    }
}

impl Host for Machine {
    type Store = MemoryStore;
    type Keys = Self;
    type Server = Self;
    type Env = Self;
    fn store(&self) -> &MemoryStore {
        &self.store
    }
    fn keys(&self) -> &Self {
        self
    }
    fn server(&self) -> &Self {
        self
    }
    fn env(&self) -> &Self {
        self
    }
}

#[allow(clippy::unwrap_used, reason = "a test's tool")]
impl DeviceKeys for Machine {
    async fn public_key(&self) -> Result<Vec<u8>, KeyError> {
        let mut keys = self.keys.borrow_mut();
        let pair = keys.pair.get_or_insert_with(|| {
            let rng = SystemRandom::new();
            let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &rng).unwrap();
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref(), &rng).unwrap()
        });
        Ok(pair.public_key().as_ref().to_vec())
    }
    async fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        self.public_key().await?;
        // As WebCrypto would, it lets other work go on meanwhile.
        tokio::task::yield_now().await;
        let keys = self.keys.borrow();
        let pair = keys.pair.as_ref().ok_or_else(|| KeyError("no key".to_owned()))?;
        Ok(pair.sign(&SystemRandom::new(), message).unwrap().as_ref().to_vec())
    }
    async fn verify_es256(
        &self,
        public_key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<bool, KeyError> {
        Ok(purse_shared::intent::es256::verify(public_key, message, signature))
    }
    async fn secret(&self) -> Result<[u8; 32], KeyError> {
        Ok(self.keys.borrow().secret)
    }
    async fn mark(&self) -> Result<Mark, KeyError> {
        Ok(self.keys.borrow().mark)
    }
    async fn raise_mark(&self, mark: Mark) -> Result<(), KeyError> {
        let held = self.mark_hold.borrow_mut().take();
        if let Some(hold) = held {
            hold.reached.notify_one();
            hold.go.notified().await;
        }
        if self.mark_fails.get() {
            return Err(KeyError("told to fail".to_owned()));
        }
        self.keys.borrow_mut().mark = mark;
        Ok(())
    }
    async fn renew(&self) -> Result<(), KeyError> {
        let mut keys = self.keys.borrow_mut();
        (keys.pair, keys.mark) = (None, Mark::default());
        Ok(())
    }
    async fn forget(&self) -> Result<(), KeyError> {
        let secret = self.rng.borrow_mut().random();
        *self.keys.borrow_mut() = Keys { pair: None, secret, mark: Mark::default() };
        Ok(())
    }
    async fn sign_once(&self, message: impl FnOnce(&[u8]) -> Vec<u8>) -> Result<SignedOnce, KeyError> {
        let rng = SystemRandom::new();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &rng).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref(), &rng).unwrap();
        let public_key = pair.public_key().as_ref().to_vec();
        let signature = pair.sign(&rng, &message(&public_key)).unwrap().as_ref().to_vec();
        Ok(SignedOnce { public_key, signature })
    }
}

impl Server for Machine {
    async fn send(&self, call: Call) -> Result<Reply, Unreachable> {
        let (network, weather) = (&self.network, self.network.weather.get());
        network.sent.borrow_mut().extend(call.body.clone());
        if weather.offline {
            return Err(Unreachable);
        }
        // Also what the sender takes for lost.
        if network.chance(weather.late) {
            network.late.borrow_mut().push(call.clone());
        }
        if network.chance(weather.lose_request) {
            return Err(Unreachable);
        }
        if network.chance(weather.twice) {
            network.deliver(&call).await;
        }
        let reply = network.deliver(&call).await.ok_or(Unreachable)?;
        if network.chance(weather.lose_reply) {
            return Err(Unreachable);
        }
        // The host keeps the session, as an app does.
        let token = serde_json::from_slice::<Value>(&reply.body).ok();
        if let Some(token) = token.and_then(|reply| reply["token"].as_str().map(str::to_owned)) {
            network.client.borrow_mut().bearer = Some(token);
        }
        Ok(reply)
    }
}

impl Env for Machine {
    fn now(&self) -> UnixMillis {
        self.clock.now() + self.skew_ms.get()
    }
    fn fill(&self, bytes: &mut [u8]) {
        self.rng.borrow_mut().fill(bytes);
    }
    fn device_name(&self) -> String {
        "A simulated device".to_owned()
    }
    fn rp_id(&self) -> String {
        "localhost".to_owned()
    }
    fn origin(&self) -> String {
        let client = self.network.client.borrow();
        client.origin.clone().unwrap_or_else(|| client.base.clone())
    }
    fn surroundings(&self) -> Surroundings {
        self.surroundings.get()
    }
    fn save_file(&self, name: &str, bytes: &[u8]) {
        self.files.borrow_mut().push((name.to_owned(), bytes.to_vec()));
    }
}

/// A person's passkey as an authenticator with PRF.
#[derive(Clone)]
pub struct Authenticator {
    passkey: Rc<RefCell<SoftPasskey>>,
    prf_key: Rc<hmac::Key>,
    origin: Rc<RefCell<String>>,
    /// The person closes the window instead.
    pub cancels: Rc<Cell<bool>>,
    pub has_prf: Rc<Cell<bool>>,
}

impl Authenticator {
    pub fn new(origin: &str) -> Self {
        let secret: [u8; 32] = rand::random();
        Self {
            passkey: Rc::new(RefCell::new(SoftPasskey::new())),
            prf_key: Rc::new(hmac::Key::new(hmac::HMAC_SHA256, &secret)),
            origin: Rc::new(RefCell::new(origin.to_owned())),
            cancels: Rc::default(),
            has_prf: Rc::new(Cell::new(true)),
        }
    }

    /// The server has another address now, and its pages another origin.
    pub fn move_to(&self, origin: &str) {
        origin.clone_into(&mut self.origin.borrow_mut());
    }

    fn answer(&self, options: &Value, mut credential: Value) -> Result<PasskeyAnswer, PasskeyError> {
        if self.cancels.get() {
            return Err(PasskeyError::Cancelled);
        }
        let salt = options.pointer("/publicKey/extensions/prf/eval/first").and_then(Value::as_str);
        let prf: Option<[u8; 32]> = salt
            .filter(|_| self.has_prf.get())
            .and_then(|salt| hmac::sign(&self.prf_key, salt.as_bytes()).as_ref().try_into().ok());
        // As a browser would, in the JSON too: the core must take it out.
        if let Some(secret) = prf {
            credential["clientExtensionResults"]["prf"]["results"]["first"] =
                purse_shared::protocol::Bytes(secret.to_vec()).to_text().into();
        }
        Ok(PasskeyAnswer { credential, prf })
    }

    /// The PRF output, for tests that look for it where it must not be.
    pub fn prf_output(&self) -> Vec<u8> {
        let salt = purse_shared::protocol::Bytes(purse_shared::vault::PRF_SALT.as_bytes().to_vec()).to_text();
        hmac::sign(&self.prf_key, salt.as_bytes()).as_ref().to_vec()
    }
}

impl Passkeys for Authenticator {
    async fn create(&self, options: Value) -> Result<PasskeyAnswer, PasskeyError> {
        let credential = self.passkey.borrow_mut().create(&options, &self.origin.borrow(), &Twist::default());
        self.answer(&options, credential)
    }
    async fn get(&self, options: Value) -> Result<PasskeyAnswer, PasskeyError> {
        let credential = self.passkey.borrow_mut().get(&options, &self.origin.borrow(), &Twist::default());
        self.answer(&options, credential)
    }
}

/// A core on a machine, in the hands of a person.
pub struct Device {
    pub machine: Machine,
    pub core: Rc<Core<Machine>>,
    pub hand: Authenticator,
}

#[allow(clippy::panic, reason = "a test's tool")]
impl Device {
    pub async fn new(machine: Machine, hand: Authenticator) -> Self {
        let core = Core::open(machine.clone(), None).await;
        Self { machine, core, hand }
    }

    pub async fn act(&self, command: Command) {
        self.core.command(command, &self.hand).await;
    }

    /// The app is closed and opened again: only what was stored is left.
    pub async fn restart(&mut self) {
        self.core = Core::open(self.machine.clone(), None).await;
        self.act(Command::Unlock).await;
    }

    #[track_caller]
    pub fn open(&self) -> Open {
        let view = self.core.view();
        match view.stage {
            Stage::Open(open) => *open,
            other => panic!("not open: {other:?}, {:?}", view.notice),
        }
    }

    /// Rounds until nothing is left to do.
    pub async fn catch_up(&self) {
        for _ in 0..200 {
            match self.core.sync_once().await {
                purse_core::Round::InStep | purse_core::Round::Idle => return,
                purse_core::Round::More => {}
                purse_core::Round::Waiting | purse_core::Round::Failed { .. } => {
                    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
                }
            }
        }
        panic!("never in step: {:?} {:?}", self.core.view().network, self.core.view().notice);
    }
}
