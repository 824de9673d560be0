//! The system's packages: installed when they are missing and this user may, else named in one sentence.

use crate::Failure;
use crate::shell::{find, run};
use std::process::{Command, Stdio};

/// One need, and what each system calls it.
#[derive(Clone, Copy, Debug)]
pub struct Need {
    pub what: &'static str,
    pub why: &'static str,
    pub apt: &'static [&'static str],
    pub dnf: &'static [&'static str],
    pub brew: &'static [&'static str],
}

pub const CHROMIUM: Need = Need {
    what: "Chromium and its driver",
    why: "the browser tests drive it",
    apt: &["chromium", "chromium-driver"],
    dnf: &["chromium", "chromedriver"],
    brew: &["chromium", "chromedriver"],
};

pub const WEBKIT: Need = Need {
    what: "WebKitGTK with its headers",
    why: "the desktop app's window is made of it",
    apt: &["libwebkit2gtk-4.1-dev", "libayatana-appindicator3-1", "pkg-config"],
    dnf: &["webkit2gtk4.1-devel", "libayatana-appindicator-gtk3", "pkgconf-pkg-config"],
    brew: &[],
};

pub const WINDOW_TESTS: Need = Need {
    what: "a screen in memory, and a driver for the windows on it",
    why: "the tests of the desktop app use them",
    apt: &["xvfb", "webkit2gtk-driver"],
    dnf: &["xorg-x11-server-Xvfb", "webkit2gtk4.1-driver"],
    brew: &[],
};

pub const NODE: Need = Need {
    what: "Node.js with npm",
    why: "wasm-opt comes from npm and makes the app smaller",
    apt: &["nodejs", "npm"],
    dnf: &["nodejs", "npm"],
    brew: &["node"],
};

pub const KEYCHAIN: Need = Need {
    what: "a keychain and a message bus",
    why: "the tests of the apps' keys use real ones",
    apt: &["gnome-keyring", "dbus"],
    dnf: &["gnome-keyring", "dbus-daemon"],
    brew: &[],
};

pub const POSTGRES: Need = Need {
    what: "PostgreSQL",
    why: "the server keeps its books there",
    apt: &["postgresql"],
    dnf: &["postgresql-server"],
    brew: &["postgresql@17"],
};

pub const C_COMPILER: Need = Need {
    what: "a C compiler",
    why: "cryptography and linking need it",
    apt: &["build-essential"],
    dnf: &["gcc", "gcc-c++", "make"],
    brew: &["gcc"],
};

pub const MINGW: Need = Need {
    what: "mingw-w64",
    why: "C parts and resources for Windows need its compiler",
    apt: &["gcc-mingw-w64-x86-64", "binutils-mingw-w64-x86-64"],
    dnf: &["mingw64-gcc", "mingw64-binutils"],
    brew: &["mingw-w64"],
};

pub const ARM_C_COMPILER: Need = Need {
    what: "a C compiler for 64-bit Arm",
    why: "the cryptography's build script wants one, although nothing is linked",
    apt: &["gcc-aarch64-linux-gnu", "libc6-dev-arm64-cross"],
    dnf: &["gcc-aarch64-linux-gnu"],
    brew: &["aarch64-unknown-linux-gnu"],
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manager {
    Apt,
    Dnf,
    Brew,
}

impl Manager {
    fn here() -> Option<Self> {
        let managers = [("apt-get", Self::Apt), ("dnf", Self::Dnf), ("brew", Self::Brew)];
        managers.into_iter().find(|(program, _)| find(program).is_some()).map(|(_, manager)| manager)
    }

    fn names(self, need: &Need) -> &'static [&'static str] {
        match self {
            Self::Apt => need.apt,
            Self::Dnf => need.dnf,
            Self::Brew => need.brew,
        }
    }

    /// What a person would type.
    fn command(self) -> &'static [&'static str] {
        match self {
            Self::Apt => &["apt-get", "install", "-y", "--no-install-recommends"],
            Self::Dnf => &["dnf", "install", "-y"],
            Self::Brew => &["brew", "install"],
        }
    }
}

/// # Errors
/// One sentence with the packages' names, when they cannot be installed from here.
pub fn install(need: &Need) -> Result<(), Failure> {
    let Some(manager) = Manager::here() else {
        return Err(format!("{} is missing ({}): install {}", need.what, need.why, need.apt.join(" ")).into());
    };
    let names = manager.names(need);
    let by_hand = format!("{} is missing ({}): install {}", need.what, need.why, names.join(" "));
    let Some(prefix) = right_to_install(manager) else { return Err(by_hand.into()) };
    println!("installing {} with {}: {}", names.join(" "), manager.command()[0], need.why);
    if manager == Manager::Apt {
        // A fresh machine has no lists yet. A source that is away must not stop the rest.
        let _lists_may_be_there_already = update(prefix);
    }
    let line = [manager.command(), names].concat();
    let mut install = command(prefix, &line);
    install.env("DEBIAN_FRONTEND", "noninteractive").stdout(Stdio::null());
    run(&mut install).map_err(|failure| format!("{by_hand} ({failure})").into())
}

/// Makes apt read what its sources offer today.
///
/// # Errors
/// When this user may not, or no source answers.
pub fn refresh() -> Result<(), Failure> {
    let prefix =
        right_to_install(Manager::Apt).ok_or("apt's lists are too old: run 'apt-get update' as root")?;
    update(prefix)
}

fn update(prefix: &[&str]) -> Result<(), Failure> {
    run(command(prefix, &["apt-get", "update", "-qq"]).stdout(Stdio::null()))
}

/// What to put before the command; `None` without the right.
fn right_to_install(manager: Manager) -> Option<&'static [&'static str]> {
    if manager == Manager::Brew || rustix::process::geteuid().is_root() {
        return Some(&[]);
    }
    let mut sudo = Command::new("sudo");
    let asks_nothing = sudo.args(["-n", "true"]).stdout(Stdio::null()).stderr(Stdio::null()).status();
    asks_nothing.is_ok_and(|status| status.success()).then_some(&["sudo", "-n"])
}

fn command(prefix: &[&str], line: &[&str]) -> Command {
    let mut words = prefix.iter().chain(line);
    let mut command = Command::new(words.next().copied().unwrap_or_default());
    command.args(words).stdin(Stdio::null());
    command
}
