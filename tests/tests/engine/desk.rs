//! A person's desk: an app, the browser beside it, and a network that can be cut. The device's keys are sealed by a
//! passphrase, which needs nothing of the machine and outlives a killed process.

use purse_bridge::{
    Asked, Command, LinkStep, Open, PayOrder, PaymentState, PurposeView, Secret, Shut, Stage, TransactionId,
    View,
};
use purse_shell::{Around, Confirm, Engine, KeychainChoice, Setup};
use purse_tests::TestServer;
use purse_tests::proxy::Proxy;
use purse_tests::sim::Device;
use purse_tests::sim::people::{fund, pay_order_from, register, stranger};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::timeout;

pub const PASSPHRASE: &str = "seven green bottles";

pub struct Desk {
    pub folder: PathBuf,
    pub proxy: Proxy,
    /// The browser, with its passkey.
    pub browser: Device,
    opened: mpsc::UnboundedReceiver<String>,
    opens: mpsc::UnboundedSender<String>,
    pub sensor: Sensor,
}

/// Asks whether it is the person: yes, or nothing at all.
#[derive(Clone, Default)]
pub struct Sensor(Arc<Mutex<Silence>>);

#[derive(Default)]
struct Silence {
    is_on: bool,
    asked: Vec<Confirm>,
}

impl Sensor {
    pub fn be_silent(&self, is_on: bool) {
        self.0.lock().unwrap().is_on = is_on;
    }
    pub async fn until_asked(&self) {
        for _ in 0..6_000 {
            if !self.0.lock().unwrap().asked.is_empty() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("nobody is asked");
    }
}

/// Opens addresses where the test can see them.
struct Window(mpsc::UnboundedSender<String>, Sensor);

impl Around for Window {
    fn open_in_browser(&self, address: &str) -> bool {
        self.0.send(address.to_owned()).is_ok()
    }
    fn offer_file(&self, _: &str, _: Vec<u8>) {}
    fn come_forward(&self) {}
    fn scheme(&self) -> bool {
        false
    }
    fn is_it_you(&self, answer: Confirm) {
        let mut silence = self.1.0.lock().unwrap();
        if silence.is_on {
            silence.asked.push(answer);
        } else {
            answer.yes();
        }
    }
}

impl Desk {
    pub async fn new(server: &TestServer) -> Self {
        let to = server.base.strip_prefix("http://").unwrap().parse().unwrap();
        let (opens, opened) = mpsc::unbounded_channel();
        let folder = std::env::temp_dir().join(format!("purse-engine-{}", uuid::Uuid::new_v4().simple()));
        Self {
            folder,
            proxy: Proxy::start(to).await,
            browser: stranger(server).await,
            opened,
            opens,
            sensor: Sensor::default(),
        }
    }

    pub fn setup(&self) -> Setup {
        setup(&self.folder, &format!("http://{}", self.proxy.address()))
    }

    pub fn start(&self) -> Engine {
        self.start_with(|_| {})
    }

    pub fn start_with(&self, adjust: impl FnOnce(&mut Setup)) -> Engine {
        let mut setup = self.setup();
        adjust(&mut setup);
        Engine::start(setup, Window(self.opens.clone(), self.sensor.clone()))
    }

    /// Started for the first time, registered by a visit, and open.
    pub async fn registered(&mut self, handle: &str) -> Engine {
        let engine = self.start();
        shut(&engine, Shut::ChoosePassphrase { refused: false }).await;
        give(&engine, PASSPHRASE);
        self.register(&engine, handle).await;
        engine
    }

    /// The same with another keychain than a passphrase.
    pub async fn registered_with(&mut self, handle: &str, adjust: impl FnOnce(&mut Setup)) -> Engine {
        let engine = self.start_with(adjust);
        self.register(&engine, handle).await;
        engine
    }

    async fn register(&mut self, engine: &Engine, handle: &str) {
        until(engine, "welcome", |view| view.stage == Stage::Welcome).await;
        engine.command(register(handle));
        let address = self.opened().await;
        answer(&page(&self.browser, &address, true).await).await;
        open(engine).await;
        self.browser.catch_up().await;
    }

    /// Registered, with money that was ordered in the browser and has been seen in the app, which is closed again. What
    /// it showed last.
    pub async fn funded(&mut self, server: &TestServer, handle: &str, minor: i64) -> Open {
        let engine = self.registered(handle).await;
        fund(server, &self.browser, minor).await;
        let open = opened_with(&engine, "funded", |open| has(open, minor)).await;
        engine.stop().await;
        open
    }

