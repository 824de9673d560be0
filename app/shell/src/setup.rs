//! What an app tells the engine, and what it does for it.

use crate::host::now;
use keyring_core::CredentialStore;
use purse_shared::UnixMillis;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// What an app knows before it starts.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Where everything that Purse keeps on this device is; made when it is not there. For this person alone, and
    /// not in a folder that is synchronised with other devices.
    pub folder: PathBuf,
    /// The server's address as people reach it: `https://wallet.example`. `http://` only for this machine itself.
    pub origin: String,
    /// What the list of devices says until it is renamed.
    pub device_name: String,
    pub keychain: KeychainChoice,
    /// The vault is locked when nobody touched the app for so long, whatever the person set; `None`: as they set it
    /// ([`purse_bridge::LockAfter`]). For tests, which have no minute to wait.
    pub lock_after: Option<Duration>,
    /// Tells how long that is.
    pub clock: Clock,
}

impl Setup {
    /// With the system's keychain and [`device_name`].
    pub fn new(folder: impl Into<PathBuf>, origin: impl Into<String>) -> Self {
        Self {
            folder: folder.into(),
            origin: origin.into(),
            device_name: device_name(),
            keychain: KeychainChoice::System,
            lock_after: None,
            clock: Clock::default(),
        }
    }
}

/// Where the device's keys are kept, from the first start on; later starts look where they are.
#[derive(Clone, Debug, Default)]
pub enum KeychainChoice {
    /// The system's; sealed by a passphrase where there is none.
    #[default]
    System,
    /// A passphrase, even where there is a keychain.
    Passphrase,
    /// This one: for a host that has its own, and for tests.
    Given(Arc<CredentialStore>),
}

/// A moment by two clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Since some start. Nobody sets it; on most systems it stands still while the machine sleeps.
    pub steady: Duration,
    /// Goes on while the machine sleeps, and can be set.
    pub wall: UnixMillis,
}

/// The machine's clocks; in tests, what a test says.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Moment + Send + Sync>);

impl Clock {
    pub fn new(now: impl Fn() -> Moment + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }
    pub fn now(&self) -> Moment {
        (self.0)()
    }
}

impl Default for Clock {
    fn default() -> Self {
        let start = Instant::now();
        Self::new(move || Moment { steady: start.elapsed(), wall: now() })
    }
}

impl std::fmt::Debug for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Clock")
    }
}

/// "Purse on Linux (violet)"; without the machine's name where that says nothing.
pub fn device_name() -> String {
    let system = match std::env::consts::OS {
        "linux" => "Linux",
        "macos" => "macOS",
        "windows" => "Windows",
        "android" => "Android",
        "ios" => "iOS",
        "freebsd" => "FreeBSD",
        other => other,
    };
    let machine = gethostname::gethostname().to_string_lossy().into_owned();
    let is_plain = |c: &char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ' ');
    let machine: String = machine.chars().filter(is_plain).take(NAME_CHARS_MAX).collect();
    match machine.trim() {
        "" | "localhost" => format!("Purse on {system}"),
        machine => format!("Purse on {system} ({machine})"),
    }
}

const NAME_CHARS_MAX: usize = 32;

/// What the app does for the engine. Called on the engine's thread: return at once, and hand over to the window's.
pub trait Around: Send + Sync + 'static {
    /// Opens an address in the system's browser. False: it could not be.
    fn open_in_browser(&self, address: &str) -> bool;
    /// Lets the person keep a file: a dialog, a share sheet.
    fn offer_file(&self, name: &str, bytes: Vec<u8>);
    /// The person comes back from the browser: shows the window.
    fn come_forward(&self);
    /// True where `purse://link?...` reaches [`crate::Engine::opened_link`] on this machine. Otherwise the browser
    /// comes back by a port of the loopback, which works on every desktop.
    fn scheme(&self) -> bool;
    /// Asked before the vault is opened by this device's own keys: is it the person (a finger, a face, the phone's
    /// code)? Where there is nothing to ask by: yes.
    fn is_it_you(&self, answer: Confirm) {
        answer.yes();
    }
}

/// The one answer to [`Around::is_it_you`]. Dropped, it is a no.
#[derive(Debug)]
pub struct Confirm(oneshot::Sender<()>);

impl Confirm {
    pub(crate) fn ask() -> (Self, oneshot::Receiver<()>) {
        let (answer, answered) = oneshot::channel();
        (Self(answer), answered)
    }
    pub fn yes(self) {
        let _nobody_waits = self.0.send(());
    }
    pub fn no(self) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_has_a_name_that_the_server_takes() {
        let name = device_name();
        assert!(name.starts_with("Purse on ") && name.chars().count() <= 60, "{name}");
        assert!(!name.contains('\n'));
    }
}
