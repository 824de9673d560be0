//! What the end-to-end tests share: a real server on a free port with a database of its own, people with soft
//! passkeys and devices, and the requests they make.

pub mod books;
pub mod browser;
pub mod database;
#[cfg(target_os = "linux")]
pub mod desk;
mod every_order;
pub mod person;
pub mod process;
pub mod proxy;
pub mod server;
pub mod sim;
pub mod soft_passkey;
pub mod strangers;
pub mod visit;

pub use every_order::every_order;
pub use person::{Person, TestDevice};
pub use server::{Answer, Client, TestClock, TestServer, http};
pub use soft_passkey::{SoftPasskey, Twist};
