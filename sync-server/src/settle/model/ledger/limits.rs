//! What may leave a purse, what did, and what it costs.

use super::*;

/// Minor units.
#[derive(Clone, Copy)]
pub struct Thresholds {
    pub confirm_above: i64,
    pub passkey_from: i64,
    pub new_device: i64,
    pub payment: i64,
    pub day: i64,
    pub month: i64,
}

pub const SENDING: i64 = 1;
pub const WITHDRAWING: i64 = 2;

/// 5, 20, 40, 60, 70 and 71 of the euro's size; the last three doubled for who is known well.
pub fn thresholds(currency: Currency, is_verified: bool) -> Thresholds {
    let [confirm_above, passkey_from, new_device, payment, day, month] = match currency.code() {
        "EUR" => [500, 2_000, 4_000, 6_000, 7_000, 7_100],
        "JPY" => [750, 3_000, 6_000, 9_000, 10_500, 10_650],
        "KWD" => [5_000, 20_000, 40_000, 60_000, 70_000, 71_000],
        other => panic!("no history has {other}"),
    };
    let times = if is_verified { 2 } else { 1 };
    let (payment, day, month) = (times * payment, times * day, times * month);
    Thresholds { confirm_above, passkey_from, new_device, payment, day, month }
}

/// One in a hundred for sending, two for the bank; half to even.
pub fn fee(minor: i64, in_a_hundred: i64) -> i64 {
    let (whole, rest) = (minor * in_a_hundred / 100, minor * in_a_hundred % 100);
    whole + i64::from(rest > 50 || (rest == 50 && whole % 2 == 1))
}

impl Ledger {
    pub fn limits(&self, user: UserId, currency: Currency) -> Thresholds {
        thresholds(currency, self.verified.contains(&user))
    }

    pub(super) fn spend(&mut self, purse: Purse, minor: i64) {
        *self.spent.entry((purse, self.now / DAY)).or_default() += i128::from(minor);
    }

    pub fn spent_today(&self, purse: Purse) -> i64 {
        let spent = self.spent.get(&(purse, self.now / DAY)).copied().unwrap_or(0);
        i64::try_from(spent).unwrap()
    }

    pub fn spent_this_month(&self, purse: Purse) -> i64 {
        let month = month_of(self.now / DAY);
        let of = |((spender, day), minor): (&(Purse, i64), &i128)| {
            (*spender == purse && month_of(*day) == month).then_some(*minor)
        };
        i64::try_from(self.spent.iter().filter_map(of).sum::<i128>()).unwrap()
    }
}

/// Months since the year 0, by counting days of whole years and months.
fn month_of(day: i64) -> i64 {
    let (mut year, mut left) = (1970, day);
    let days = |year: i64| 365 + i64::from(year % 4 == 0 && (year % 100 != 0 || year % 400 == 0));
    while left >= days(year) {
        left -= days(year);
        year += 1;
    }
    let mut month = 0;
    for length in [31, days(year) - 337, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if left < length {
            break;
        }
        left -= length;
        month += 1;
    }
    year * 12 + month
}
