//! `cargo test` with what the tests need: a database, the app, the server, a browser.

use super::summary::Summary;
use crate::Failure;
use crate::chromium::Chromium;
use crate::desktop::{PROGRAM, WASM, WINDOWS, with_pages};
use crate::place::{Place, Profile};
use crate::shell::{cargo, run};
use local_postgres::{Cluster, Lifetime, Options};
use sha2::{Digest, Sha256};
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Would lead tests to the developer's own database, or around the loopback.
const NOT_FOR_TESTS: [&str; 9] = [
    "DATABASE_URL",
    "http_proxy",
    "https_proxy",
    "all_proxy",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "DBUS_SESSION_BUS_ADDRESS",
    "RUST_LOG",
];

/// Which crates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    All,
    Unit,
    EndToEnd,
}

impl Scope {
    /// `windows`: whether those can be built here.
    fn args(self, windows: bool) -> Vec<&'static str> {
        let mut args = match self {
            Self::EndToEnd => return vec!["--package", "purse-tests"],
            Self::All => vec!["--workspace"],
            Self::Unit => vec!["--workspace", "--exclude", "purse-tests"],
        };
        args.extend(WASM);
        if !windows {
            args.extend(WINDOWS);
        }
        args
    }
}

/// What browser tests drive, and what they look for faults with.
#[derive(Clone, Debug)]
pub struct Browser {
    pub chromium: Chromium,
    pub axe: PathBuf,
}

/// A screen without eyes, and what tests of windows need on it.
#[derive(Clone, Debug)]
pub struct Windows {
    pub screen: PathBuf,
    pub driver: PathBuf,
}

/// What the tests have to work with; what could not be had is `None`, and the tests that need it say so.
#[derive(Clone, Debug, Default)]
pub struct Means {
    pub browser: Option<Browser>,
    pub windows: Option<Windows>,
}

/// One database server for all test processes, fast and forgetful.
pub struct Database(Cluster);

impl Database {
    pub fn start(place: &Place) -> Result<Self, Failure> {
        // The same directory for the same clone: what an interrupted run left is found and ended by this one.
        let clone = Sha256::digest(place.root.as_os_str().as_encoded_bytes());
        let name: String = clone.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
        let data_dir = std::env::temp_dir().join(format!("purse-test-postgres-{name}"));
        let options = Options { data_dir, durable: false, lifetime: Lifetime::WithProcess };
        Ok(Self(Cluster::start(options)?))
    }

    /// Ends it and removes its data.
    pub fn remove(self) -> Result<(), Failure> {
        let dir = self.0.data_dir().to_owned();
        drop(self.0);
        Ok(std::fs::remove_dir_all(dir)?)
    }
}

/// Compiles the tests and the programs that they start, before the clock of the tests runs.
pub fn build(place: &Place, scope: Scope, windows: bool) -> Result<(), Failure> {
    let mut build = cargo(place);
    build.arg("build").args(scope.args(windows)).arg("--all-targets");
    if scope == Scope::EndToEnd {
        build.args(["--package", "sync-server"]);
        if windows {
            build.args(["--package", "purse-desktop"]);
        }
    }
    if windows && scope != Scope::Unit {
        with_pages(&mut build, place);
    }
    run(&mut build)
}

/// Runs them to the end, whatever fails on the way.
///
/// # Errors
/// When cargo fails without a failed test: something did not compile, or a test's process died.
pub fn test(
    place: &Place,
    scope: Scope,
    database: &Database,
    means: &Means,
    summary: &mut Summary,
) -> Result<(), Failure> {
    let windows = means.windows.as_ref();
    let mut command = cargo(place);
    command.arg("test").args(scope.args(windows.is_some())).arg("--no-fail-fast");
    clean(&mut command);
    if let Some(Windows { screen, driver }) = windows.filter(|_| scope != Scope::Unit) {
        // As it was built, or it would be built again without its pages.
        with_pages(&mut command, place).env("PURSE_APP_BIN", place.built(Profile::Dev, PROGRAM));
        command.env("PURSE_XVFB", screen).env("PURSE_WEBKIT_DRIVER", driver);
        command.env("PURSE_PICTURES", place.target.join("pictures"));
    }
    command.env("PURSE_TEST_POSTGRES", database.0.url());
    // Unoptimised futures are large: a test that plays app, browser and server in one holds them all.
    command.env("RUST_MIN_STACK", "8388608");
    command.env("PURSE_WEB_DIR", place.web_dist()).env("PURSE_SERVER_BIN", place.server(Profile::Dev));
    if let Some(browser) = &means.browser {
        let Chromium { browser: chromium, driver } = &browser.chromium;
        command.env("CHROMIUM", chromium).env("CHROMEDRIVER", driver).env("PURSE_AXE", &browser.axe);
    }
    let mut child = command.stdout(Stdio::piped()).spawn()?;
    if let Some(output) = child.stdout.take() {
        for line in BufReader::new(output).split(b'\n') {
            // Tests may print what is not UTF-8.
            let line = String::from_utf8_lossy(&line?).into_owned();
            println!("{line}");
            summary.read(&line);
        }
    }
    let status = child.wait()?;
    if status.success() || summary.failed > 0 {
        return Ok(());
    }
    Err(format!("cargo test failed ({status}) without a failed test: see above").into())
}

/// Without what would change the outcome from outside.
pub fn clean(command: &mut Command) {
    for name in NOT_FOR_TESTS {
        command.env_remove(name);
    }
    let own = std::env::vars_os().map(|(name, _)| name).filter(|name| {
        name.to_str().is_some_and(|name| name.starts_with("PURSE_") || name.starts_with("PG"))
    });
    for name in own {
        command.env_remove(name);
    }
}
