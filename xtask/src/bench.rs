//! `cargo xtask bench client`: what the person at the screen waits for, some of it in a real browser.
//! `cargo xtask bench settle`: what the server settles, measured against pgbench.

use crate::args::CLIENT_ALONE;
use crate::desktop::{self, PROGRAM, WASM, WINDOWS, with_pages};
use crate::place::{Place, Profile};
use crate::shell::{cargo, run as run_command};
use crate::test::{clean, ensure_keychain, windows};
use crate::web::{self, Effort};
use crate::{Failure, chromium, packages, toolchain};
use packages::POSTGRES;
use std::process::{Command, ExitCode};

/// Prints figures and aims. A missed aim is told, and is no failure: machines differ. Without `parts`: all of them.
///
/// # Errors
/// What is missing, does not build, or does not run.
pub fn client(place: &Place, parts: &[String]) -> Result<ExitCode, Failure> {
    println!("cargo builds in {}", place.target.display());
    let mut command = Command::new(place.built(Profile::Release, "bench-client"));
    clean(&mut command);
    if local_postgres::find_binaries(None).is_err() {
        packages::install(&POSTGRES)?;
    }
    let is_alone = |part: &String| CLIENT_ALONE.contains(&part.as_str());
    if parts.is_empty() || !parts.iter().all(is_alone) {
        let toolchain = toolchain::ensure(place)?;
        let chromium = chromium::ensure()?;
        web::build(place, &toolchain, Effort::Small)?;
        command.env("PURSE_WEB_DIR", place.web_dist());
        command.env("CHROMIUM", &chromium.browser).env("CHROMEDRIVER", &chromium.driver);
    }
    println!("building the bench and the server in it");
    // With the workspace's features, so that this and `run --release` compile every crate once.
    let bench = ["build", "--release", "--workspace", "--bin", "bench-client"];
    run_command(cargo(place).args(bench).args(WASM).args(WINDOWS))?;
    // Without one the other figures can be had all the same.
    if (parts.is_empty() || parts.iter().any(|part| part == "enqueue"))
        && let Err(why) = ensure_keychain()
    {
        command.env("PURSE_NO_KEYCHAIN", why.to_string());
    }
    if parts.is_empty() || parts.iter().any(|part| part == "desktop") {
        // Without it the other figures can be had all the same.
        if let Err(why) = desktop_app(place, &mut command) {
            command.env("PURSE_NO_APP", why.to_string());
        }
    }
    run_command(command.args(parts).env("RUST_LOG", "off"))?;
    Ok(ExitCode::SUCCESS)
}

/// Builds the app for desktops as it is given to people, and tells the bench where it and its driver are.
fn desktop_app(place: &Place, bench: &mut Command) -> Result<(), Failure> {
    if !cfg!(target_os = "linux") {
        return Err("its window is driven on Linux alone".into());
    }
    let windows = windows()?;
    ensure_keychain()?;
    desktop::pages(place, Effort::Small)?;
    let mut build = cargo(place);
    build.args(["build", "--release", "--workspace", "--bin", PROGRAM]).args(WASM);
    run_command(with_pages(&mut build, place))?;
    bench.env("PURSE_APP_BIN", place.built(Profile::Release, PROGRAM));
    bench.env("PURSE_XVFB", windows.screen).env("PURSE_WEBKIT_DRIVER", windows.driver);
    Ok(())
}

/// # Errors
/// What is missing, does not build, or does not run; and books that are off.
pub fn settle(place: &Place, options: &[String]) -> Result<ExitCode, Failure> {
    println!("cargo builds in {}", place.target.display());
    if local_postgres::find_binaries(None).is_err() {
        packages::install(&POSTGRES)?;
    }
    let bench = ["build", "--release", "--workspace"];
    run_command(cargo(place).args(bench).args(WASM).args(WINDOWS).args([
        "--bin",
        "bench-settle",
        "--bin",
        "sync-server",
    ]))?;
    let mut command = Command::new(place.built(Profile::Release, "bench-settle"));
    clean(&mut command);
    command.args(options).env("RUST_LOG", "off");
    command.env("PURSE_SERVER_BIN", place.server(Profile::Release));
    run_command(&mut command)?;
    Ok(ExitCode::SUCCESS)
}
