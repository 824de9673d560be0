//! Ends the server when this process ends in a way that runs no destructor: `kill -9`, `exit`, a `static` owner.
//!
//! A shell reads from a pipe that only this process holds open. However this process ends, the kernel closes the
//! pipe, and the shell tells the server to stop.

use crate::error::{At, StartError};
use crate::home::Home;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Stdio};

/// `$1` is the server's process id, `$2` its lock file: another server on the same directory is left alone.
const SCRIPT: &str = r#"
while read -r _; do :; done
read -r pid < "$2" && test "$pid" = "$1" && kill -INT "$1"
"#;

#[derive(Debug)]
pub struct Watcher(Child);

impl Watcher {
    pub fn start(home: &Home, pid: u32) -> Result<Self, StartError> {
        let shell = Path::new("/bin/sh");
        let mut command = home.account.command(shell, home.dir());
        command.args(["-c", SCRIPT, "purse-postgres-watcher"]).arg(pid.to_string());
        command.arg(home.data().join("postmaster.pid"));
        // Its own group: Ctrl-C must not end it before its work.
        command.process_group(0).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().map(Self).at(shell)
    }
}

impl Drop for Watcher {
    /// The server was ended by other means.
    fn drop(&mut self) {
        let _ended_already = self.0.kill();
        let _reaped_already = self.0.wait();
    }
}
