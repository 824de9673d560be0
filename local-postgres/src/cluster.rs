//! An instance, from the caller's side.

use crate::account::Account;
use crate::binaries::{self, Binaries};
use crate::error::{At, StartError};
use crate::home::Home;
use crate::initialise::{initialise, password};
use crate::postmaster::{Manner, Postmaster};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

#[derive(Clone, Debug)]
pub struct Options {
    /// Made when it is not there. Nothing else may live in it.
    pub data_dir: PathBuf,
    /// `false` is for tests: fast, and a crash of the machine may lose everything.
    pub durable: bool,
    pub lifetime: Lifetime,
}

/// When the instance ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifetime {
    /// When the [`Cluster`] is dropped, and also when the process ends without that.
    WithProcess,
    /// At [`Cluster::stop`] only.
    Detached,
}

/// A PostgreSQL that answers.
pub struct Cluster {
    home: Home,
    password: String,
    binaries: Binaries,
    manner: Manner,
    postmaster: Mutex<Postmaster>,
    /// Tells other starts that the instance is no orphan. A guest of another's instance has none.
    _owner: Option<File>,
}

const DETACHED: &str = "detached";

impl std::fmt::Debug for Cluster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Not the password.
        f.debug_struct("Cluster")
            .field("data_dir", &self.data_dir())
            .field("pid", &self.pid())
            .finish_non_exhaustive()
    }
}

impl Cluster {
    /// Finds the instance that runs on this directory, or starts it. Blocks until it answers.
    ///
    /// # Errors
    /// [`StartError`], in words for the person at the machine.
    pub fn start(options: Options) -> Result<Self, StartError> {
        let home = Home::open(&options.data_dir, Account::choose()?)?;
        let starting = home.lock_file("start.lock")?;
        starting.lock().at(home.dir())?;
        let data = home.data();
        let binaries = binaries::find(home.major().map(|major| (major, data.as_path())))?;
        initialise(&home, &binaries, options.durable)?;
        let password = password(&home)?;
        let (postmaster, manner, owner) = find_or_launch(&home, &binaries, &options)?;
        Ok(Self { home, password, binaries, manner, postmaster: Mutex::new(postmaster), _owner: owner })
    }

    /// `postgres://purse:<password>@127.0.0.1:<port>/purse`, a superuser of this instance.
    pub fn url(&self) -> String {
        // Hexadecimal needs no escaping.
        format!("postgres://purse:{}@127.0.0.1:{}/purse", self.password, self.lock().port())
    }

    /// Where it really is: not always the asked directory, see README.
    pub fn data_dir(&self) -> &Path {
        self.home.dir()
    }

    pub fn pid(&self) -> u32 {
        self.lock().pid()
    }

    /// `kill -9` of the server, for tests of crashes.
    pub fn kill(&self) {
        self.lock().kill();
    }

    /// In order. [`restart`](Self::restart) starts it again.
    pub fn stop(&self) {
        self.lock().stop(&self.home);
    }

    /// Stopped if it runs, then started, with the same port, password and data.
    ///
    /// # Errors
    /// [`StartError`]
    pub fn restart(&self) -> Result<(), StartError> {
        let starting = self.home.lock_file("start.lock")?;
        starting.lock().at(self.home.dir())?;
        let mut postmaster = self.lock();
        postmaster.stop(&self.home);
        *postmaster = match Postmaster::running(&self.home)? {
            Some(running) => running,
            None => Postmaster::launch(&self.home, &self.binaries, self.manner)?,
        };
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Postmaster> {
        // What it guards is whole even when a holder panicked.
        self.postmaster.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The server; how to run it again; and the lock that says that it ends with this process.
fn find_or_launch(
    home: &Home,
    binaries: &Binaries,
    options: &Options,
) -> Result<(Postmaster, Manner, Option<File>), StartError> {
    let owner = home.lock_file("owner.lock")?;
    let is_owned = owner.try_lock().is_err();
    let is_detached = home.read(DETACHED)?.as_deref() == Some("yes");
    let mut running = Postmaster::running(home)?;
    if let Some(orphan) = running.as_mut().filter(|_| !is_owned && !is_detached) {
        // Its owner has just died, and it is about to be ended: one that surely stays takes its place.
        orphan.stop(home);
        running = None;
    }
    let durable = options.durable;
    if let Some(running) = running {
        return Ok((running, Manner { durable, watched: false }, None));
    }
    let watched = options.lifetime == Lifetime::WithProcess;
    home.write(DETACHED, if watched { "no" } else { "yes" })?;
    let manner = Manner { durable, watched };
    let launched = Postmaster::launch(home, binaries, manner)?;
    Ok((launched, manner, (watched && !is_owned).then_some(owner)))
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if self.manner.watched {
            self.stop();
        }
    }
}
