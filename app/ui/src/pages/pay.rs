//! Paying: who, how much, review, and what came of it.
//!
//! Architecture invariant: one review, one id. Whatever is tapped twice on it is one payment.

mod amount;
mod awaited;
mod confirm;
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
pub use awaited::use_awaited;
pub use confirm::{ConfirmButton, PasskeyNote};
pub use costs::{Costs, in_all};
pub use draft::{from_wallet, passkey_from, payee as known_payee, typed, within_bytes};
pub use flow::{PayTo, RepeatSheet};
pub use giving::{use_giving, use_two_steps};
pub use hint::amount_hint;
pub use order::{Answer, find};
pub use outcome::OutcomeStep;
pub use who::Pay;
