use super::*;

/// Wednesday, 24 November 2027, 14:07:31 UTC.
const NOW: UnixMillis = 1_827_065_251_000;

fn english() -> Format {
    Format::new("en-GB", |_| 0, NOW)
}

#[test]
fn money_by_currency() {
    let check = |minor, code: &str, want: &str| {
        let currency = Currency::from_code(code).unwrap();
        assert_eq!(english().money(Money::new(minor, currency)), want, "{minor} {code}");
    };
    check(1850, "EUR", "€18.50");
    check(-1850, "EUR", "−€18.50");
    check(0, "EUR", "€0.00");
    check(5, "EUR", "€0.05");
    check(128_460, "EUR", "€1,284.60");
    check(48_200, "JPY", "¥48,200");
    check(7, "JPY", "¥7");
    check(1_204_275, "KWD", "KWD\u{a0}1,204.275");
    check(5, "KWD", "KWD\u{a0}0.005");
    check(17_913, "PLN", "179.13\u{a0}zł");
    check(18_452_760_000, "VND", "18,452,760,000\u{a0}₫");
    check(100, "USD", "US$1.00");
    check(i64::MIN, "EUR", "−€92,233,720,368,547,758.08");
    check(i64::MAX, "JPY", "¥9,223,372,036,854,775,807");
}

#[test]
fn money_by_locale() {
    let check = |locale, minor, want: &str| {
        let format = Format::new(locale, |_| 0, NOW);
        assert_eq!(format.money(Money::new(minor, Currency::EUR)), want, "{locale}");
    };
    check("en-US", 123_456_789, "€1,234,567.89");
    check("de-DE", 123_456_789, "€1.234.567,89");
    check("de-CH", 123_456_789, "€1’234’567.89");
    check("fr-FR", 123_456_789, "€1\u{202f}234\u{202f}567,89");
    check("pt-PT", 128_460, "€1284,60");
    check("pt-PT", 1_284_600, "€12\u{a0}846,00");
    check("pt-BR", 128_460, "€1.284,60");
    check("es", 128_460, "€1284,60");
    check("es-MX", 128_460, "€1,284.60");
    check("en-IN", 123_456_789, "€12,34,567.89");
    check("sv_SE", 128_460, "€1\u{a0}284,60");
    check("", 128_460, "€1,284.60");
    check("tlh", 128_460, "€1,284.60");
}

#[test]
fn money_for_ears() {
    let euros = Money::new(1850, Currency::EUR);
    assert_eq!(english().spoken(euros, Direction::Out), "minus 18.50 euros");
    assert_eq!(english().spoken(euros, Direction::In), "plus 18.50 euros");
    assert_eq!(english().spoken(euros, Direction::None), "18.50 euros");
    assert_eq!(english().spoken(Money::new(-1, Currency::JPY), Direction::None), "minus 1 yen");
}

#[test]
fn every_currency_has_a_plural() {
    for currency in Currency::all().filter(|currency| !["Yen"].contains(&currency.name())) {
        assert_ne!(plural(currency), currency.name(), "{currency}");
    }
}

#[test]
fn times() {
    let format = english();
    assert_eq!(format.moment(NOW), "Today 14:07");
    assert_eq!(format.seconds(NOW), "14:07:31");
    assert_eq!(format.moment(NOW - DAY_MS), "Yesterday 14:07");
    assert_eq!(format.moment(NOW - 4 * DAY_MS), "20 November, 14:07");
    assert_eq!(format.moment(NOW + DAY_MS), "25 November, 14:07");
    assert_eq!(format.day(NOW - 400 * DAY_MS), "20 October 2026");
    assert_eq!(format.brief(NOW), "14:07");
    assert_eq!(format.brief(NOW - DAY_MS), "Yesterday");
    assert_eq!(format.since(NOW), "14:07");
    assert_eq!(format.since(NOW - DAY_MS), "yesterday 14:07");
    assert_eq!(format.ago(NOW - 3 * DAY_MS), "3 days ago");
    assert_eq!(format.ago(NOW - 9 * DAY_MS), "on 15 November");
    assert_eq!(format.ago(NOW + DAY_MS), "today");
}

#[test]
fn the_day_turns_at_the_readers_midnight() {
    let late = NOW - 15 * 60 * MINUTE_MS; // 23:07 UTC of the day before
    assert_eq!(Format::new("en", |_| 0, NOW).moment(late), "Yesterday 23:07");
    assert_eq!(Format::new("en", |_| 60, NOW).moment(late), "Today 00:07");
    assert_eq!(Format::new("en", |_| -600, NOW).moment(late), "Yesterday 13:07");
    assert_eq!(Format::new("en", |_| 330, NOW).time(NOW), "19:37");
}

#[test]
fn a_moment_has_the_offset_of_its_own_season() {
    // Lisbon: one hour ahead until Sunday, 31 October 2027, 01:00 UTC.
    let back = 1_824_944_400_000;
    let lisbon = Format::new("pt-PT", |at| if at < 1_824_944_400_000 { 60 } else { 0 }, NOW);
    assert_eq!(lisbon.moment(back - MINUTE_MS), "31 October, 01:59");
    assert_eq!(lisbon.moment(back), "31 October, 01:00");
    assert_eq!(lisbon.moment(NOW), "Today 14:07");
    assert!(lisbon.this_month().holds(NOW - 20 * DAY_MS) && !lisbon.this_month().holds(back));
}

#[test]
fn calendar_days() {
    let check = |days, want: (i64, i64, i64)| {
        let day = Day::of(days);
        assert_eq!((day.year, day.month, day.day), want, "{days}");
    };
    check(0, (1970, 1, 1));
    check(-1, (1969, 12, 31));
    check(59, (1970, 3, 1));
    check(11_016, (2000, 2, 29));
    check(11_017, (2000, 3, 1));
    check(19_782, (2024, 2, 29));
    check(47_540, (2100, 2, 28));
    check(47_541, (2100, 3, 1));
}

#[test]
fn days_of_a_date_field() {
    let format = Format::new("en-GB", |_| 60, 1_764_000_000_000); // 24 November 2025
    assert_eq!((format.field_day(0), format.field_day(7)), ("2025-11-24".into(), "2025-12-01".into()));
    let noon = format.noon_of("2025-12-01").unwrap();
    assert_eq!((format.date(noon), format.time(noon)), ("1 December".into(), "12:00".into()));
    for wrong in ["", "2025-02-29", "2025-13-01", "2025-12", "2025-00-01", "1-1", "x-y-z"] {
        assert_eq!(format.noon_of(wrong), None, "{wrong}");
    }
    assert!(format.noon_of("2028-02-29").is_some());
    // Noon is noon on both sides of a change of clocks.
    let spring = Format::new("en-GB", |at| if at < 1_774_746_000_000 { 0 } else { 60 }, 1_764_000_000_000);
    for day in ["2026-03-28", "2026-03-29", "2026-03-30"] {
        assert_eq!(spring.time(spring.noon_of(day).unwrap()), "12:00", "{day}");
    }
}

#[test]
fn rates() {
    let format = Format::new("de", |_| 0, 0);
    assert_eq!(format.rate(Currency::EUR, Currency::USD, "1.0832"), "€1 = US$1,0832");
}
