//! The directory of one instance, and what lies in it.
//!
//! `data` (PostgreSQL's own), `password` and `port` (kept for the directory's life), `log`, `start.lock`
//! (one start at a time), `owner.lock` (held by the process whose end is the instance's end), `detached`.

use crate::account::Account;
use crate::error::{At, StartError};
use sha2::{Digest, Sha256};
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// Where data goes when the unprivileged account cannot reach the directory that root asked for.
const REACHABLE: &str = "/var/lib/purse";
/// In the asked directory, for whoever looks for the data there.
const NOTE: &str = "WHERE-THE-DATA-IS.txt";

#[derive(Clone, Debug)]
pub struct Home {
    dir: PathBuf,
    pub account: Account,
}

impl Home {
    /// Makes it, or finds it: `asked`, or a place that the account can reach.
    pub fn open(asked: &Path, account: Account) -> Result<Self, StartError> {
        fs::create_dir_all(asked).at(asked)?;
        let asked = asked.canonicalize().at(asked)?;
        let own = Self { dir: asked.clone(), account };
        if account == Account::Same {
            own.make_private()?;
            return Ok(own);
        }
        account.own(&asked)?;
        if account.can_use(&asked) {
            own.make_private()?;
            return Ok(own);
        }
        let reachable = Path::new(REACHABLE);
        DirBuilder::new().recursive(true).mode(0o755).create(reachable).at(reachable)?;
        let dir = reachable.join(name_for(&asked));
        fs::create_dir_all(&dir).at(&dir)?;
        account.own(&dir)?;
        let moved = Self { dir, account };
        moved.make_private()?;
        let note = format!(
            "PostgreSQL does not run as root, and its own user cannot reach this directory.\n\
             The data is in {}\n",
            moved.dir.display()
        );
        fs::write(asked.join(NOTE), note).at(&asked.join(NOTE))?;
        Ok(moved)
    }

    fn make_private(&self) -> Result<(), StartError> {
        fs::set_permissions(&self.dir, Permissions::from_mode(0o700)).at(&self.dir)
    }

    pub fn dir(&self) -> &Path {
        &self.dir
    }
    pub fn data(&self) -> PathBuf {
        self.dir.join("data")
    }
    pub fn log(&self) -> PathBuf {
        self.dir.join("log")
    }
    pub fn file(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    pub fn is_initialised(&self) -> bool {
        self.data().join("PG_VERSION").exists()
    }

    /// The major version that made the data.
    pub fn major(&self) -> Option<u32> {
        let text = fs::read_to_string(self.data().join("PG_VERSION")).ok()?;
        text.trim().split('.').next()?.parse().ok()
    }

    /// Trimmed text of a file; `None` when it is not there.
    pub fn read(&self, name: &str) -> Result<Option<String>, StartError> {
        match fs::read_to_string(self.file(name)) {
            Ok(text) => Ok(Some(text.trim().to_owned())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(StartError::File { path: self.file(name), source }),
        }
    }

    /// Replaces a file at once, readable by the account alone.
    pub fn write(&self, name: &str, text: &str) -> Result<(), StartError> {
        let (path, new) = (self.file(name), self.file(&format!("{name}.new")));
        let mut file =
            OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new).at(&new)?;
        file.write_all(format!("{text}\n").as_bytes()).and_then(|()| file.sync_all()).at(&new)?;
        self.account.own(&new)?;
        fs::rename(&new, &path).at(&path)
    }

    /// A file for `File::lock`: the kernel lets go of it however a process ends.
    pub fn lock_file(&self, name: &str) -> Result<File, StartError> {
        let path = self.file(name);
        OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&path).at(&path)
    }
}

/// The same for the same path, always.
fn name_for(path: &Path) -> String {
    let hash = Sha256::digest(path.as_os_str().as_encoded_bytes());
    hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_one_name() {
        let one = name_for(Path::new("/root/purse"));
        assert_eq!(one, name_for(Path::new("/root/purse")));
        assert_ne!(one, name_for(Path::new("/root/purse2")));
        assert_eq!(one.len(), 16);
    }
}
