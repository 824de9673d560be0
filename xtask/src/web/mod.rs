//! The app for browsers: wasm from cargo, its JavaScript from wasm-bindgen, smaller by wasm-opt, and beside it the
//! files that are the same for everyone, each named in the service worker's list and compressed.

mod bindgen;
mod dist;
mod optimise;
mod placeholders;
mod stamp;
#[cfg(test)]
mod tokens;
mod twins;
mod window_page;

use crate::Failure;
use crate::place::Place;
use crate::shell::run;
use crate::steps::minutes;
use crate::toolchain::{TARGET, Toolchain};
use dist::{Host, Public};
use stamp::Stamp;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// A module of wasm: its package, and what its files are called.
#[derive(Clone, Copy, Debug)]
pub struct Module {
    package: &'static str,
    name: &'static str,
}

/// What the app for browsers is made of.
const WEB: [Module; 2] = [Module { package: "purse-web", name: "purse" }, SCAN];
/// The pages of a native window, without the engine.
const WINDOW: [Module; 2] = [Module { package: "purse-webview", name: "pages" }, SCAN];
/// What reads codes in pictures: a worker's, when somebody scans.
const SCAN: Module = Module { package: "purse-scan", name: "purse-scan" };
/// What both show alike.
const SHARED: [&str; 8] = [
    "/app.css",
    "/components.css",
    "/fonts/",
    "/icons/icon.svg",
    window_page::PATH,
    "/scan-worker.js",
    "/theme.js",
    "/tokens.css",
];

/// What the build spends its time on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effort {
    /// What people download.
    Small,
    /// For working on pages: optimised and compressed a little, compiled in a fraction of the time.
    Fast,
}

impl Effort {
    const fn profile(self) -> &'static str {
        match self {
            Self::Small => "wasm",
            Self::Fast => "wasm-fast",
        }
    }
}

/// What the browser downloads, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    pub raw: u64,
    pub gzip: u64,
    pub brotli: u64,
}

impl Size {
    fn of(&mut self, twin: twins::Twin) -> &mut u64 {
        match twin {
            twins::Twin::Brotli => &mut self.brotli,
            twins::Twin::Gzip => &mut self.gzip,
        }
    }
}

/// Builds what has changed; the finished app is in [`Place::web_dist`].
///
/// # Errors
/// The compiler's, or what is missing.
pub fn build(place: &Place, toolchain: &Toolchain, effort: Effort) -> Result<(), Failure> {
    compile(place, toolchain, effort, &WEB)?;
    finish_web(place, effort)
}

/// The pages of the apps for desktop and phone, in [`Place::window_dist`].
///
/// # Errors
/// The compiler's, or what is missing.
pub fn build_window(place: &Place, toolchain: &Toolchain, effort: Effort) -> Result<(), Failure> {
    compile(place, toolchain, effort, &WINDOW)?;
    finish_window(place, effort)
}

/// Both, from one compilation: alone, each would compile what they share with features of its own.
///
/// # Errors
/// The compiler's, or what is missing.
pub fn build_all(place: &Place, toolchain: &Toolchain, effort: Effort) -> Result<(), Failure> {
    compile(place, toolchain, effort, &[&WEB[..], &WINDOW].concat())?;
    finish_web(place, effort)?;
    finish_window(place, effort)
}

fn finish_web(place: &Place, effort: Effort) -> Result<(), Failure> {
    let public = [Public { dir: place.root.join("app/web/public"), only: &[] }];
    let size = dist::assemble(&bind_all(place, &WEB, effort)?, &public, &place.web_dist(), Host::Browser)?;
    say("the app", size, &place.web_dist());
    Ok(())
}

fn finish_window(place: &Place, effort: Effort) -> Result<(), Failure> {
    let own = Public { dir: place.root.join("app/webview/public"), only: &[] };
    let shared = Public { dir: place.root.join("app/web/public"), only: &SHARED };
    let size = dist::assemble(
        &bind_all(place, &WINDOW, effort)?,
        &[own, shared],
        &place.window_dist(),
        Host::Window,
    )?;
    say("a window's pages", size, &place.window_dist());
    Ok(())
}

fn say(what: &str, size: Size, dist: &Path) {
    let [raw, gzip, brotli] = [size.raw, size.gzip, size.brotli].map(|bytes| bytes.div_ceil(1000));
    println!("{what} is in {}: wasm {raw} kB, gzip {gzip} kB, brotli {brotli} kB", dist.display());
}

fn compile(place: &Place, toolchain: &Toolchain, effort: Effort, modules: &[Module]) -> Result<(), Failure> {
    println!("compiling for {TARGET} with {}", toolchain.name());
    let started = Instant::now();
    let mut compile = toolchain.cargo(place, "build");
    compile.args(["--profile", effort.profile()]);
    for module in modules {
        compile.args(["-p", module.package]);
    }
    run(&mut compile)?;
    println!("compiled in {}", minutes(started.elapsed()));
    Ok(())
}

fn bind_all(place: &Place, modules: &[Module], effort: Effort) -> Result<Vec<PathBuf>, Failure> {
    modules.iter().map(|module| bind(place, *module, effort)).collect()
}

/// wasm-bindgen and wasm-opt, unless their input is what it was. A directory with `NAME.js`, `NAME_bg.wasm`, and
/// what they bring along.
fn bind(place: &Place, module: Module, effort: Effort) -> Result<PathBuf, Failure> {
    let file = format!("{}.wasm", module.package.replace('-', "_"));
    let raw = place.wasm_target().join(TARGET).join(effort.profile()).join(file);
    let dir = place.wasm_target().join("bound").join(module.name);
    let optimiser = match effort {
        Effort::Small => optimise::Optimiser::find(&place.cache),
        Effort::Fast => optimise::Optimiser::None,
    };
    let stamp = Stamp::of(&fs::read(&raw)?, &[bindgen::VERSION, optimiser.name(), effort.profile()]);
    if stamp.is_on(&dir) {
        return Ok(dir);
    }
    let started = Instant::now();
    if dir.exists() {
        fs::remove_dir_all(&dir)?;
    }
    bindgen::generate(&raw, module.name, &dir)?;
    if effort == Effort::Small {
        let wasm = dir.join(format!("{}_bg.wasm", module.name));
        optimiser.shrink(&wasm)?;
        twins::write_well(&wasm)?;
    }
    stamp.put_on(&dir)?;
    println!("{} bound and shrunk in {}", module.name, minutes(started.elapsed()));
    Ok(dir)
}
