//! One file, one page. Each shows a view and sends commands; what two pages share is in `parts`.
//!
//! Every page is one `Screen { title, .. }` with, in this order, `TopBar`, `div.Screen__scroll` and, for
//! the acts, `footer.Screen__foot`. `Screen` is the document's `main`, or a part of the desktop's Pane.

pub mod activity;
pub mod add_money;
pub mod alerts;
mod ask;
pub mod contacts;
mod convert;
#[cfg(test)]
pub(crate) mod fixture;
mod give_back;
mod home;
mod link;
mod lost_phone;
pub mod pay;
pub mod payment;
mod planned;
mod register;
mod scan;
mod settings;
mod settings_close;
mod settings_devices;
mod settings_passkeys;
mod settings_passphrase;
mod settings_recovery;
mod shut;
mod sign_out;
mod stages;
mod wallets;
mod welcome;
mod withdraw;

pub use activity::Activity;
pub use add_money::{AddMissing, AddMoney};
pub use alerts::Alerts;
pub use ask::{Ask, Requests};
pub use contacts::{Contact, Contacts};
pub use convert::Convert;
pub use give_back::GiveBack;
pub use home::Home;
pub use link::{AddDevice, Join, Linking, VisitPage};
pub use lost_phone::LostPhone;
pub use pay::{Pay, PayTo};
pub use payment::Payment;
pub use planned::Planned;
pub use register::Register;
pub use scan::Scan;
pub use settings::Settings;
pub use settings_close::CloseAccount;
pub use settings_devices::Devices;
pub use settings_passkeys::Passkeys;
pub use settings_passphrase::ChangePassphrase;
pub use settings_recovery::RecoveryCode;
pub use shut::ShutPage;
pub use stages::{BrokenPage, LockedPage, Starting};
pub use welcome::Welcome;
pub use withdraw::Withdraw;
