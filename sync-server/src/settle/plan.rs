//! When the payments of a schedule are due.

use purse_shared::UnixMillis;
use purse_shared::intent::{Every, Plan};
use purse_shared::limits::DAY_MS;
use time::{Date, Month, OffsetDateTime};

/// The payment after `made` ones; `None`: there is none. Counted from the first, so that a month that is too short
/// does not pull the later ones forward.
pub fn due(plan: &Plan, made: u32) -> Option<UnixMillis> {
    let is_over = plan.times.is_some_and(|times| made >= times);
    match plan.every {
        _ if is_over => None,
        None => (made == 0).then_some(plan.first_at),
        Some(Every::Day) => plan.first_at.checked_add(DAY_MS.checked_mul(i64::from(made))?),
        Some(Every::Week) => plan.first_at.checked_add((7 * DAY_MS).checked_mul(i64::from(made))?),
        Some(Every::Month) => months_later(plan.first_at, made),
    }
}

fn months_later(first_at: UnixMillis, months: u32) -> Option<UnixMillis> {
    let first = OffsetDateTime::from_unix_timestamp(first_at.div_euclid(1_000)).ok()?.date();
    let month = i64::from(first.year()) * 12 + i64::from(u8::from(first.month())) - 1 + i64::from(months);
    let (year, month) =
        (i32::try_from(month.div_euclid(12)).ok()?, u8::try_from(month.rem_euclid(12) + 1).ok()?);
    let month = Month::try_from(month).ok()?;
    let date = Date::from_calendar_date(year, month, first.day().min(month.length(year))).ok()?;
    let days = i64::from(date.to_julian_day() - first.to_julian_day());
    first_at.checked_add(days.checked_mul(DAY_MS)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2028-01-31T23:30:00Z
    const FIRST: UnixMillis = 1_832_974_200_000;

    #[test]
    fn counted_from_the_first() {
        let check = |every, times, made, days: Option<i64>| {
            let plan = Plan { first_at: FIRST, every, times };
            assert_eq!(
                due(&plan, made),
                days.map(|days| FIRST + days * DAY_MS),
                "{every:?} {times:?} {made}"
            );
        };
        check(None, None, 0, Some(0));
        check(None, None, 1, None);
        check(Some(Every::Day), None, 3, Some(3));
        check(Some(Every::Week), Some(2), 1, Some(7));
        check(Some(Every::Week), Some(2), 2, None);
        check(Some(Every::Month), None, 1, Some(29));
        check(Some(Every::Month), None, 2, Some(60));
        check(Some(Every::Month), None, 3, Some(90));
        check(Some(Every::Month), None, 13, Some(366 + 28));
        check(Some(Every::Month), None, u32::MAX, None);
    }
}
