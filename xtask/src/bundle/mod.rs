//! What people install: a Debian package and an AppImage of the desktop app.
//!
//! Put together from the files in `app/desktop/linux` by the systems' own tools. (Tauri's bundler fetches helper
//! programs from elsewhere; nothing is fetched here.)

mod appimage;
mod deb;
mod tree;

use crate::Failure;
use crate::address;
use crate::desktop::{self, PROGRAM};
use crate::place::{Place, Profile};
use crate::shell::{cargo, run};
use crate::web::Effort;
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};
use tree::Tree;

/// The app's name in the system's: of its desktop file, icon and metadata.
const ID: &str = "app.purse.wallet";

/// What goes into every bundle.
#[derive(Clone, Debug)]
struct Goods {
    /// The clone.
    root: PathBuf,
    program: PathBuf,
    version: String,
    /// Seconds since 1970: of every file in the bundle, so that the same input is the same bundle.
    at: u64,
}

/// Builds both; the one whose tool is missing is named at the end, and is no success.
///
/// # Errors
/// What is missing, or does not build.
pub fn run_all(place: &Place) -> Result<ExitCode, Failure> {
    let server = address::for_people()?;
    println!("bundling Purse for {server}; cargo builds in {}", place.target.display());
    desktop::pages(place, Effort::Small)?;
    let mut build = cargo(place);
    build.args(["build", "--release", "--package", "purse-desktop"]);
    run(desktop::with_pages(&mut build, place))?;
    let goods = Goods {
        root: place.root.clone(),
        program: place.built(Profile::Release, PROGRAM),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        at: made_at()?,
    };
    let into = place.target.join("bundle");
    fs::create_dir_all(&into)?;
    let mut missing = 0;
    for (what, made) in
        [("Debian package", deb::make(&goods, &into)), ("AppImage", appimage::make(&goods, &into))]
    {
        match made {
            Ok(file) => println!("{what}: {}", file.display()),
            Err(failure) => {
                println!("no {what}: {failure}");
                missing += 1;
            }
        }
    }
    Ok(if missing == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// `SOURCE_DATE_EPOCH`, or now.
#[allow(clippy::disallowed_methods, reason = "a command line reads the clock")]
fn made_at() -> Result<u64, Failure> {
    match std::env::var("SOURCE_DATE_EPOCH") {
        Ok(given) => Ok(given.parse().map_err(|_| "SOURCE_DATE_EPOCH is no number of seconds")?),
        Err(_) => Ok(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs()),
    }
}
