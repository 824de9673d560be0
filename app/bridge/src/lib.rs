//! All that the UI and the core share: what a person asks for ([`Command`]) and what they see ([`View`]).
//!
//! Architecture invariant: values only. No keys, no bytes to sign, no HTTP: a [`View`] may be shown to
//! another tab or cross into a webview as it is. Money is `purse_shared::Money`, times are Unix milliseconds.

mod app;
mod command;
mod link;
mod notice;
mod receipt;
mod request;
mod search;
mod shut;
mod view;
mod window;

pub use app::*;
pub use command::*;
pub use link::*;
pub use notice::*;
pub use receipt::*;
pub use request::*;
pub use search::*;
pub use shut::*;
pub use view::*;
pub use window::*;

pub use purse_shared::fee::{Fee, Fees};
pub use purse_shared::find;
pub use purse_shared::intent::{Every, Plan};
pub use purse_shared::link::{Act, DeviceKind, LinkHash};
pub use purse_shared::protocol::LinkState;
pub use purse_shared::request::emv::EmvFault;
pub use purse_shared::request::epc::EpcFault;
pub use purse_shared::request::{LinkFault, Reference, Request, RequestNote, ScanError, Sum};
pub use purse_shared::{
    Amount, Currency, DeviceId, Handle, MethodId, Money, MoneyError, QuoteId, Secret, TransactionId,
    UnixMillis, UserId, WalletId, limits,
};
