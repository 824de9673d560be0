//! Whether a directory was made from exactly this input.

use crate::Failure;
use sha2::{Digest, Sha256};
use std::fs;
use std::path::Path;

/// Not copied to the finished app.
pub const FILE: &str = ".made-from";

#[derive(Debug, PartialEq, Eq)]
pub struct Stamp(String);

impl Stamp {
    /// Of the input and of the versions of the tools.
    pub fn of(input: &[u8], tools: &[&str]) -> Self {
        let mut hash = Sha256::new();
        for tool in tools {
            hash.update(tool.len().to_be_bytes());
            hash.update(tool);
        }
        hash.update(input);
        Self(hex(&hash.finalize()))
    }

    pub fn is_on(&self, dir: &Path) -> bool {
        fs::read_to_string(dir.join(FILE)).is_ok_and(|text| text == self.0)
    }

    /// The last thing to do: half a result has no stamp.
    pub fn put_on(&self, dir: &Path) -> Result<(), Failure> {
        Ok(fs::write(dir.join(FILE), &self.0)?)
    }
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_input_or_tools_are_another_stamp() {
        let one = Stamp::of(b"wasm", &["1", "2"]);
        assert_eq!(one, Stamp::of(b"wasm", &["1", "2"]));
        assert_ne!(one, Stamp::of(b"wasm.", &["1", "2"]));
        assert_ne!(one, Stamp::of(b"wasm", &["12"]));
    }
}
