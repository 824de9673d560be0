//! The European Central Bank's daily reference rates, as its `eurofxref.csv` has them: a line of names, a line of
//! values for one euro. The operator fetches the file; a rate that is too old is none.

use super::{QuoteError, Rates};
use purse_shared::{Currency, UnixMillis};
use rust_decimal::Decimal;
use std::path::PathBuf;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{Date, OffsetDateTime};

/// Published on working days; the longest pause is four days (Easter).
const FRESH_DAYS: i64 = 5;
const DATE: &[BorrowedFormatItem<'_>] = format_description!("[day padding:none] [month repr:long] [year]");

#[derive(Debug)]
pub struct EcbFile {
    path: PathBuf,
}

impl EcbFile {
    pub const fn new(path: PathBuf) -> Self {
        Self { path }
    }
}

impl Rates for EcbFile {
    fn per_euro(&self, currency: Currency, now: UnixMillis) -> Result<Decimal, QuoteError> {
        let text = std::fs::read_to_string(&self.path)
            .map_err(|error| QuoteError::NoRate(format!("{}: {error}", self.path.display())))?;
        per_euro(&text, currency, now).map_err(QuoteError::NoRate)
    }
}

fn per_euro(text: &str, currency: Currency, now: UnixMillis) -> Result<Decimal, String> {
    let mut lines = text.lines().map(|line| line.split(',').map(str::trim));
    let (Some(names), Some(mut values)) = (lines.next(), lines.next()) else {
        return Err("the file has no two lines".to_owned());
    };
    let date = values.next().and_then(|date| Date::parse(date, DATE).ok()).ok_or("the file has no date")?;
    let today =
        OffsetDateTime::from_unix_timestamp(now.div_euclid(1_000)).map_err(|error| error.to_string())?;
    let age = today.date().to_julian_day() - date.to_julian_day();
    if !(-1..=FRESH_DAYS).contains(&i64::from(age)) {
        return Err(format!("the file is of {date}"));
    }
    if currency == Currency::EUR {
        return Ok(Decimal::ONE);
    }
    let value = names.skip(1).zip(values).find(|(name, _)| *name == currency.code()).map(|(_, value)| value);
    let rate = value.and_then(|value| value.parse().ok()).filter(|rate| *rate > Decimal::ZERO);
    rate.ok_or_else(|| format!("none for {currency}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use purse_shared::limits::DAY_MS;

    /// 2026-11-25T09:00:00Z
    const NOW: UnixMillis = 1_795_597_200_000;
    const FILE: &str = "Date, USD, JPY, GBP, \n24 November 2026, 1.0832, 163.55, N/A, \n";

    #[test]
    fn one_day_of_rates() {
        let rate = |text, currency, now| per_euro(text, currency, now).map(|rate| rate.to_string());
        assert_eq!(rate(FILE, Currency::USD, NOW), Ok("1.0832".to_owned()));
        assert_eq!(rate(FILE, Currency::JPY, NOW), Ok("163.55".to_owned()));
        assert_eq!(rate(FILE, Currency::EUR, NOW), Ok("1".to_owned()));
        for (text, currency, now, why) in [
            (FILE, Currency::GBP, NOW, "none for GBP"),
            (FILE, Currency::KWD, NOW, "none for KWD"),
            (FILE, Currency::USD, NOW + 5 * DAY_MS, "the file is of 2026-11-24"),
            (FILE, Currency::USD, NOW - 4 * DAY_MS, "the file is of 2026-11-24"),
            ("", Currency::USD, NOW, "the file has no two lines"),
            ("Date, USD\nyesterday, 1", Currency::USD, NOW, "the file has no date"),
            ("Date, USD\n24 November 2026, -1", Currency::USD, NOW, "none for USD"),
        ] {
            assert_eq!(rate(text, currency, now), Err(why.to_owned()), "{text}");
        }
    }
}
