//! A compiler that builds for another system than this one (wasm first of all): rustup's, or Debian's next to it where
//! rustup's target cannot be had.

pub mod cross;
mod debian;

use crate::Failure;
use crate::place::Place;
use crate::shell::{cargo, find, read};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

pub const TARGET: &str = "wasm32-unknown-unknown";

#[derive(Clone, Debug)]
pub enum Toolchain {
    /// The one that builds everything else.
    Own,
    /// Debian's, unpacked below the cache: it brings the source of `std`, which is built along.
    Debian(debian::Unpacked),
}

impl Toolchain {
    /// `cargo <what> --target …` with this compiler, in a target directory of its own.
    pub fn cargo(&self, place: &Place, what: &str) -> Command {
        let mut command = cargo(place);
        command.arg(what).args(["--target", TARGET]);
        command.env("CARGO_TARGET_DIR", place.wasm_target());
        // Flags for this machine's processor are nothing for a browser. And no path of this machine in what is
        // served.
        command.env_remove("RUSTFLAGS").env("CARGO_ENCODED_RUSTFLAGS", remap(place).join("\u{1f}"));
        if let Self::Debian(unpacked) = self {
            unpacked.apply(&mut command);
        }
        command
    }

    /// Clippy belongs to a compiler's version, and Debian's web compiler brings none.
    pub fn has_clippy(&self) -> bool {
        matches!(self, Self::Own)
    }

    pub fn name(&self) -> &'static str {
        match self {
            Self::Own => "the compiler in use",
            Self::Debian(_) => "Debian's rustc-web with its own standard library",
        }
    }
}

/// # Errors
/// What to install by hand.
pub fn ensure(place: &Place) -> Result<Toolchain, Failure> {
    ensure_for(place, TARGET, "the app is built for browsers")
}

/// Without fetching anything.
pub fn present(place: &Place) -> Option<Toolchain> {
    present_for(place, TARGET)
}

fn ensure_for(place: &Place, triple: &str, why: &str) -> Result<Toolchain, Failure> {
    if let Some(found) = present_for(place, triple) {
        return Ok(found);
    }
    let mut tried = "rustup is not there".to_owned();
    if find("rustup").is_some() {
        println!("adding {triple} with rustup: {why}");
        match read(Command::new("rustup").args(["target", "add", triple]).current_dir(&place.root)) {
            Ok(_) if own_has(place, triple) => return Ok(Toolchain::Own),
            Ok(_) => tried = "rustup added it, but the compiler in use is another one".to_owned(),
            Err(failure) => tried = failure.to_string(),
        }
    }
    debian::unpack(&place.cache).map(Toolchain::Debian).map_err(|other| {
        format!("nothing builds for {triple}: run 'rustup target add {triple}' ({tried}; {other})").into()
    })
}

fn present_for(place: &Place, triple: &str) -> Option<Toolchain> {
    if own_has(place, triple) {
        return Some(Toolchain::Own);
    }
    debian::find(&place.cache).map(Toolchain::Debian)
}

/// The directory may be there and empty: only `std` itself counts.
fn own_has(place: &Place, triple: &str) -> bool {
    let mut rustc = Command::new("rustc");
    rustc.args(["--print", "target-libdir", "--target", triple]).current_dir(&place.root);
    read(&mut rustc).is_ok_and(|dir| has_std(Path::new(dir.trim())))
}

fn has_std(dir: &Path) -> bool {
    let names = fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.file_name());
    let mut names = names.filter_map(|name| name.into_string().ok());
    names.any(|name| name.starts_with("libstd-") && name.ends_with(".rlib"))
}

fn remap(place: &Place) -> Vec<String> {
    let home = |name: &str| std::env::var_os(name).map(PathBuf::from);
    let cargo_home = home("CARGO_HOME").or_else(|| home("HOME").map(|home| home.join(".cargo")));
    let roots =
        [(Some(place.root.clone()), "/purse"), (cargo_home, "/cargo"), (Some(place.cache.clone()), "/cache")];
    roots
        .into_iter()
        .filter_map(|(from, to)| Some(format!("--remap-path-prefix={}={to}", from?.display())))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_directory_is_no_std() {
        let dir = std::env::temp_dir().join(format!("purse-xtask-std-{}", std::process::id()));
        fs::create_dir_all(&dir).unwrap();
        assert!(!has_std(&dir));
        fs::write(dir.join("libstd-0123.rlib"), "").unwrap();
        assert!(has_std(&dir));
        fs::remove_dir_all(dir).unwrap();
    }
}
