//! The app for browsers: wasm from cargo, its JavaScript from wasm-bindgen, smaller by wasm-opt, and beside it the
//! files that are the same for everyone, each named in the service worker's list and compressed.

mod bindgen;
mod dist;
mod optimise;
mod placeholders;
mod stamp;

use crate::Failure;
use crate::place::Place;
use crate::shell::run;
use crate::steps::minutes;
use crate::toolchain::{TARGET, Toolchain};
use stamp::Stamp;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

const PACKAGE: &str = "purse-web";
const RAW: &str = "purse_web.wasm";

/// What the browser downloads, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    pub raw: u64,
    pub gzip: u64,
}

/// Builds what has changed; the finished app is in [`Place::web_dist`].
///
/// # Errors
/// The compiler's, or what is missing.
pub fn build(place: &Place, toolchain: &Toolchain) -> Result<Size, Failure> {
    println!("building the app with {}", toolchain.name());
    let started = Instant::now();
    run(toolchain.cargo(place, "build").args(["--profile", "wasm", "-p", PACKAGE]))?;
    let raw = place.wasm_target().join(TARGET).join("wasm").join(RAW);
    println!("compiled in {}", minutes(started.elapsed()));
    let bound = bind(place, &raw)?;
    let public = place.root.join("app/web/public");
    let size = dist::assemble(&bound, &public, &place.web_dist())?;
    println!(
        "the app is in {}: wasm {} kB, {} kB compressed",
        place.web_dist().display(),
        size.raw.div_ceil(1000),
        size.gzip.div_ceil(1000)
    );
    Ok(size)
}

/// wasm-bindgen and wasm-opt, unless their input is what it was. A directory with `purse.js`, `purse_bg.wasm`, and
/// what they bring along.
fn bind(place: &Place, raw: &Path) -> Result<PathBuf, Failure> {
    let dir = place.wasm_target().join("bound");
    let optimiser = optimise::Optimiser::find(&place.cache);
    let stamp = Stamp::of(&fs::read(raw)?, &[bindgen::VERSION, optimiser.name()]);
    if stamp.is_on(&dir) {
        return Ok(dir);
    }
    let started = Instant::now();
    if dir.exists() {
        fs::remove_dir_all(&dir)?;
    }
    bindgen::generate(raw, &dir)?;
    optimiser.shrink(&dir.join("purse_bg.wasm"))?;
    dist::compress_well(&dir.join("purse_bg.wasm"))?;
    stamp.put_on(&dir)?;
    println!("bound and shrunk in {}", minutes(started.elapsed()));
    Ok(dir)
}
