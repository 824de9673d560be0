//! Times as a person names them: a day, a month, a year, where the reader is.

use super::Format;
use super::calendar::{Day, MONTHS};
use purse_bridge::limits::{DAY_MS, MINUTE_MS};
use purse_bridge::{Period, UnixMillis};

/// A month's name means that month of any year, back to this many.
const YEARS_BACK: i64 = 20;
/// So much of a month's name names it: "sep".
const MONTH_LETTERS_MIN: usize = 3;

impl Format {
    pub fn this_month(self) -> Period {
        let Day { year, month, .. } = Day::of(self.day_of(self.now));
        self.month(year, month).unwrap_or(Period { from: 0, until: 0 })
    }

    /// The words of a text that may be read as times: "today", "yesterday", "november", "2026", "2026-11",
    /// "2026-11-29", "29.11.2026".
    pub fn times_in(self, typed: &str) -> Vec<(String, Period)> {
        let words = typed.split_whitespace();
        words.flat_map(|word| self.times(word).into_iter().map(|time| (word.to_owned(), time))).collect()
    }

    fn times(self, word: &str) -> Vec<Period> {
        let lower = word.to_lowercase();
        let today = self.day_of(self.now);
        match lower.as_str() {
            "today" => return vec![self.days(today, today + 1)],
            "yesterday" => return vec![self.days(today - 1, today)],
            _ => {}
        }
        if let Some(month) = month_named(&lower) {
            let this_year = Day::of(today).year;
            let years = this_year - YEARS_BACK..=this_year;
            return years.filter_map(|year| self.month(year, month)).collect();
        }
        let numbers = |separator: char| -> Option<Vec<i64>> {
            let parts = lower.split(separator);
            parts.map(|part| part.bytes().all(|b| b.is_ascii_digit()).then(|| part.parse().ok())?).collect()
        };
        let by_dash = numbers('-').unwrap_or_default();
        let by_dot = numbers('.').unwrap_or_default();
        let one = match (by_dash.as_slice(), by_dot.as_slice()) {
            ([year], _) if lower.len() == 4 => self.year(*year),
            ([year, month], _) if lower.len() == 7 => self.month(*year, *month),
            ([year, month, day], _) if lower.len() == 10 => self.day_period(*year, *month, *day),
            (_, [day, month, year]) => self.day_period(*year, *month, *day),
            _ => None,
        };
        one.into_iter().collect()
    }

    fn year(self, year: i64) -> Option<Period> {
        let first = |year| Day { year, month: 1, day: 1 }.count();
        (1970..=2999).contains(&year).then_some(())?;
        Some(self.days(first(year)?, first(year + 1)?))
    }

    fn month(self, year: i64, month: i64) -> Option<Period> {
        let next = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
        let first = |(year, month)| Day { year, month, day: 1 }.count();
        Some(self.days(first((year, month))?, first(next)?))
    }

    fn day_period(self, year: i64, month: i64, day: i64) -> Option<Period> {
        let day = Day { year, month, day }.count()?;
        Some(self.days(day, day + 1))
    }

    /// From the beginning of one day to that of another, counted from 1970-01-01.
    fn days(self, from: i64, until: i64) -> Period {
        Period { from: self.midnight(from), until: self.midnight(until) }
    }

    fn midnight(self, day: i64) -> UnixMillis {
        let local = day.saturating_mul(DAY_MS);
        let east = |at| UnixMillis::from((self.zone)(at)).saturating_mul(MINUTE_MS);
        // The offset at that moment, which is known closely enough by the offset a few hours off.
        let close = local.saturating_sub(east(local));
        local.saturating_sub(east(close))
    }
}

fn month_named(lower: &str) -> Option<i64> {
    if lower.len() < MONTH_LETTERS_MIN {
        return None;
    }
    let at = MONTHS.iter().position(|month| month.to_lowercase().starts_with(lower))?;
    i64::try_from(at + 1).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2025-11-24T16:00:00Z
    const NOW: UnixMillis = 1_764_000_000_000;
    const HOUR_MS: UnixMillis = 60 * MINUTE_MS;

    #[test]
    fn times_as_they_are_named() {
        let format = Format::new("en-GB", |_| 60, NOW);
        let day = |y, m, d| Day { year: y, month: m, day: d }.count().unwrap() * DAY_MS - HOUR_MS;
        let check = |word: &str, from, until| {
            let got = format.times_in(word);
            assert_eq!(got, [(word.to_owned(), Period { from, until })], "{word}");
        };
        check("today", day(2025, 11, 24), day(2025, 11, 25));
        check("Yesterday", day(2025, 11, 23), day(2025, 11, 24));
        check("2025", day(2025, 1, 1), day(2026, 1, 1));
        check("2024-12", day(2024, 12, 1), day(2025, 1, 1));
        check("2024-02-29", day(2024, 2, 29), day(2024, 3, 1));
        check("29.2.2024", day(2024, 2, 29), day(2024, 3, 1));
        for none in
            ["2023-02-29", "2025-13", "18.50", "1284.60", "0412", "no", "kavya", "--", "1-2", "1.1.1.1", ""]
        {
            assert_eq!(format.times_in(none), [], "{none}");
        }
        let november = format.times_in("nov");
        assert_eq!(november.len(), 21);
        assert!(november.iter().any(|(_, time)| time.holds(NOW)));
        assert!(!november.iter().any(|(_, time)| time.holds(NOW + 30 * DAY_MS)));
        assert!(format.this_month().holds(NOW) && !format.this_month().holds(NOW + 7 * DAY_MS));
    }

    #[test]
    fn a_day_begins_by_the_offset_of_that_day() {
        // Summer time begins at 2025-03-30T01:00:00Z.
        let begins = 1_743_296_400_000;
        let zone = |at| if at < 1_743_296_400_000 { 60 } else { 120 };
        let format = Format::new("de", zone, NOW);
        let (_, day) = format.times_in("2025-03-30")[0].clone();
        assert_eq!((begins - day.from, day.until - begins), (2 * HOUR_MS, 21 * HOUR_MS));
    }
}
