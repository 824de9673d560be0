//! What was asked for on the command line.

use crate::check_mobile;
use crate::fuzz::TARGETS;
use crate::phone::{PhoneOptions, Store};
use crate::verify::{VerifyOptions, What};
use crate::web::Effort;
use std::path::PathBuf;

pub const HELP: &str = "\
cargo xtask run [--port N] [--data DIR] [--release]   build the app and the server, start, print the address
cargo xtask test [--only PART]                        everything that must hold; PART is one of:
                                                      fmt, clippy, web, unit, e2e
cargo xtask web [--window] [--fast]                   build the app for browsers, or the pages of a native window;
                                                      fast: large, for working on pages
cargo xtask desktop [--release]                       build the app for this desktop and start it
cargo xtask bundle                                    its Debian package and AppImage, for people to install
cargo xtask phone android|ios [ARGS]                  the app for a phone; ARGS go to Tauri's own build command;
                                                      PURSE_SERVER says whose app both are: https://wallet.example
cargo xtask check-mobile [PART]                       the apps' types for phones and Windows, and what that leaves open;
                                                      PART is one of: android, ios, windows
cargo xtask bench client [PART..]                     what a person waits for; PART is one of:
                                                      size, search, enqueue, queue, payment, start, desktop
cargo xtask bench settle [PART..] [--rounds N] [--long]  payments a second and their cost, over pgbench on the same database;
                                                      PART is one of: uniform, branches, hot, http, single, lone,
                                                      grown, rows, memory
cargo xtask fuzz [TARGET] [--seconds N]               libFuzzer on what strangers send; TARGET is one of:
                                                      intent, sync_body, receipt, checkpoint
cargo xtask chaos [--minutes N] [--seed S]            two servers and PostgreSQL killed, networks cut: the money must be right
cargo xtask verify RECEIPT --key KEY                  is this receipt genuine? KEY: the server's audit key, or its file
cargo xtask verify --checkpoints FILE --key KEY       does the history that these checkpoints tell hold?
cargo xtask doctor                                    what is on this machine and what is missing
All but doctor and verify install what is missing where they may, and say so.";

const SETTLE_PARTS: [&str; 9] =
    ["uniform", "branches", "hot", "http", "single", "lone", "grown", "rows", "memory"];
pub const PORT: u16 = 8420;
const FUZZ_SECONDS: u32 = 60;
const CHAOS_MINUTES: u32 = 10;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Task {
    Help,
    Run(RunOptions),
    Test { only: Option<Part> },
    Web { window: bool, effort: Effort },
    Desktop { release: bool },
    Bundle,
    Phone(PhoneOptions),
    CheckMobile { only: Option<&'static str> },
    BenchClient(Vec<String>),
    BenchSettle(Vec<String>),
    Fuzz { target: Option<&'static str>, seconds: u32 },
    Chaos { minutes: u32, seed: Option<u64> },
    Verify(VerifyOptions),
    Doctor,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunOptions {
    pub port: u16,
    pub data: Option<PathBuf>,
    pub release: bool,
}

/// A part of the tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Fmt,
    Clippy,
    Web,
    /// The tests inside each crate.
    Unit,
    /// `tests/`: a real server, a real database, a real browser.
    EndToEnd,
}

pub fn parse(mut args: impl Iterator<Item = String>) -> Result<Task, String> {
    let task = match args.next().as_deref() {
        None | Some("help" | "--help" | "-h") => return Ok(Task::Help),
        Some("run") => return run(args).map(Task::Run),
        Some("test") => Task::Test { only: test_part(&mut args)? },
        Some("web") => return web(args),
        Some("desktop") => return desktop(args),
        Some("bundle") => Task::Bundle,
        Some("phone") => return phone(args).map(Task::Phone),
        Some("check-mobile") => return systems(args),
        Some("bench") => match args.next().as_deref() {
            Some("client") => return client(args).map(Task::BenchClient),
            Some("settle") => return settle(args).map(Task::BenchSettle),
            _ => return Err("bench wants to know what: client or settle".to_owned()),
        },
        Some("fuzz") => return fuzz(args),
        Some("chaos") => return chaos(args),
        Some("verify") => return verify(args).map(Task::Verify),
        Some("doctor") => Task::Doctor,
        Some(other) => return Err(format!("there is no '{other}'\n{HELP}")),
    };
    nothing_more(args).map(|()| task)
}

fn web(args: impl Iterator<Item = String>) -> Result<Task, String> {
    let (mut window, mut effort) = (false, Effort::Small);
    for arg in args {
        match arg.as_str() {
            "--window" => window = true,
            "--fast" => effort = Effort::Fast,
            _ => return Err(format!("web does not know '{arg}'\n{HELP}")),
        }
    }
    Ok(Task::Web { window, effort })
}

fn desktop(mut args: impl Iterator<Item = String>) -> Result<Task, String> {
    let release = match args.next().as_deref() {
        None => false,
        Some("--release") => true,
        Some(other) => return Err(format!("desktop does not know '{other}'\n{HELP}")),
    };
    nothing_more(args).map(|()| Task::Desktop { release })
}

fn phone(mut args: impl Iterator<Item = String>) -> Result<PhoneOptions, String> {
    let name = args.next().unwrap_or_default();
    let store = Store::from_name(&name).ok_or_else(|| format!("phone wants android or ios\n{HELP}"))?;
    Ok(PhoneOptions { store, more: args.collect() })
}

fn systems(mut args: impl Iterator<Item = String>) -> Result<Task, String> {
    let known = |arg: String| {
        check_mobile::part(&arg).ok_or_else(|| format!("check-mobile does not know '{arg}'\n{HELP}"))
    };
    let only = args.next().map(known).transpose()?;
    nothing_more(args).map(|()| Task::CheckMobile { only })
}

/// Parts of the bench that run without a browser and its app, and those that need both.
pub const CLIENT_ALONE: [&str; 3] = ["search", "enqueue", "queue"];
const CLIENT_IN_A_BROWSER: [&str; 4] = ["size", "payment", "start", "desktop"];

fn client(args: impl Iterator<Item = String>) -> Result<Vec<String>, String> {
    let known = |arg: String| {
        let is_known = CLIENT_ALONE.iter().chain(&CLIENT_IN_A_BROWSER).any(|part| *part == arg);
        if is_known { Ok(arg) } else { Err(format!("bench client does not know '{arg}'\n{HELP}")) }
    };
    args.map(known).collect()
}

/// As the bench reads them.
fn settle(mut args: impl Iterator<Item = String>) -> Result<Vec<String>, String> {
    let mut options = Vec::new();
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--rounds" => {
                let rounds = args.next().filter(|text| text.parse().is_ok_and(|rounds: u8| rounds > 0));
                options.extend([arg, rounds.ok_or("--rounds wants a number from 1 to 255")?]);
            }
            "--long" => options.push(arg),
            part if SETTLE_PARTS.contains(&part) => options.push(arg),
            _ => return Err(format!("bench settle does not know '{arg}'\n{HELP}")),
        }
    }
    Ok(options)
}

