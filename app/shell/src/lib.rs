//! The core's home outside a browser: what the desktop app and the phone app run. A store on disk, keys in the
//! system's keychain, a connection of its own, and a thread on which the core lives. No window is known here.
//!
//! Read [`Engine`] first, then `engine` (from the folder to the running core).
//!
//! Architecture invariant: views leave this crate and commands enter it; no key, token or passphrase ever leaves.

mod engine;
pub mod folder;
mod host;
pub mod keys;
mod server;
mod setup;
pub mod store;
mod tasks;
#[cfg(test)]
mod testing;
mod visit;

pub use engine::Engine;
pub use setup::{Around, Clock, Confirm, KeychainChoice, Moment, Setup, device_name};

/// From the operating system's generator.
///
/// # Panics
/// Where the system gives none: without randomness there are no keys, ids or nonces, and going on would be worse.
#[allow(clippy::expect_used, reason = "see above")]
fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives random numbers");
    bytes
}

fn random_id() -> uuid::Uuid {
    uuid::Builder::from_random_bytes(random()).into_uuid()
}
