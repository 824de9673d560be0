//! Builds Purse and becomes its server.

use crate::Failure;
use crate::args::RunOptions;
use crate::desktop::{WASM, WINDOWS};
use crate::packages::{self, POSTGRES};
use crate::place::{Place, Profile};
use crate::shell::{cargo, run as run_command};
use crate::toolchain;
use crate::web::{self, Effort};
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};

/// Returns only when something failed: else this process is the server, and Ctrl-C goes to it alone.
///
/// # Errors
/// What is missing, or does not build.
pub fn run(place: &Place, options: &RunOptions) -> Result<ExitCode, Failure> {
    println!("cargo builds in {}", place.target.display());
    let toolchain = toolchain::ensure(place)?;
    if !has_database() && local_postgres::find_binaries(None).is_err() {
        packages::install(&POSTGRES)?;
    }
    web::build(place, &toolchain, Effort::Small)?;
    let profile = if options.release { Profile::Release } else { Profile::Dev };
    println!("building the server");
    let mut build = cargo(place);
    // With the workspace's features, so that this and the tests compile every crate once.
    build.args(["build", "--workspace", "--bin", "sync-server"]).args(WASM).args(WINDOWS);
    if profile == Profile::Release {
        build.arg("--release");
    }
    run_command(&mut build)?;
    Err(server(place, profile, options)?.exec().into())
}

fn server(place: &Place, profile: Profile, options: &RunOptions) -> Result<Command, Failure> {
    let mut server = Command::new(place.server(profile));
    server.env("PURSE_LISTEN", format!("127.0.0.1:{}", options.port));
    server.env("PURSE_WEB_DIR", place.web_dist());
    // What somebody has set stays: a public address behind a proxy, another mode.
    for (name, value) in [
        ("PURSE_PUBLIC_URL", format!("http://localhost:{}", options.port)),
        ("PURSE_MODE", "sandbox".to_owned()),
    ] {
        if std::env::var_os(name).is_none() {
            server.env(name, value);
        }
    }
    if let Some(data) = &options.data {
        server.env("PURSE_DATA_DIR", std::path::absolute(data)?);
    }
    Ok(server)
}

fn has_database() -> bool {
    std::env::var_os("DATABASE_URL").is_some_and(|url| !url.is_empty())
}
