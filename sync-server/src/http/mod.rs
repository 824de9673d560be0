//! HTTP: one table of routes, one file that turns errors into problems. Handlers are thin.
//!
//! Never here: SQL, or a business rule.

mod activity;
mod address;
mod audit;
mod blocks;
mod connections;
mod devices;
mod extract;
mod guard;
mod handles;
mod health;
mod identity;
mod links;
mod live;
mod methods;
mod metrics;
mod observe;
mod openapi;
mod passkeys;
mod places;
pub mod problem;
mod quotes;
mod rate;
mod router;
mod serve;
pub mod session;
mod sync;
mod transactions;
mod vault;
mod wallets;
mod web;

pub use extract::{Json, Path, Query};
pub use metrics::{install as install_metrics, upkeep as metrics_upkeep};
pub use openapi::openapi_json;
pub use serve::serve;
