//! What stands around the alerts.

pub const TITLE: &str = "Alerts";
pub const NEW: &str = "New";
pub const EARLIER: &str = "Earlier";
pub const EMPTY_TITLE: &str = "No alerts";
pub const EMPTY_TEXT: &str =
    "Money that comes in, answers to your payments, and changes to your devices and passkeys show up here.";
pub const SEE_DEVICES: &str = "See your devices";
pub const SEE_PASSKEYS: &str = "See your passkeys";
pub const SEE_CODE: &str = "See the recovery code";
