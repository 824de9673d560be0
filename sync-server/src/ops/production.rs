//! What production must not be started with. Pure.

use crate::gateways::any_gateway;
use crate::settings::{Mode, Settings};

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotForProduction {
    #[error("PURSE_PUBLIC_URL is not an address: use https://host")]
    NoUrl,
    #[error("in production PURSE_PUBLIC_URL must be https: passkeys and cookies depend on it")]
    NotHttps,
    #[error("PURSE_PUBLIC_URL has a path: use https://host alone")]
    HasPath,
    #[error(
        "there is no payment gateway but the sandbox bank, which gives money away: PURSE_MODE=production needs another"
    )]
    NoGateway,
    #[error("PURSE_SANDBOX_CLOCK_MS makes the clock wrong: not in production")]
    WrongClock,
}

/// # Errors
/// [`NotForProduction`]; a URL that cannot be one is refused in every mode.
pub fn check(settings: &Settings) -> Result<(), NotForProduction> {
    let url = url::Url::parse(&settings.public_url).map_err(|_| NotForProduction::NoUrl)?;
    let host = url.host_str().ok_or(NotForProduction::NoUrl)?;
    if url.path() != "/" || url.query().is_some() {
        return Err(NotForProduction::HasPath);
    }
    let secure = match url.scheme() {
        "https" => true,
        "http" => settings.mode == Mode::Sandbox || host == "localhost",
        _ => return Err(NotForProduction::NoUrl),
    };
    if !secure {
        return Err(NotForProduction::NotHttps);
    }
    if settings.mode == Mode::Production && settings.sandbox_clock_ms != 0 {
        return Err(NotForProduction::WrongClock);
    }
    if settings.mode == Mode::Production && !any_gateway(settings) {
        return Err(NotForProduction::NoGateway);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn production_is_https_and_has_a_real_bank() {
        let check = |mode, url: &str, want: Result<(), NotForProduction>| {
            let mut settings = Settings::for_tests(([127, 0, 0, 1], 8420).into(), "/tmp".into());
            settings.mode = mode;
            settings.public_url = url.to_owned();
            assert_eq!(check(&settings), want, "{url}");
        };
        check(Mode::Production, "https://purse.example", Err(NotForProduction::NoGateway));
        check(Mode::Production, "http://localhost:8420", Err(NotForProduction::NoGateway));
        check(Mode::Production, "http://purse.example", Err(NotForProduction::NotHttps));
        check(Mode::Production, "http://127.0.0.1:8420", Err(NotForProduction::NotHttps));
        check(Mode::Sandbox, "https://purse.example", Ok(()));
        check(Mode::Sandbox, "http://purse.test:8420", Ok(()));
        check(Mode::Sandbox, "purse", Err(NotForProduction::NoUrl));
        check(Mode::Sandbox, "ftp://purse.example", Err(NotForProduction::NoUrl));
        check(Mode::Sandbox, "https://purse.example/app", Err(NotForProduction::HasPath));
    }

    #[test]
    fn production_has_the_right_time() {
        let check = |mode, clock, want: Result<(), NotForProduction>| {
            let mut settings = Settings::for_tests(([127, 0, 0, 1], 8420).into(), "/tmp".into());
            (settings.mode, settings.sandbox_clock_ms) = (mode, clock);
            settings.public_url = "https://purse.example".to_owned();
            assert_eq!(check(&settings), want, "{clock}");
        };
        check(Mode::Production, 1, Err(NotForProduction::WrongClock));
        check(Mode::Production, -1, Err(NotForProduction::WrongClock));
        check(Mode::Sandbox, 1, Ok(()));
    }
}
