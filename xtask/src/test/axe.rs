//! axe-core, which looks for what people with assistive tools would stumble over. From npm, as one script.

use crate::Failure;
use crate::fetch::Package;
use crate::packages::{self, NODE};
use crate::shell::find;
use std::path::{Path, PathBuf};

const AXE: Package = Package {
    name: "axe-core",
    version: "4.14.1",
    sha512: "FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==",
};

/// # Errors
/// Without npm, or without network when it was never fetched: the test that needs it would say less.
pub fn ensure(cache: &Path) -> Result<PathBuf, Failure> {
    if find("npm").is_none() {
        packages::install(&NODE)?;
    }
    let script = AXE.get(&cache.join("npm"))?.join("axe.min.js");
    if script.is_file() { Ok(script) } else { Err(format!("{} is missing", script.display()).into()) }
}
