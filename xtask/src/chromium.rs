//! The browser of the tests, and its driver.

use crate::Failure;
use crate::packages::{self, CHROMIUM};
use crate::shell::find_one_of;
use std::path::PathBuf;

#[derive(Clone, Debug)]
pub struct Chromium {
    pub browser: PathBuf,
    pub driver: PathBuf,
}

/// On this machine, whatever its distribution calls it.
pub fn find() -> Option<Chromium> {
    let browser = given("CHROMIUM").or_else(|| {
        find_one_of(&["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"])
    })?;
    let driver = given("CHROMEDRIVER").or_else(|| find_one_of(&["chromedriver", "chromium.chromedriver"]))?;
    Some(Chromium { browser, driver })
}

/// # Errors
/// The packages to install by hand.
pub fn ensure() -> Result<Chromium, Failure> {
    if let Some(found) = find() {
        return Ok(found);
    }
    packages::install(&CHROMIUM)?;
    find().ok_or_else(|| "Chromium was installed, but 'chromium' and 'chromedriver' are not in PATH".into())
}

fn given(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_file())
}
