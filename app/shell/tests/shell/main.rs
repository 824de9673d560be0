//! The store and the keys of an app, on real disks and real keychains, through what happens to them.

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
