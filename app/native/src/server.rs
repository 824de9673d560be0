//! Which server this app belongs to: said by the environment, by a file, or by whoever built it.

use purse_shell::Setup;
use std::path::Path;
use tauri::{AppHandle, Manager};
use url::{Host, Url};

/// Where `cargo xtask run` serves; a build for people is made with `PURSE_SERVER` set.
const DEFAULT: &str = match option_env!("PURSE_SERVER") {
    Some(built_in) => built_in,
    None => "http://localhost:8420",
};
const FILE: &str = "server";
const FILE_BYTES_MAX: usize = 1_024;

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ServerError {
    #[error(
        "'{0}' is no server's address: https://, or http:// on this machine, a host, and nothing behind it"
    )]
    NoAddress(String),
    #[error("{0} cannot be read")]
    File(String),
}

/// What the engine needs to know: the server, and a folder that belongs to that server alone. `given`: by the
/// environment.
///
/// # Errors
/// [`ServerError`], or without a home directory.
pub fn setup(app: &AppHandle, given: Option<&str>) -> Result<Setup, Box<dyn std::error::Error>> {
    let origin = read_server(given, &app.path().app_config_dir()?)?;
    let folder = app.path().app_local_data_dir()?.join(folder_name(&origin));
    Ok(Setup::new(folder, origin))
}

/// `wallet.example`, `localhost_8420`: what is signed for one server never goes to another.
fn folder_name(origin: &str) -> String {
    let host = origin.split_once("://").map_or(origin, |(_, host)| host);
    let kept = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-');
    host.chars().map(|letter| if kept(letter) { letter } else { '_' }).collect()
}

/// `given` (of the environment) before the file `server` in `config_dir` before what was built in. In the form of
/// [`purse_bridge::About::server`].
///
/// # Errors
/// What is set and makes no sense stops the app: another server than the one that was meant is no fallback.
fn read_server(given: Option<&str>, config_dir: &Path) -> Result<String, ServerError> {
    if let Some(given) = given.filter(|given| !given.trim().is_empty()) {
        return origin(given);
    }
    let file = config_dir.join(FILE);
    match std::fs::read(&file) {
        Ok(bytes) => {
            let text = (bytes.len() <= FILE_BYTES_MAX).then(|| String::from_utf8(bytes).ok()).flatten();
            origin(&text.ok_or_else(|| ServerError::File(file.display().to_string()))?)
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => origin(DEFAULT),
        Err(_) => Err(ServerError::File(file.display().to_string())),
    }
}

fn origin(text: &str) -> Result<String, ServerError> {
    let text = text.trim();
    let wrong = || ServerError::NoAddress(text.to_owned());
    let url = Url::parse(text).map_err(|_| wrong())?;
    let at_home = match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => return Err(wrong()),
    };
    let safe = url.scheme() == "https" || (url.scheme() == "http" && at_home);
    let bare = url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    if safe && bare { Ok(url.origin().ascii_serialization()) } else { Err(wrong()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        let good = |text: &str, want: &str| assert_eq!(origin(text).as_deref(), Ok(want), "{text}");
        good(" https://Wallet.example/ \n", "https://wallet.example");
        good("https://wallet.example:8443", "https://wallet.example:8443");
        good("https://wallet.example:443", "https://wallet.example");
        good("http://localhost:8420", "http://localhost:8420");
        good("http://127.0.0.1:1", "http://127.0.0.1:1");
        good("http://[::1]:1", "http://[::1]:1");
        for bad in [
            "",
            "wallet.example",
            "http://wallet.example",
            "http://localhost.example",
            "http://0.0.0.0:1",
            "ftp://localhost",
            "https://wallet.example/path",
            "https://wallet.example/?q",
            "https://wallet.example/#f",
            "https://me@wallet.example",
            "https://:secret@wallet.example",
            "javascript:alert(1)",
            "https://",
        ] {
            assert_eq!(origin(bad), Err(ServerError::NoAddress(bad.to_owned())));
        }
        assert!(origin(DEFAULT).is_ok());
    }

    #[test]
    fn each_server_has_its_folder() {
        let check = |origin: &str, want: &str| assert_eq!(folder_name(origin), want);
        check("https://wallet.example", "wallet.example");
        check("https://xn--wllet-5ta.example:8443", "xn--wllet-5ta.example_8443");
        check("http://localhost:8420", "localhost_8420");
        check("http://[::1]:1", "___1__1");
    }

    #[test]
    fn the_first_that_says_one_decides() {
        let dir = std::env::temp_dir().join(format!("purse-native-server-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        let read = |given| read_server(given, &dir);
        assert_eq!(read(None), origin(DEFAULT));
        assert_eq!(read(Some(" ")), origin(DEFAULT));
        std::fs::write(dir.join(FILE), "https://file.example\n").unwrap();
        assert_eq!(read(None).as_deref(), Ok("https://file.example"));
        assert_eq!(read(Some("https://given.example")).as_deref(), Ok("https://given.example"));
        assert!(read(Some("nonsense")).is_err(), "not the file's instead");
        std::fs::write(dir.join(FILE), "x".repeat(FILE_BYTES_MAX + 1)).unwrap();
        assert!(matches!(read(None), Err(ServerError::File(_))));
        std::fs::write(dir.join(FILE), [0xff]).unwrap();
        assert!(matches!(read(None), Err(ServerError::File(_))));
        std::fs::remove_dir_all(dir).unwrap();
    }
}
