//! The store and the keys of an app, on real disks and real keychains, through what happens to them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

mod copied;
mod crash;
mod damage;
mod engine;
mod fake_keychain;
mod full;
mod keys;
mod passphrase;
mod place;
mod secret_service;
mod store;
