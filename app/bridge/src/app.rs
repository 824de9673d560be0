//! What an app knows about itself on this device. A page in a browser has nothing of the kind.

use serde::{Deserialize, Serialize};

/// What only an app has (`View::app`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppView {
    /// A passphrase seals the device's keys.
    pub has_passphrase: bool,
}
