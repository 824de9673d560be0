//! The one server process of a directory: found, launched, signalled, awaited.

use crate::binaries::Binaries;
use crate::error::{At, StartError};
use crate::home::Home;
use crate::lock_file::{Noted, is_ours};
use crate::probe;
use crate::watcher::Watcher;
use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use std::fs;
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Child;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Recovery after a crash may take its time.
const START_PATIENCE: Duration = Duration::from_secs(180);
const STOP_PATIENCE: Duration = Duration::from_secs(30);
const QUIT_PATIENCE: Duration = Duration::from_secs(5);
const TICK: Duration = Duration::from_millis(25);
/// Obstacles that go away by themselves: a port just taken, children of a killed server still ending.
const ATTEMPTS: u32 = 40;
const ATTEMPT_PAUSE: Duration = Duration::from_millis(250);
const LOG_BYTES_MAX: u64 = 8 << 20;
const TAIL_BYTES: u64 = 2_000;

#[derive(Debug)]
pub struct Postmaster {
    pid: Pid,
    port: u16,
    /// When this process launched it: to be waited for, or it would stay as a zombie that holds its lock file.
    child: Option<Child>,
    /// When it must not outlive this process.
    watcher: Option<Watcher>,
}

/// How to run it.
#[derive(Clone, Copy, Debug)]
pub struct Manner {
    pub durable: bool,
    /// It ends when this process does, however that happens.
    pub watched: bool,
}

impl Postmaster {
    pub fn port(&self) -> u16 {
        self.port
    }
    pub fn pid(&self) -> u32 {
        self.pid.as_raw_nonzero().get().unsigned_abs()
    }

    /// The one that runs on this directory and answers.
    pub fn running(home: &Home) -> Result<Option<Self>, StartError> {
        let deadline = Instant::now() + START_PATIENCE;
        loop {
            let Some(noted) = Noted::read(&home.data())? else { return Ok(None) };
            if !is_ours(noted.pid, &home.data()) {
                noted.remove_if_recycled(&home.data())?;
                return Ok(None);
            }
            if let Some(port) = noted.port.filter(|port| probe::is_ready(*port)) {
                return Ok(Some(Self { pid: noted.pid, port, child: None, watcher: None }));
            }
            // Starting, or ending.
            if Instant::now() > deadline {
                return Err(StartError::Silent { log: home.log(), seconds: START_PATIENCE.as_secs() });
            }
            sleep(TICK);
        }
    }

    /// Starts one and waits until it answers.
    pub fn launch(home: &Home, binaries: &Binaries, manner: Manner) -> Result<Self, StartError> {
        let mut attempt = 0;
        loop {
            attempt += 1;
            let port = choose_port(home)?;
            let log_from = rotate_log(home)?;
            let mut launched = Self::spawn(home, binaries, manner, port)?;
            match launched.wait_until_ready(home, log_from) {
                Ok(()) => return Ok(launched),
                Err(StartError::Ended { tail, .. }) if attempt < ATTEMPTS && will_pass(&tail) => {
                    sleep(ATTEMPT_PAUSE);
                }
                Err(error) => {
                    launched.kill();
                    return Err(error);
                }
            }
        }
    }

    fn spawn(home: &Home, binaries: &Binaries, manner: Manner, port: u16) -> Result<Self, StartError> {
        let log = fs::File::options().append(true).create(true).open(home.log()).at(&home.log())?;
        let copy = log.try_clone().at(&home.log())?;
        let program = binaries.program("postgres");
        let mut postgres = home.account.command(&program, home.dir());
        postgres.arg("-D").arg(home.data());
        for setting in settings(manner.durable, port, wal_compression(binaries)) {
            postgres.arg("-c").arg(setting);
        }
        // Its own group: Ctrl-C is for Purse, which still needs the database to end in order.
        let child = postgres.process_group(0).stdout(log).stderr(copy).spawn().at(&program)?;
        let raw = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        let pid = raw.ok_or_else(|| std::io::Error::other("no process id")).at(&program)?;
        let mut launched = Self { pid, port, child: Some(child), watcher: None };
        if manner.watched {
            match Watcher::start(home, launched.pid()) {
                Ok(watcher) => launched.watcher = Some(watcher),
                Err(error) => {
                    launched.kill();
                    return Err(error);
                }
            }
        }
        Ok(launched)
    }

