//! The app for desktops: its pages, then itself around them.

use crate::Failure;
use crate::packages::{self, WEBKIT};
use crate::place::{Place, Profile};
use crate::shell::{cargo, read, run};
use crate::toolchain;
use crate::web::{self, Effort};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, ExitCode};

/// Wasm alone, and built apart: `--exclude` for whatever is built for this machine.
pub const WASM: [&str; 4] = ["--exclude", "purse-web", "--exclude", "purse-webview"];
/// What needs WebKitGTK.
pub const WINDOWS: [&str; 4] = ["--exclude", "purse-desktop", "--exclude", "purse-native"];
/// The program.
pub const PROGRAM: &str = "purse";

/// Builds it and becomes it. Returns only when something failed.
///
/// # Errors
/// What is missing, or does not build.
pub fn start(place: &Place, release: bool) -> Result<ExitCode, Failure> {
    println!("cargo builds in {}", place.target.display());
    let profile = if release { Profile::Release } else { Profile::Dev };
    let effort = if release { Effort::Small } else { Effort::Fast };
    pages(place, effort)?;
    println!("building the app");
    let mut build = cargo(place);
    // With the workspace's features, so that this and the tests compile every crate once.
    build.args(["build", "--workspace", "--bin", PROGRAM]).args(WASM);
    if release {
        build.arg("--release");
    }
    run(with_pages(&mut build, place))?;
    println!("it looks for its server at PURSE_SERVER, or at http://localhost:8420 ('cargo xtask run')");
    Err(Command::new(place.built(profile, PROGRAM)).exec().into())
}

/// Builds the pages, and looks for what the window around them needs.
///
/// # Errors
/// What is missing, or does not build.
pub fn pages(place: &Place, effort: Effort) -> Result<(), Failure> {
    ensure()?;
    let toolchain = toolchain::ensure(place)?;
    web::build_window(place, &toolchain, effort)
}

/// WebKitGTK, where windows are made of it.
///
/// # Errors
/// The packages to install by hand.
pub fn ensure() -> Result<(), Failure> {
    if is_there() {
        return Ok(());
    }
    packages::install(&WEBKIT)?;
    if is_there() { Ok(()) } else { Err("WebKitGTK was installed, but pkg-config does not find it".into()) }
}

pub fn is_there() -> bool {
    !cfg!(target_os = "linux")
        || read(Command::new("pkg-config").args(["--exists", "webkit2gtk-4.1"])).is_ok()
}

/// Tells the app's build where its pages are.
pub fn with_pages<'a>(command: &'a mut Command, place: &Place) -> &'a mut Command {
    command.env("TAURI_CONFIG", config(&place.window_dist()))
}

/// What replaces a part of `tauri.conf.json`.
pub fn config(pages: &Path) -> String {
    serde_json::json!({ "build": { "frontendDist": pages } }).to_string()
}
