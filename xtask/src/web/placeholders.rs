//! What the build writes into a few text files: the version, and the list of files for the service worker.

use sha2::{Digest, Sha256};

use super::stamp::hex;

const VERSION: &str = "__PURSE_VERSION__";
const FILES: &str = "__PURSE_FILES__";
/// Where they are replaced.
const IN: [&str; 3] = ["/index.html", "/sw.js", "/boot.js"];
/// Not in its own list: a browser fetches it past every cache.
const WORKER: &str = "/sw.js";
const VERSION_LETTERS: usize = 16;

/// A file of the app: its path in URLs, and what is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    pub path: String,
    pub bytes: Vec<u8>,
}

/// Fills them in. The version is the hash of every file as it was before, so it changes when anything does.
pub fn fill(files: &mut [File]) -> String {
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let version = version_of(files);
    let paths: Vec<&str> =
        files.iter().map(|file| file.path.as_str()).filter(|path| *path != WORKER).collect();
    let list = serde_json::Value::from(paths).to_string();
    for file in files.iter_mut().filter(|file| IN.contains(&file.path.as_str())) {
        if let Ok(text) = std::str::from_utf8(&file.bytes) {
            file.bytes = text.replace(VERSION, &version).replace(FILES, &list).into_bytes();
        }
    }
    version
}

fn version_of(files: &[File]) -> String {
    let mut hash = Sha256::new();
    for file in files {
        for part in [file.path.as_bytes(), &file.bytes] {
            hash.update(part.len().to_be_bytes());
            hash.update(part);
        }
    }
    let mut version = hex(&hash.finalize());
    version.truncate(VERSION_LETTERS);
    version
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> File {
        File { path: path.to_owned(), bytes: text.as_bytes().to_vec() }
    }

    fn filled(style: &str) -> Vec<File> {
        let mut files = vec![
            file("/sw.js", "const v = '__PURSE_VERSION__', files = __PURSE_FILES__;"),
            file("/purse.js", "'__PURSE_VERSION__'"),
            file("/css/app.css", style),
        ];
        fill(&mut files);
        files
    }

    #[test]
    fn the_worker_gets_version_and_list() {
        let files = filled("a{}");
        assert_eq!(files[1], file("/purse.js", "'__PURSE_VERSION__'"), "only named files are changed");
        let worker = String::from_utf8(files[2].bytes.clone()).unwrap();
        assert!(worker.contains(r#"files = ["/css/app.css","/purse.js"];"#), "{worker}");
        let version = worker.split('\'').nth(1).unwrap();
        assert!(version.len() == 16 && version.bytes().all(|byte| byte.is_ascii_hexdigit()), "{worker}");
    }

    #[test]
    fn any_change_is_another_version() {
        assert_eq!(filled("a{}"), filled("a{}"));
        assert_ne!(filled("a{}")[2], filled("b{}")[2]);
    }
}
