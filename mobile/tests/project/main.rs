//! The phone's project files: what no Android or Apple tool can say here, read as those tools read it. They agree with
//! each other, promise nothing that is not there, and give away nothing that must stay.
#![allow(clippy::unwrap_used)]

mod android;
mod apple;
mod conf;
mod plugin;

use std::path::PathBuf;

/// Of the app on every phone and in every store.
const IDENTIFIER: &str = "app.purse.wallet";

/// As cargo says it now, not when this was compiled: clones may share what was built.
fn root() -> PathBuf {
    let here = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    here.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR"))).join("..")
}

/// A file of `mobile/`.
fn read(path: &str) -> String {
    let path = root().join("mobile").join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn json(path: &str) -> serde_json::Value {
    serde_json::from_str(&read(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// All files below a folder of `mobile/`, as paths from there.
fn files(folder: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(root().join("mobile").join(folder)).unwrap() {
        let entry = entry.unwrap();
        let path = format!("{folder}/{}", entry.file_name().to_str().unwrap());
        if entry.file_type().unwrap().is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

/// The version in the workspace's manifest: the only place where it is chosen.
fn version() -> String {
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let line = manifest.lines().find_map(|line| line.strip_prefix("version = ")).unwrap();
    line.trim_matches('"').to_owned()
}
