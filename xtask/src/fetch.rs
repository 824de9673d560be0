//! A package of npm as files: this version with this hash, or nothing. No install scripts are run.

use crate::Failure;
use crate::shell::{find, read};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha512};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

#[derive(Clone, Copy, Debug)]
pub struct Package {
    pub name: &'static str,
    pub version: &'static str,
    /// As npm's `dist.integrity` writes it, after `sha512-`.
    pub sha512: &'static str,
}

impl Package {
    /// Its directory, kept from last time or fetched now.
    ///
    /// # Errors
    /// Without npm, without network, or when the hash differs.
    pub fn get(&self, cache: &Path) -> Result<PathBuf, Failure> {
        let kept = cache.join(format!("{}-{}", self.name, self.version));
        if kept.exists() {
            return Ok(kept);
        }
        let npm = find("npm").ok_or("npm is not installed")?;
        fs::create_dir_all(cache)?;
        let one_at_a_time = File::create(cache.join("fetch.lock"))?;
        one_at_a_time.lock()?;
        if kept.exists() {
            return Ok(kept);
        }
        println!("fetching {} {} from npm", self.name, self.version);
        let work = cache.join("fetch");
        if work.exists() {
            fs::remove_dir_all(&work)?;
        }
        fs::create_dir(&work)?;
        read(
            Command::new(npm).arg("pack").arg(format!("{}@{}", self.name, self.version)).current_dir(&work),
        )?;
        let mut files = fs::read_dir(&work)?.flatten().map(|entry| entry.path());
        let archive = files.find(|path| path.extension().is_some_and(|end| end == "tgz"));
        let archive = archive.ok_or("npm fetched nothing")?;
        if STANDARD.encode(Sha512::digest(fs::read(&archive)?)) != self.sha512 {
            return Err(format!("{} {} has another hash than the pinned one", self.name, self.version).into());
        }
        read(Command::new("tar").arg("-xzf").arg(&archive).current_dir(&work))?;
        fs::rename(work.join("package"), &kept)?;
        fs::remove_dir_all(&work)?;
        Ok(kept)
    }
}
