//! The app in a real Chromium against the real server: what a person sees and what the ledger holds must agree.
#![allow(clippy::unwrap_used)]

mod access;
mod approval;
mod back;
mod closing;
mod devices;
mod find;
mod inside;
mod links;
mod orders;
mod pay;
mod requests;
mod tabs;
