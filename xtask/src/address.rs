//! Whose app it is, in all that people install.

use crate::Failure;

/// `app/native/src/server.rs` reads it when the app is compiled.
const SERVER: &str = "PURSE_SERVER";

/// The server's address, as it will be built in. `localhost`, which an app without one looks for, is the machine of
/// whoever installs it.
///
/// # Errors
/// Where none is set, or one that no stranger's machine reaches safely.
pub fn for_people() -> Result<String, Failure> {
    let server = std::env::var(SERVER).unwrap_or_default();
    check(&server)?;
    Ok(server)
}

fn check(server: &str) -> Result<(), Failure> {
    match server.strip_prefix("https://").map(|host| host.trim_end_matches('/')) {
        Some(host) if !host.is_empty() && !host.contains(['/', '?', '#', '@', ' ']) => Ok(()),
        _ => Err(format!("{SERVER} has to say whose app it is: {SERVER}=https://wallet.example").into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whose_app_it_is() {
        for good in ["https://wallet.example", "https://wallet.example/", "https://wallet.example:8443"] {
            assert!(check(good).is_ok(), "{good}");
        }
        for bad in ["", "https://", "http://localhost:8420", "wallet.example", "https://a/b", "https://a@b"] {
            assert!(check(bad).is_err(), "{bad}");
        }
    }
}
