//! One payment: what happened to it, a private note, and what can be done about it.

mod acts;
mod again;
mod detail;
mod next;
mod note;
mod receipt;
mod steps;
mod told;
mod trouble;

pub use acts::Acts;
pub use detail::Payment;
pub use next::other_wallet;
pub use told::{Steps, Why};
