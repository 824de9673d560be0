//! What an exchange brings: the one place where money is multiplied by a rate.

use crate::{Amount, Currency};
use rust_decimal::{Decimal, RoundingStrategy};

/// `sell` at `rate` (major units of `to` for one major unit of what is sold) less `spread` (a part of one), in whole
/// minor units of `to`, rounded half to even, but never more than `sell` is worth at `rate`: whoever chooses the amount
/// would choose those that round up, and a spread is less than half a unit of a small one. `None` when that is nothing,
/// or more than an amount may be.
pub fn convert(sell: Amount, rate: Decimal, spread: Decimal, to: Currency) -> Option<Amount> {
    let is_sound = rate > Decimal::ZERO && spread >= Decimal::ZERO && spread < Decimal::ONE;
    if !is_sound || to == sell.currency() {
        return None;
    }
    let major = sell.money().to_decimal().checked_mul(rate)?;
    let worth = major.checked_mul(Decimal::from(to.minor_per_major()))?;
    let offered = worth.checked_mul(Decimal::ONE - spread)?;
    let rounded = offered.round_dp_with_strategy(0, RoundingStrategy::MidpointNearestEven);
    Amount::new(i64::try_from(rounded.min(worth.floor())).ok()?, to).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn half_goes_to_even() {
        let check = |minor, from, rate, spread, to, want: Option<i64>| {
            let sell = Amount::new(minor, from).unwrap();
            let got = convert(sell, decimal(rate), decimal(spread), to).map(Amount::minor);
            assert_eq!(got, want, "{minor} {from} at {rate} less {spread} in {to}");
        };
        check(10_000, Currency::EUR, "1.0832", "0.005", Currency::USD, Some(10_778));
        check(1, Currency::EUR, "0.5", "0", Currency::USD, None);
        check(250, Currency::EUR, "1.1", "0.1", Currency::USD, Some(248));
        check(150, Currency::EUR, "1.1", "0.1", Currency::USD, Some(148));
        check(100, Currency::EUR, "163.555", "0.001", Currency::JPY, Some(163));
        check(1_000, Currency::JPY, "0.0019", "0", Currency::KWD, Some(1_900));
        check(100, Currency::EUR, "1", "0", Currency::EUR, None);
        check(100, Currency::EUR, "0", "0", Currency::USD, None);
        check(100, Currency::EUR, "-1", "0", Currency::USD, None);
        check(100, Currency::EUR, "1", "1", Currency::USD, None);
        check(crate::limits::AMOUNT_MINOR_MAX, Currency::EUR, "2", "0", Currency::USD, None);
        check(
            crate::limits::AMOUNT_MINOR_MAX,
            Currency::EUR,
            "79228162514264337593543950335",
            "0",
            Currency::USD,
            None,
        );
    }

    #[test]
    fn rounding_never_brings_more_than_it_is_worth() {
        let check = |minor, from, rate, spread, to, want: Option<i64>| {
            let got = convert(Amount::new(minor, from).unwrap(), decimal(rate), decimal(spread), to);
            assert_eq!(got.map(Amount::minor), want, "{minor} {from} at {rate} less {spread} in {to}");
        };
        check(3, Currency::EUR, "0.5", "0", Currency::USD, Some(1));
        check(7, Currency::EUR, "0.5", "0.005", Currency::USD, Some(3));
        // Half a penny's worth, rounded up, would be a penny.
        let rupee = Currency::from_code("INR").unwrap();
        check(55, rupee, "0.0092", "0.005", Currency::GBP, None);
        check(1, Currency::JPY, "0.0052", "0.005", Currency::GBP, None);
        check(1, Currency::EUR, "163.555", "0.005", Currency::JPY, Some(1));
    }

    proptest! {
        /// There and back again never makes money, whatever the rate and however little it is.
        #[test]
        fn there_and_back_brings_no_more(
            minor in prop_oneof![1..1_000_i64, 1..1_000_000_000_i64],
            rate in 1..10_000_000_u32,
            spread in 0..50_u32,
            to in prop_oneof![Just(Currency::USD), Just(Currency::JPY), Just(Currency::KWD)],
        ) {
            let (rate, spread) = (Decimal::new(i64::from(rate), 4), Decimal::new(i64::from(spread), 3));
            let sell = Amount::new(minor, Currency::EUR).unwrap();
            let Some(there) = convert(sell, rate, spread, to) else { return Ok(()) };
            let Some(back) = convert(there, Decimal::ONE / rate, spread, Currency::EUR) else { return Ok(()) };
            prop_assert!(back.minor() <= minor);
        }
    }
}
