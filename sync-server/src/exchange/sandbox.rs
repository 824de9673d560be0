//! Rates that never change: for trying Purse out. Refused in production mode.

use super::{QuoteError, Rates};
use purse_shared::{Currency, UnixMillis};
use rust_decimal::Decimal;

#[derive(Debug)]
pub struct SandboxRates;

impl Rates for SandboxRates {
    fn per_euro(&self, currency: Currency, _now: UnixMillis) -> Result<Decimal, QuoteError> {
        // Ten-thousandths.
        let scaled = match currency.code() {
            "EUR" => 10_000,
            "USD" => 10_832,
            "GBP" => 8_415,
            "JPY" => 1_635_500,
            "KWD" => 3_325,
            "CHF" => 9_380,
            "SEK" => 112_750,
            "PLN" => 42_600,
            "CAD" => 15_010,
            "AUD" => 16_540,
            "INR" => 915_200,
            "VND" => 275_000_000,
            other => return Err(QuoteError::NoRate(format!("none for {other}"))),
        };
        Ok(Decimal::new(scaled, 4))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_currency_has_one() {
        for currency in Currency::all() {
            assert!(SandboxRates.per_euro(currency, 0).unwrap() > Decimal::ZERO, "{currency}");
        }
    }
}
