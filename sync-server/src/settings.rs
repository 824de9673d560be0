//! The only place that reads the environment. See the table in README.md.

use crate::network::Network;
use purse_shared::fee::{Fee, Fees};
use purse_shared::{Currency, Money, UnixMillis, protocol::Rules};
use rust_decimal::Decimal;
use std::net::SocketAddr;
use std::path::PathBuf;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Sandboxes (bank) are allowed.
    Sandbox,
    Production,
}

#[derive(Clone)]
pub struct Settings {
    /// `PURSE_LISTEN`
    pub listen: SocketAddr,
    /// `PURSE_PUBLIC_URL`: where people reach it; the passkeys' origin. No slash at the end.
    pub public_url: String,
    /// `DATABASE_URL`; without it the server starts a private PostgreSQL in `data_dir`.
    pub database_url: Option<String>,
    /// `PURSE_DATA_DIR`
    pub data_dir: PathBuf,
    /// `PURSE_WEB_DIR`: the built app; without it only the API is served.
    pub web_dir: Option<PathBuf>,
    /// `PURSE_MODE`
    pub mode: Mode,
    /// `PURSE_BRANCHES`: self-balancing sets of books, each with a writer of its own. May be raised, never lowered.
    pub branches: u16,
    /// `PURSE_STEP_UP_MAJOR`: from this many major units (of the euro's size) a payment needs the passkey.
    pub step_up_major: i64,
    /// `PURSE_CONFIRM_PAYEE_MAJOR`: above this an unresolved payee's name is confirmed first.
    pub confirm_payee_major: i64,
    /// `PURSE_LIMIT_PAYMENT_MAJOR`, `PURSE_LIMIT_DAY_MAJOR`, `PURSE_LIMIT_NEW_DEVICE_MAJOR`
    pub limit_payment_major: i64,
    pub limit_day_major: i64,
    pub limit_new_device_major: i64,
    /// `PURSE_LIMIT_MONTH_MAJOR`, and `PURSE_LIMIT_BALANCE_MAJOR`: the most that a wallet may be paid up to.
    pub limit_month_major: i64,
    pub limit_balance_major: i64,
    /// `PURSE_VERIFIED_TIMES`: a verified person's limits are so many times as large.
    pub verified_times: i64,
    /// `PURSE_FEE_SEND`, `PURSE_FEE_WITHDRAW`: a fixed part (major units of the euro's size), a percentage, or both.
    pub fees: Fees,
    /// `PURSE_EXCHANGE_SPREAD`: the part of an exchange that the house keeps, in percent.
    pub exchange_spread: Decimal,
    /// `PURSE_RATES`: a file with the European Central Bank's reference rates, kept fresh by the operator. Without it
    /// a sandbox has rates of its own, and production none.
    pub rates: Option<PathBuf>,
    /// `PURSE_RATE_PER_MINUTE`: requests of one address without a session, and ten times that of one user.
    pub rate_per_minute: u32,
    /// `PURSE_TRUSTED_PROXIES`: whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Network>,
    /// `PURSE_METRICS`: where `/metrics` alone is served; without it, on the main address to this machine alone.
    pub metrics_listen: Option<SocketAddr>,
    /// `PURSE_AUDIT_KEY`: the file with the key that signs receipts and checkpoints.
    pub audit_key: PathBuf,
    /// `PURSE_AUDIT_KEY_CREATE`: make the key where there is none. Without a word: in a sandbox only.
    pub audit_key_create: bool,
    /// `PURSE_CHECKPOINT_DIR`: where signed checkpoints are added to `checkpoints.log`.
    pub checkpoint_dir: PathBuf,
    /// `PURSE_MIGRATE=0`: somebody else does; this server's role may not.
    pub migrate: bool,
    /// `PURSE_LOG_JSON=1`
    pub log_json: bool,
    /// `PURSE_SANDBOX_CLOCK_MS`: by how much this server's clock is wrong, to see what that does. Zero in production.
    pub sandbox_clock_ms: UnixMillis,
}

impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The database URL carries a password.
        f.debug_struct("Settings")
            .field("listen", &self.listen)
            .field("public_url", &self.public_url)
            .field("mode", &self.mode)
            .finish_non_exhaustive()
    }
}

#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    #[error("{name} is '{value}', which is not {wanted}")]
    Invalid { name: &'static str, value: String, wanted: &'static str },
    #[error("no data directory: set PURSE_DATA_DIR")]
    NoDataDir,
}

impl Settings {
    /// # Errors
    /// [`SettingsError`] names the variable that cannot be read.
    pub fn from_env() -> Result<Self, SettingsError> {
        Self::from(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
    }

    fn from(get: impl Fn(&'static str) -> Option<String>) -> Result<Self, SettingsError> {
        let listen: SocketAddr = parse(&get, "PURSE_LISTEN", "an address such as 127.0.0.1:8420")?
            .unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8420)));
        let public_url =
            get("PURSE_PUBLIC_URL").unwrap_or_else(|| format!("http://localhost:{}", listen.port()));
        let data_dir = get("PURSE_DATA_DIR")
            .map(PathBuf::from)
            .or_else(|| get("XDG_DATA_HOME").map(|dir| PathBuf::from(dir).join("purse")))
            .or_else(|| get("HOME").map(|home| PathBuf::from(home).join(".local/share/purse")))
            .ok_or(SettingsError::NoDataDir)?;
        let mode = match get("PURSE_MODE").as_deref() {
            None | Some("sandbox") => Mode::Sandbox,
            Some("production") => Mode::Production,
            Some(other) => {
                return Err(SettingsError::Invalid {
                    name: "PURSE_MODE",
                    value: other.to_owned(),
                    wanted: "sandbox or production",
                });
            }
        };
        let major = |name, default| -> Result<i64, SettingsError> {
            Ok(parse(&get, name, "a whole number of major units")?.unwrap_or(default))
        };
        let flag = |name| get(name).map(|value| value == "1");
        Ok(Self {
            listen,
            public_url: public_url.trim_end_matches('/').to_owned(),
            database_url: get("DATABASE_URL"),
            audit_key: get("PURSE_AUDIT_KEY").map_or_else(|| data_dir.join("audit.key"), PathBuf::from),
            audit_key_create: flag("PURSE_AUDIT_KEY_CREATE").unwrap_or(mode == Mode::Sandbox),
            checkpoint_dir: get("PURSE_CHECKPOINT_DIR")
                .map_or_else(|| data_dir.join("checkpoints"), PathBuf::from),
            migrate: flag("PURSE_MIGRATE").unwrap_or(true),
            data_dir,
            web_dir: get("PURSE_WEB_DIR").map(PathBuf::from),
            mode,
            branches: branches(&get)?,
            step_up_major: major("PURSE_STEP_UP_MAJOR", 150)?,
            confirm_payee_major: major("PURSE_CONFIRM_PAYEE_MAJOR", 50)?,
            limit_payment_major: major("PURSE_LIMIT_PAYMENT_MAJOR", 10_000)?,
            limit_day_major: major("PURSE_LIMIT_DAY_MAJOR", 20_000)?,
            limit_new_device_major: major("PURSE_LIMIT_NEW_DEVICE_MAJOR", 500)?,
            limit_month_major: major("PURSE_LIMIT_MONTH_MAJOR", 100_000)?,
            limit_balance_major: major("PURSE_LIMIT_BALANCE_MAJOR", 1_000_000)?,
            verified_times: major("PURSE_VERIFIED_TIMES", 10)?,
            fees: Fees { send: fee(&get, "PURSE_FEE_SEND")?, withdraw: fee(&get, "PURSE_FEE_WITHDRAW")? },
            exchange_spread: parse::<Decimal>(&get, "PURSE_EXCHANGE_SPREAD", "a percentage such as 0.5")?
                .unwrap_or_else(|| Decimal::new(5, 1))
                / Decimal::ONE_HUNDRED,
            rates: get("PURSE_RATES").map(PathBuf::from),
            rate_per_minute: parse(&get, "PURSE_RATE_PER_MINUTE", "a whole number")?.unwrap_or(120),
            trusted_proxies: proxies(&get)?,
            metrics_listen: parse(&get, "PURSE_METRICS", "an address such as 127.0.0.1:9464")?,
            log_json: flag("PURSE_LOG_JSON").unwrap_or(false),
            sandbox_clock_ms: parse(&get, "PURSE_SANDBOX_CLOCK_MS", "a number of milliseconds")?.unwrap_or(0),
        })
    }

    /// A limit in minor units of `currency`, from major units of the euro's size. The rough size of a currency
    /// is its own: a thousand yen is not a thousand euros.
    pub fn minor_of(major: i64, currency: Currency) -> i64 {
        major.saturating_mul(size_of(currency)).saturating_mul(currency.minor_per_major())
    }

    /// What the app is told, by currency.
    pub fn rules(&self) -> Rules {
        let of = |major| Currency::all().map(|c| Money::new(Self::minor_of(major, c), c)).collect();
        Rules {
            step_up_from: of(self.step_up_major),
            confirm_payee_above: of(self.confirm_payee_major),
            fees: self.fees.clone(),
        }
    }

    /// For tests and benches: sandbox mode, small thresholds as in the defaults, no rate limits to speak of.
    pub fn for_tests(listen: SocketAddr, data_dir: PathBuf) -> Self {
        let settings = Self::from(|name| match name {
            "PURSE_DATA_DIR" => Some(data_dir.to_string_lossy().into_owned()),
            "PURSE_LISTEN" => Some(listen.to_string()),
            "PURSE_RATE_PER_MINUTE" => Some("1000000".to_owned()),
            _ => None,
        });
        match settings {
            Ok(settings) => settings,
            Err(error) => unreachable!("the test's own values parse: {error}"),
        }
    }
}

