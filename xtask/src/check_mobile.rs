//! Is the app's code right for phones and for Windows, as far as a machine without their SDKs can say?
//!
//! Types are checked, nothing is linked and nothing runs: at the end it says what that leaves open. Not a part of
//! the tests: a second standard library and other systems' crates take their time.

use crate::Failure;
use crate::packages::{self, ARM_C_COMPILER, MINGW, Need};
use crate::place::Place;
use crate::shell::{cargo, find, run as run_command};
use crate::steps::Steps;
use crate::toolchain::cross::{self, System};
use std::process::{Command, ExitCode};

/// What holds the money's rules: no C, no system of its own.
const PURE: &[&str] = &["purse-shared", "purse-bridge", "purse-core"];
/// The engine with its store, its keychain and its network.
const ENGINE: &[&str] = &["purse-shell"];
/// The phone app itself, with the plugins of the phone.
const PHONE: &[&str] = &["purse-mobile"];
/// Turns the phone's paths on in a build for this machine (`mobile/build.rs`).
const AS_A_PHONE: &str = "PURSE_AS_A_PHONE";

const CHECKS: [Check; 7] = [
    Check { name: "pure crates for Android", system: Some(System::Android), crates: PURE, c: None },
    Check { name: "pure crates for iOS", system: Some(System::Ios), crates: PURE, c: None },
    Check { name: "pure crates for Windows", system: Some(System::Windows), crates: PURE, c: None },
    Check { name: "engine for Windows", system: Some(System::Windows), crates: ENGINE, c: Some(MINGW) },
    Check {
        name: "engine for Android",
        system: Some(System::Android),
        crates: ENGINE,
        c: Some(ARM_C_COMPILER),
    },
    Check {
        name: "phone app for Android",
        system: Some(System::Android),
        crates: PHONE,
        c: Some(ARM_C_COMPILER),
    },
    Check { name: "phone paths on this machine", system: None, crates: PHONE, c: None },
];

const NOT_CHECKED: &str = "\
Not checked, since it needs what is not here:
- linking for Android and its Kotlin, Gradle and manifest merger: Android's SDK and NDK
- anything of iOS beyond the pure crates, its Swift, signing and the privacy report: a Mac with Xcode
- linking for Windows and its installer: Windows, or mingw and NSIS
- C code (the cryptography of `ring`) for Android: its build script was given a compiler for Arm Linux
- how it behaves: fingers, cameras, keystores and notifications need a phone";

struct Check {
    name: &'static str,
    /// `None`: this machine.
    system: Option<System>,
    crates: &'static [&'static str],
    /// For build scripts that compile C.
    c: Option<Need>,
}

pub fn run(place: &Place) -> ExitCode {
    let mut steps = Steps::default();
    for check in &CHECKS {
        let there = check.crates.iter().all(|name| is_member(place, name));
        if there {
            steps.take(check.name, || check.carry_out(place));
        } else {
            println!("== {}: there is no {} yet", check.name, check.crates.join(", "));
        }
    }
    println!("\n{}\n{NOT_CHECKED}", steps.table());
    if steps.failed() == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

impl Check {
    fn carry_out(&self, place: &Place) -> Result<(), Failure> {
        let mut command = match self.system {
            Some(system) => {
                self.ensure_c(system)?;
                let toolchain = cross::ensure(place, system)?;
                println!("   {}: {}", system.triple(), toolchain.name());
                let mut command = cross::cargo_for(&toolchain, place, system, "check");
                give_c(&mut command, system);
                command
            }
            None => {
                let mut command = cargo(place);
                command.arg("check").env(AS_A_PHONE, "1").env("CARGO_TARGET_DIR", place.cross_target());
                command
            }
        };
        command.args(["--quiet", "--lib", "--locked"]);
        for name in self.crates {
            command.args(["--package", name]);
        }
        run_command(&mut command)
    }

    fn ensure_c(&self, system: System) -> Result<(), Failure> {
        match (&self.c, c_compiler(system)) {
            (Some(need), Some(compiler)) if find(compiler).is_none() => packages::install(need),
            _ => Ok(()),
        }
    }
}

const fn c_compiler(system: System) -> Option<&'static str> {
    match system {
        System::Android => Some("aarch64-linux-gnu-gcc"),
        System::Windows => Some("x86_64-w64-mingw32-gcc"),
        System::Ios => None,
    }
}

/// Tells build scripts where it is. What they make of it is never linked.
fn give_c(command: &mut Command, system: System) {
    if let Some(compiler) = c_compiler(system) {
        let triple = system.triple().replace('-', "_");
        command.env(format!("CC_{triple}"), compiler);
        command.env(format!("AR_{triple}"), compiler.replace("gcc", "ar"));
    }
}

/// A crate of the workspace, by its folder's manifest.
fn is_member(place: &Place, name: &str) -> bool {
    let mut metadata = cargo(place);
    metadata.args(["metadata", "--no-deps", "--format-version", "1", "--offline"]);
    crate::shell::read(&mut metadata).is_ok_and(|json| names_in(&json).iter().any(|member| member == name))
}

fn names_in(metadata: &str) -> Vec<String> {
    let parsed: serde_json::Value = serde_json::from_str(metadata).unwrap_or_default();
    let packages = parsed["packages"].as_array().into_iter().flatten();
    packages.filter_map(|package| package["name"].as_str().map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_told_by_their_names() {
        assert_eq!(names_in(r#"{"packages": [{"name": "a"}, {"name": "b"}]}"#), ["a", "b"]);
        assert!(names_in("").is_empty());
        let place = Place::find().unwrap();
        for name in PURE {
            assert!(is_member(&place, name), "{name}");
        }
        assert!(!is_member(&place, "purse-nothing"));
    }
}
