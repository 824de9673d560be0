//! `cargo test` with what the tests need: a database, the app, the server, a browser.

use super::summary::Summary;
use crate::Failure;
use crate::chromium::Chromium;
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
    fn args(self) -> &'static [&'static str] {
        match self {
            Self::All => &["--workspace", "--exclude", "purse-web"],
            Self::Unit => &["--workspace", "--exclude", "purse-web", "--exclude", "purse-tests"],
            Self::EndToEnd => &["--package", "purse-tests"],
        }
    }
}

/// What browser tests drive, and what they look for faults with.
#[derive(Clone, Debug)]
pub struct Browser {
    pub chromium: Chromium,
    pub axe: PathBuf,
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
pub fn build(place: &Place, scope: Scope) -> Result<(), Failure> {
    let mut build = cargo(place);
    build.arg("build").args(scope.args()).arg("--all-targets");
    if scope == Scope::EndToEnd {
        build.args(["--package", "sync-server"]);
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
    browser: Option<&Browser>,
    summary: &mut Summary,
) -> Result<(), Failure> {
    let mut command = cargo(place);
    command.arg("test").args(scope.args()).arg("--no-fail-fast");
    clean(&mut command);
    command.env("PURSE_TEST_POSTGRES", database.0.url());
    command.env("PURSE_WEB_DIR", place.web_dist()).env("PURSE_SERVER_BIN", place.server(Profile::Dev));
    if let Some(browser) = browser {
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
