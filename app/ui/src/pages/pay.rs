//! Paying: who, how much, review, and what came of it.
//!
//! Architecture invariant: one review, one id. Whatever is tapped twice on it is one payment.

mod amount;
mod draft;
mod flow;
mod giving;
mod order;
mod outcome;
mod payee;
mod review;
mod when;
mod who;

pub use amount::WalletChoice;
pub use draft::{Typed, passkey_from, typed, within_bytes};
pub use flow::{PayTo, RepeatSheet};
pub use giving::use_giving;
pub use order::{Answer, Given, find};
pub use outcome::OutcomeStep;
pub use who::Pay;