fn run(mut args: impl Iterator<Item = String>) -> Result<RunOptions, String> {
    let mut options = RunOptions { port: PORT, data: None, release: false };
    while let Some(arg) = args.next() {
        let (name, mut value) = match arg.split_once('=') {
            Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
            None => (arg, None),
        };
        match name.as_str() {
            "--port" => {
                let text = value.take().or_else(|| args.next()).ok_or("--port wants a number")?;
                options.port = text.parse().map_err(|_| format!("'{text}' is not a port"))?;
            }
            "--data" => {
                let dir = value.take().or_else(|| args.next()).ok_or("--data wants a directory")?;
                options.data = Some(PathBuf::from(dir));
            }
            "--release" => options.release = true,
            _ => return Err(format!("run does not know '{name}'\n{HELP}")),
        }
        if value.is_some() {
            return Err(format!("'{name}' takes no value"));
        }
    }
    Ok(options)
}

fn fuzz(mut args: impl Iterator<Item = String>) -> Result<Task, String> {
    let (mut target, mut seconds) = (None, FUZZ_SECONDS);
    while let Some(arg) = args.next() {
        if arg == "--seconds" {
            let text = args.next().ok_or("--seconds wants a number")?;
            seconds = text.parse().map_err(|_| format!("'{text}' is not a number of seconds"))?;
        } else {
            let known = TARGETS.into_iter().find(|known| *known == arg && target.is_none());
            target = Some(known.ok_or_else(|| format!("fuzz does not know '{arg}'\n{HELP}"))?);
        }
    }
    Ok(Task::Fuzz { target, seconds })
}

fn chaos(mut args: impl Iterator<Item = String>) -> Result<Task, String> {
    let (mut minutes, mut seed) = (CHAOS_MINUTES, None);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--minutes" => {
                let text = args.next().ok_or("--minutes wants a number")?;
                let wanted = text.parse().ok().filter(|minutes| *minutes > 0);
                minutes = wanted.ok_or_else(|| format!("'{text}' is not a number of minutes"))?;
            }
            "--seed" => {
                let text = args.next().ok_or("--seed wants a number")?;
                seed = Some(text.parse().map_err(|_| format!("'{text}' is not a seed"))?);
            }
            _ => return Err(format!("chaos does not know '{arg}'\n{HELP}")),
        }
    }
    Ok(Task::Chaos { minutes, seed })
}

fn verify(mut args: impl Iterator<Item = String>) -> Result<VerifyOptions, String> {
    let (mut what, mut key) = (None, None);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--key" if key.is_none() => key = Some(args.next().ok_or("--key wants a key or a file")?),
            "--checkpoints" if what.is_none() => {
                what = Some(What::Checkpoints(args.next().ok_or("--checkpoints wants a file")?.into()));
            }
            receipt if what.is_none() && !receipt.starts_with("--") => what = Some(What::Receipt(arg.into())),
            _ => return Err(format!("verify does not know '{arg}'\n{HELP}")),
        }
    }
    let what = what.ok_or_else(|| format!("verify wants a receipt or --checkpoints\n{HELP}"))?;
    Ok(VerifyOptions { what, key })
}

