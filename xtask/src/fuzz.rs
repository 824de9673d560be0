//! libFuzzer on what strangers send, with the nightly compiler that is there.

use crate::Failure;
use crate::place::Place;
use crate::shell::{find, read, run};
use std::fs;
use std::process::{Command, ExitCode};

pub const TARGETS: [&str; 6] = ["intent", "sync_body", "receipt", "checkpoint", "scanned", "device_link"];
/// Of a signed intent, a body, a receipt with a long path: what is larger is refused by its length.
const INPUT_BYTES_MAX: usize = 8 * 1_024;

/// Each target, or the one, for so long.
///
/// # Errors
/// What is missing, or what was found: libFuzzer prints it and leaves the input in `fuzz/artifacts`.
pub fn run_targets(place: &Place, target: Option<&str>, seconds: u32) -> Result<ExitCode, Failure> {
    ensure()?;
    for name in TARGETS.into_iter().filter(|name| target.is_none_or(|target| target == *name)) {
        println!("fuzzing {name} for {seconds} s");
        // What it finds on the way stays out of the clone; the seeds are read only.
        let found = place.target.join("fuzz-corpus").join(name);
        fs::create_dir_all(&found)?;
        let mut fuzz = Command::new("rustup");
        fuzz.args(["run", "nightly", "cargo", "fuzz", "run", name]).current_dir(&place.root);
        for variable in ["CARGO", "RUSTC", "RUSTDOC", "RUSTUP_TOOLCHAIN", "RUSTFLAGS"] {
            fuzz.env_remove(variable);
        }
        fuzz.env("CARGO_TARGET_DIR", place.target.join("fuzz"));
        fuzz.arg(&found).arg(place.root.join("fuzz/corpus").join(name));
        fuzz.arg("--");
        fuzz.args([format!("-max_total_time={seconds}"), format!("-max_len={INPUT_BYTES_MAX}")]);
        fuzz.args(["-timeout=5", "-print_final_stats=1"]);
        run(&mut fuzz)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn ensure() -> Result<(), Failure> {
    find("rustup").ok_or("fuzzing needs a nightly compiler, by rustup")?;
    read(Command::new("rustup").args(["run", "nightly", "rustc", "--version"]))
        .map_err(|_| "no nightly compiler: run 'rustup toolchain install nightly'")?;
    if read(Command::new("cargo").args(["fuzz", "--version"])).is_err() {
        println!("installing cargo-fuzz from crates.io: it runs libFuzzer");
        run(Command::new("cargo").args(["install", "--locked", "cargo-fuzz"]))?;
    }
    Ok(())
}
