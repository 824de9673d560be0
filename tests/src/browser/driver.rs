//! chromedriver, one for each browser: on a free port that it finds itself, gone with its owner.

use std::ffi::OsString;
use std::net::TcpListener;
use std::path::Path;
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

pub struct Driver {
    /// `http://127.0.0.1:port/`
    pub url: String,
    child: Child,
}

#[allow(clippy::expect_used, reason = "a test's tool")]
impl Driver {
    /// `dir`: where it and its browser may write.
    pub async fn start(dir: &Path) -> Self {
        let mut command = Command::new(required("CHROMEDRIVER"));
        command.arg("--port=0").env("TMPDIR", dir).stdin(Stdio::null()).stderr(Stdio::null());
        let mut child =
            command.stdout(Stdio::piped()).kill_on_drop(true).spawn().expect("chromedriver starts");
        let stdout = child.stdout.take().expect("chromedriver's output is piped");
        let mut lines = BufReader::new(stdout).lines();
        let port = loop {
            let line = lines.next_line().await.expect("chromedriver speaks");
            let line = line.expect("chromedriver says its port before it ends");
            if let Some(port) = port_in(&line) {
                break port;
            }
        };
        // Read on, or it stops when the pipe is full.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Self { url: format!("http://127.0.0.1:{port}/"), child }
    }

    /// WebKit's, for windows of WebKitGTK that it starts itself, with these variables alone.
    pub async fn webkit(variables: Vec<(&'static str, String)>, log: std::fs::File) -> Self {
        // It finds no free port by itself.
        let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let port = free.expect("a free port").port();
        let mut command = Command::new(required("PURSE_WEBKIT_DRIVER"));
        command.arg(format!("--port={port}")).env_clear().envs(variables);
        // Tauri lets itself be driven only where this is set.
        command.env("TAURI_WEBVIEW_AUTOMATION", "true");
        let also = log.try_clone().expect("a log");
        command.stdin(Stdio::null()).stdout(also).stderr(log).kill_on_drop(true);
        let child = command.spawn().expect("WebKitWebDriver starts");
        super::until("WebKitWebDriver answers", async || {
            tokio::net::TcpStream::connect(("127.0.0.1", port)).await.ok().map(drop)
        })
        .await;
        Self { url: format!("http://127.0.0.1:{port}/"), child }
    }

    /// The processes that it started.
    pub fn children(&self) -> Vec<u32> {
        let Some(pid) = self.child.id() else { return Vec::new() };
        // Each of its threads has children of its own.
        let threads = std::fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
        let lists = threads.filter_map(|thread| std::fs::read_to_string(thread.path().join("children")).ok());
        let all: Vec<String> = lists.collect();
        all.iter().flat_map(|list| list.split_whitespace()).filter_map(|pid| pid.parse().ok()).collect()
    }
}

/// `ChromeDriver was started successfully on port 41235.`
fn port_in(line: &str) -> Option<u16> {
    let (_, after) = line.split_once("started successfully on port ")?;
    after.trim_end_matches('.').parse().ok()
}

/// What `cargo xtask test` passes to browser tests.
pub fn required(name: &str) -> OsString {
    let value = std::env::var_os(name).filter(|value| !value.is_empty());
    value.unwrap_or_else(|| panic!("{name} is not set: 'cargo xtask test' sets up what browser tests need"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_is_read() {
        assert_eq!(port_in("ChromeDriver was started successfully on port 41235."), Some(41235));
        assert_eq!(port_in("Starting ChromeDriver 150.0 on port 0"), None);
    }
}
