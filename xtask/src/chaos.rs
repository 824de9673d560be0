//! `cargo xtask chaos`: the bank test for minutes, with the server as it is shipped.

use crate::place::{Place, Profile};
use crate::shell::{cargo, run as run_command};
use crate::test::clean;
use crate::{Failure, packages};
use packages::POSTGRES;
use std::process::ExitCode;

/// Half of the time with one branch, half with four. Without a seed each draws its own, and prints it.
///
/// # Errors
/// What is missing or does not build; and when something did not hold: the test says what.
pub fn run(place: &Place, minutes: u32, seed: Option<u64>) -> Result<ExitCode, Failure> {
    println!("cargo builds in {}", place.target.display());
    if local_postgres::find_binaries(None).is_err() {
        packages::install(&POSTGRES)?;
    }
    // With the workspace's features, so that this and `run --release` compile every crate once.
    let all = ["--release", "--workspace", "--exclude", "purse-web", "--test", "bank"];
    run_command(cargo(place).arg("build").args(all).args(["--bin", "sync-server"]))?;
    let mut command = cargo(place);
    clean(&mut command);
    command.env("PURSE_SERVER_BIN", place.server(Profile::Release));
    command.env("PURSE_BANK_SECONDS", (u64::from(minutes) * 30).to_string());
    if let Some(seed) = seed {
        command.env("PURSE_SEED", seed.to_string());
    }
    run_command(command.arg("test").args(all).args(["--", "--nocapture", "--test-threads=1"]))?;
    Ok(ExitCode::SUCCESS)
}
