//! Where things are and go: the workspace, what is built, what is kept between clones.

use crate::Failure;
use std::path::PathBuf;

#[derive(Clone, Debug)]
pub struct Place {
    /// The clone.
    pub root: PathBuf,
    /// What cargo builds: outside the clone, so that the next clone starts from it.
    pub target: PathBuf,
    /// What was fetched: toolchain, tools.
    pub cache: PathBuf,
}

impl Place {
    /// # Errors
    /// Without a home directory.
    pub fn find() -> Result<Self, Failure> {
        // As cargo says it now, not when this was compiled: clones that share a target directory share the binary.
        let here = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
        let here = here.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")));
        let root = here.parent().ok_or("xtask has no workspace")?;
        let cache = cache_dir(|name| std::env::var_os(name).map(PathBuf::from)).ok_or("HOME is not set")?;
        let target = match std::env::var_os("CARGO_TARGET_DIR").filter(|dir| !dir.is_empty()) {
            // Relative to the clone, as cargo sees it from there.
            Some(dir) => root.join(dir),
            None => cache.join("target"),
        };
        Ok(Self { root: root.to_owned(), target, cache })
    }

    /// The wasm build's own: other flags, perhaps another compiler.
    pub fn wasm_target(&self) -> PathBuf {
        self.target.join("wasm-build")
    }
    /// What is checked for other systems.
    pub fn cross_target(&self) -> PathBuf {
        self.target.join("cross-check")
    }
    /// The finished app: what a server serves.
    pub fn web_dist(&self) -> PathBuf {
        self.target.join("web-dist")
    }
    /// The finished pages of a native window: what the apps for desktop and phone embed.
    pub fn window_dist(&self) -> PathBuf {
        self.target.join("window-dist")
    }
    pub fn server(&self, profile: Profile) -> PathBuf {
        self.built(profile, "sync-server")
    }
    /// A program of the workspace.
    pub fn built(&self, profile: Profile, name: &str) -> PathBuf {
        self.target.join(profile.dir()).join(name)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    Dev,
    Release,
}

impl Profile {
    fn dir(self) -> &'static str {
        match self {
            Self::Dev => "debug",
            Self::Release => "release",
        }
    }
}

fn cache_dir(var: impl Fn(&str) -> Option<PathBuf>) -> Option<PathBuf> {
    let given = |name| var(name).filter(|dir| dir.is_absolute());
    let caches = given("XDG_CACHE_HOME").or_else(|| given("HOME").map(|home| home.join(".cache")))?;
    Some(caches.join("purse"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cache_follows_the_desktop_rules() {
        let home = |name: &str| (name == "HOME").then(|| PathBuf::from("/home/ana"));
        assert_eq!(cache_dir(home), Some(PathBuf::from("/home/ana/.cache/purse")));
        let own = |_: &str| Some(PathBuf::from("/fast"));
        assert_eq!(cache_dir(own), Some(PathBuf::from("/fast/purse")));
        assert_eq!(cache_dir(|_| None), None);
    }
}
