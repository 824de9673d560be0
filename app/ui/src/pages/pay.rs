//! Paying: who, how much, review, and what came of it.
//!
//! Architecture invariant: one review, one id. Whatever is tapped twice on it is one payment.

mod amount;
mod costs;
mod draft;
mod flow;
mod giving;
mod hint;
mod order;
mod outcome;
mod payee;
mod review;
mod when;
mod who;

pub use amount::WalletChoice;
pub use costs::{Costs, in_all};
pub use draft::{likely_wallet, passkey_from, payee as known_payee, typed, wallet_of, within_bytes};
pub use flow::{PayTo, RepeatSheet};
pub use giving::{use_another_order, use_giving};
pub use hint::amount_hint;
pub use order::{Answer, Given, find};
pub use outcome::OutcomeStep;
pub use who::Pay;
