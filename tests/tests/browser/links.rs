//! `/link` in a real browser: the real core of an app waits on this machine's loopback for what the page answers.

use purse_bridge::{Amount, Command, Currency, Notice, PayOrder, PaymentState, TransactionId};
use purse_core::ports::{PasskeyAnswer, PasskeyError, Passkeys, Surroundings, WayBack};
use purse_shared::Secret;
use purse_shared::limits::NEW_DEVICE_MS;
use purse_shared::link::{Back, address};
use purse_shared::protocol::Bytes;
use purse_tests::Person;
use purse_tests::browser::{Browser, Scene, Screen, hook, play};
use purse_tests::person::random10;
use purse_tests::sim::{Authenticator, Device, Machine};
use purse_tests::strangers::Asking;
use serde_json::Value;
use std::cell::{Cell, RefCell};
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// What the person does on the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Does {
    /// Registers with what the app filled in, then lets it in.
    Registers,
    Approves,
    Refuses,
}

/// An app's way to a real Chromium on its machine.
struct Beside {
    browser: Arc<Browser>,
    does: Cell<Does>,
    listener: RefCell<Option<TcpListener>>,
    /// What the page said before it was answered.
    read: RefCell<String>,
}

impl Passkeys for Beside {
    async fn create(&self, _options: Value) -> Result<PasskeyAnswer, PasskeyError> {
        Err(PasskeyError::Unsupported)
    }
    async fn get(&self, _options: Value) -> Result<PasskeyAnswer, PasskeyError> {
        Err(PasskeyError::Unsupported)
    }
    async fn way_back(&self) -> Result<WayBack, PasskeyError> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        *self.listener.borrow_mut() = Some(listener);
        Ok(WayBack::Loopback { port })
    }
    async fn visit(&self, _way: WayBack, address: &str) -> Result<Secret<String>, PasskeyError> {
        let listener = self.listener.borrow_mut().take().unwrap();
        let (answer, ()) = futures::join!(answer(&listener), self.act(address));
        Ok(Secret(answer))
    }
}

impl Beside {
    async fn act(&self, address: &str) {
        let browser = &self.browser;
        // From nowhere: the same address again would not be loaded anew.
        browser.client.goto("about:blank").await.unwrap();
        browser.client.goto(address).await.unwrap();
        if self.does.get() == Does::Registers {
            browser.press("register-submit").await;
        }
        browser.see(&hook("link-asks")).await;
        *self.read.borrow_mut() = browser.text("main").await;
        browser.press(if self.does.get() == Does::Refuses { "link-refuse" } else { "link-approve" }).await;
    }
}

/// The first request that brings an answer; a browser asks for other things too.
async fn answer(listener: &TcpListener) -> String {
    loop {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = vec![0; 64 * 1_024];
        let mut length = 0;
        while !request[..length].windows(4).any(|end| end == b"\r\n\r\n") {
            match stream.read(&mut request[length..]).await {
                Ok(0) | Err(_) => break,
                Ok(read) => length += read,
            }
        }
        let page = "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 4\r\nconnection: close\r\n\r\nback";
        drop(stream.write_all(page.as_bytes()).await);
        let text = String::from_utf8_lossy(&request[..length]).into_owned();
        let target = text.split(' ').nth(1).unwrap_or_default();
        if let Some((_, answer)) = target.split_once("?answer=") {
            return answer.to_owned();
        }
    }
}

struct App {
    device: Device,
    beside: Beside,
}

