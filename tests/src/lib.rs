//! What the end-to-end tests share: a real server on a free port with a database of its own, people with soft
//! passkeys and devices, and the requests they make.

pub mod alone;
pub mod books;
pub mod branches;
pub mod browser;
pub mod database;
#[cfg(target_os = "linux")]
pub mod desk;
mod every_order;
pub mod own_postgres;
pub mod person;
pub mod process;
pub mod proxy;
pub mod seed;
pub mod server;
pub mod sim;
pub mod soft_passkey;
pub mod strangers;
pub mod visit;

pub use every_order::every_order;
pub use person::{Person, TestDevice};
pub use server::{Answer, Client, TestClock, TestServer, http};
pub use soft_passkey::{SoftPasskey, Twist};

use purse_shared::{Amount, Currency};
use std::time::Duration;

/// So many cents.
///
/// # Panics
/// When they are none, or more than an amount can be.
#[allow(clippy::unwrap_used, reason = "a test's tool")]
pub fn euro(minor: i64) -> Amount {
    Amount::new(minor, Currency::EUR).unwrap()
}

/// Looks again and again until `holds`.
///
/// # Panics
/// With `what`, when it does not hold within that time.
pub async fn until(within: Duration, what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let waited = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    assert!(tokio::time::timeout(within, waited).await.is_ok(), "never: {what}");
}
