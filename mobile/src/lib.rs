//! Purse on a phone: the engine and its window as on a desktop, with what a phone has besides: a finger or a face
//! before the wallet opens, the share sheet, the back gesture, a tap when a payment is settled.
//!
//! Everything but [`touch`] exists on phones alone; `cargo xtask check-mobile` checks it for them.

pub mod touch;

#[cfg(any(target_os = "android", target_os = "ios"))]
mod handset;
#[cfg(any(target_os = "android", target_os = "ios"))]
mod run;
