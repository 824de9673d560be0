//! Other programs: started, awaited, quoted when they fail.

use crate::Failure;
use crate::place::Place;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Set by the cargo that runs this xtask, and wrong for the cargos that it starts (another toolchain, another crate).
const CARGOS_OWN: [&str; 6] =
    ["CARGO", "CARGO_MANIFEST_DIR", "CARGO_PKG_NAME", "RUSTC", "RUSTDOC", "RUST_RECURSION_COUNT"];

/// `cargo` on this workspace. The lock file is not changed by it.
pub fn cargo(place: &Place) -> Command {
    let mut cargo = Command::new("cargo");
    for name in CARGOS_OWN {
        cargo.env_remove(name);
    }
    cargo.current_dir(&place.root).env("CARGO_TARGET_DIR", &place.target).stdin(Stdio::null());
    cargo
}

/// Runs it with its output shown.
///
/// # Errors
/// Names the program, when it does not start or fails.
pub fn run(command: &mut Command) -> Result<(), Failure> {
    let name = name_of(command);
    let status = command.status().map_err(|error| format!("{name} does not start: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{name} failed ({status})").into()) }
}

/// Runs it silently; its standard output.
///
/// # Errors
/// Quotes the end of what it said.
pub fn read(command: &mut Command) -> Result<String, Failure> {
    let name = name_of(command);
    let output = command.stdin(Stdio::null()).output();
    let output = output.map_err(|error| format!("{name} does not start: {error}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<&str> = said.trim().lines().collect();
    let end = lines.get(lines.len().saturating_sub(5)..).unwrap_or_default().join("\n");
    Err(format!("{name} failed: {end}").into())
}

/// The program with its first argument: `apt-get install`.
fn name_of(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or_default();
    let first = command.get_args().next().unwrap_or_default();
    format!("{} {}", program.display(), first.display()).trim().to_owned()
}

/// In `PATH`.
pub fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|dir| dir.join(program)).find(|file| file.is_file())
}

pub fn find_one_of(programs: &[&str]) -> Option<PathBuf> {
    programs.iter().find_map(|program| find(program))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_name_the_program() {
        let missing = run(&mut Command::new("no-such-program-here")).unwrap_err();
        assert!(missing.to_string().starts_with("no-such-program-here does not start"), "{missing}");
        let failing = read(Command::new("sh").args(["-c", "echo why >&2; exit 3"])).unwrap_err();
        assert_eq!(failing.to_string(), "sh -c failed: why");
        assert_eq!(read(Command::new("sh").args(["-c", "echo out"])).unwrap(), "out\n");
    }
}
