//! Everything that must hold before something lands, in one command. `.ci/run` calls it.
//!
//! A failing step does not keep the later ones from running; the last line is always `N passed, M failed`.

mod axe;
mod keychain;
mod native;
mod summary;

use crate::Failure;
use crate::args::Part;
use crate::chromium;
use crate::desktop::{self, WASM, WINDOWS};
use crate::packages::{self, POSTGRES, WINDOW_TESTS};
use crate::place::Place;
use crate::shell::{cargo, find, run as run_command};
use crate::steps::Steps;
use crate::toolchain::{self, Toolchain};
use crate::web::{self, Effort};
pub use keychain::{ensure as ensure_keychain, is_there as keychain_is_there};
pub use native::clean;
use native::{Browser, Database, Means, Scope, Windows};
use std::process::ExitCode;
use summary::Summary;

pub fn run(place: &Place, only: Option<Part>) -> ExitCode {
    println!("cargo builds in {}", place.target.display());
    let mut steps = Steps::default();
    let mut summary = Summary::default();
    let wants = |part| only.is_none_or(|only| only == part);

    let needs_wasm = wants(Part::Web) || wants(Part::Clippy) || wants(Part::EndToEnd);
    let toolchain = needs_wasm.then(|| steps.take("set-up: wasm", || toolchain::ensure(place))).flatten();
    let mut means = Means::default();
    if wants(Part::EndToEnd) {
        means.browser = steps.take("set-up: browser", || browser(place));
    }
    let wants_windows = wants(Part::Clippy) || wants(Part::Unit) || wants(Part::EndToEnd);
    // Elsewhere they are made of other things, and nothing drives them there.
    if wants_windows && cfg!(target_os = "linux") {
        means.windows = steps.take("set-up: windows", windows);
    }
    if wants(Part::Fmt) {
        steps.take("fmt", || run_command(cargo(place).args(["fmt", "--all", "--check"])));
    }
    if wants(Part::Clippy) {
        steps.take("clippy", || clippy(place, means.windows.is_some()));
        if let Some(toolchain) = toolchain.as_ref().filter(|toolchain| toolchain.has_clippy()) {
            steps.take("clippy for wasm", || clippy_for_wasm(place, toolchain));
        }
    }
    if let Some(toolchain) = toolchain.as_ref().filter(|_| wants(Part::Web) || wants(Part::EndToEnd)) {
        steps.take("the app", || web::build_all(place, toolchain, Effort::Small));
    }
    if wants(Part::Unit) || wants(Part::EndToEnd) {
        let scope = match only {
            Some(Part::Unit) => Scope::Unit,
            Some(Part::EndToEnd) => Scope::EndToEnd,
            _ => Scope::All,
        };
        tests(place, scope, &means, &mut steps, &mut summary);
    }

    println!("\n{}", steps.table());
    for name in &summary.failures {
        println!("failed: {name}");
    }
    // A step that failed is one failure: without it, a broken build would end in "0 failed".
    let failed = summary.failed + u64::try_from(steps.failed()).unwrap_or(u64::MAX);
    println!("{} passed, {failed} failed", summary.passed);
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn browser(place: &Place) -> Result<Browser, Failure> {
    Ok(Browser { chromium: chromium::ensure()?, axe: axe::ensure(&place.cache)? })
}

/// What the desktop app is built with and driven by.
pub fn windows() -> Result<Windows, Failure> {
    desktop::ensure()?;
    let find_both = || find("Xvfb").zip(find("WebKitWebDriver"));
    if find_both().is_none() {
        packages::install(&WINDOW_TESTS)?;
    }
    let (screen, driver) = find_both().ok_or("Xvfb and WebKitWebDriver are not in PATH")?;
    Ok(Windows { screen, driver })
}

fn tests(place: &Place, scope: Scope, means: &Means, steps: &mut Steps, summary: &mut Summary) {
    if steps.take("build", || native::build(place, scope, means.windows.is_some())).is_none() {
        return;
    }
    steps.take("keychain", keychain::ensure);
    let Some(database) = steps.take("database", || database(place)) else { return };
    steps.take("tests", || native::test(place, scope, &database, means, summary));
    steps.take("clean-up", || database.remove());
}

fn database(place: &Place) -> Result<Database, Failure> {
    if local_postgres::find_binaries(None).is_err() {
        packages::install(&POSTGRES)?;
    }
    Database::start(place)
}

fn clippy(place: &Place, windows: bool) -> Result<(), Failure> {
    let mut clippy = cargo(place);
    clippy.args(["clippy", "--workspace", "--all-targets"]).args(WASM);
    if !windows {
        clippy.args(WINDOWS);
    }
    run_command(clippy.args(["--", "-D", "warnings"]))
}

/// What only the browser build compiles. Into the wasm build's own directory.
fn clippy_for_wasm(place: &Place, toolchain: &Toolchain) -> Result<(), Failure> {
    let mut clippy = toolchain.cargo(place, "clippy");
    run_command(
        clippy
            .args(["-p", "purse-web", "-p", "purse-webview", "-p", "purse-scan"])
            .args(["--", "-D", "warnings"]),
    )
}
