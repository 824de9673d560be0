//! A desktop that nobody looks at: a screen, a session bus with a keychain, a notification area and a tray on it, and
//! the real app in it, driven as a person would.

mod bus;
mod notifications;
mod screen;
mod tray;
mod window;

pub use bus::Bus;
pub use notifications::Notification;
pub use window::Window;

use crate::browser::{Browser, hook, required, until};
use notifications::Notifications;
use screen::Screen;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use tray::Tray;

/// The euros in an open app.
pub const EURO: &str = "[data-test=\"home-balance-EUR\"]";

/// One person's session on one machine. Everything in it is gone with it.
pub struct Desk {
    pub name: String,
    /// The person's own folder, with all that the app keeps below it.
    pub home: PathBuf,
    dir: PathBuf,
    server: String,
    screen: Screen,
    bus: Bus,
    pub notifications: Notifications,
    pub tray: Tray,
}

#[allow(clippy::expect_used, reason = "a test's tool")]
impl Desk {
    /// `server`: the address that the app is set to.
    pub async fn log_in(name: &str, server: &str) -> Self {
        let dir = std::env::temp_dir().join(format!("purse-desk-{}", uuid::Uuid::new_v4().simple()));
        let home = dir.join("home");
        Self::log_in_at(name, server, dir, home, true).await
    }

    /// On a machine without a keychain, as where nothing but a window manager runs.
    pub async fn log_in_without_keychain(name: &str, server: &str) -> Self {
        let dir = std::env::temp_dir().join(format!("purse-desk-{}", uuid::Uuid::new_v4().simple()));
        let home = dir.join("home");
        Self::log_in_at(name, server, dir, home, false).await
    }

    /// On a machine with a keychain of its own, in a home that was copied from `other`'s.
    pub async fn log_in_with_copy(name: &str, other: &Self) -> Self {
        let dir = std::env::temp_dir().join(format!("purse-desk-{}", uuid::Uuid::new_v4().simple()));
        let home = dir.join("home");
        copy(&other.home, &home).expect("a home is copied");
        // The copy is of the app's folder, and not of the keychain beside it.
        drop(std::fs::remove_dir_all(home.join(".local/share/keyrings")));
        Self::log_in_at(name, &other.server, dir, home, true).await
    }

    async fn log_in_at(name: &str, server: &str, dir: PathBuf, home: PathBuf, has_keychain: bool) -> Self {
        for made in [&home, &dir.join("run"), &dir.join("bin")] {
            std::fs::create_dir_all(made).expect("a temporary directory");
        }
        let private = std::fs::Permissions::from_mode(0o700);
        std::fs::set_permissions(dir.join("run"), private).expect("a directory of one's own");
        put_browser(&dir);
        let screen = Screen::light_up(&dir).await;
        let bus = Bus::start(&dir, &home, has_keychain).await;
        let notifications = Notifications::listen(&bus.address).await;
        let tray = Tray::watch(&bus.address).await;
        let (name, server) = (name.to_owned(), server.to_owned());
        Self { name, home, dir, server, screen, bus, notifications, tray }
    }

    /// Starts the app, as by its icon.
    pub async fn start(&self) -> Window {
        Window::open(self, &[]).await
    }

    /// Starts it as the system does for a link.
    pub async fn start_by(&self, link: &str) -> Window {
        Window::open(self, &[link]).await
    }

    /// Starts it beside the one that runs, and waits for its end: it hands over what it was started with.
    pub async fn start_again(&self, arguments: &[&str]) {
        let mut second = tokio::process::Command::new(required("PURSE_APP_BIN"));
        second.env_clear().envs(self.variables()).args(arguments).kill_on_drop(true);
        let ended = tokio::time::timeout(crate::browser::PATIENCE, second.status()).await;
        let status = ended.expect("a second start ends").expect("the app starts");
        assert!(status.success(), "{}: a second start: {status}", self.name);
    }

    /// Starts it where it cannot; what it said before it ended.
    pub async fn start_and_fail(&self) -> String {
        let mut app = tokio::process::Command::new(required("PURSE_APP_BIN"));
        app.env_clear().envs(self.variables()).kill_on_drop(true);
        let ended = tokio::time::timeout(crate::browser::PATIENCE, app.output()).await;
        let output = ended.expect("it ends").expect("the app starts");
        assert!(!output.status.success(), "{}: it started", self.name);
        String::from_utf8_lossy(&output.stderr).into_owned()
    }

    /// Signs in in the app through the system's browser, in which the person has a wallet.
    pub async fn let_in(&self, window: &Window, browser: &Browser) {
        window.see_stage("welcome").await;
        window.press("welcome-sign-in").await;
        window.see(&hook("visit")).await;
        browser.visit(&self.opened_in_browser().await).await;
        browser.unlock().await;
        browser.press("link-approve").await;
        window.see_stage("open").await;
        window.see(EURO).await;
    }

    /// The address that the app has the system's browser open. Each is seen once.
    pub async fn opened_in_browser(&self) -> String {
        let file = self.dir.join("opened");
        until(format!("{}: the system's browser is asked for", self.name), async || {
            let address = std::fs::read_to_string(&file).ok().filter(|address| address.ends_with('\n'))?;
            std::fs::remove_file(&file).ok()?;
            Some(address.trim().to_owned())
        })
        .await
    }

    /// Whether it was asked for since the last time.
    pub fn has_opened_browser(&self) -> bool {
        self.dir.join("opened").exists()
    }

    /// What the app said on its standard error, and its driver.
    pub fn said(&self) -> String {
        std::fs::read_to_string(self.log()).unwrap_or_default()
    }

    fn log(&self) -> PathBuf {
        self.dir.join("log")
    }

    /// All that the app's process sees of the machine.
    fn variables(&self) -> Vec<(&'static str, String)> {
        let shown = |path: &Path| path.display().to_string();
        let bin = shown(&self.dir.join("bin"));
        let path = std::env::var("PATH").unwrap_or_default();
        vec![
            ("PATH", format!("{bin}:{path}")),
            ("HOME", shown(&self.home)),
            ("XDG_RUNTIME_DIR", shown(&self.dir.join("run"))),
            ("TMPDIR", shown(&self.dir)),
            ("DISPLAY", self.screen.display.clone()),
            ("DBUS_SESSION_BUS_ADDRESS", self.bus.address.clone()),
            ("LANG", "C.UTF-8".to_owned()),
            ("LANGUAGE", "en_GB".to_owned()),
            ("GDK_BACKEND", "x11".to_owned()),
            ("NO_AT_BRIDGE", "1".to_owned()),
            ("RUST_BACKTRACE", "1".to_owned()),
            ("PURSE_SERVER", self.server.clone()),
        ]
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{}'s app said: {}", self.name, self.said());
        }
        // Nothing to do about a directory that stays.
        drop(std::fs::remove_dir_all(&self.dir));
    }
}

/// In place of the system's browser: writes down what it is to open.
#[allow(clippy::expect_used, reason = "a test's tool")]
fn put_browser(dir: &Path) {
    let script = dir.join("bin/xdg-open");
    let opened = dir.join("opened").display().to_string();
    let text = format!("#!/bin/sh\nprintf '%s\\n' \"$1\" > '{opened}.new' && mv '{opened}.new' '{opened}'\n");
    std::fs::write(&script, text).expect("a script is written");
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).expect("it may be run");
}

fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let (kind, at) = (entry.file_type()?, to.join(entry.file_name()));
        if kind.is_dir() {
            copy(&entry.path(), &at)?;
        } else if kind.is_file() {
            std::fs::copy(entry.path(), at)?;
        }
    }
    Ok(())
}
