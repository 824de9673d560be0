//! Are the apps right for phones and for Windows, as far as a machine without their SDKs can say?
//!
//! Types are checked, nothing is linked and nothing runs: at the end it says what that leaves open. Not a part of
//! the tests: a second standard library and other systems' crates take their time.

use crate::Failure;
use crate::packages::{self, ARM_C_COMPILER, MINGW, Need};
use crate::place::Place;
use crate::shell::{find, run as run_command};
use crate::steps::Steps;
use crate::toolchain::cross::{self, System};
use std::process::ExitCode;

/// In the order in which they are carried out. The core, the engine, its store, keychain and network are in every app;
/// for iOS the core alone is checked, since the engine's C wants Apple's SDK.
const CHECKS: [Check; 3] = [
    Check {
        part: "android",
        name: "phone app for Android",
        system: System::Android,
        packages: &["purse-mobile"],
        c: Some(Compiler {
            program: "aarch64-linux-gnu-gcc",
            archiver: "aarch64-linux-gnu-ar",
            need: ARM_C_COMPILER,
        }),
    },
    Check {
        part: "ios",
        name: "core for iOS",
        system: System::Ios,
        packages: &["purse-shared", "purse-bridge", "purse-core"],
        c: None,
    },
    Check {
        part: "windows",
        name: "desktop app for Windows",
        system: System::Windows,
        packages: &["purse-desktop"],
        c: Some(Compiler {
            program: "x86_64-w64-mingw32-gcc",
            archiver: "x86_64-w64-mingw32-ar",
            need: MINGW,
        }),
    },
];

const NOT_CHECKED: &str = "\
Not checked, since it needs what is not here:
- Android: linking, C code (the build script of `ring` was given a compiler for Arm Linux), Kotlin, Gradle and the
  merged manifest; Android's SDK and NDK
- iOS: anything beyond the core, Swift, signing and the privacy report; a Mac with Xcode
- Windows: linking and an installer; Windows itself
- how it behaves: fingers, cameras, keystores and notifications need a phone";

/// What is checked for one system.
struct Check {
    /// What people type.
    part: &'static str,
    name: &'static str,
    system: System,
    packages: &'static [&'static str],
    c: Option<Compiler>,
}

/// For build scripts that compile C. What they make is never linked.
struct Compiler {
    program: &'static str,
    archiver: &'static str,
    need: Need,
}

/// A check by what people type.
pub fn part(typed: &str) -> Option<&'static str> {
    CHECKS.iter().map(|check| check.part).find(|part| *part == typed)
}

/// `only`: one of the checks; without it all of them.
pub fn run(place: &Place, only: Option<&str>) -> ExitCode {
    let mut steps = Steps::default();
    for check in CHECKS.iter().filter(|check| only.is_none_or(|only| only == check.part)) {
        steps.take(check.name, || check.carry_out(place));
    }
    println!("\n{}\n{NOT_CHECKED}", steps.table());
    if steps.failed() == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

impl Check {
    fn carry_out(&self, place: &Place) -> Result<(), Failure> {
        let toolchain = cross::ensure(place, self.system)?;
        println!("   {}: {}", self.system.triple(), toolchain.name());
        let mut command = cross::cargo_for(&toolchain, place, self.system, "check");
        if let Some(compiler) = &self.c {
            if find(compiler.program).is_none() {
                packages::install(&compiler.need)?;
            }
            command.envs(compiler.environment(self.system));
        }
        command.args(["--quiet", "--locked"]);
        for package in self.packages {
            command.args(["--package", package]);
        }
        run_command(&mut command)
    }
}

impl Compiler {
    /// What the `cc` crate reads.
    fn environment(&self, system: System) -> [(String, &'static str); 2] {
        let triple = system.triple().replace('-', "_");
        [(format!("CC_{triple}"), self.program), (format!("AR_{triple}"), self.archiver)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn build_scripts_are_told_their_compiler() {
        let Check { system, c: Some(compiler), .. } = &CHECKS[0] else { panic!("the phone app holds C") };
        let told = compiler.environment(*system);
        let told = told.each_ref().map(|(name, program)| format!("{name}={program}"));
        let want = [
            "CC_aarch64_linux_android=aarch64-linux-gnu-gcc",
            "AR_aarch64_linux_android=aarch64-linux-gnu-ar",
        ];
        assert_eq!(told, want);
    }

    #[test]
    fn each_part_is_one_check() {
        for check in &CHECKS {
            assert_eq!(part(check.part), Some(check.part));
            assert_eq!(CHECKS.iter().filter(|other| other.part == check.part).count(), 1);
        }
        assert_eq!(part("macos"), None);
    }
}
