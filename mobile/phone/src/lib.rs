//! What Purse needs of a phone and no kept plugin has: a share sheet, the back gesture, covered screens.
//!
//! The Kotlin is in `android/`, the Swift in `ios/`. What they are given to share is made by [`share`], which compiles
//! everywhere; the plugin itself exists on phones alone.

pub mod share;

#[cfg(any(target_os = "android", target_os = "ios"))]
mod plugin;

#[cfg(any(target_os = "android", target_os = "ios"))]
pub use plugin::{Phone, PhoneError, init};
