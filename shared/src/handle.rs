//! A handle: the name by which others pay a person. ASCII, so that two of them never look alike.

use crate::limits::{HANDLE_CHARS_MAX, HANDLE_CHARS_MIN};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// 3 to 30 of `a-z 0-9 . _ -`, beginning with a letter, ending with a letter or digit, no two marks
/// in a row. Kept in small letters; a leading `@` and capitals are accepted when reading.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Handle(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HandleError {
    #[error("a handle has 3 to 30 characters")]
    Length,
    #[error("a handle has letters a to z, digits, and single dots, dashes or underscores inside")]
    Characters,
}

impl Handle {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Handle {
    type Err = HandleError;
    fn from_str(text: &str) -> Result<Self, HandleError> {
        let text = text.trim();
        let text = text.strip_prefix('@').unwrap_or(text).to_ascii_lowercase();
        if !(HANDLE_CHARS_MIN..=HANDLE_CHARS_MAX).contains(&text.chars().count()) {
            return Err(HandleError::Length);
        }
        let mark = |b: u8| matches!(b, b'.' | b'_' | b'-');
        let bytes = text.as_bytes();
        let well_formed = bytes.iter().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || mark(*b))
            && bytes.first().is_some_and(u8::is_ascii_lowercase)
            && bytes.last().is_some_and(|b| !mark(*b))
            && !bytes.windows(2).any(|pair| mark(pair[0]) && mark(pair[1]));
        if well_formed { Ok(Self(text)) } else { Err(HandleError::Characters) }
    }
}
impl TryFrom<String> for Handle {
    type Error = HandleError;
    fn try_from(text: String) -> Result<Self, HandleError> {
        text.parse()
    }
}
impl From<Handle> for String {
    fn from(handle: Handle) -> Self {
        handle.0
    }
}
impl fmt::Display for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "@{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handles() {
        let check = |text: &str, want: Result<&str, HandleError>| {
            assert_eq!(text.parse::<Handle>().as_ref().map(Handle::as_str).map_err(|e| *e), want, "{text}");
        };
        check("ana", Ok("ana"));
        check("@Ana.Duarte", Ok("ana.duarte"));
        check("ab", Err(HandleError::Length));
        check(&"a".repeat(31), Err(HandleError::Length));
        check("1ana", Err(HandleError::Characters));
        check("ana.", Err(HandleError::Characters));
        check("an..a", Err(HandleError::Characters));
        check("ana😀", Err(HandleError::Characters));
        check("аna", Err(HandleError::Characters)); // a Cyrillic а
        check("<b>ana", Err(HandleError::Characters));
    }
}
