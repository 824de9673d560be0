//! An AppImage, by `appimagetool`. It brings the app alone: WebKitGTK is the system's, as in the Debian package.

use super::{Goods, ID, Tree};
use crate::Failure;
use crate::shell::{find_one_of, run};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Where AppImages begin: the program finds nothing by its own place, so it is simply started.
const RUN: &str =
    "#!/bin/sh\nexec \"${APPDIR:-$(dirname \"$(readlink -f \"$0\")\")}/usr/bin/purse\" \"$@\"\n";

/// `Purse-0.1.0-x86_64.AppImage` in `into`.
///
/// # Errors
/// Without `appimagetool`, which no distribution packages everywhere.
pub fn make(goods: &Goods, into: &Path) -> Result<PathBuf, Failure> {
    let tool = find_one_of(&["appimagetool", "appimagetool.AppImage", "appimagetool-x86_64.AppImage"]).ok_or(
        "appimagetool is missing: put it in PATH (it is a program of the AppImage project, or of your distribution)",
    )?;
    let tree = plant(goods, into.join("appimage-tree"))?;
    tree.settle(goods.at)?;
    let file = into.join(format!("Purse-{}-{}.AppImage", goods.version, std::env::consts::ARCH));
    let mut build = Command::new(tool);
    build.arg("--no-appstream").arg(&tree.0).arg(&file).env("ARCH", std::env::consts::ARCH);
    run(build.env("SOURCE_DATE_EPOCH", goods.at.to_string()).stdout(Stdio::null()))?;
    Ok(file)
}

fn plant(goods: &Goods, dir: PathBuf) -> Result<Tree, Failure> {
    let tree = Tree::plant(goods, dir)?;
    tree.write("AppRun", RUN.as_bytes(), 0o755)?;
    tree.copy(&goods.root.join(format!("app/desktop/linux/{ID}.desktop")), &format!("{ID}.desktop"), 0o644)?;
    tree.copy(&goods.root.join("app/desktop/icons/256.png"), &format!("{ID}.png"), 0o644)?;
    tree.copy(&goods.root.join("app/desktop/icons/256.png"), ".DirIcon", 0o644)?;
    Ok(tree)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::read;

    #[test]
    fn it_starts_what_it_holds() {
        let dir = std::env::temp_dir().join(format!("purse-xtask-appimage-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        let program = dir.join("program");
        std::fs::write(&program, "#!/bin/sh\necho \"$1\"\n").unwrap();
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned();
        let goods = Goods { root, program, version: "1.2.3".to_owned(), at: 0 };
        let tree = plant(&goods, dir.join("tree of it")).unwrap();
        let link = "purse://pay?to=ana&note=two words";
        let mut start = Command::new(tree.0.join("AppRun"));
        assert_eq!(read(start.arg(link).env_remove("APPDIR")).unwrap(), format!("{link}\n"));
        for file in ["app.purse.wallet.desktop", "app.purse.wallet.png", ".DirIcon"] {
            assert!(tree.0.join(file).is_file(), "{file}");
        }
        drop(tree);
        assert!(!dir.join("tree of it").exists());
        std::fs::remove_dir_all(dir).unwrap();
    }
}
