//! Files that a person asked for, in their folder of downloads.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use tauri::{AppHandle, Manager};

/// Copies of one name; after so many something is wrong.
const COPIES_MAX: u32 = 1_000;

/// Where it is.
///
/// # Errors
/// The system's. What is half written is removed.
pub fn keep(app: &AppHandle, name: &str, bytes: &[u8]) -> std::io::Result<PathBuf> {
    let dir = app.path().download_dir().or_else(|_| app.path().home_dir());
    let dir = dir.map_err(|error| std::io::Error::new(ErrorKind::NotFound, error))?;
    write_beside(&dir, name, bytes)
}

/// `name.json`, or `name (2).json` where that is taken: nothing is ever overwritten. For the owner's eyes alone.
fn write_beside(dir: &Path, name: &str, bytes: &[u8]) -> std::io::Result<PathBuf> {
    std::fs::create_dir_all(dir)?;
    let (stem, end) = name.rsplit_once('.').unwrap_or((name, ""));
    let dot = if end.is_empty() { "" } else { "." };
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    for copy in 1..=COPIES_MAX {
        let number = if copy == 1 { String::new() } else { format!(" ({copy})") };
        let path = dir.join(format!("{stem}{number}{dot}{end}"));
        match options.open(&path) {
            Ok(mut file) => {
                let written = file.write_all(bytes).and_then(|()| file.sync_all());
                if written.is_err() {
                    drop(std::fs::remove_file(&path));
                }
                return written.map(|()| path);
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(ErrorKind::AlreadyExists.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_overwritten() {
        let dir = std::env::temp_dir().join(format!("purse-desktop-files-{}", std::process::id()));
        let names: Vec<String> = ["a.json", "a.json", "a.json", "plain", "plain"]
            .iter()
            .map(|name| write_beside(&dir, name, name.as_bytes()).unwrap())
            .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
            .collect();
        assert_eq!(names, ["a.json", "a (2).json", "a (3).json", "plain", "plain (2)"]);
        assert_eq!(std::fs::read(dir.join("a (2).json")).unwrap(), b"a.json");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(dir.join("a.json")).unwrap().permissions().mode();
            assert_eq!(mode & 0o077, 0, "{mode:o}");
        }
        std::fs::remove_dir_all(dir).unwrap();
    }
}
