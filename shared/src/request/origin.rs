//! The address of a Purse server: a handle means somebody only together with it.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// `https://wallet.example` or `http://localhost:8420`: scheme, host, and the port where it is not the scheme's own,
/// in small letters, ASCII (so that two of them never look alike), at most 255 bytes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Origin(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a server's address")]
pub struct OriginInvalid;

const BYTES_MAX: usize = 255;

impl Origin {
    pub fn as_str(&self) -> &str {
        &self.0
    }
    /// For people: without `https://`.
    pub fn shown(&self) -> &str {
        self.0.strip_prefix("https://").unwrap_or(&self.0)
    }
}

impl FromStr for Origin {
    type Err = OriginInvalid;
    fn from_str(text: &str) -> Result<Self, OriginInvalid> {
        if text.len() > BYTES_MAX || !text.is_ascii() {
            return Err(OriginInvalid);
        }
        let text = text.to_ascii_lowercase();
        let (scheme, own_port, rest) = match text.split_once("://") {
            Some(("https", rest)) => ("https", ":443", rest),
            Some(("http", rest)) => ("http", ":80", rest),
            _ => return Err(OriginInvalid),
        };
        let rest = rest.strip_suffix(own_port).unwrap_or(rest);
        let (host, port) = match rest.strip_prefix('[') {
            Some(inner) => {
                let (address, port) = inner.split_once(']').ok_or(OriginInvalid)?;
                let address_only = address.bytes().all(|b| b.is_ascii_hexdigit() || matches!(b, b':' | b'.'));
                if !address_only || address.is_empty() {
                    return Err(OriginInvalid);
                }
                ("", port)
            }
            None => rest.find(':').map_or((rest, ""), |at| rest.split_at(at)),
        };
        let host_is_one = rest.starts_with('[') || is_host(host);
        let port_is_one = port.is_empty()
            || port.strip_prefix(':').is_some_and(|digits| {
                digits.bytes().all(|b| b.is_ascii_digit()) && digits.parse::<u16>().is_ok()
            });
        if host_is_one && port_is_one { Ok(Self(format!("{scheme}://{rest}"))) } else { Err(OriginInvalid) }
    }
}

fn is_host(host: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty() && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    host.split('.').all(label)
}

impl TryFrom<String> for Origin {
    type Error = OriginInvalid;
    fn try_from(text: String) -> Result<Self, OriginInvalid> {
        text.parse()
    }
}
impl From<Origin> for String {
    fn from(origin: Origin) -> Self {
        origin.0
    }
}
impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        let check = |text: &str, want: Option<&str>| {
            assert_eq!(text.parse::<Origin>().ok().as_ref().map(Origin::as_str), want, "{text}");
        };
        check("https://wallet.example", Some("https://wallet.example"));
        check("HTTPS://Wallet.Example:443", Some("https://wallet.example"));
        check("http://localhost:8420", Some("http://localhost:8420"));
        check("http://localhost:80", Some("http://localhost"));
        check("https://wallet.example:80", Some("https://wallet.example:80"));
        check("http://[::1]:8420", Some("http://[::1]:8420"));
        check("http://127.0.0.1", Some("http://127.0.0.1"));
        for wrong in [
            "",
            "wallet.example",
            "ftp://wallet.example",
            "https://",
            "https://:443",
            "https://wallet..example",
            "https://ana@wallet.example",
            "https://wallet.example/pay",
            "https://wallet.example:",
            "https://wallet.example:+80",
            "https://wallet.example:99999",
            "https://wallet.example:8:9",
            "https://w\u{430}llet.example",
            "https://[::1",
            "https://[evil]",
            "https://[]",
            "https://wallet.example\n",
        ] {
            check(wrong, None);
        }
        assert_eq!("https://a.b".parse::<Origin>().unwrap().shown(), "a.b");
        assert!(format!("https://{}", "a".repeat(248)).parse::<Origin>().is_err());
    }
}
