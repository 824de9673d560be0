//! wasm-opt, from npm's binaryen: distributions' own are often too old to read what compilers write today.

use crate::Failure;
use crate::fetch::Package;
use crate::packages::{self, NODE};
use crate::shell::{find, run};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const BINARYEN: Package = Package {
    name: "binaryen",
    version: "132.0.0",
    sha512: "4Usg7yEvwO3FMso3Oov6qkOOHSod1IEv+boKkh77kTljM+eNBouqCTbqWswGzbG+vDNO/b/v2C4gfEh1WgB9Lg==",
};

#[derive(Debug)]
pub enum Optimiser {
    Binaryen {
        node: PathBuf,
        script: PathBuf,
    },
    /// The app works without, and is larger.
    None,
}

impl Optimiser {
    /// Fetches it when it can, and says so when it cannot.
    pub fn find(cache: &Path) -> Self {
        match get(cache) {
            Ok(found) => found,
            Err(failure) => {
                println!("the app will be larger than it must be, without wasm-opt: {failure}");
                Self::None
            }
        }
    }

    /// For the stamp.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Binaryen { .. } => BINARYEN.version,
            Self::None => "none",
        }
    }

    pub fn shrink(&self, wasm: &Path) -> Result<(), Failure> {
        let Self::Binaryen { node, script } = self else { return Ok(()) };
        let small = wasm.with_extension("small");
        let mut wasm_opt = Command::new(node);
        // Which features the code uses stands in the file itself.
        wasm_opt.arg(script).arg("-Oz").arg(wasm).arg("-o").arg(&small);
        run(&mut wasm_opt)?;
        Ok(fs::rename(small, wasm)?)
    }
}

fn get(cache: &Path) -> Result<Optimiser, Failure> {
    if find("node").is_none() || find("npm").is_none() {
        packages::install(&NODE)?;
    }
    let node = find("node").ok_or("node is not in PATH")?;
    let script = BINARYEN.get(&cache.join("npm"))?.join("bin/wasm-opt");
    Ok(Optimiser::Binaryen { node, script })
}
