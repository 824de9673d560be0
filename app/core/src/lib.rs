//! The client engine, without UI: keys, store, intents, outbox, book, sync, view. A state machine fed by
//! commands, time and answers, so that a test runs a hundred devices through weeks of bad network in seconds.
//!
//! Read [`core::Core`] first, then `pay` (a payment from the tap to the outbox) and `sync` (from there on).
//!
//! Architecture invariant: no browser, no operating system, no clock of its own; everything outside comes
//! through [`ports`].

mod access;
mod api;
mod book;
mod close;
mod core;
mod device;
mod failure;
mod host_acts;
mod ledger;
mod link;
mod manage;
mod orders;
mod outbox;
mod passkey;
mod pay;
pub mod ports;
mod qr;
mod queue_file;
mod receipt;
mod requests;
mod schedule;
mod search;
pub mod store;
mod sync;
mod vault;
mod view;

pub use core::Core;
pub use purse_shared::vault::DataKey;
pub use schedule::Round;
