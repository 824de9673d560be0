//! One test: a server with its database, and the browsers of the people in it. When it fails, what each browser
//! showed and said is kept in a directory whose path is printed.

use super::{Browser, Film, Screen, driver::required};
use crate::server::TestServer;
use futures::FutureExt;
use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Semaphore;

/// Browsers that run at once, over all tests of the process: more of them only wait for each other.
static BROWSERS: Semaphore = Semaphore::const_new(2);

pub struct Scene {
    pub server: TestServer,
    browsers: Mutex<Vec<Arc<Browser>>>,
}

/// Plays a test that opens at most `browsers` (of two).
#[allow(clippy::expect_used, reason = "a test's tool")]
pub async fn play(name: &str, browsers: u32, script: impl AsyncFnOnce(&Scene)) {
    let web_dir = PathBuf::from(required("PURSE_WEB_DIR"));
    let server = async || TestServer::start_with(|settings| settings.web_dir = Some(web_dir)).await;
    play_on(name, browsers, server, script).await;
}

/// On a server of the test's own making, which is stopped at the end.
#[allow(clippy::expect_used, reason = "a test's tool")]
pub async fn play_on(
    name: &str,
    browsers: u32,
    server: impl AsyncFnOnce() -> TestServer,
    script: impl AsyncFnOnce(&Scene),
) {
    let _room = BROWSERS.acquire_many(browsers).await.expect("never closed");
    let scene = Scene { server: server().await, browsers: Mutex::default() };
    let played = AssertUnwindSafe(async {
        script(&scene).await;
        scene.check_consoles().await;
    });
    let outcome = played.catch_unwind().await;
    if outcome.is_err() {
        scene.keep_evidence(name).await;
    }
    for browser in scene.all() {
        let _may_have_died = browser.client.clone().close().await;
        drop(std::fs::remove_dir_all(&browser.dir));
    }
    scene.browsers.lock().unwrap_or_else(PoisonError::into_inner).clear();
    scene.server.stop().await;
    if let Err(panic) = outcome {
        std::panic::resume_unwind(panic);
    }
}

#[allow(clippy::expect_used, reason = "a test's tool")]
impl Scene {
    /// A phone with a fresh profile.
    pub async fn phone(&self, name: &str) -> Arc<Browser> {
        self.browser(name, Screen::Phone).await
    }

    pub async fn browser(&self, name: &str, screen: Screen) -> Arc<Browser> {
        self.start(name, screen, None).await
    }

    /// With a camera that sees a film, over and over.
    pub async fn with_camera(&self, name: &str, screen: Screen, film: &Film) -> Arc<Browser> {
        self.start(name, screen, Some(film)).await
    }

    async fn start(&self, name: &str, screen: Screen, film: Option<&Film>) -> Arc<Browser> {
        let browser = Arc::new(Browser::start(name, &self.server.origin, screen, film).await);
        self.browsers.lock().unwrap_or_else(PoisonError::into_inner).push(browser.clone());
        browser
    }

    fn all(&self) -> Vec<Arc<Browser>> {
        self.browsers.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A panic in the app, or something that its own policy forbids, is a failure whatever the pages showed.
    async fn check_consoles(&self) {
        for browser in self.all() {
            for line in browser.console().await {
                let bad = line.contains("panicked at") || line.contains("Content Security Policy");
                assert!(!bad, "{}'s console: {line}", browser.name);
            }
        }
    }

    async fn keep_evidence(&self, name: &str) {
        let dir = std::env::temp_dir().join(format!("purse-failed-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&dir).expect("a temporary directory");
        for browser in self.all() {
            if let Ok(picture) = browser.client.screenshot().await {
                drop(std::fs::write(dir.join(format!("{}.png", browser.name)), picture));
            }
            if let Ok(source) = browser.client.source().await {
                drop(std::fs::write(dir.join(format!("{}.html", browser.name)), source));
            }
            let console = browser.console().await.join("\n");
            drop(std::fs::write(dir.join(format!("{}.log", browser.name)), console));
        }
        eprintln!("what the browsers of '{name}' showed and said is in {}", dir.display());
    }
}
