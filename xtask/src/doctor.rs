//! What is on this machine and what is missing. Changes nothing.

use crate::packages::{C_COMPILER, CHROMIUM, KEYCHAIN, NODE, Need, POSTGRES};
use crate::place::Place;
use crate::shell::{find, find_one_of, read};
use crate::{chromium, test, toolchain};
use std::process::{Command, ExitCode};

/// Fails when something is missing, so that scripts can ask.
pub fn run(place: &Place) -> ExitCode {
    println!("builds go to     {}", place.target.display());
    println!("fetched tools in {}", place.cache.display());
    let postgres = local_postgres::find_installed();
    let checks = [
        of_need(C_COMPILER, find_one_of(&["cc", "gcc", "clang"]).map(|path| path.display().to_string())),
        Check {
            what: "the Rust compiler",
            found: read(Command::new("rustc").arg("--version")).ok().map(|version| version.trim().to_owned()),
            advice: "see rustup.rs".to_owned(),
        },
        Check {
            what: "a compiler for wasm",
            found: toolchain::present(place).map(|toolchain| toolchain.name().to_owned()),
            advice: "'cargo xtask web' fetches it".to_owned(),
        },
        of_need(POSTGRES, postgres.map(|found| format!("{} in {}", found.major, found.dir.display()))),
        of_need(NODE, find("npm").and_then(|_| find("node")).map(|path| path.display().to_string())),
        of_need(KEYCHAIN, test::keychain_is_there().then(|| "here".to_owned())),
        of_need(CHROMIUM, chromium::find().map(|found| found.browser.display().to_string())),
    ];
    for check in &checks {
        println!("{}", check.line());
    }
    if checks.iter().all(|check| check.found.is_some()) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

struct Check {
    what: &'static str,
    found: Option<String>,
    advice: String,
}

impl Check {
    fn line(&self) -> String {
        match &self.found {
            Some(found) => format!("there    {}: {found}", self.what),
            None => format!("missing  {}: {}", self.what, self.advice),
        }
    }
}

fn of_need(need: Need, found: Option<String>) -> Check {
    let advice = format!("{}; on Debian: {}", need.why, need.apt.join(" "));
    Check { what: need.what, found, advice }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_thing_names_its_package() {
        let line = of_need(POSTGRES, None).line();
        assert!(line.starts_with("missing  PostgreSQL") && line.ends_with("postgresql"), "{line}");
        assert_eq!(of_need(NODE, Some("here".to_owned())).line(), "there    Node.js with npm: here");
    }
}