    fn wait_until_ready(&mut self, home: &Home, log_from: u64) -> Result<(), StartError> {
        let deadline = Instant::now() + START_PATIENCE;
        loop {
            if self.is_gone(home) {
                let log = home.log();
                let tail = tail(&log, log_from).at(&log)?;
                return Err(StartError::Ended { log, tail });
            }
            if probe::is_ready(self.port) {
                return Ok(());
            }
            if Instant::now() > deadline {
                return Err(StartError::Silent { log: home.log(), seconds: START_PATIENCE.as_secs() });
            }
            sleep(TICK);
        }
    }

    /// In order: connections are closed, everything is written. Harder when it takes too long.
    pub fn stop(&mut self, home: &Home) {
        for (signal, patience) in [(Signal::INT, STOP_PATIENCE), (Signal::QUIT, QUIT_PATIENCE)] {
            self.signal(home, signal);
            let deadline = Instant::now() + patience;
            while Instant::now() < deadline {
                if self.is_gone(home) {
                    self.watcher = None;
                    return;
                }
                sleep(TICK);
            }
        }
        self.kill();
    }

    /// At once, as a crash does.
    pub fn kill(&mut self) {
        self.watcher = None;
        match &mut self.child {
            Some(child) => {
                // Fails only when it has ended.
                let _ended_already = child.kill();
                let _reaped_already = child.wait();
            }
            None => {
                let _gone_already = kill_process(self.pid, Signal::KILL);
                let deadline = Instant::now() + QUIT_PATIENCE;
                while test_kill_process(self.pid).is_ok() && Instant::now() < deadline {
                    sleep(TICK);
                }
            }
        }
    }

    pub fn is_gone(&mut self, home: &Home) -> bool {
        match &mut self.child {
            Some(child) => !matches!(child.try_wait(), Ok(None)),
            None => !is_ours(self.pid, &home.data()),
        }
    }

    fn signal(&mut self, home: &Home, signal: Signal) {
        // Never to a process that has got the number since.
        if !self.is_gone(home) {
            let _gone_already = kill_process(self.pid, signal);
        }
    }
}

/// LZ4 costs a fraction of PostgreSQL's own, where it was built with it.
fn wal_compression(binaries: &Binaries) -> &'static str {
    let asked = std::process::Command::new(binaries.program("pg_config")).arg("--configure").output();
    let has_lz4 = asked.is_ok_and(|told| String::from_utf8_lossy(&told.stdout).contains("--with-lz4"));
    if has_lz4 { "wal_compression=lz4" } else { "wal_compression=on" }
}

fn settings(durable: bool, port: u16, wal_compression: &str) -> Vec<String> {
    let mut settings = vec![
        "listen_addresses=127.0.0.1".to_owned(),
        format!("port={port}"),
        "unix_socket_directories=".to_owned(),
        "logging_collector=off".to_owned(),
        "log_destination=stderr".to_owned(),
        "password_encryption=scram-sha-256".to_owned(),
    ];
    if durable {
        // What it is installed with is for machines of long ago: the writer would write out pages to make room.
        let roomy = ["max_connections=100", "shared_buffers=512MB", "max_wal_size=4GB", wal_compression];
        settings.extend(roomy.map(str::to_owned));
    } else {
        // `synchronous_commit` stays on: without it a killed server forgets commits, and tests of crashes would
        // see what no real one does. Without fsync it costs next to nothing.
        let fast = ["fsync=off", "full_page_writes=off", "max_connections=400"];
        settings.extend(fast.map(str::to_owned));
    }
    settings
}

/// The directory's port, as long as nobody else has taken it.
fn choose_port(home: &Home) -> Result<u16, StartError> {
    if let Some(kept) = home.read("port")?.and_then(|text| text.parse().ok()) {
        for _ in 0..20 {
            if probe::is_free(kept) {
                return Ok(kept);
            }
            sleep(TICK * 4);
        }
    }
    let port = probe::free_port().at(home.dir())?;
    home.write("port", &port.to_string())?;
    Ok(port)
}

fn will_pass(tail: &str) -> bool {
    ["Address already in use", "pre-existing shared memory block", "lock file \"postmaster.pid\""]
        .iter()
        .any(|obstacle| tail.contains(obstacle))
}

/// Where this start's lines will begin.
fn rotate_log(home: &Home) -> Result<u64, StartError> {
    let log = home.log();
    let length = fs::metadata(&log).map(|metadata| metadata.len()).unwrap_or(0);
    if length < LOG_BYTES_MAX {
        return Ok(length);
    }
    fs::rename(&log, home.file("log.old")).at(&log)?;
    Ok(0)
}

fn tail(log: &Path, from: u64) -> std::io::Result<String> {
    let mut file = fs::File::open(log)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(from.max(length.saturating_sub(TAIL_BYTES))))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).trim().to_owned())
}