impl App {
    async fn new(scene: &Scene, browser: Arc<Browser>) -> Self {
        let machine = Machine::new(scene.server.client(), scene.server.clock.clone(), rand::random());
        machine.surroundings.set(Surroundings::App);
        let device = Device::new(machine, Authenticator::new(&scene.server.origin)).await;
        let (listener, read) = (RefCell::default(), RefCell::default());
        Self { device, beside: Beside { browser, does: Cell::new(Does::Approves), listener, read } }
    }
    async fn act(&self, does: Does, command: Command) {
        self.beside.does.set(does);
        self.device.core.command(command, &self.beside).await;
    }
    fn notice(&self) -> Option<Notice> {
        self.device.core.view().notice
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_is_let_in_and_pays_through_its_browser() {
    play("an_app_is_let_in_and_pays_through_its_browser", 1, async |scene| {
        let browser = scene.browser("laptop", Screen::Desktop).await;
        let shop = Person::register(&scene.server, "shop").await;
        let app = App::new(scene, browser.clone()).await;
        let (handle, display_name) = ("ana".to_owned(), "Ana Duarte".to_owned());
        let register = Command::Register { handle, display_name, currency: Currency::EUR };
        app.act(Does::Registers, register).await;
        assert_eq!(app.device.open().me.handle.as_str(), "ana", "{:?}", app.notice());
        let read = app.beside.read.borrow().clone();
        for words in ["Only go on if you started this", "A simulated device", "@ana", "this computer only"] {
            assert!(read.contains(words), "{words} in {read}");
        }
        app.device.catch_up().await;
        assert!(browser.client.current_url().await.unwrap().as_str().starts_with("http://127.0.0.1:"));

        // Both are in the list of devices, and how the app came in.
        browser.open_unlocked("/settings/devices").await;
        browser.see_count(&hook("device-row"), 2..=2).await;
        browser.see_text(&hook("link-step"), "Let in").await;
        browser.deposit("400").await;
        app.device.catch_up().await;
        scene.server.clock.advance(NEW_DEVICE_MS);

        // Above the threshold: the page shows payee and amount, from the payment itself.
        app.act(Does::Approves, Command::LookUp { handle: "shop".parse().unwrap() }).await;
        let id = TransactionId::new(app.device.core.now(), random10());
        let order = PayOrder {
            id,
            from: app.device.open().wallets[0].wallet,
            to: "shop".parse().unwrap(),
            amount: Amount::new(20_000, Currency::EUR).unwrap(),
            message: "New bicycle".to_owned(),
            private_note: String::new(),
            repeat_confirmed: false,
        };
        app.act(Does::Refuses, Command::Pay(order)).await;
        assert_eq!(app.notice(), Some(Notice::LinkRefused));
        app.act(Does::Approves, Command::Approve { id }).await;
        let read = app.beside.read.borrow().clone();
        for words in ["€200.00", "@shop", "New bicycle"] {
            assert!(read.contains(words), "{words} in {read}");
        }
        app.device.catch_up().await;
        let open = app.device.open();
        let payment = open.activity.iter().find(|payment| payment.id == id).unwrap();
        assert_eq!(payment.state, PaymentState::Settled, "{:?}", app.notice());
        assert_eq!(shop.wallet(Currency::EUR).await.balance, 20_000);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_from_elsewhere_gains_nothing() {
    play("a_link_from_elsewhere_gains_nothing", 1, async |scene| {
        let browser = scene.browser("laptop", Screen::Desktop).await;
        let server = &scene.server;
        browser.register("ana", "Ana Duarte").await;
        let now = server.clock.now();
        let open = async |asking: &Asking| {
            browser.client.goto("about:blank").await.unwrap();
            browser.client.goto(&address(&server.origin, &asking.request)).await.unwrap();
        };

        // One that a person would carry: no link approves it.
        let carried = Asking::to_be_let_in(now, Back::Typed);
        open(&carried).await;
        browser.see(&hook("link-carried")).await;
        assert_eq!(browser.count(&hook("link-approve")).await, 0);

        // Garbage, and a request that was cut off.
        for text in ["", "AAAA", &carried.request.to_text()[..80]] {
            browser.client.goto("about:blank").await.unwrap();
            browser.open(&format!("/link#{text}")).await;
            browser.see(&hook("link-nothing")).await;
        }

        // One that says no: the stranger's machine hears nothing, and the request is dead.
        let port = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let back = Back::Loopback { port: port.local_addr().unwrap().port() };
        let asking = Asking::to_be_let_in(now, back);
        open(&asking).await;
        browser.unlock().await;
        browser.see_text(&hook("link-claim"), "A desktop app that calls itself").await;
        let (no, ()) = futures::join!(answer(&port), browser.press("link-refuse"));
        assert_eq!(
            asking.one_time.open_answer(asking.request.hash(), &no),
            Ok(purse_shared::link::LinkAnswer::Refused)
        );

        // One that says yes by mistake: the code comes to this machine, sealed; the stranger is on another one, and
        // what was approved is seen and taken back.
        let asking = Asking::to_be_let_in(now, back);
        open(&asking).await;
        browser.unlock().await;
        let (yes, ()) = futures::join!(answer(&port), browser.press("link-approve"));
        let stranger = purse_tests::Client { as_app: true, ..server.client() };
        for guess in [[0; 16], [1; 16], asking.request.hash().0[..16].try_into().unwrap()] {
            let redeem = asking.redemption(&purse_shared::link::LinkCode::new(guess));
            stranger.post("/api/v1/links/redeem", &redeem).await.expect_problem(410, "ceremony_expired");
        }
        // Whoever reads the machine's history finds nothing that is of use without the asking app's own key.
        let sealed = Bytes::from_text(&yes).unwrap().0;
        assert!(serde_json::from_slice::<Value>(&sealed).is_err());
        browser.open_unlocked("/settings/devices").await;
        browser.see_count(&hook("device-row"), 1..=1).await;
        browser.see_count("[data-test=\"link-step\"][data-state=\"Refused\"]", 1..=1).await;
        browser.press("link-take-back").await;
        browser.see_count("[data-test=\"link-step\"][data-state=\"Refused\"]", 2..=2).await;
        let answer = asking.one_time.open_answer(asking.request.hash(), &yes).unwrap();
        let purse_shared::link::LinkAnswer::LetIn { code, .. } = answer else { panic!("{answer:?}") };
        let late = stranger.post("/api/v1/links/redeem", &asking.redemption(&code)).await;
        late.expect_problem(410, "ceremony_expired");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_browser_is_let_in_by_what_is_typed() {
    play("another_browser_is_let_in_by_what_is_typed", 2, async |scene| {
        let (first, second) = (scene.phone("first").await, scene.phone("second").await);
        first.register("ana", "Ana Duarte").await;
        first.deposit("80").await;
        second.open("/").await;
        second.press("welcome-join").await;
        let read = async |browser: &Browser, test: &str| {
            browser.see(&format!("{} li", hook(test))).await;
            let script =
                "return [...document.querySelectorAll(arguments[0])].map(e => e.textContent).join(' ')";
            let text = browser.eval(script, vec![format!("{} li", hook(test)).into()]).await;
            text.as_str().unwrap_or_default().to_owned()
        };
        let code = read(&second, "join-code").await;
        see_in_the_middle(&second, &hook("code")).await;
        let figures = read(&second, "join-figures").await;
        first.go_home().await;
        first.press("nav-settings").await;
        first.press("settings-devices").await;
        first.press("devices-add").await;
        first.write("add-device-code", "ZZZZ ZZZZ").await;
        first.press("add-device-find").await;
        first.see("[aria-invalid=\"true\"]").await;
        first.write("add-device-code", &code.to_lowercase()).await;
        first.press("add-device-find").await;
        assert_eq!(read(&first, "link-figures").await, figures, "both show the same");
        first.press("add-device-approve").await;
        let answer = read(&first, "add-device-answer").await;
        second.write("join-answer", "0000 0000 0000 0000 0000 0000 0000").await;
        second.press("join-enter").await;
        second.see("[aria-invalid=\"true\"]").await;
        second.write("join-answer", &answer.to_lowercase()).await;
        second.press("join-enter").await;
        second.see_stage("open").await;
        second.see_balance(8_000).await;
        first.press("add-device-done").await;
        first.see_count(&hook("device-row"), 2..=2).await;
        first.see_text(&hook("link-step"), "Let in").await;
    })
    .await;
}

/// As far from one side of the page as from the other, and no wider than it is high.
async fn see_in_the_middle(browser: &Browser, css: &str) {
    let script = "
        const [it, page] = [arguments[0], 'main'].map((css) => document.querySelector(css).getBoundingClientRect());
        return [it.left - page.left, page.right - it.right, it.width, it.height]";
    let found = browser.eval(script, vec![css.into()]).await;
    let [left, right, width, height]: [f64; 4] = serde_json::from_value(found).unwrap();
    assert!((left - right).abs() < 1.0 && left > 1.0, "{left} to the left, {right} to the right");
    assert!((width - height).abs() < 1.0, "{width} by {height}");
}
