//! A session bus, and a keychain on it that is open, as after a log-in; or none.

use crate::browser::until;
use std::path::Path;
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, Command};

const SECRETS: &str = "org.freedesktop.secrets";

/// Nothing is started by being asked for: no keychain, where one is installed.
const WITHOUT_SERVICES: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=/tmp</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#;

pub struct Bus {
    pub address: String,
    _daemon: Child,
    _keychain: Option<Child>,
}

#[allow(clippy::expect_used, reason = "a test's tool")]
impl Bus {
    pub async fn start(dir: &Path, home: &Path, has_keychain: bool) -> Self {
        let run = dir.join("run");
        let mut command = Command::new("dbus-daemon");
        if has_keychain {
            command.arg("--session");
        } else {
            let config = run.join("bus.conf");
            std::fs::write(&config, WITHOUT_SERVICES).expect("a bus is configured");
            command.arg(format!("--config-file={}", config.display()));
        }
        command.args(["--nofork", "--nopidfile", "--print-address=1"]);
        command.arg(format!("--address=unix:path={}", run.join("bus").display()));
        command.env("XDG_RUNTIME_DIR", &run).env("HOME", home);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut daemon = command.kill_on_drop(true).spawn().expect("dbus-daemon starts");
        let mut lines = BufReader::new(daemon.stdout.take().expect("its output is piped")).lines();
        let address = lines.next_line().await.expect("it speaks").expect("it says its address");
        let keychain = if has_keychain { Some(start_keychain(&address, &run, home).await) } else { None };
        Self { address, _daemon: daemon, _keychain: keychain }
    }
}

#[allow(clippy::expect_used, reason = "a test's tool")]
async fn start_keychain(address: &str, run: &Path, home: &Path) -> Child {
    let mut command = Command::new("gnome-keyring-daemon");
    command.args(["--foreground", "--unlock", "--components=secrets"]);
    command.env("DBUS_SESSION_BUS_ADDRESS", address).env("XDG_RUNTIME_DIR", run).env("HOME", home);
    command.env_remove("XDG_DATA_HOME").env_remove("DISPLAY");
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut keychain = command.kill_on_drop(true).spawn().expect("gnome-keyring-daemon starts");
    let mut password = keychain.stdin.take().expect("its input is piped");
    password.write_all(b"the log-in's password").await.expect("it is told the password");
    drop(password);

    let connection = zbus::connection::Builder::address(address).expect("an address");
    let connection = connection.build().await.expect("the bus answers");
    let bus = zbus::fdo::DBusProxy::new(&connection).await.expect("the bus is one");
    let name = zbus::names::BusName::try_from(SECRETS).expect("a name");
    until("the keychain", async || bus.name_has_owner(name.clone()).await.unwrap_or(false).then_some(()))
        .await;
    keychain
}
