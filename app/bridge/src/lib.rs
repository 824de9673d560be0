//! All that the UI and the core share: what a person asks for ([`Command`]) and what they see ([`View`]).
//!
//! Architecture invariant: values only. No keys, no bytes to sign, no HTTP: a [`View`] may be shown to
//! another tab or cross into a webview as it is. Money is `purse_shared::Money`, times are Unix milliseconds.

mod command;
mod receipt;
mod shut;
mod view;

pub use command::*;
pub use receipt::*;
pub use shut::*;
pub use view::*;

pub use purse_shared::fee::{Fee, Fees};
pub use purse_shared::intent::{Every, Plan};
pub use purse_shared::{
    Amount, Currency, DeviceId, Handle, MethodId, Money, MoneyError, QuoteId, Secret, TransactionId,
    UnixMillis, UserId, WalletId, limits,
};
