//! What stands on a phone alone.

/// Over the camera's picture.
pub const POINT: &str = "Hold the code inside the frame.";
pub const CANCEL: &str = "Cancel";

/// What the phone's own question is for: a finger, a face or its code.
pub const UNLOCK: &str = "Open Purse";
pub const UNLOCK_WHY: &str = "Your wallet is locked.";