fn test_part(args: &mut impl Iterator<Item = String>) -> Result<Option<Part>, String> {
    let part = match args.next() {
        None => return Ok(None),
        Some(arg) if arg == "--only" => args.next(),
        Some(arg) => match arg.strip_prefix("--only=") {
            Some(part) => Some(part.to_owned()),
            None => return Err(format!("test does not know '{arg}'\n{HELP}")),
        },
    };
    match part.as_deref() {
        Some("fmt") => Ok(Some(Part::Fmt)),
        Some("clippy") => Ok(Some(Part::Clippy)),
        Some("web") => Ok(Some(Part::Web)),
        Some("unit") => Ok(Some(Part::Unit)),
        Some("e2e") => Ok(Some(Part::EndToEnd)),
        _ => Err("--only wants fmt, clippy, web, unit or e2e".to_owned()),
    }
}

fn nothing_more(mut args: impl Iterator<Item = String>) -> Result<(), String> {
    match args.next() {
        None => Ok(()),
        Some(more) => Err(format!("too much: '{more}'\n{HELP}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Task, String> {
        parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn what_people_type() {
        let run = |port, data: Option<&str>, release| {
            Ok(Task::Run(RunOptions { port, data: data.map(PathBuf::from), release }))
        };
        let phone = |store, more: &[&str]| {
            let more = more.iter().map(|arg| (*arg).to_owned()).collect();
            Ok(Task::Phone(PhoneOptions { store, more }))
        };
        let verify =
            |what, key: Option<&str>| Ok(Task::Verify(VerifyOptions { what, key: key.map(str::to_owned) }));
        let rows = [
            ("", Ok(Task::Help)),
            ("run", run(8420, None, false)),
            ("run --port 9000 --data /tmp/p --release", run(9000, Some("/tmp/p"), true)),
            ("run --port=9000 --data=x", run(9000, Some("x"), false)),
            ("test", Ok(Task::Test { only: None })),
            ("test --only unit", Ok(Task::Test { only: Some(Part::Unit) })),
            ("web", Ok(Task::Web { window: false, effort: Effort::Small })),
            ("web --fast", Ok(Task::Web { window: false, effort: Effort::Fast })),
            ("web --fast --window", Ok(Task::Web { window: true, effort: Effort::Fast })),
            ("desktop", Ok(Task::Desktop { release: false })),
            ("desktop --release", Ok(Task::Desktop { release: true })),
            ("bundle", Ok(Task::Bundle)),
            ("phone ios", phone(Store::Ios, &[])),
            (
                "phone android --apk --target aarch64",
                phone(Store::Android, &["--apk", "--target", "aarch64"]),
            ),
            ("check-mobile", Ok(Task::CheckMobile { only: None })),
            ("check-mobile android", Ok(Task::CheckMobile { only: Some("android") })),
            ("bench client", Ok(Task::BenchClient(Vec::new()))),
            ("bench client queue", Ok(Task::BenchClient(vec!["queue".to_owned()]))),
            ("bench settle", Ok(Task::BenchSettle(Vec::new()))),
            (
                "bench settle lone --rounds 2",
                Ok(Task::BenchSettle(["lone", "--rounds", "2"].map(str::to_owned).into())),
            ),
            ("fuzz", Ok(Task::Fuzz { target: None, seconds: 60 })),
            ("fuzz receipt --seconds 5", Ok(Task::Fuzz { target: Some("receipt"), seconds: 5 })),
            ("chaos", Ok(Task::Chaos { minutes: 10, seed: None })),
            ("chaos --minutes 3 --seed 7", Ok(Task::Chaos { minutes: 3, seed: Some(7) })),
            ("verify r.json --key k", verify(What::Receipt("r.json".into()), Some("k"))),
            ("verify --key k --checkpoints c", verify(What::Checkpoints("c".into()), Some("k"))),
        ];
        for (line, wanted) in rows {
            assert_eq!(parsed(line), wanted, "{line}");
        }
        for wrong in [
            "walk",
            "run --port",
            "run --port x",
            "run --release=1",
            "test --only all",
            "web now",
            "desktop now",
            "desktop --release --release",
            "bundle deb",
            "phone",
            "phone windows",
            "check-mobile now",
            "check-mobile android ios",
            "bench",
            "bench all",
            "bench settle --fast",
            "bench settle --rounds 0",
            "bench settle --rounds",
            "bench client now",
            "fuzz everything",
            "fuzz intent receipt",
            "fuzz --seconds x",
            "chaos --minutes 0",
            "chaos --seed",
            "chaos 5",
            "verify",
            "verify a b",
            "verify a --key",
            "verify a --lock k",
        ] {
            assert!(parsed(wrong).is_err(), "{wrong}");
        }
    }
}
