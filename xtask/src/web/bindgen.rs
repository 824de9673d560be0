//! wasm-bindgen as a library, in the version of the lock file: a separate program would have to be compiled first.

use crate::Failure;
use std::path::Path;
use wasm_bindgen_cli_support::Bindgen;

/// A test compares it with the lock file.
pub const VERSION: &str = "0.2.130";

/// Writes `NAME.js`, `NAME_bg.wasm` and perhaps `snippets/`.
pub fn generate(raw: &Path, name: &str, dir: &Path) -> Result<(), Failure> {
    let mut bindgen = Bindgen::new();
    bindgen.input_path(raw).web(true)?.out_name(name).typescript(false);
    bindgen.remove_name_section(true).remove_producers_section(true);
    bindgen.generate(dir).map_err(|error| format!("wasm-bindgen: {error:#}").into())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The app's half and this half must be of one version.
    #[test]
    fn both_halves_are_of_one_version() {
        let lock = include_str!("../../../Cargo.lock");
        for name in ["wasm-bindgen", "wasm-bindgen-cli-support"] {
            let entry = format!("name = \"{name}\"\nversion = \"{VERSION}\"");
            assert!(lock.contains(&entry), "{name} in Cargo.lock is not {VERSION}");
        }
    }
}
