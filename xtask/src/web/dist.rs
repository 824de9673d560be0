//! The finished directory: everything that a server serves, and beside each file that shrinks its compressed twins.

use super::placeholders::{File, fill};
use super::{Size, stamp, twins, window_page};
use crate::Failure;
use std::fs;
use std::path::{Path, PathBuf};

const SHRINKS: [&str; 10] = ["html", "js", "mjs", "css", "json", "webmanifest", "svg", "txt", "wasm", "xml"];

/// Files that are served as they are.
#[derive(Clone, Debug)]
pub struct Public {
    pub dir: PathBuf,
    /// Those whose path begins so; none: all of them.
    pub only: &'static [&'static str],
}

/// What shows the app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Host {
    /// A server gives it the files: with compressed twins beside what shrinks; those that were made with the modules are taken.
    Browser,
    /// The files are in the app itself, the page among them as [`window_page`] has it.
    Window,
}

/// Writes beside the place and changes over at the end: a running server never sees half of it.
pub fn assemble(bound: &[PathBuf], public: &[Public], dist: &Path, host: Host) -> Result<Size, Failure> {
    let mut files = Vec::new();
    for module in bound {
        read_all(module, "", &mut files)?;
    }
    for Public { dir, only } in public {
        let mut all = Vec::new();
        read_all(dir, "", &mut all)?;
        all.retain(|file| only.is_empty() || only.iter().any(|start| file.path.starts_with(start)));
        for mut file in all {
            if host == Host::Window && file.path == window_page::PATH {
                file.bytes = window_page::of(&String::from_utf8(file.bytes)?)?.into_bytes();
            }
            add(file, &mut files)?;
        }
    }
    let (ready, mut files): (Vec<File>, Vec<File>) =
        files.into_iter().partition(|file| twins::ALL.iter().any(|twin| is_a(file, twin.ending())));
    fill(&mut files);
    let new = dist.with_extension("new");
    if new.exists() {
        fs::remove_dir_all(&new)?;
    }
    let mut size = Size { raw: 0, gzip: 0, brotli: 0 };
    for file in &files {
        let path = new.join(file.path.trim_start_matches('/'));
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(&path, &file.bytes)?;
        let Some(end) = Path::new(&file.path).extension().and_then(|end| end.to_str()) else { continue };
        if !SHRINKS.contains(&end) {
            continue;
        }
        if end == "wasm" {
            size.raw += u64::try_from(file.bytes.len())?;
        }
        for twin in twins::ALL {
            let own = format!("{}.{}", file.path, twin.ending());
            let ready = ready.iter().find(|ready| ready.path == own);
            let small = ready.map_or_else(|| twin.compress(&file.bytes), |ready| Ok(ready.bytes.clone()))?;
            if end == "wasm" {
                *size.of(twin) += u64::try_from(small.len())?;
            }
            if host == Host::Browser {
                fs::write(path.with_added_extension(twin.ending()), small)?;
            }
        }
    }
    if dist.exists() {
        let old = dist.with_extension("old");
        if old.exists() {
            fs::remove_dir_all(&old)?;
        }
        fs::rename(dist, &old)?;
        fs::rename(&new, dist)?;
        fs::remove_dir_all(&old)?;
    } else {
        fs::rename(&new, dist)?;
    }
    Ok(size)
}

/// Everything below `dir`, with `/`-separated paths that begin with one.
fn read_all(dir: &Path, prefix: &str, into: &mut Vec<File>) -> Result<(), Failure> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_str().ok_or_else(|| format!("{} is not UTF-8", entry.path().display()))?;
        if name == stamp::FILE {
            continue;
        }
        let path = format!("{prefix}/{name}");
        if entry.path().is_dir() {
            read_all(&entry.path(), &path, into)?;
        } else {
            add(File { path, bytes: fs::read(entry.path())? }, into)?;
        }
    }
    Ok(())
}

fn add(file: File, into: &mut Vec<File>) -> Result<(), Failure> {
    if into.iter().any(|other| other.path == file.path) {
        return Err(format!("{} is there twice", file.path).into());
    }
    into.push(file);
    Ok(())
}

fn is_a(file: &File, ending: &str) -> bool {
    Path::new(&file.path).extension().is_some_and(|end| end == ending)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn a_directory_with_everything_and_its_compressed_twins() {
        let root = std::env::temp_dir().join(format!("purse-xtask-dist-{}", std::process::id()));
        let (bound, public, dist) = (root.join("bound"), root.join("public"), root.join("dist"));
        for (path, text) in [
            (bound.join("purse_bg.wasm"), "wasm wasm wasm wasm wasm wasm wasm wasm"),
            (bound.join("purse.js"), "js"),
            (bound.join("snippets/a/inline0.js"), "snippet"),
            (bound.join(stamp::FILE), "stamp"),
            (public.join("sw.js"), "__PURSE_FILES__"),
            (public.join("fonts/f.woff2"), "font"),
        ] {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let bound = [bound];
        let everything = |only| [Public { dir: public.clone(), only }];
        for _twice in 0..2 {
            let size = assemble(&bound, &everything(&[]), &dist, Host::Browser).unwrap();
            assert_eq!(size.raw, 39);
        }
        let worker = fs::read_to_string(dist.join("sw.js")).unwrap();
        assert_eq!(worker, r#"["/fonts/f.woff2","/purse.js","/purse_bg.wasm","/snippets/a/inline0.js"]"#);
        let mut twin = String::new();
        let small = fs::File::open(dist.join("sw.js.gz")).unwrap();
        flate2::read::GzDecoder::new(small).read_to_string(&mut twin).unwrap();
        assert_eq!(twin, worker);
        assert!(dist.join("sw.js.br").is_file());
        assert!(!dist.join("fonts/f.woff2.gz").exists() && !dist.join(stamp::FILE).exists());
        let some = root.join("some");
        assemble(&bound, &everything(&["/fonts/"]), &some, Host::Window).unwrap();
        assert!(some.join("fonts/f.woff2").is_file() && !some.join("sw.js").exists());
        assert!(!some.join("purse_bg.wasm.gz").exists() && !some.join("purse_bg.wasm.br").exists());
        fs::write(public.join("purse.js"), "mine").unwrap();
        let twice = assemble(&bound, &everything(&[]), &dist, Host::Browser).unwrap_err();
        assert!(twice.to_string().contains("/purse.js"));
        fs::remove_dir_all(root).unwrap();
    }
}
