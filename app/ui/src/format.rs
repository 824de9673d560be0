//! Money and times as a person reads them. Pure: the locale, the clock and the offset are arguments.
//!
//! Figures are written from minor units, digit by digit: no floats, no rounding, always all the
//! currency's decimals.

mod calendar;
mod period;
mod separators;

pub use separators::Separators;

use calendar::Day;
use purse_bridge::limits::{DAY_MS, MINUTE_MS};
use purse_bridge::{Amount, Currency, Money, UnixMillis};

pub const MINUS: char = '\u{2212}';
/// In place of an amount that is not to be seen.
pub const HIDDEN: &str = "••••";

/// How one reader writes money and times, as of one view.
#[derive(Clone, Copy, Debug)]
pub struct Format {
    pub separators: Separators,
    zone: Zone,
    now: UnixMillis,
    /// Amounts inside sentences are dots.
    hidden: bool,
}

/// The reader's offset at a moment, in minutes east of UTC: in summer it is another than in winter.
pub type Zone = fn(UnixMillis) -> i32;

/// An amount in pieces: `€` `1,284` `.60` or `179` `.13` ` zł`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MoneyParts {
    pub negative: bool,
    /// What stands in front of the figures.
    pub before: &'static str,
    pub whole: String,
    /// With its separator; empty for currencies without decimals.
    pub minor: String,
    /// What stands behind them.
    pub after: &'static str,
}

impl MoneyParts {
    pub fn figures(&self) -> String {
        format!("{}{}", self.whole, self.minor)
    }
}

/// Which way money went, for the sign in front of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    #[default]
    None,
    Out,
    In,
}

impl Format {
    /// `locale` is BCP 47.
    pub fn new(locale: &str, zone: Zone, now: UnixMillis) -> Self {
        Self { separators: Separators::of(locale), zone, now, hidden: false }
    }

    /// For sentences with amounts, on a page whose amounts may be hidden.
    pub fn hiding(self, hidden: bool) -> Self {
        Self { hidden, ..self }
    }

    pub fn parts(self, money: Money) -> MoneyParts {
        let (before, after) = symbol(money.currency);
        let digits = money.minor.unsigned_abs().to_string();
        let decimals = usize::from(money.currency.exponent());
        let digits = format!("{digits:0>width$}", width = decimals + 1);
        let (whole, minor) = digits.split_at(digits.len() - decimals);
        let minor = if decimals == 0 { String::new() } else { format!("{}{minor}", self.separators.decimal) };
        MoneyParts { negative: money.minor < 0, before, whole: self.separators.group(whole), minor, after }
    }

    /// What stands in front of and behind the figures.
    pub fn around(self, currency: Currency) -> (&'static str, &'static str) {
        symbol(currency)
    }

    /// `€18.50`, `−€18.50`, `179.13 zł`
    pub fn money(self, money: Money) -> String {
        if self.hidden {
            return HIDDEN.to_owned();
        }
        let parts = self.parts(money);
        let sign = if parts.negative { "\u{2212}" } else { "" };
        format!("{sign}{}{}{}", parts.before, parts.figures(), parts.after)
    }
    pub fn amount(self, amount: Amount) -> String {
        self.money(amount.money())
    }

    /// For ears: `minus 18.50 euros`, `plus 60.00 pounds`.
    pub fn spoken(self, money: Money, direction: Direction) -> String {
        let parts = self.parts(money);
        let sign = match (direction, parts.negative) {
            (Direction::Out, _) | (Direction::None, true) => "minus ",
            (Direction::In, _) => "plus ",
            (Direction::None, false) => "",
        };
        format!("{sign}{} {}", parts.figures(), plural(money.currency))
    }

    fn local(self, at: UnixMillis) -> UnixMillis {
        at.saturating_add(UnixMillis::from((self.zone)(at)).saturating_mul(MINUTE_MS))
    }
    fn day_of(self, at: UnixMillis) -> UnixMillis {
        self.local(at).div_euclid(DAY_MS)
    }

