//! `cargo xtask`: the commands that set up, build, run and test Purse. `cargo xtask help` lists them.
//!
//! Nothing here is a part of the product; it may print, and it may install what is missing (saying so).

#![allow(clippy::print_stdout, reason = "a command line: what it prints is what it is for")]

mod address;
mod args;
mod bench;
mod bundle;
mod chaos;
mod check_mobile;
mod chromium;
mod desktop;
mod doctor;
mod fetch;
mod fuzz;
mod packages;
mod phone;
mod place;
mod run;
mod shell;
mod steps;
mod test;
mod toolchain;
mod verify;
mod web;

use args::Task;
use place::Place;
use std::process::ExitCode;

/// One sentence for the person at the keyboard.
pub type Failure = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    let done = args::parse(std::env::args().skip(1)).map_err(Failure::from).and_then(carry_out);
    match done {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("xtask: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn carry_out(task: Task) -> Result<ExitCode, Failure> {
    let place = Place::find()?;
    match task {
        Task::Help => {
            println!("{}", args::HELP);
            Ok(ExitCode::SUCCESS)
        }
        Task::Run(options) => run::run(&place, &options),
        Task::Test { only } => Ok(test::run(&place, only)),
        Task::Web { window, effort } => {
            let toolchain = toolchain::ensure(&place)?;
            let build = if window { web::build_window } else { web::build };
            build(&place, &toolchain, effort).map(|()| ExitCode::SUCCESS)
        }
        Task::Desktop { release } => desktop::start(&place, release),
        Task::Bundle => bundle::run_all(&place),
        Task::BenchClient(parts) => bench::client(&place, &parts),
        Task::BenchSettle(options) => bench::settle(&place, &options),
        Task::Fuzz { target, seconds } => fuzz::run_targets(&place, target, seconds),
        Task::Phone(options) => phone::build(&place, &options),
        Task::CheckMobile { only } => Ok(check_mobile::run(&place, only)),
        Task::Chaos { minutes, seed } => chaos::run(&place, minutes, seed),
        Task::Verify(options) => verify::run(&options),
        Task::Doctor => Ok(doctor::run(&place)),
    }
}
