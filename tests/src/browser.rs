//! A real Chromium with a profile of its own, driven as a person would: it looks, taps and types.
//!
//! Nothing here sleeps for a fixed time: every act waits for what it needs, and says what it was when it did not come.

mod access;
mod camera;
mod command;
mod driver;
mod passkeys;
mod scene;
mod steps;

pub use camera::{Film, Picture, code_in, png_of};
pub use driver::{Driver, required};
pub use passkeys::Credential;
pub use scene::{Scene, play, play_on};

use fantoccini::error::CmdError;
use fantoccini::wd::{Capabilities, WindowHandle};
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use passkeys::Authenticator;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// How long anything may take: two busy cores, two browsers and a server.
pub const PATIENCE: Duration = Duration::from_secs(40);
const LOOK_AGAIN: Duration = Duration::from_millis(40);
/// Control and A, then all keys up, as WebDriver writes them.
const SELECT_ALL: &str = "\u{e009}a\u{e000}";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Screen {
    /// 390 x 844, touch.
    Phone,
    /// 1440 x 900.
    Desktop,
}

pub struct Browser {
    /// For messages: whose it is.
    pub name: String,
    pub client: Client,
    /// Of the app: `http://localhost:port`.
    pub origin: String,
    /// The profile, and what the driver writes. Removed at the end.
    pub dir: PathBuf,
    /// A window of the app has none: its passkeys are in the system's browser.
    authenticator: Option<Authenticator>,
    _driver: Driver,
}

const CHROMIUM_STARTS: usize = 3;

/// Looks again and again until there is something.
pub async fn until<T>(what: impl std::fmt::Display, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(started.elapsed() < PATIENCE, "waited in vain: {what}");
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}

/// `[data-test="name"]`
pub fn hook(name: &str) -> String {
    format!("[data-test=\"{name}\"]")
}

#[allow(clippy::expect_used, reason = "a test's tool")]
impl Browser {
    async fn start(name: &str, origin: &str, screen: Screen, film: Option<&Film>) -> Self {
        let dir = std::env::temp_dir().join(format!("purse-browser-{}", uuid::Uuid::new_v4().simple()));
        std::fs::create_dir_all(dir.join("profile")).expect("a temporary directory");
        let driver = Driver::start(&dir).await;
        let mut started = Err("was not tried".to_owned());
        // On a machine with much to do it sometimes ends at its start.
        for _try in 0..CHROMIUM_STARTS {
            let mut builder = ClientBuilder::new(HttpConnector::new());
            let client = builder.capabilities(capabilities(&dir, screen, film)).connect(&driver.url).await;
            started = client.map_err(|error| error.to_string());
            if started.is_ok() {
                break;
            }
        }
        let client = started.expect("Chromium starts");
        let authenticator = Some(Authenticator::plug_in(&client).await);
        let (name, origin) = (name.to_owned(), origin.to_owned());
        Self { name, client, origin, dir, authenticator, _driver: driver }
    }

    /// The app's own window, which a driver has started.
    pub(crate) fn of_window(name: &str, client: Client, driver: Driver) -> Self {
        let origin = "tauri://localhost".to_owned();
        Self {
            name: name.to_owned(),
            client,
            origin,
            dir: PathBuf::new(),
            authenticator: None,
            _driver: driver,
        }
    }

    /// Loads a page of the app anew, as by its address.
    pub async fn open(&self, path: &str) {
        let url = format!("{}{path}", self.origin);
        self.client.goto(&url).await.unwrap_or_else(|error| panic!("{}: {url}: {error}", self.name));
    }

    /// Goes to an address of the app's server, as another program has it opened.
    pub async fn visit(&self, address: &str) {
        let path = address.strip_prefix(&self.origin);
        self.open(path.unwrap_or_else(|| panic!("{}: {address} is not at {}", self.name, self.origin))).await;
    }

    /// The value of a function body in the page.
    pub async fn eval(&self, script: &str, arguments: Vec<Value>) -> Value {
        let done = self.client.execute(script, arguments).await;
        done.unwrap_or_else(|error| panic!("{}: {script}: {error}", self.name))
    }

