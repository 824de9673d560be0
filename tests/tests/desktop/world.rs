//! What the tests of money on a desktop share: a server behind a network that can go, a person's browser with their
//! passkey, and the app that is let in by it.

use purse_shared::Currency;
use purse_tests::browser::{Browser, Scene, Screen, hook, play_on, required, until};
use purse_tests::desk::{Desk, Window};
use purse_tests::proxy::Proxy;
use purse_tests::{Person, TestServer};
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use tokio::net::TcpListener;

pub const EURO: &str = "[data-test=\"home-balance-EUR\"]";

pub struct World<'a> {
    pub scene: &'a Scene,
    /// Between everybody and the server.
    pub network: &'a Proxy,
}

/// Plays a test with a browser and windows in it.
pub async fn play(name: &str, script: impl AsyncFnOnce(&World)) {
    let network = OnceLock::new();
    let server = async || {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://localhost:{}", listener.local_addr().unwrap().port());
        let server = TestServer::start_with(|settings| {
            settings.web_dir = Some(PathBuf::from(required("PURSE_WEB_DIR")));
            settings.public_url = origin;
        })
        .await;
        assert!(network.set(Proxy::start_on(listener, server.app().settings.listen)).is_ok());
        server
    };
    let with_network = async |scene: &Scene| {
        script(&World { scene, network: network.get().unwrap() }).await;
    };
    play_on(name, 2, server, with_network).await;
}

impl World<'_> {
    /// A person with a wallet, in a browser on the machine that `desk` is.
    pub async fn person(&self, handle: &str, name: &str, deposit: &str) -> Arc<Browser> {
        let browser = self.scene.browser(handle, Screen::Desktop).await;
        browser.register(handle, name).await;
        browser.deposit(deposit).await;
        browser
    }

    pub async fn desk(&self, name: &str) -> Desk {
        Desk::log_in(name, &self.scene.server.origin).await
    }

    pub async fn desk_without_keychain(&self, name: &str) -> Desk {
        Desk::log_in_without_keychain(name, &self.scene.server.origin).await
    }
}

/// Signs in in the app through the system's browser, in which the person has a wallet.
pub async fn let_in(desk: &Desk, window: &Window, browser: &Browser) {
    window.see_stage("welcome").await;
    window.press("welcome-sign-in").await;
    window.see(&hook("visit")).await;
    browser.visit(&desk.opened_in_browser().await).await;
    browser.unlock().await;
    browser.press("link-approve").await;
    window.see_stage("open").await;
    window.see(EURO).await;
}

pub async fn see_network(window: &Window, state: &str) {
    window.see_attribute(&hook("stage"), "data-network", state).await;
}

/// The window goes, the app stays.
pub async fn hide(window: &Window) {
    window.keys("\u{e009}w\u{e000}").await;
    see_hidden(window, true).await;
}

pub async fn see_hidden(window: &Window, hidden: bool) {
    until(format!("the window is hidden: {hidden}"), async || {
        (window.eval("return document.hidden", vec![]).await == hidden).then_some(())
    })
    .await;
}

/// Waits until a person has so much.
pub async fn see_paid(person: &Person, minor: i64) {
    until(format!("{} has {minor}", person.handle), async || {
        (person.wallet(Currency::EUR).await.balance == minor).then_some(())
    })
    .await;
}
