//! The real `sync-server`, as a process that can be killed.

use crate::Client;
use rustix::process::{Pid, Signal, kill_process};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// The same address and data at every start.
pub struct Server {
    address: SocketAddr,
    data_dir: PathBuf,
    database_url: String,
    settings: Vec<(&'static str, String)>,
    process: Option<Child>,
}

#[allow(clippy::unwrap_used, clippy::expect_used, reason = "a test's tool")]
impl Server {
    /// Started, and answering.
    pub async fn start(database_url: &str) -> Self {
        let mut server = Self::prepare(database_url, Vec::new());
        server.restart().await;
        server
    }

    /// Not started yet. `settings` are added to those of every test, or stand in their place.
    pub fn prepare(database_url: &str, settings: Vec<(&'static str, String)>) -> Self {
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let data_dir = std::env::temp_dir().join(format!("purse-crash-{}", uuid::Uuid::new_v4().simple()));
        Self { address, data_dir, database_url: database_url.to_owned(), settings, process: None }
    }

    /// Waits until it has said where it is.
    pub async fn restart(&mut self) {
        let said = self.try_restart().await;
        assert!(said.starts_with("Purse is at"), "{said}");
    }

    /// The same where it may fail, because its database is away. What it said; nothing when it ended in silence.
    pub async fn try_restart(&mut self) -> String {
        self.launch();
        let process = self.process.as_mut().expect("it was launched");
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let said = tokio::time::timeout(Duration::from_secs(60), lines.next_line()).await;
        let said = said.expect("it says where it is within a minute, or ends").unwrap().unwrap_or_default();
        if said.is_empty() {
            self.kill().await;
        }
        said
    }

    /// Does not wait for anything: it may be killed while it starts.
    pub fn launch(&mut self) {
        assert!(self.process.is_none(), "it was killed before");
        let mut command = Command::new(binary());
        command
            .env_clear()
            .envs(["PATH", "HOME"].iter().filter_map(|name| Some((*name, std::env::var_os(name)?))))
            .env("PURSE_LISTEN", self.address.to_string())
            .env("PURSE_PUBLIC_URL", self.origin())
            .env("PURSE_DATA_DIR", &self.data_dir)
            .env("PURSE_MODE", "sandbox")
            .env("DATABASE_URL", &self.database_url)
            .env("PURSE_RATE_PER_MINUTE", "1000000")
            .env("PURSE_STEP_UP_MAJOR", "1000000")
            .env("PURSE_CONFIRM_PAYEE_MAJOR", "1000000")
            .env("RUST_LOG", "error");
        command.envs(self.settings.iter().map(|(name, value)| (*name, value)));
        let process = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("it starts");
        self.process = Some(process);
    }

    /// SIGKILL: nothing is said, nothing is finished.
    pub async fn kill(&mut self) {
        let mut process = self.process.take().expect("it runs");
        process.kill().await.unwrap();
    }

    /// SIGSTOP: it does nothing more, and its connections stay open.
    pub fn freeze(&self) {
        self.signal(Signal::STOP);
    }

    /// SIGCONT: it goes on where it was.
    pub fn thaw(&self) {
        self.signal(Signal::CONT);
    }

    fn signal(&self, signal: Signal) {
        let pid = self.process.as_ref().and_then(Child::id).and_then(|pid| i32::try_from(pid).ok());
        kill_process(pid.and_then(Pid::from_raw).expect("it runs"), signal).unwrap();
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn origin(&self) -> String {
        format!("http://localhost:{}", self.address.port())
    }

    pub fn client(&self) -> Client {
        Client::new(&format!("http://{}", self.address), &self.origin())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Nothing to do about a directory that stays.
        drop(std::fs::remove_dir_all(&self.data_dir));
    }
}

/// `sync-server ARGS`, which ends by itself: its code, and what it said on standard output.
#[allow(clippy::unwrap_used, reason = "a test's tool")]
pub async fn run(database_url: &str, data_dir: &Path, args: &[&str]) -> (Option<i32>, String) {
    let done = Command::new(binary())
        .args(args)
        .env_clear()
        .envs(["PATH", "HOME"].iter().filter_map(|name| Some((*name, std::env::var_os(name)?))))
        .env("PURSE_DATA_DIR", data_dir)
        .env("DATABASE_URL", database_url)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .unwrap();
    (done.status.code(), String::from_utf8(done.stdout).unwrap())
}

/// `PURSE_SERVER_BIN`, or where cargo builds it: beside the directory of this test.
#[allow(clippy::unwrap_used, reason = "a test's tool")]
fn binary() -> PathBuf {
    if let Some(given) = std::env::var_os("PURSE_SERVER_BIN").filter(|given| !given.is_empty()) {
        return given.into();
    }
    let test = std::env::current_exe().unwrap();
    let found = test.ancestors().nth(2).unwrap().join("sync-server");
    assert!(found.is_file(), "build the server first: cargo build -p sync-server, or set PURSE_SERVER_BIN");
    found
}