fn branches(get: &impl Fn(&'static str) -> Option<String>) -> Result<u16, SettingsError> {
    const NAME: &str = "PURSE_BRANCHES";
    const WANTED: &str = "a number from 1 to 64";
    let branches = parse(get, NAME, WANTED)?.unwrap_or(1);
    if (1..=64).contains(&branches) {
        return Ok(branches);
    }
    Err(SettingsError::Invalid { name: NAME, value: branches.to_string(), wanted: WANTED })
}

/// How many of its units are about one euro.
fn size_of(currency: Currency) -> i64 {
    match currency.code() {
        "JPY" => 150,
        "SEK" => 11,
        "PLN" => 4,
        "INR" => 90,
        "VND" => 27_000,
        _ => 1,
    }
}

/// `0.35`, `0.5%` or `0.35+0.5%`.
fn fee(get: &impl Fn(&'static str) -> Option<String>, name: &'static str) -> Result<Fee, SettingsError> {
    let value = get(name).unwrap_or_default();
    let part = |text: &str| -> Option<(Decimal, u32)> {
        let Some(percent) = text.strip_suffix('%') else { return Some((text.parse().ok()?, 0)) };
        let points = percent.trim().parse::<Decimal>().ok()?.checked_mul(Decimal::ONE_HUNDRED)?;
        Some((Decimal::ZERO, u32::try_from(points).ok().filter(|_| points.fract().is_zero())?))
    };
    let read = || -> Option<Fee> {
        let mut sum = (Decimal::ZERO, 0_u32);
        for text in value.split('+').map(str::trim).filter(|text| !text.is_empty()) {
            let (fixed, points) = part(text)?;
            sum = (sum.0.checked_add(fixed)?, sum.1.checked_add(points)?);
        }
        let fixed = |currency| {
            let units =
                Decimal::from(size_of(currency)).checked_mul(Decimal::from(currency.minor_per_major()))?;
            let minor = sum.0.checked_mul(units)?.ceil();
            Some(Money::new(i64::try_from(minor).ok().filter(|minor| *minor >= 0)?, currency))
        };
        let fixed = Currency::all().map(fixed).collect::<Option<Vec<_>>>()?;
        let fixed = fixed.into_iter().filter(|money| money.minor > 0).collect();
        Some(Fee { fixed, basis_points: sum.1 }).filter(|fee| fee.basis_points <= 10_000)
    };
    read().ok_or_else(|| SettingsError::Invalid {
        name,
        value: value.clone(),
        wanted: "a fee such as 0.35, 0.5% or 0.35+0.5%",
    })
}

/// Split at commas; spaces do not matter.
fn proxies(get: &impl Fn(&'static str) -> Option<String>) -> Result<Vec<Network>, SettingsError> {
    let name = "PURSE_TRUSTED_PROXIES";
    let value = get(name).unwrap_or_default();
    let all: Result<_, _> =
        value.split(',').map(str::trim).filter(|one| !one.is_empty()).map(str::parse).collect();
    all.map_err(|_| SettingsError::Invalid { name, value, wanted: "a list such as 10.0.0.1, 192.168.0.0/16" })
}

fn parse<T: std::str::FromStr>(
    get: &impl Fn(&'static str) -> Option<String>,
    name: &'static str,
    wanted: &'static str,
) -> Result<Option<T>, SettingsError> {
    let Some(value) = get(name) else { return Ok(None) };
    value.parse().map(Some).map_err(|_| SettingsError::Invalid { name, value, wanted })
}

#[cfg(test)]
mod tests {
    use super::*;
    use purse_shared::Amount;

    #[test]
    fn defaults_and_errors() {
        let home = |name| (name == "HOME").then(|| "/home/ana".to_owned());
        let settings = Settings::from(home).unwrap();
        assert_eq!(settings.public_url, "http://localhost:8420");
        assert_eq!(settings.mode, Mode::Sandbox);
        let wrong = |name| match name {
            "HOME" => Some("/home/ana".to_owned()),
            "PURSE_MODE" => Some("prod".to_owned()),
            _ => None,
        };
        assert!(Settings::from(wrong).unwrap_err().to_string().contains("PURSE_MODE is 'prod'"));
        let with = |name: &'static str, value: &'static str| {
            Settings::from(move |wanted| match wanted {
                "HOME" => Some("/home/ana".to_owned()),
                wanted if wanted == name => Some(value.to_owned()),
                _ => None,
            })
        };
        let behind = with("PURSE_TRUSTED_PROXIES", "10.0.0.1, 192.168.0.0/16,").unwrap();
        assert_eq!(behind.trusted_proxies.len(), 2);
        assert!(with("PURSE_TRUSTED_PROXIES", "10.0.0.1, proxy").is_err());
        assert!(with("PURSE_METRICS", "9464").is_err());
        assert!(with("PURSE_BRANCHES", "0").unwrap_err().to_string().contains("PURSE_BRANCHES is '0'"));
        assert!(!format!("{settings:?}").contains("postgres"));
        assert_eq!(settings.audit_key, PathBuf::from("/home/ana/.local/share/purse/audit.key"));
        // In production a key is never made unasked: a lost one would be replaced in silence.
        let create = |mode: &'static str, create: Option<&'static str>| {
            let get = move |name| match name {
                "PURSE_MODE" => Some(mode.to_owned()),
                "PURSE_AUDIT_KEY_CREATE" => create.map(str::to_owned),
                other => home(other),
            };
            Settings::from(get).unwrap().audit_key_create
        };
        assert!(create("sandbox", None) && create("production", Some("1")));
        assert!(!create("production", None) && !create("sandbox", Some("0")));
        assert_eq!(Settings::minor_of(150, Currency::KWD), 150_000);
        assert_eq!(Settings::minor_of(150, Currency::JPY), 22_500);
        let fee = |text: &'static str| with("PURSE_FEE_SEND", text).map(|settings| settings.fees.send);
        let of = |text, minor, currency| fee(text).unwrap().of(Amount::new(minor, currency).unwrap());
        assert_eq!(fee("").unwrap(), Fee::default());
        assert_eq!(of("0.35 + 0.5%", 10_000, Currency::EUR), 85);
        assert_eq!(of("0.35", 10_000, Currency::JPY), 53, "52.5 yen, in whole yen");
        for wrong in ["half", "0.005%", "-1", "101%", "1%%"] {
            assert!(fee(wrong).is_err(), "{wrong}");
        }
    }
}
