//! What goes to the share sheet, checked before the phone sees it.
//!
//! Invariant: a file's name leads nowhere: no folder, no hidden file, nothing that another app would run.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

/// Far above the longest request for money (`purse_shared::request`) with words around it.
const TEXT_BYTES_MAX: usize = 16 * 1_024;
/// A queue of ten thousand payments; all of it crosses to Java as text.
const FILE_BYTES_MAX: usize = 32 * 1_024 * 1_024;
const NAME_CHARS_MAX: usize = 80;
const FALLBACK_NAME: &str = "purse";

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Text {
    text: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct File {
    name: String,
    /// `text/plain` and the like: what the other apps choose themselves by.
    kind: &'static str,
    /// Base64.
    bytes: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShareError {
    #[error("there is nothing to share")]
    Empty,
    #[error("it is too large to share")]
    TooLarge,
}

impl Text {
    /// # Errors
    /// [`ShareError`]
    pub fn new(text: &str) -> Result<Self, ShareError> {
        let text = text.trim();
        sized(text.as_bytes(), TEXT_BYTES_MAX)?;
        Ok(Self { text: text.to_owned() })
    }
}

impl File {
    /// # Errors
    /// [`ShareError`]
    pub fn new(name: &str, bytes: &[u8]) -> Result<Self, ShareError> {
        sized(bytes, FILE_BYTES_MAX)?;
        let name = plain(name);
        Ok(Self { kind: kind(&name), name, bytes: STANDARD.encode(bytes) })
    }
}

fn sized(bytes: &[u8], max: usize) -> Result<(), ShareError> {
    match bytes.len() {
        0 => Err(ShareError::Empty),
        length if length > max => Err(ShareError::TooLarge),
        _ => Ok(()),
    }
}

/// Letters, digits, `-`, `_` and dots inside; the end with its suffix is kept.
fn plain(name: &str) -> String {
    let kept = |letter: char| letter.is_alphanumeric() || matches!(letter, '-' | '_' | '.');
    let letters: Vec<char> = name.chars().map(|letter| if kept(letter) { letter } else { '-' }).collect();
    let start = letters.len().saturating_sub(NAME_CHARS_MAX);
    let name: String = letters.into_iter().skip(start).collect();
    let name = name.trim_matches(['.', '-']);
    if name.is_empty() { FALLBACK_NAME.to_owned() } else { name.to_owned() }
}

fn kind(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, suffix)| suffix) {
        Some("json") => "application/json",
        Some("csv") => "text/csv",
        Some("txt") => "text/plain",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts() {
        assert_eq!(Text::new(" purse://request?to=ana \n").unwrap().text, "purse://request?to=ana");
        assert_eq!(Text::new(" \n"), Err(ShareError::Empty));
        assert!(Text::new(&"x".repeat(TEXT_BYTES_MAX)).is_ok());
        assert_eq!(Text::new(&"x".repeat(TEXT_BYTES_MAX + 1)), Err(ShareError::TooLarge));
    }

    #[test]
    fn names_lead_nowhere() {
        let check =
            |name: &str, want: &str| assert_eq!(File::new(name, b"x").unwrap().name, want, "{name:?}");
        check("purse-queue.json", "purse-queue.json");
        check("../../databases/keys", "databases-keys");
        check("/etc/passwd", "etc-passwd");
        check("C:\\x\\y.txt", "C--x-y.txt");
        check(".hidden", "hidden");
        check("..", "purse");
        check("", "purse");
        check("a\0b\nc\u{202e}d.csv", "a-b-c-d.csv");
        check("Überweisung.csv", "Überweisung.csv");
        let long = format!("{}.json", "x".repeat(400));
        let name = File::new(&long, b"x").unwrap().name;
        assert!(name.ends_with(".json") && name.chars().count() == NAME_CHARS_MAX, "{name}");
    }

    #[test]
    fn files() {
        let file = File::new("q.json", b"{}").unwrap();
        let told = serde_json::to_value(&file).unwrap();
        let want = serde_json::json!({"name": "q.json", "kind": "application/json", "bytes": "e30="});
        assert_eq!(told, want, "what the Kotlin and the Swift read");
        assert_eq!(File::new("q.exe", b"x").unwrap().kind, "application/octet-stream");
        assert_eq!(File::new("q.json", b""), Err(ShareError::Empty));
        assert_eq!(File::new("q", &vec![0; FILE_BYTES_MAX + 1]), Err(ShareError::TooLarge));
    }
}