    /// Started again, and opened by the passphrase.
    pub async fn started(&self) -> Engine {
        let engine = self.start();
        shut(&engine, Shut::AskPassphrase { wrong: false }).await;
        give(&engine, PASSPHRASE);
        open(&engine).await;
        engine
    }

    /// The address that the app opened next.
    pub async fn opened(&mut self) -> String {
        timeout(Duration::from_secs(30), self.opened.recv()).await.expect("the browser is opened").unwrap()
    }

    pub fn opened_nothing(&mut self) -> bool {
        self.opened.try_recv().is_err()
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.folder));
    }
}

pub fn setup(folder: &Path, origin: &str) -> Setup {
    Setup { keychain: KeychainChoice::Passphrase, ..Setup::new(folder, origin) }
}

/// What the page `/link` does with an address, and the person in front of it. The address that it leaves for.
pub async fn page(browser: &Device, address: &str, yes: bool) -> String {
    let (_, text) = address.split_once("/link#").expect("an address of the page");
    browser.act(Command::ReadLink { text: text.to_owned() }).await;
    let asked = || match browser.core.view().links.asked.map(|asked| asked.what) {
        Some(Asked::Request(request)) => *request,
        other => panic!("nothing is asked: {other:?}, {:?}", browser.core.view().notice),
    };
    let request = asked();
    match (&request.purpose, browser.core.view().stage) {
        (PurposeView::LetIn { account: Some(wish) }, Stage::Welcome) => {
            let (handle, display_name) = (wish.handle.to_string(), wish.display_name.clone());
            browser.act(Command::Register { handle, display_name, currency: wish.currency }).await;
        }
        (_, Stage::Welcome) => browser.act(Command::SignIn).await,
        (_, Stage::Locked(_)) => browser.act(Command::Unlock).await,
        _ => {}
    }
    let link = request.link;
    browser.act(if yes { Command::ApproveLink { link } } else { Command::RefuseLink { link } }).await;
    match asked().step {
        LinkStep::LeaveFor { address, .. } => address.0,
        other => panic!("stays: {other:?}, {:?}", browser.core.view().notice),
    }
}

/// The browser goes there.
pub async fn answer(address: &str) {
    assert!(address.starts_with("http://127.0.0.1:"), "to this machine");
    let client = purse_tests::http().no_proxy().build().unwrap();
    let back = client.get(address).send().await.unwrap();
    assert_eq!(back.status().as_u16(), 200);
    assert!(back.text().await.unwrap().contains("Go back to Purse"));
}

pub async fn until(engine: &Engine, what: &str, holds: impl Fn(&View) -> bool) -> View {
    let mut views = engine.views();
    let found = timeout(Duration::from_secs(60), views.wait_for(|view| holds(view))).await;
    match found {
        Ok(view) => View::clone(&view.expect("the engine runs")),
        Err(_) => {
            let view = engine.views().borrow().clone();
            panic!("never {what}: {:?} {:?} {:?}", view.stage, view.network, view.notice)
        }
    }
}

pub async fn shut(engine: &Engine, wanted: Shut) {
    until(engine, "shut", |view| view.stage == Stage::Shut(wanted) && view.busy.is_none()).await;
}

pub async fn open(engine: &Engine) -> Open {
    opened_with(engine, "open", |_| true).await
}

pub async fn opened_with(engine: &Engine, what: &str, holds: impl Fn(&Open) -> bool) -> Open {
    let is_so = |view: &View| matches!(&view.stage, Stage::Open(open) if holds(open));
    match until(engine, what, is_so).await.stage {
        Stage::Open(open) => *open,
        other => panic!("{other:?}"),
    }
}

/// In the first wallet, where there is one: an app that opened just now may know of none.
pub fn has(open: &Open, minor: i64) -> bool {
    open.wallets.first().is_some_and(|wallet| wallet.balance.minor == minor)
}

pub fn give(engine: &Engine, passphrase: &str) {
    engine.command(Command::GivePassphrase { passphrase: Secret(passphrase.to_owned()) });
}

/// An order of this person, from their first wallet.
pub fn order(open: &Open, server: &TestServer, to: &str, minor: i64) -> PayOrder {
    pay_order_from(server.clock.now(), open.wallets[0].wallet, to, minor)
}

pub fn state(open: &Open, id: TransactionId) -> Option<PaymentState> {
    let payment = open.queue.iter().chain(&open.activity).find(|payment| payment.id == id);
    payment.map(|payment| payment.state.clone())
}
