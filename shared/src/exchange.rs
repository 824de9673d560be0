//! What an exchange brings: the one place where money is multiplied by a rate.

use crate::{Amount, Currency};
use rust_decimal::{Decimal, RoundingStrategy};

/// `sell` at `rate` (major units of `to` for one major unit of what is sold) less `spread` (a part of one), in whole
/// minor units of `to`, rounded half to even: over many exchanges neither side gains by it. `None` when that is
/// nothing, or more than an amount may be.
pub fn convert(sell: Amount, rate: Decimal, spread: Decimal, to: Currency) -> Option<Amount> {
    let is_sound = rate > Decimal::ZERO && spread >= Decimal::ZERO && spread < Decimal::ONE;
    if !is_sound || to == sell.currency() {
        return None;
    }
    let major = sell.money().to_decimal().checked_mul(rate)?.checked_mul(Decimal::ONE - spread)?;
    let minor = major.checked_mul(Decimal::from(to.minor_per_major()))?;
    let minor = minor.round_dp_with_strategy(0, RoundingStrategy::MidpointNearestEven);
    Amount::new(i64::try_from(minor).ok()?, to).ok()
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
        check(3, Currency::EUR, "0.5", "0", Currency::USD, Some(2));
        check(5, Currency::EUR, "0.5", "0", Currency::USD, Some(2));
        check(7, Currency::EUR, "0.5", "0", Currency::USD, Some(4));
        check(100, Currency::EUR, "163.555", "0", Currency::JPY, Some(164));
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

    proptest! {
        /// There and back again never makes money, whatever the rate.
        #[test]
        fn there_and_back_brings_no_more(minor in 100..1_000_000_000_i64, rate in 1..10_000_000_u32) {
            let rate = Decimal::new(i64::from(rate), 4);
            let spread = decimal("0.005");
            let sell = Amount::new(minor, Currency::EUR).unwrap();
            let Some(there) = convert(sell, rate, spread, Currency::USD) else { return Ok(()) };
            let Some(back) = convert(there, Decimal::ONE / rate, spread, Currency::EUR) else { return Ok(()) };
            // One minor unit of the other currency, at most, is what rounding gives.
            let unit = (Decimal::ONE / rate).ceil();
            prop_assert!(Decimal::from(back.minor()) <= Decimal::from(minor) + unit);
        }
    }
}
