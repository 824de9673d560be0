//! The sync server: verifies what devices signed, settles it atomically in PostgreSQL, and tells each
//! device what happened.
//!
//! Architecture invariants: only `http` knows status codes; only `store` modules hold SQL; only `settings`
//! reads the environment; only `main` (through [`Clock`]) reads the clock; only `settle`'s writer changes
//! balances, feeds and what a device may sign.

pub mod app;
pub mod audit;
pub mod book;
pub mod check;
pub mod exchange;
pub mod gateways;
pub mod http;
pub mod identity;
pub mod intake;
pub mod live;
pub mod network;
pub mod ops;
pub mod reads;
pub mod settings;
pub mod settle;

pub use app::{App, Clock};
