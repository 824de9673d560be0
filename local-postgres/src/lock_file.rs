//! PostgreSQL's own lock file, and whether the process that it names is really a server on this directory.

use crate::error::{At, StartError};
use rustix::process::{Pid, test_kill_process};
use std::fs;
use std::path::{Path, PathBuf};

/// What `postmaster.pid` says: process, directory, start, port, …, each on a line.
pub struct Noted {
    pub pid: Pid,
    pub port: Option<u16>,
}

impl Noted {
    pub fn read(data: &Path) -> Result<Option<Self>, StartError> {
        let path = data.join("postmaster.pid");
        match fs::read_to_string(&path) {
            Ok(text) => Ok(Self::parse(&text)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(StartError::File { path, source }),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines().map(str::trim);
        let pid = lines.next()?.parse().ok().and_then(Pid::from_raw)?;
        Some(Self { pid, port: lines.nth(2).and_then(|port| port.parse().ok()) })
    }

    /// After a crash its number may belong to another program (often so in containers), and PostgreSQL would not
    /// start because of it. Where the system tells that it is another's, the file goes.
    pub fn remove_if_recycled(&self, data: &Path) -> Result<(), StartError> {
        let path = data.join("postmaster.pid");
        match working_dir(self.pid) {
            Some(dir) if dir != data => fs::remove_file(&path).at(&path),
            _ => Ok(()),
        }
    }
}

/// Alive, and (where the system tells) working in this data directory, as every PostgreSQL does.
pub fn is_ours(pid: Pid, data: &Path) -> bool {
    if Path::new("/proc/self/cwd").exists() {
        return working_dir(pid).is_some_and(|dir| dir == data);
    }
    test_kill_process(pid).is_ok()
}

fn working_dir(pid: Pid) -> Option<PathBuf> {
    fs::read_link(format!("/proc/{}/cwd", pid.as_raw_nonzero())).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_lock_file_says() {
        let text = "4711\n/srv/purse/data\n1760000000\n25432\n\n127.0.0.1\n  25432 0\nready   \n";
        let noted = Noted::parse(text).unwrap();
        assert_eq!((noted.pid.as_raw_nonzero().get(), noted.port), (4711, Some(25432)));
        assert_eq!(Noted::parse("4711\n/srv\n").unwrap().port, None);
        assert!(Noted::parse("").is_none());
    }

    #[test]
    fn an_own_process_is_not_a_postgres() {
        let me = Pid::from_raw(i32::try_from(std::process::id()).unwrap()).unwrap();
        if Path::new("/proc/self/cwd").exists() {
            assert!(!is_ours(me, Path::new("/nowhere")));
        }
    }
}
