//! The phone app, made by Tauri's own command with the pages and the server's address built in.

use crate::Failure;
use crate::address;
use crate::desktop;
use crate::place::Place;
use crate::shell::{cargo, read, run as run_command};
use crate::toolchain;
use crate::web::{self, Effort};
use std::process::ExitCode;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Store {
    Android,
    Ios,
}

impl Store {
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "android" => Some(Self::Android),
            "ios" => Some(Self::Ios),
            _ => None,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Android => "android",
            Self::Ios => "ios",
        }
    }

    /// Not committed: the first that `tauri … init` adds to the files that are.
    const fn made_by_init(self) -> &'static str {
        match self {
            Self::Android => "gen/android/gradlew",
            Self::Ios => "gen/apple/purse-mobile.xcodeproj",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhoneOptions {
    pub store: Store,
    /// Passed on to `cargo tauri android build`.
    pub more: Vec<String>,
}

/// # Errors
/// What is missing, or what Tauri's command said.
pub fn build(place: &Place, options: &PhoneOptions) -> Result<ExitCode, Failure> {
    let server = address::for_people()?;
    let mut version = cargo(place);
    read(version.args(["tauri", "--version"])).map_err(|_| {
        "Tauri's command is not there: run 'cargo install tauri-cli --locked --version ^2'".to_owned()
    })?;
    let toolchain = toolchain::ensure(place)?;
    web::build_window(place, &toolchain, Effort::Small)?;

    let (mobile, store) = (place.root.join("mobile"), options.store);
    if !mobile.join(store.made_by_init()).exists() {
        println!("adding what {} needs besides the files that are here", store.name());
        let mut init = cargo(place);
        init.args(["tauri", store.name(), "init", "--ci"]).current_dir(&mobile);
        run_command(&mut init)?;
    }
    println!("building Purse for {server}");
    let mut tauri = cargo(place);
    tauri.args(["tauri", store.name(), "build", "--config", &desktop::config(&place.window_dist())]);
    tauri.args(&options.more).current_dir(&mobile);
    run_command(&mut tauri)?;
    Ok(ExitCode::SUCCESS)
}
