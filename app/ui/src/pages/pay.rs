//! Paying: who, how much, review, and what came of it.
//!
//! Architecture invariant: one review, one id. Whatever is tapped twice on it is one payment.

mod amount;
mod draft;
mod flow;
mod order;
mod outcome;
mod payee;
mod review;
mod who;

pub use flow::{PayTo, RepeatSheet};
pub use order::{Answer, Given, find};
pub use who::Pay;
