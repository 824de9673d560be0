//! Words of the business: what the app and the server must agree on to the byte.
//!
//! Architecture invariant: no I/O, no clock, no floats. `now` and randomness are arguments, so that
//! everything here can be tested in a table and builds for wasm and native alike.

pub mod audit;
mod cbor;
pub mod currency;
pub mod exchange;
pub mod fee;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
pub mod handle;
pub mod ids;
pub mod intent;
pub mod limits;
pub mod link;
pub mod money;
pub mod protocol;
pub mod request;
mod secret;
pub mod text;
mod typed;
pub mod vault;

pub use cbor::Malformed;
pub use currency::Currency;
pub use handle::Handle;
pub use ids::*;
pub use money::{Amount, Money, MoneyError};
pub use secret::Secret;

/// Milliseconds since 1970-01-01T00:00:00Z. Only a clock makes one; rules take it as an argument.
pub type UnixMillis = i64;
