//! Are the apps right for phones and for Windows, as far as a machine without their SDKs can say?
//!
//! Types are checked, nothing is linked and nothing runs: at the end it says what that leaves open. Not a part of
//! the tests: a second standard library and other systems' crates take their time.

use crate::Failure;
use crate::packages::{self, ARM_C_COMPILER, CLANG, MINGW, Need};
use crate::place::Place;
use crate::shell::{find, run as run_command};
use crate::steps::Steps;
use crate::toolchain::cross::{self, System};
use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

/// In the order in which they are carried out. The core, the engine, its store, keychain and network are in every app.
const CHECKS: [Check; 3] = [
    Check {
        part: "android",
        name: "phone app for Android",
        system: System::Android,
        package: "purse-mobile",
        compiler: "aarch64-linux-gnu-gcc",
        archiver: "aarch64-linux-gnu-ar",
        need: ARM_C_COMPILER,
    },
    Check {
        part: "ios",
        name: "phone app for iOS",
        system: System::Ios,
        package: "purse-mobile",
        compiler: "clang",
        archiver: "ar",
        need: CLANG,
    },
    Check {
        part: "windows",
        name: "desktop app for Windows",
        system: System::Windows,
        package: "purse-desktop",
        compiler: "x86_64-w64-mingw32-gcc",
        archiver: "x86_64-w64-mingw32-ar",
        need: MINGW,
    },
];

const NOT_CHECKED: &str = "\
Not checked, since it needs what is not here:
- Android: linking, C code (the build script of `ring` was given a compiler for Arm Linux), Kotlin, Gradle and the
  merged manifest; Android's SDK and NDK
- iOS: linking, C code (the same script was given an SDK of one header), Swift, signing and the privacy report; a Mac
  with Xcode
- Windows: linking and an installer; Windows itself
- how it behaves: fingers, cameras, keystores and notifications need a phone";

/// All of it that the C of `ring` includes of Apple's SDK.
const APPLE_HEADER: (&str, &str) = ("usr/include/TargetConditionals.h", "#define TARGET_OS_IPHONE 1\n");

/// One app for one system.
struct Check {
    /// What people type.
    part: &'static str,
    name: &'static str,
    system: System,
    package: &'static str,
    /// For build scripts that compile C. What they make is never linked.
    compiler: &'static str,
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
        if find(self.compiler).is_none() {
            packages::install(&self.need)?;
        }
        let mut command = cross::cargo_for(&toolchain, place, self.system, "check");
        command.envs(self.for_c());
        if self.system == System::Ios {
            command.envs(stand_in_sdk(&place.cross_target().join("apple-sdk"))?);
        }
        run_command(command.args(["--quiet", "--locked", "--package", self.package]))
    }

    /// What the `cc` crate reads.
    fn for_c(&self) -> [(String, &'static str); 2] {
        let triple = self.system.triple().replace('-', "_");
        [(format!("CC_{triple}"), self.compiler), (format!("AR_{triple}"), self.archiver)]
    }
}

/// In place of Xcode's, which the `cc` crate would ask for its SDK.
fn stand_in_sdk(sdk: &Path) -> Result<[(&'static str, OsString); 3], Failure> {
    let (path, text) = APPLE_HEADER;
    let header = sdk.join(path);
    fs::create_dir_all(header.parent().unwrap_or(sdk))?;
    fs::write(header, text)?;
    Ok([
        ("SDKROOT", sdk.into()),
        ("IPHONEOS_DEPLOYMENT_TARGET", "14.0".into()),
        // It needs no C library then.
        ("CFLAGS_aarch64_apple_ios", "-DRING_CORE_NOSTDLIBINC=1".into()),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn build_scripts_are_told_their_compiler() {
        let told = CHECKS[0].for_c();
        let told = told.each_ref().map(|(name, program)| format!("{name}={program}"));
        let want = [
            "CC_aarch64_linux_android=aarch64-linux-gnu-gcc",
            "AR_aarch64_linux_android=aarch64-linux-gnu-ar",
        ];
        assert_eq!(told, want);
    }

    #[test]
    fn one_header_stands_for_apples_sdk() {
        let sdk = std::env::temp_dir().join(format!("purse-xtask-sdk-{}", std::process::id()));
        let told = stand_in_sdk(&sdk).unwrap();
        assert!(told.contains(&("SDKROOT", sdk.clone().into())));
        assert!(sdk.join(APPLE_HEADER.0).is_file());
        fs::remove_dir_all(sdk).unwrap();
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
