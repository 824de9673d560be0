//! Who runs the programs: this user, or an unprivileged one when this user is root, which PostgreSQL refuses.

use crate::error::{At, StartError};
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

/// Tried in this order. Both are there on every distribution that packages PostgreSQL; `nobody` everywhere.
const UNPRIVILEGED: [&str; 2] = ["postgres", "nobody"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Account {
    /// This process's own user.
    Same,
    Other {
        uid: u32,
        gid: u32,
    },
}

impl Account {
    pub fn choose() -> Result<Self, StartError> {
        if !is_root() {
            return Ok(Self::Same);
        }
        UNPRIVILEGED.iter().find_map(|name| Self::named(name)).ok_or(StartError::NoAccount)
    }

    fn named(name: &str) -> Option<Self> {
        let ask = |what| {
            let output = Command::new("id").args([what, name]).stderr(Stdio::null()).output().ok()?;
            String::from_utf8(output.stdout).ok()?.trim().parse::<u32>().ok()
        };
        Some(Self::Other { uid: ask("-u")?, gid: ask("-g")? })
    }

    /// A command of this account, in `dir`, with an environment that holds no one's `PG*` variables or secrets.
    pub fn command(self, program: &Path, dir: &Path) -> Command {
        let mut command = Command::new(program);
        command.env_clear().env("PATH", "/usr/local/bin:/usr/bin:/bin").env("LC_ALL", "C").current_dir(dir);
        command.stdin(Stdio::null());
        if let Self::Other { uid, gid } = self {
            command.uid(uid).gid(gid);
        }
        command
    }

    /// Makes `path` this account's.
    pub fn own(self, path: &Path) -> Result<(), StartError> {
        match self {
            Self::Same => Ok(()),
            Self::Other { uid, gid } => chown(path, Some(uid), Some(gid)).at(path),
        }
    }

    /// Whether this account can go to `dir` and write there. Asked of the kernel, by trying.
    pub fn can_use(self, dir: &Path) -> bool {
        let mut test = self.command(Path::new("/bin/sh"), Path::new("/"));
        test.args(["-c", "cd \"$0\" && test -w ."]).arg(dir).stdout(Stdio::null()).stderr(Stdio::null());
        test.status().is_ok_and(|status| status.success())
    }
}

pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}