    /// The same for a script that calls its last argument when it is done.
    pub async fn eval_async(&self, script: &str, arguments: Vec<Value>) -> Value {
        let done = self.client.execute_async(script, arguments).await;
        done.unwrap_or_else(|error| panic!("{}: {script}: {error}", self.name))
    }

    pub async fn count(&self, css: &str) -> usize {
        let script = "return document.querySelectorAll(arguments[0]).length";
        let count = self.client.execute(script, vec![json!(css)]).await;
        // A page that is just changing has nothing yet.
        count.ok().and_then(|count| usize::try_from(count.as_u64()?).ok()).unwrap_or(0)
    }

    pub async fn attribute(&self, css: &str, name: &str) -> Option<String> {
        let script = "return document.querySelector(arguments[0])?.getAttribute(arguments[1]) ?? null";
        let value = self.client.execute(script, vec![json!(css), json!(name)]).await.ok()?;
        value.as_str().map(str::to_owned)
    }

    /// That attribute of every element, in the order of the page.
    pub async fn attributes(&self, css: &str, name: &str) -> Vec<String> {
        let script =
            "return [...document.querySelectorAll(arguments[0])].map(e => e.getAttribute(arguments[1]))";
        let values = self.eval(script, vec![json!(css), json!(name)]).await;
        serde_json::from_value(values).unwrap_or_default()
    }

    /// What can be read there now; empty when there is nothing.
    pub async fn text(&self, css: &str) -> String {
        let script = "return document.querySelector(arguments[0])?.innerText ?? ''";
        let text = self.client.execute(script, vec![json!(css)]).await.unwrap_or_default();
        text.as_str().unwrap_or_default().to_owned()
    }

    pub async fn see(&self, css: &str) {
        self.see_count(css, 1..).await;
    }

    pub async fn see_count(&self, css: &str, wanted: impl std::ops::RangeBounds<usize>) {
        let what = format!("{}: {css}, {:?}..{:?}", self.name, wanted.start_bound(), wanted.end_bound());
        until(what, async || wanted.contains(&self.count(css).await).then_some(())).await;
    }

    pub async fn see_gone(&self, css: &str) {
        until(format!("{}: {css} is gone", self.name), async || (self.count(css).await == 0).then_some(()))
            .await;
    }

    pub async fn see_attribute(&self, css: &str, name: &str, wanted: &str) {
        until(format!("{}: {css} has {name}={wanted}", self.name), async || {
            (self.attribute(css, name).await.as_deref() == Some(wanted)).then_some(())
        })
        .await;
    }

    pub async fn see_text(&self, css: &str, wanted: &str) {
        until(format!("{}: {css} says '{wanted}'", self.name), async || {
            self.text(css).await.contains(wanted).then_some(())
        })
        .await;
    }

