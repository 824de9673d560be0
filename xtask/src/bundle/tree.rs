//! The files of a bundle, as they will lie below `/`.

use super::{Goods, ID};
use crate::Failure;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Sizes of the icon, each a file of `app/desktop/icons`.
const ICONS: [(&str, &str); 5] = [
    ("32x32", "32.png"),
    ("64x64", "64.png"),
    ("128x128", "128.png"),
    ("256x256", "256.png"),
    ("512x512", "icon.png"),
];

/// A directory of its own, gone with it.
pub struct Tree(pub PathBuf);

impl Tree {
    /// With all that every bundle holds.
    ///
    /// # Errors
    /// The system's.
    pub fn plant(goods: &Goods, dir: PathBuf) -> Result<Self, Failure> {
        if dir.exists() {
            fs::remove_dir_all(&dir)?;
        }
        let tree = Self(dir);
        let desktop = goods.root.join("app/desktop");
        tree.copy(&goods.program, "usr/bin/purse", 0o755)?;
        let entry = desktop.join(format!("linux/{ID}.desktop"));
        tree.copy(&entry, &format!("usr/share/applications/{ID}.desktop"), 0o644)?;
        for (size, file) in ICONS {
            let to = format!("usr/share/icons/hicolor/{size}/apps/{ID}.png");
            tree.copy(&desktop.join("icons").join(file), &to, 0o644)?;
        }
        let drawn = goods.root.join("app/web/public/icons/icon.svg");
        tree.copy(&drawn, &format!("usr/share/icons/hicolor/scalable/apps/{ID}.svg"), 0o644)?;
        let metadata = fs::read_to_string(desktop.join(format!("linux/{ID}.metainfo.xml")))?;
        let metadata = metadata.replace("@VERSION@", &goods.version).replace("@DATE@", &day(goods.at));
        tree.write(&format!("usr/share/metainfo/{ID}.metainfo.xml"), metadata.as_bytes(), 0o644)?;
        Ok(tree)
    }

    pub fn copy(&self, from: &Path, to: &str, mode: u32) -> Result<(), Failure> {
        let bytes = fs::read(from).map_err(|error| format!("{}: {error}", from.display()))?;
        self.write(to, &bytes, mode)
    }

    pub fn write(&self, to: &str, bytes: &[u8], mode: u32) -> Result<(), Failure> {
        let path = self.0.join(to);
        // Whatever this user's own mask is: a bundle is for everybody.
        for dir in path.ancestors().skip(1).take_while(|dir| dir.starts_with(&self.0)) {
            fs::create_dir_all(dir)?;
            fs::set_permissions(dir, fs::Permissions::from_mode(0o755))?;
        }
        fs::write(&path, bytes)?;
        Ok(fs::set_permissions(&path, fs::Permissions::from_mode(mode))?)
    }

    /// Everything in it is of that moment: the tools only take back what is newer.
    pub fn settle(&self, at: u64) -> Result<(), Failure> {
        fn below(dir: &Path, at: SystemTime) -> std::io::Result<()> {
            for entry in fs::read_dir(dir)? {
                let path = entry?.path();
                if path.is_dir() {
                    below(&path, at)?;
                } else {
                    fs::File::open(&path)?.set_modified(at)?;
                }
            }
            fs::File::open(dir)?.set_modified(at)
        }
        Ok(below(&self.0, UNIX_EPOCH + Duration::from_secs(at))?)
    }

    /// Bytes of all files.
    pub fn size(&self) -> Result<u64, Failure> {
        fn below(dir: &Path) -> std::io::Result<u64> {
            let mut sum = 0;
            for entry in fs::read_dir(dir)? {
                let entry = entry?;
                let kind = entry.file_type()?;
                sum += if kind.is_dir() { below(&entry.path())? } else { entry.metadata()?.len() };
            }
            Ok(sum)
        }
        Ok(below(&self.0)?)
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        // Nothing to do about a directory that stays.
        drop(fs::remove_dir_all(&self.0));
    }
}

/// `2026-11-29`, of seconds since 1970 (Howard Hinnant's civil_from_days).
fn day(at: u64) -> String {
    let z = at / 86_400 + 719_468;
    let (era, day_of_era) = (z / 146_097, z % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::{find, read};
    use std::process::Command;

    /// What reads these files on people's machines, where it is here. (`appimagetool` refuses what the first refuses.)
    #[test]
    fn desktops_and_stores_understand_the_files() {
        let dir = std::env::temp_dir().join(format!("purse-xtask-tree-{}", std::process::id()));
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned();
        let program = root.join("LICENSE");
        let goods = Goods { root, program, version: "1.2.3".to_owned(), at: 951_782_400 };
        let tree = Tree::plant(&goods, dir).unwrap();
        let entry = tree.0.join(format!("usr/share/applications/{ID}.desktop"));
        let metadata = tree.0.join(format!("usr/share/metainfo/{ID}.metainfo.xml"));
        assert!(fs::read_to_string(&metadata).unwrap().contains("version=\"1.2.3\" date=\"2000-02-29\""));
        let readers: [(&str, &[&str], &Path); 2] =
            [("desktop-file-validate", &[], &entry), ("appstreamcli", &["validate", "--no-net"], &metadata)];
        for (tool, arguments, file) in readers {
            if find(tool).is_some() {
                read(Command::new(tool).args(arguments).arg(file)).unwrap();
            }
        }
    }

    #[test]
    fn days() {
        assert_eq!(day(0), "1970-01-01");
        assert_eq!(day(951_782_400), "2000-02-29");
        assert_eq!(day(1_795_996_799), "2026-11-29");
        assert_eq!(day(1_795_996_800), "2026-11-30");
    }
}
