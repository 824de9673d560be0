//! Is the app's code right for phones and for Windows, as far as a machine without their SDKs can say?
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

/// What holds the money's rules: no C, no system of its own.
const PURE: &[&str] = &["--package=purse-shared", "--package=purse-bridge", "--package=purse-core"];

/// The checks by what people type, in the order in which they are carried out.
pub const PARTS: [&str; 5] = ["ios", "android", "phone", "windows", "desktop"];

/// What `cargo check` is given, for which system. The engine, its store, keychain and network are in both apps.
const CHECKS: [Check; PARTS.len()] = [
    Check { name: "pure crates for iOS", system: System::Ios, what: PURE, c: None },
    Check { name: "pure crates for Android", system: System::Android, what: PURE, c: None },
    Check {
        name: "phone app for Android",
        system: System::Android,
        what: &["--package=purse-mobile"],
        c: Some(("aarch64-linux-gnu-gcc", ARM_C_COMPILER)),
    },
    Check { name: "pure crates for Windows", system: System::Windows, what: PURE, c: None },
    Check {
        name: "desktop app for Windows",
        system: System::Windows,
        what: &["--package=purse-desktop"],
        c: Some(("x86_64-w64-mingw32-gcc", MINGW)),
    },
];

const NOT_CHECKED: &str = "\
Not checked, since it needs what is not here:
- Android: linking, C code (the build script of `ring` was given a compiler for Arm Linux), Kotlin, Gradle and the
  merged manifest; Android's SDK and NDK
- iOS: anything beyond the pure crates, Swift, signing and the privacy report; a Mac with Xcode
- Windows: linking and an installer; Windows itself
- how it behaves: fingers, cameras, keystores and notifications need a phone";

struct Check {
    name: &'static str,
    system: System,
    what: &'static [&'static str],
    /// For build scripts that compile C: the program, and where it comes from. What they make is never linked.
    c: Option<(&'static str, Need)>,
}

/// `only`: one of [`PARTS`]; without it all of them.
pub fn run(place: &Place, only: Option<&str>) -> ExitCode {
    let mut steps = Steps::default();
    for (_, check) in PARTS.iter().zip(&CHECKS).filter(|(part, _)| only.is_none_or(|only| only == **part)) {
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
        if let Some((compiler, need)) = &self.c {
            if find(compiler).is_none() {
                packages::install(need)?;
            }
            for (name, program) in c_programs(self.system, compiler) {
                command.env(name, program);
            }
        }
        run_command(command.args(["--quiet", "--locked"]).args(self.what))
    }
}

/// What the `cc` crate reads.
fn c_programs(system: System, compiler: &str) -> [(String, String); 2] {
    let triple = system.triple().replace('-', "_");
    let archiver = compiler.strip_suffix("gcc").map(|prefix| format!("{prefix}ar")).unwrap_or_default();
    [(format!("CC_{triple}"), compiler.to_owned()), (format!("AR_{triple}"), archiver)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn build_scripts_are_told_their_compiler() {
        let told = c_programs(System::Android, "aarch64-linux-gnu-gcc");
        let told = told.each_ref().map(|(name, program)| format!("{name}={program}"));
        let want = [
            "CC_aarch64_linux_android=aarch64-linux-gnu-gcc",
            "AR_aarch64_linux_android=aarch64-linux-gnu-ar",
        ];
        assert_eq!(told, want);
        let android = CHECKS.iter().filter(|check| check.system == System::Android);
        assert_eq!(android.count(), 2);
    }
}
