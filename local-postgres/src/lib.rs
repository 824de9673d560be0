//! A private PostgreSQL in a directory: found on the machine (or fetched), initialised, started, reused, stopped.
//!
//! For `cargo xtask run` without a `DATABASE_URL`, and for tests. Everything here blocks: call it from
//! `spawn_blocking` in async code.
//!
//! What always holds: it listens on the loopback only and with a generated password; a directory has one
//! instance, and a second start finds the first; port and password stay the same for the directory's life
//! (the port changes only when another program has taken it).
//!
//! Never here: SQL of Purse, and any knowledge of what the database is for.

mod account;
mod binaries;
mod cluster;
mod error;
mod home;
mod initialise;
mod lock_file;
mod npm;
mod postmaster;
mod probe;
mod watcher;

pub use binaries::{Binaries, find as find_binaries, find_installed};
pub use cluster::{Cluster, Lifetime, Options};
pub use error::StartError;
