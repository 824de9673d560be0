//! A Debian package, by `dpkg-deb`.

use super::{Goods, Tree};
use crate::Failure;
use crate::shell::{find, read, run};
use std::path::{Path, PathBuf};
use std::process::Command;

/// What the program is linked with or looks for when it runs. (`t64`: the same library in newer releases.)
const DEPENDS: &str = "libc6, libgcc-s1, libglib2.0-0 | libglib2.0-0t64, libgtk-3-0 | libgtk-3-0t64, \
    libwebkit2gtk-4.1-0, libayatana-appindicator3-1";
/// A browser for passkeys, and a keychain: without them there are a passphrase, and words about it.
const RECOMMENDS: &str =
    "xdg-utils, default-dbus-session-bus | dbus-session-bus, gnome-keyring | kwalletmanager";

/// `purse_0.1.0_amd64.deb` in `into`.
///
/// # Errors
/// Without `dpkg-deb`.
pub fn make(goods: &Goods, into: &Path) -> Result<PathBuf, Failure> {
    if !can_be_made() {
        return Err("dpkg-deb is missing: on Debian it is always there; elsewhere install dpkg".into());
    }
    let architecture = read(Command::new("dpkg").arg("--print-architecture"))?;
    let architecture = architecture.trim();
    let tree = Tree::plant(goods, into.join("deb-tree"))?;
    tree.copy(&goods.root.join("LICENSE"), "usr/share/doc/purse/LICENSE", 0o644)?;
    tree.write("usr/share/doc/purse/copyright", COPYRIGHT.as_bytes(), 0o644)?;
    let control = control(&goods.version, architecture, tree.size()?.div_ceil(1_024));
    tree.write("DEBIAN/control", control.as_bytes(), 0o644)?;
    tree.settle(goods.at)?;
    let file = into.join(format!("purse_{}_{architecture}.deb", goods.version));
    let mut build = Command::new("dpkg-deb");
    // Not as whoever builds it, and not as of when.
    build.args(["--root-owner-group", "-Zxz", "--build"]).arg(&tree.0).arg(&file);
    run(build.env("SOURCE_DATE_EPOCH", goods.at.to_string()).stdout(std::process::Stdio::null()))?;
    Ok(file)
}

fn can_be_made() -> bool {
    find("dpkg").is_some() && find("dpkg-deb").is_some()
}

fn control(version: &str, architecture: &str, kilobytes: u64) -> String {
    format!(
        "Package: purse
Version: {version}
Architecture: {architecture}
Maintainer: The Purse authors
Installed-Size: {kilobytes}
Depends: {DEPENDS}
Recommends: {RECOMMENDS}
Section: misc
Priority: optional
Description: wallet for several currencies that works without a network
 Purse holds, sends and receives money in many currencies. Without a network it
 signs payments and keeps them on this computer; the server settles each of
 them once, as soon as it can be reached.
"
    )
}

const COPYRIGHT: &str = "\
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: Purse

Files: *
Copyright: The Purse authors
License: Apache-2.0
 The whole text is in LICENSE beside this file, and on Debian systems in
 /usr/share/common-licenses/Apache-2.0.
";

#[cfg(test)]
mod tests {
    use super::*;

    /// From a program that is none: what is in the package, and as whose.
    #[test]
    fn what_is_in_the_package() {
        if !can_be_made() {
            assert!(make_somewhere("none").is_err());
            return;
        }
        let (dir, file) = make_somewhere("one").unwrap();
        let listed = read(Command::new("dpkg-deb").arg("-c").arg(&file)).unwrap();
        let find = |path: &str| {
            let line = listed.lines().find(|line| line.ends_with(&format!(" .{path}")));
            line.unwrap_or_else(|| panic!("{path} is not in\n{listed}"))
        };
        assert!(find("/usr/bin/purse").starts_with("-rwxr-xr-x root/root"));
        for path in [
            "/usr/share/applications/app.purse.wallet.desktop",
            "/usr/share/metainfo/app.purse.wallet.metainfo.xml",
            "/usr/share/icons/hicolor/512x512/apps/app.purse.wallet.png",
            "/usr/share/icons/hicolor/scalable/apps/app.purse.wallet.svg",
            "/usr/share/doc/purse/copyright",
        ] {
            assert!(find(path).starts_with("-rw-r--r-- root/root"), "{path}");
        }
        let files = listed.lines().filter(|line| line.starts_with('-')).count();
        assert_eq!(files, 11, "nothing else:\n{listed}");
        assert!(!listed.contains("DEBIAN"), "{listed}");

        let said = read(Command::new("dpkg-deb").arg("-f").arg(&file)).unwrap();
        assert!(said.contains("Version: 1.2.3") && said.contains("libwebkit2gtk-4.1-0"), "{said}");
        let read_out = |path: &str| {
            let mut pipe = Command::new("sh");
            pipe.args(["-c", "dpkg-deb --fsys-tarfile \"$0\" | tar -xO \".$1\""]).arg(&file).arg(path);
            read(&mut pipe).unwrap()
        };
        let entry = read_out("/usr/share/applications/app.purse.wallet.desktop");
        assert!(entry.lines().any(|line| line == "MimeType=x-scheme-handler/purse;"), "{entry}");
        assert!(entry.lines().any(|line| line == "Exec=purse %u"), "{entry}");
        let metadata = read_out("/usr/share/metainfo/app.purse.wallet.metainfo.xml");
        assert!(metadata.contains("<release version=\"1.2.3\" date=\"2026-11-29\"/>"), "{metadata}");
        assert_eq!(read_out("/usr/bin/purse"), "a program");

        // The same again is the same, to the byte.
        let (again, other) = make_somewhere("two").unwrap();
        assert_eq!(std::fs::read(&file).unwrap(), std::fs::read(&other).unwrap());
        for dir in [dir, again] {
            std::fs::remove_dir_all(dir).unwrap();
        }
    }

    fn make_somewhere(name: &str) -> Result<(PathBuf, PathBuf), Failure> {
        let dir = std::env::temp_dir().join(format!("purse-xtask-deb-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&dir)?;
        let program = dir.join("program");
        std::fs::write(&program, "a program")?;
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().ok_or("no workspace")?.to_owned();
        let goods = Goods { root, program, version: "1.2.3".to_owned(), at: 1_795_996_799 };
        let file = make(&goods, &dir)?;
        Ok((dir, file))
    }
}