    /// A real click: on what is there, visible, and not covered.
    pub async fn tap(&self, css: &str) {
        let mut last = String::new();
        let started = Instant::now();
        while started.elapsed() < PATIENCE {
            match self.try_tap(css).await {
                Ok(()) => return,
                Err(error) => last = error.to_string(),
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        panic!("{}: {css} cannot be tapped: {last}", self.name);
    }

    async fn try_tap(&self, css: &str) -> Result<(), CmdError> {
        let element = self.client.find(Locator::Css(css)).await?;
        // A button that does not answer yet (`aria-disabled`) must not be taken for one that did nothing.
        if element.attr("aria-disabled").await?.as_deref() == Some("true") || !element.is_enabled().await? {
            let reason = format!("{css} is disabled");
            return Err(CmdError::InvalidArgument("element".to_owned(), reason));
        }
        element.click().await
    }

    /// Taps what carries this `data-test`.
    pub async fn press(&self, test: &str) {
        self.tap(&hook(test)).await;
    }

    /// Types in place of what stands in the field.
    pub async fn write(&self, test: &str, text: &str) {
        let css = hook(test);
        self.see(&css).await;
        let field = self.client.find(Locator::Css(&css)).await.expect("the field was seen");
        // One after the other: WebKit's driver lets go of Control only at the end of what it types.
        for keys in [SELECT_ALL, text] {
            let typed = field.send_keys(keys).await;
            typed.unwrap_or_else(|error| panic!("{}: {css}: {error}", self.name));
        }
    }

    /// Puts a text into the field at one go, as pasting does: line breaks do not press Enter.
    pub async fn paste(&self, test: &str, text: &str) {
        let css = hook(test);
        self.see(&css).await;
        let script = "const field = document.querySelector(arguments[0]);
            field.focus();
            field.select();
            return document.execCommand('insertText', false, arguments[1])";
        assert_eq!(self.eval(script, vec![json!(css), json!(text)]).await, true, "{}: {css}", self.name);
    }

    /// Cuts or restores the network of this browser.
    pub async fn offline(&self, offline: bool) {
        self.network(offline, 0).await;
        self.see_attribute(&hook("stage"), "data-network", if offline { "offline" } else { "online" }).await;
    }

    /// Every request takes so much longer.
    pub async fn slow_down(&self, latency_ms: u32) {
        self.network(false, latency_ms).await;
    }

    pub async fn network(&self, offline: bool, latency_ms: u32) {
        let conditions = json!({
            "offline": offline, "latency": latency_ms, "download_throughput": -1, "upload_throughput": -1,
        });
        let body = json!({"network_conditions": conditions});
        command::post(&self.client, "chromium/network_conditions", body).await.expect("network conditions");
    }

    pub async fn devtools(&self, name: &str, params: Value) -> Value {
        command::devtools(&self.client, name, params).await.unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Keeps what the page shows as `NAME.png` in `PURSE_PICTURES`.
    pub async fn picture(&self, name: &str) {
        let dir = PathBuf::from(required("PURSE_PICTURES"));
        std::fs::create_dir_all(&dir).expect("a directory for pictures");
        let picture = self.client.screenshot().await.expect("a picture");
        std::fs::write(dir.join(format!("{name}.png")), picture).expect("a picture is kept");
    }

    /// A further tab of this profile; it is driven from now on.
    pub async fn new_tab(&self) -> WindowHandle {
        let tab = self.client.new_window(true).await.expect("a tab opens").handle;
        self.look_at(&tab).await;
        tab
    }

    pub async fn look_at(&self, tab: &WindowHandle) {
        self.client.switch_to_window(tab.clone()).await.expect("the tab is open");
    }

    /// What the pages wrote to their consoles since it was last asked for.
    pub async fn console(&self) -> Vec<String> {
        let lines = command::post(&self.client, "se/log", json!({"type": "browser"})).await;
        let lines = lines.unwrap_or_default();
        let message = |line: &Value| line["message"].as_str().unwrap_or_default().to_owned();
        lines.as_array().into_iter().flatten().map(message).collect()
    }
}

fn capabilities(dir: &std::path::Path, screen: Screen, film: Option<&Film>) -> Capabilities {
    let mut arguments: Vec<String> = [
        "--headless=new",
        "--no-sandbox",
        "--disable-quic",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--hide-scrollbars",
        // A tab in the background works as fast as the one in front.
        "--disable-background-timer-throttling",
        "--disable-renderer-backgrounding",
        "--disable-backgrounding-occluded-windows",
        "--lang=en-GB",
    ]
    .map(str::to_owned)
    .into();
    arguments.push(format!("--user-data-dir={}", dir.join("profile").display()));
    if let Some(film) = film {
        arguments.push("--use-fake-device-for-media-stream".to_owned());
        arguments.push(format!("--use-file-for-fake-video-capture={}", film.path().display()));
    }
    let (width, height) = if screen == Screen::Phone { (390, 844) } else { (1440, 900) };
    arguments.push(format!("--window-size={width},{height}"));
    let mut chrome = json!({"args": arguments, "binary": required("CHROMIUM").to_string_lossy()});
    if screen == Screen::Phone {
        chrome["mobileEmulation"] =
            json!({"deviceMetrics": {"width": width, "height": height, "pixelRatio": 1}});
    }
    let mut capabilities = Capabilities::new();
    capabilities.insert("browserName".to_owned(), json!("chrome"));
    capabilities.insert("goog:chromeOptions".to_owned(), chrome);
    capabilities.insert("goog:loggingPrefs".to_owned(), json!({"browser": "ALL"}));
    capabilities
}
