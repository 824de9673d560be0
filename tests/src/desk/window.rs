//! The app in its window, started and driven by WebKit's own driver.

use super::Desk;
use crate::browser::{Browser, required, until};
use fantoccini::ClientBuilder;
use fantoccini::wd::Capabilities;
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;
use std::ops::Deref;
use std::path::Path;
use std::time::Duration;

/// Until a window shows what its page has painted.
const PAINTING: Duration = Duration::from_millis(100);

/// Driven with all that a browser's page is driven with.
pub struct Window {
    page: Browser,
    pid: u32,
}

impl Deref for Window {
    type Target = Browser;
    fn deref(&self) -> &Browser {
        &self.page
    }
}

#[allow(clippy::expect_used, reason = "a test's tool")]
impl Window {
    pub(super) async fn open(desk: &Desk, arguments: &[&str]) -> Self {
        let log = std::fs::OpenOptions::new().create(true).append(true).open(desk.log());
        let log = log.expect("a log");
        let driver = crate::browser::Driver::webkit(desk.variables(), log).await;
        let application = json!({"binary": required("PURSE_APP_BIN").to_string_lossy(), "args": arguments});
        let mut capabilities = Capabilities::new();
        capabilities.insert("webkitgtk:browserOptions".to_owned(), application);
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let client = builder.capabilities(capabilities).connect(&driver.url).await;
        let client =
            client.unwrap_or_else(|error| panic!("{}: no window: {error}\n{}", desk.name, desk.said()));
        let pid =
            until("the app's process", async || driver.children().into_iter().find(|pid| is_app(*pid))).await;
        Self { page: Browser::of_window(&desk.name, client, driver), pid }
    }

    /// As by Ctrl+Q; waits until nothing of it runs any more.
    pub async fn quit(self) {
        self.keys("\u{e009}q\u{e000}").await;
        self.see_end().await;
    }

    /// SIGKILL: nothing is said, nothing is finished.
    pub async fn kill(self) {
        signal(self.pid, rustix::process::Signal::KILL);
        self.see_end().await;
    }

    /// As at a log-out.
    pub async fn terminate(self) {
        signal(self.pid, rustix::process::Signal::TERM);
        self.see_end().await;
    }

    /// Of the app itself; its pages run in children of it.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    pub fn is_running(&self) -> bool {
        is_app(self.pid)
    }

    async fn see_end(&self) {
        until(format!("{}: the app has ended", self.name), async || (!is_app(self.pid)).then_some(())).await;
    }

    /// Keys of the whole window, as WebDriver writes them.
    pub async fn keys(&self, keys: &str) {
        // The window may be gone before the driver says that it has typed.
        let body = self.client.find(fantoccini::Locator::Css("body")).await;
        let _gone_by_now = body.expect("the window has a page").send_keys(keys).await;
    }

    /// As large as that on the inside.
    pub async fn be(&self, width: u32, height: u32) {
        self.client.set_window_size(width, height).await.expect("a window's size is set");
        until(format!("{}: {width} by {height}", self.name), async || {
            let size = self.eval("return [innerWidth, innerHeight]", vec![]).await;
            (size == json!([width, height])).then_some(())
        })
        .await;
        // A picture is of what was painted last: two frames of the page, and a moment for the window's own.
        let painted = "const done = arguments[arguments.length - 1];
                       requestAnimationFrame(() => requestAnimationFrame(() => done(true)));";
        self.eval_async(painted, vec![]).await;
        tokio::time::sleep(PAINTING).await;
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        if is_app(self.pid) {
            signal(self.pid, rustix::process::Signal::KILL);
        }
    }
}

fn signal(pid: u32, signal: rustix::process::Signal) {
    let pid = i32::try_from(pid).ok().and_then(rustix::process::Pid::from_raw);
    if let Some(pid) = pid {
        // It may have ended by itself.
        let _gone_already = rustix::process::kill_process(pid, signal);
    }
}

/// Whether that process is the app, and alive.
fn is_app(pid: u32) -> bool {
    let process = Path::new("/proc").join(pid.to_string());
    let ended = std::fs::read_to_string(process.join("stat")).ok().is_none_or(|stat| {
        stat.rsplit_once(") ").is_none_or(|(_, rest)| rest.starts_with('Z') || rest.starts_with('X'))
    });
    !ended
        && std::fs::read_link(process.join("exe")).ok().as_deref()
            == Some(Path::new(&required("PURSE_APP_BIN")))
}
