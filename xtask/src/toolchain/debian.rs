//! Debian's compiler for the web, for machines whose rustup cannot fetch a target: unpacked below the cache, not
//! installed, because its package conflicts with other compilers.
//!
//! It has no ready `std` for other systems, but its source; an unstable flag of cargo builds it along. That flag is
//! allowed for those builds alone.

use crate::Failure;
use crate::packages;
use crate::shell::{find as find_program, read};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const COMPILER: &str = "rustc-web";
/// What `rustc-web` needs of its own kind even when a part of it is installed already.
const PARTS: [&str; 3] = [COMPILER, "rust-web-src", "libstd-rust-web-dev"];
/// The linker, the best first.
const LINKERS: [&str; 4] = ["lld-22", "lld-21", "lld-20", "lld-19"];
/// The oldest compiler that builds the workspace.
const MINIMUM: &str = env!("CARGO_PKG_RUST_VERSION");

/// Where its `/usr` is.
#[derive(Clone, Debug)]
pub struct Unpacked {
    usr: PathBuf,
}

impl Unpacked {
    /// Makes a cargo command build with it.
    pub fn apply(&self, cargo: &mut Command) {
        cargo
            .args(["-Z", "build-std=std,panic_abort"])
            .env("RUSTC_BOOTSTRAP", "1")
            .env("RUSTC", self.rustc());
        cargo.env("LD_LIBRARY_PATH", self.libraries());
        if let Some(linker) = self.linker() {
            cargo.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
        }
    }

    fn rustc(&self) -> PathBuf {
        self.usr.join("bin/rustc")
    }

    /// `usr/lib/x86_64-linux-gnu` and the like.
    fn libraries(&self) -> PathBuf {
        self.usr.join(format!("lib/{}-linux-gnu", std::env::consts::ARCH))
    }

    fn linker(&self) -> Option<PathBuf> {
        let names = LINKERS.iter().filter_map(|package| package.strip_prefix("lld-"));
        names.map(|version| self.usr.join(format!("bin/wasm-ld-{version}"))).find(|path| path.exists())
    }

    fn works(&self) -> bool {
        let mut rustc = Command::new(self.rustc());
        rustc.arg("-vV").env("LD_LIBRARY_PATH", self.libraries());
        self.linker().is_some() && read(&mut rustc).is_ok()
    }
}

/// Unpacked by an earlier run.
pub fn find(cache: &Path) -> Option<Unpacked> {
    let unpacked = Unpacked { usr: place(cache).join("usr") };
    unpacked.works().then_some(unpacked)
}

fn place(cache: &Path) -> PathBuf {
    cache.join("toolchain/debian")
}

/// # Errors
/// Where apt has none that is new enough.
pub fn unpack(cache: &Path) -> Result<Unpacked, Failure> {
    if find_program("apt-get").is_none() || find_program("dpkg").is_none() {
        return Err("apt, for Debian's own compiler, is not there either".into());
    }
    if !is_offered() {
        packages::refresh()?;
    }
    if !is_offered() {
        return Err(format!("apt has no {COMPILER} of at least {MINIMUM} either").into());
    }
    let linker = LINKERS.iter().find(|name| offered(name).is_some()).ok_or("apt has no lld either")?;
    let names = with_dependencies(linker)?;
    println!("unpacking {} below the cache: the app is built for browsers", names.join(" "));
    let (place, new) = (place(cache), cache.join("toolchain/debian.new"));
    for old in [&place, &new] {
        if old.exists() {
            fs::remove_dir_all(old)?;
        }
    }
    let archives = new.join("archives");
    fs::create_dir_all(&archives)?;
    read(Command::new("apt-get").arg("download").args(&names).current_dir(&archives))?;
    for archive in fs::read_dir(&archives)?.flatten() {
        read(Command::new("dpkg").arg("-x").arg(archive.path()).arg(&new))?;
    }
    fs::remove_dir_all(&archives)?;
    remove_what_nobody_builds(&new)?;
    fs::rename(&new, &place)?;
    find(cache).ok_or_else(|| format!("Debian's {COMPILER} was unpacked but does not run").into())
}

fn is_offered() -> bool {
    offered(COMPILER).is_some_and(|version| is_at_least(&version, MINIMUM))
}

/// The version that apt would install.
fn offered(package: &str) -> Option<String> {
    let policy = read(Command::new("apt-cache").args(["policy", package]).env("LC_ALL", "C")).ok()?;
    candidate(&policy)
}

fn candidate(policy: &str) -> Option<String> {
    let line = policy.lines().find_map(|line| line.trim().strip_prefix("Candidate:"))?;
    Some(line.trim().to_owned()).filter(|version| version != "(none)")
}

/// Asks apt what an installation would fetch. As anybody: nothing is installed.
fn with_dependencies(linker: &str) -> Result<Vec<String>, Failure> {
    let mut apt = Command::new("apt-get");
    apt.args(["-qq", "--print-uris", "--no-install-recommends", "install"]).args(PARTS).arg(linker);
    let mut names = packages_in(&read(&mut apt)?);
    for needed in PARTS.iter().chain([&linker]) {
        if !names.iter().any(|name| name == needed) {
            names.push((*needed).to_owned());
        }
    }
    Ok(names)
}

/// From lines of `'uri' name_version_arch.deb size hash`.
fn packages_in(uris: &str) -> Vec<String> {
    let files = uris.lines().filter_map(|line| line.split_whitespace().nth(1));
    files.filter_map(|file| Some(file.split_once('_')?.0.to_owned())).collect()
}

/// `1.96.0+dfsg1-1~deb12u2` is at least `1.95`.
fn is_at_least(version: &str, minimum: &str) -> bool {
    let numbers = |text: &str| -> Vec<u32> {
        let plain = text.split(|c: char| !c.is_ascii_digit() && c != '.').next().unwrap_or_default();
        plain.split('.').map_while(|part| part.parse().ok()).collect()
    };
    numbers(version) >= numbers(minimum)
}

/// The source package is the whole compiler's; `std` is a tenth of it.
fn remove_what_nobody_builds(root: &Path) -> Result<(), Failure> {
    for source in fs::read_dir(root.join("usr/src"))?.flatten() {
        for part in ["src", "compiler"] {
            let dir = source.path().join(part);
            if dir.exists() {
                fs::remove_dir_all(dir)?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_debian() {
        assert!(is_at_least("1.96.0+dfsg1-1~deb12u2", "1.95"));
        assert!(is_at_least("1.95.0", "1.95"));
        assert!(!is_at_least("1.85.0+dfsg3-1", "1.95"));
        assert!(!is_at_least("1.9.0", "1.95"));
    }

    #[test]
    fn what_apt_says() {
        let policy = "rustc-web:\n  Installed: (none)\n  Candidate: 1.96.0+dfsg1-1\n  Version table:\n";
        assert_eq!(candidate(policy).as_deref(), Some("1.96.0+dfsg1-1"));
        assert_eq!(candidate("lld-22:\n  Installed: (none)\n  Candidate: (none)\n"), None);
        assert_eq!(candidate(""), None);
        let uris = "'http://x/l/lld-22_1%3a22.1.8.deb' lld-22_1%3a22.1.8_amd64.deb 1487860 SHA256:00\n";
        assert_eq!(packages_in(uris), ["lld-22"]);
    }
}
