//! The server's address, checked once.

use url::{Host, Url};

/// `https://wallet.example`, or this machine over plain HTTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    url: Url,
    text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OriginError {
    #[error("the server's address is no address of a site")]
    NotASite,
    #[error("the server's address is not encrypted")]
    NotEncrypted,
}

impl Origin {
    /// # Errors
    /// [`OriginError`]: a path, a user, a query, another scheme; `http` for anything but this machine.
    pub fn parse(text: &str) -> Result<Self, OriginError> {
        let url = Url::parse(text).map_err(|_| OriginError::NotASite)?;
        let is_bare = url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        if !is_bare || url.host().is_none() {
            return Err(OriginError::NotASite);
        }
        let text = url.origin().ascii_serialization();
        let origin = Self { url, text };
        match origin.url.scheme() {
            "https" => Ok(origin),
            "http" if origin.is_this_machine() => Ok(origin),
            "http" => Err(OriginError::NotEncrypted),
            _ => Err(OriginError::NotASite),
        }
    }

    /// Without a slash at the end.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What passkeys are bound to.
    pub fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// Over plain HTTP, which goes no further than the loopback.
    pub fn is_this_machine(&self) -> bool {
        let loopback = match self.url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        loopback && self.url.scheme() == "http"
    }

    /// The address of an absolute path here; `None` for anything that would lead elsewhere.
    pub fn at(&self, path: &str) -> Option<Url> {
        let url =
            Url::parse(&format!("{}{}", self.text, path.strip_prefix('/').map(|rest| format!("/{rest}"))?))
                .ok()?;
        (url.origin() == self.url.origin()).then_some(url)
    }

    /// True for an address of this site.
    pub fn has(&self, address: &str) -> bool {
        Url::parse(address).is_ok_and(|url| url.origin() == self.url.origin())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_site_is_a_server() {
        let check = |text: &str, wanted: Result<&str, OriginError>| {
            let parsed = Origin::parse(text);
            assert_eq!(parsed.as_ref().map(Origin::as_str).map_err(|error| *error), wanted, "{text}");
        };
        check("https://wallet.example", Ok("https://wallet.example"));
        check("https://Wallet.Example/", Ok("https://wallet.example"));
        check("https://wallet.example:8443", Ok("https://wallet.example:8443"));
        check("http://localhost:8420", Ok("http://localhost:8420"));
        check("http://127.0.0.1:8420", Ok("http://127.0.0.1:8420"));
        check("http://[::1]:8420", Ok("http://[::1]:8420"));
        check("http://wallet.example", Err(OriginError::NotEncrypted));
        check("http://localhost.example", Err(OriginError::NotEncrypted));
        check("http://192.168.1.2", Err(OriginError::NotEncrypted));
        for text in [
            "",
            "wallet.example",
            "ftp://wallet.example",
            "file:///etc",
            "purse://link",
            "https://wallet.example/path",
            "https://ana@wallet.example",
            "https://wallet.example?x",
            "https://wallet.example#x",
        ] {
            check(text, Err(OriginError::NotASite));
        }
    }

    #[test]
    fn no_path_leads_elsewhere() {
        let origin = Origin::parse("https://wallet.example").unwrap();
        assert_eq!(origin.at("/api/v1/sync").unwrap().as_str(), "https://wallet.example/api/v1/sync");
        for path in ["", "api", "@evil.example/", ".evil.example/", ":8080/"] {
            assert_eq!(origin.at(path), None, "{path}");
        }
        assert_eq!(
            origin.at("//evil.example/").and_then(|url| url.host_str().map(str::to_owned)).as_deref(),
            Some("wallet.example")
        );
        assert!(
            origin.has("https://wallet.example/link#abc") && !origin.has("https://wallet.example.evil/link")
        );
        assert!(!origin.has("http://wallet.example/link") && !origin.has("javascript:alert(1)"));
    }
}
