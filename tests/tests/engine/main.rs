//! The apps' engine against a real server: let in by a browser, paying without a network, killed, started again.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

mod asking;
mod asks;
mod desk;
mod killed;
mod let_in;
mod locked;
mod process;
