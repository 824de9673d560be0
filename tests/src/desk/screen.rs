//! A screen in memory.

use crate::browser::required;
use std::path::Path;
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

pub struct Screen {
    /// `:7`
    pub display: String,
    _server: Child,
}

#[allow(clippy::expect_used, reason = "a test's tool")]
impl Screen {
    /// Large enough for a tablet on its end.
    pub async fn light_up(dir: &Path) -> Self {
        let mut command = Command::new(required("PURSE_XVFB"));
        command.args(["-displayfd", "1", "-screen", "0", "1600x1300x24", "-nolisten", "tcp", "-noreset"]);
        command.current_dir(dir).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut server = command.kill_on_drop(true).spawn().expect("Xvfb starts");
        let mut lines = BufReader::new(server.stdout.take().expect("its output is piped")).lines();
        let number = lines.next_line().await.expect("Xvfb speaks").expect("Xvfb says its display");
        Self { display: format!(":{}", number.trim()), _server: server }
    }
}
