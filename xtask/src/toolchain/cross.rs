//! A compiler that checks for another system than this one: phones, Windows.

use super::{Toolchain, ensure_for, remap};
use crate::Failure;
use crate::place::Place;
use crate::shell::cargo;
use std::process::Command;

/// Somebody else's machine, as rustc names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum System {
    Android,
    Ios,
    Windows,
}

impl System {
    pub const fn triple(self) -> &'static str {
        match self {
            Self::Android => "aarch64-linux-android",
            Self::Ios => "aarch64-apple-ios",
            Self::Windows => "x86_64-pc-windows-gnu",
        }
    }
}

/// # Errors
/// What to install by hand.
pub fn ensure(place: &Place, system: System) -> Result<Toolchain, Failure> {
    ensure_for(place, system.triple(), "the app is checked for it")
}

/// `cargo <what> --target …` for this system, in a target directory of its own.
pub fn cargo_for(toolchain: &Toolchain, place: &Place, system: System, what: &str) -> Command {
    let mut command = cargo(place);
    command.arg(what).args(["--target", system.triple()]);
    command.env("CARGO_TARGET_DIR", place.cross_target());
    command.env_remove("RUSTFLAGS").env("CARGO_ENCODED_RUSTFLAGS", remap(place).join("\u{1f}"));
    if let Toolchain::Debian(unpacked) = toolchain {
        unpacked.apply(&mut command);
    }
    command
}
