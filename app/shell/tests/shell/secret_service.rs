//! A real keychain: gnome-keyring on a message bus of its own, which is killed and started again.
//!
//! The bus is found by an environment variable, so each look at the keys is a process of its own.

use crate::place::{Place, again, ready, told};
use crate::store::{open, put};
use purse_core::ports::{DeviceKeys, Mark};
use purse_shell::KeychainChoice;
use purse_shell::folder::Folder;
use purse_shell::keys::{self, OpenKeysError};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Ends with the value.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// Without the machine's own services: a bus that starts a keychain by itself would start the developer's.
const BUS: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:tmpdir=/tmp</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>
</policy></busconfig>"#;

fn bus(home: &Path) -> (Process, String) {
    std::fs::create_dir_all(home).unwrap();
    let config = home.join("bus.conf");
    std::fs::write(&config, BUS).unwrap();
    let mut bus = Command::new("dbus-daemon");
    bus.arg("--config-file").arg(config).args(["--nofork", "--print-address"]);
    bus.stdin(Stdio::null()).stdout(Stdio::piped());
    let mut bus = bus.spawn().expect("dbus-daemon is installed (cargo xtask test does that)");
    let mut address = String::new();
    BufReader::new(bus.stdout.take().unwrap()).read_line(&mut address).unwrap();
    (Process(bus), address.trim().to_owned())
}

/// Unlocked, with its files in `home`.
fn keyring(bus: &str, home: &Path) -> Process {
    std::fs::create_dir_all(home).unwrap();
    let mut daemon = Command::new("gnome-keyring-daemon");
    daemon.args(["--foreground", "--unlock", "--components=secrets"]);
    daemon.env("DBUS_SESSION_BUS_ADDRESS", bus).env("HOME", home).env("XDG_RUNTIME_DIR", home);
    daemon.env_remove("XDG_DATA_HOME").stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut daemon = daemon.spawn().expect("gnome-keyring is installed (cargo xtask test does that)");
    daemon.stdin.take().unwrap().write_all(b"its own password").unwrap();
    Process(daemon)
}

/// What a process with this bus says about the folder's keys, as soon as the keychain is up.
fn look(bus: &str, folder: &Path, wanted: &str) -> String {
    let until = Instant::now() + Duration::from_secs(60);
    loop {
        let child =
            again("secret_service::looks", folder).env("DBUS_SESSION_BUS_ADDRESS", bus).output().unwrap();
        let said = String::from_utf8_lossy(&child.stdout).into_owned();
        let said = said.lines().find_map(|line| Some(line.split_once("looked: ")?.1.to_owned()));
        let said = said.unwrap_or_else(|| panic!("{}", String::from_utf8_lossy(&child.stderr)));
        if said.starts_with(wanted) || Instant::now() > until {
            return said;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
#[cfg(target_os = "linux")]
fn keys_live_in_the_secret_service() {
    let (place, homes) = (Place::new(), Place::new());
    {
        let folder = Folder::open(place.path()).unwrap();
        put(&open(&folder.store(), true).unwrap(), "device/profile", b"sealed");
    }
    let (_bus, bus) = bus(homes.path());
    let (one, other) = (homes.path().join("one"), homes.path().join("other"));
    let daemon = keyring(&bus, &one);
    let made = look(&bus, place.path(), "public key ");
    assert!(made.starts_with("public key "), "{made}");
    assert_eq!(look(&bus, place.path(), "public key "), made);
    // Its daemon is killed, and comes back with what it was given.
    drop(daemon);
    let daemon = keyring(&bus, &one);
    assert_eq!(look(&bus, place.path(), "public key "), made, "the keychain's file has them");
    drop(daemon);
    // Another keychain, for instance the one of the machine to which the folder was copied.
    let copy = place.copy();
    let daemon = keyring(&bus, &other);
    assert_eq!(look(&bus, copy.path(), "elsewhere"), "elsewhere");
    drop(daemon);
    let away = look("unix:path=/nowhere", place.path(), "away");
    assert_eq!(away, "away");
    let _daemon = keyring(&bus, &one);
    assert_eq!(look(&bus, place.path(), "public key "), made);
}

#[tokio::test]
#[ignore = "the process with a bus of its own"]
async fn looks() {
    let folder = Folder::open(&told()).unwrap();
    // Until the keychain was once there, no keys are made: a daemon that is still starting is not "none".
    let said = match keys::open(&folder, &KeychainChoice::System, folder.kept_by().is_none()).await {
        Ok(keys::Opened::Ready(_)) => {
            let keys = ready(&folder, &KeychainChoice::System, false).await;
            let next = Mark { seq: keys.mark().await.unwrap().seq + 1, generation: 5 };
            keys.raise_mark(next).await.unwrap();
            let again = ready(&folder, &KeychainChoice::System, false).await;
            assert_eq!(again.mark().await.unwrap(), next);
            let public = keys.public_key().await.unwrap();
            format!("public key {public:02x?}")
        }
        Ok(_) => "a passphrase".to_owned(),
        Err(OpenKeysError::Elsewhere) => "elsewhere".to_owned(),
        Err(OpenKeysError::Away(_)) => "away".to_owned(),
        Err(other) => other.to_string(),
    };
    println!("looked: {said}");
}