    /// `Today`, `Yesterday`, `20 November`, `20 November 2025` in another year.
    pub fn day(self, at: UnixMillis) -> String {
        let (day, today) = (self.day_of(at), self.day_of(self.now));
        match today - day {
            0 => "Today".to_owned(),
            1 => "Yesterday".to_owned(),
            _ => self.date(at),
        }
    }
    /// `20 November`, with the year when it is not this one. Never a word like "today".
    pub fn date(self, at: UnixMillis) -> String {
        let (day, today) = (Day::of(self.day_of(at)), Day::of(self.day_of(self.now)));
        if day.year == today.year {
            format!("{} {}", day.day, day.month_name())
        } else {
            format!("{} {} {}", day.day, day.month_name(), day.year)
        }
    }
    /// `14:07`
    pub fn time(self, at: UnixMillis) -> String {
        let seconds = self.local(at).rem_euclid(DAY_MS) / 1000;
        format!("{:02}:{:02}", seconds / 3600, seconds / 60 % 60)
    }
    /// `14:07:31`; only a Timeline shows seconds.
    pub fn seconds(self, at: UnixMillis) -> String {
        let seconds = self.local(at).rem_euclid(DAY_MS) / 1000;
        format!("{}:{:02}", self.time(at), seconds % 60)
    }
    /// `Today 14:07`, `20 November, 14:07`
    pub fn moment(self, at: UnixMillis) -> String {
        let comma = if (0..=1).contains(&(self.day_of(self.now) - self.day_of(at))) { "" } else { "," };
        format!("{}{comma} {}", self.day(at), self.time(at))
    }
    /// For the end of a row: the time today, else the day.
    pub fn brief(self, at: UnixMillis) -> String {
        if self.is_today(at) { self.time(at) } else { self.day(at) }
    }
    /// Inside a sentence: `14:02`, `yesterday 14:02`, `20 November, 14:02`.
    pub fn since(self, at: UnixMillis) -> String {
        match self.day_of(self.now) - self.day_of(at) {
            0 => self.time(at),
            1 => format!("yesterday {}", self.time(at)),
            _ => self.moment(at),
        }
    }
    /// `today`, `yesterday`, `3 days ago`, then the date.
    pub fn ago(self, at: UnixMillis) -> String {
        match self.day_of(self.now) - self.day_of(at) {
            ..=0 => "today".to_owned(),
            1 => "yesterday".to_owned(),
            days @ 2..=6 => format!("{days} days ago"),
            _ => format!("on {}", self.date(at)),
        }
    }
    pub fn is_today(self, at: UnixMillis) -> bool {
        self.day_of(at) == self.day_of(self.now)
    }
    /// `2026-12-01`, as a date field holds it: the day so many days after today.
    pub fn field_day(self, days_ahead: i64) -> String {
        let Day { year, month, day } = Day::of(self.day_of(self.now).saturating_add(days_ahead));
        format!("{year:04}-{month:02}-{day:02}")
    }
    /// Noon of a date field's day, where the reader is. Noon: nearly everywhere that is the same day in UTC, by which
    /// days and months are counted.
    pub fn noon_of(self, field: &str) -> Option<UnixMillis> {
        let mut parts = field.splitn(3, '-').map(|part| part.parse::<i64>().ok());
        let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
        let local = Day { year, month, day }.count()?.checked_mul(DAY_MS)?.checked_add(DAY_MS / 2)?;
        let offset = |at: UnixMillis| UnixMillis::from((self.zone)(at)).saturating_mul(MINUTE_MS);
        Some(local.saturating_sub(offset(local.saturating_sub(offset(local)))))
    }
    /// A figure that is no amount, with the reader's own mark.
    pub fn decimal(self, figure: &str) -> String {
        figure.replace('.', self.separators.decimal.encode_utf8(&mut [0; 4]))
    }
    /// `€1 = US$1.0832`
    pub fn rate(self, from: Currency, to: Currency, rate: &str) -> String {
        let ((before, after), (to_before, to_after)) = (symbol(from), symbol(to));
        format!("{before}1{after} = {to_before}{}{to_after}", self.decimal(rate))
    }
    pub fn now(self) -> UnixMillis {
        self.now
    }
}

/// What stands in front of and behind the figures. Behind where that is the currency's own custom.
fn symbol(currency: Currency) -> (&'static str, &'static str) {
    match currency.code() {
        "PLN" => ("", "\u{a0}zł"),
        "VND" => ("", "\u{a0}₫"),
        _ => (currency.symbol(), ""),
    }
}

/// Its name after a number, for ears and labels.
pub fn plural(currency: Currency) -> &'static str {
    match currency.code() {
        "EUR" => "euros",
        "USD" => "US dollars",
        "GBP" => "pounds",
        "JPY" => "yen",
        "KWD" => "Kuwaiti dinars",
        "CHF" => "Swiss francs",
        "SEK" => "Swedish kronor",
        "PLN" => "złoty",
        "CAD" => "Canadian dollars",
        "AUD" => "Australian dollars",
        "INR" => "rupees",
        "VND" => "đồng",
        _ => currency.name(),
    }
}

#[cfg(test)]
mod tests;
