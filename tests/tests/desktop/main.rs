//! The app for desktops, in its real window on a screen in memory, against the real server.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

mod links;
mod locking;
mod money;
mod pictures;
mod start;
mod visits;
mod world;
