//! What is taken on top of a payment. The app shows and signs it, the server takes no more.

use crate::{Amount, Currency, Money};
use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

/// A fixed part by currency, and a part of the amount.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Fee {
    /// A currency that is not there has no fixed part.
    pub fixed: Vec<Money>,
    /// Hundredths of a percent of the amount.
    pub basis_points: u32,
}

/// By kind of order. Nothing for what is not named here.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Fees {
    pub send: Fee,
    pub withdraw: Fee,
}

impl Fee {
    /// In minor units of the amount's currency; the part is rounded half to even.
    pub fn of(&self, amount: Amount) -> i64 {
        let part = Decimal::from(amount.minor()) * Decimal::new(i64::from(self.basis_points), 4);
        let part = part.round_dp_with_strategy(0, RoundingStrategy::MidpointNearestEven);
        self.fixed(amount.currency()).saturating_add(i64::try_from(part).unwrap_or(i64::MAX)).max(0)
    }
    fn fixed(&self, currency: Currency) -> i64 {
        self.fixed.iter().find(|fixed| fixed.currency == currency).map_or(0, |fixed| fixed.minor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fixed_and_part() {
        let fee = Fee { fixed: vec![Money::new(35, Currency::EUR)], basis_points: 50 };
        let of = |minor, currency| fee.of(Amount::new(minor, currency).unwrap());
        assert_eq!(of(10_000, Currency::EUR), 85);
        assert_eq!(of(100, Currency::EUR), 35, "half a cent goes to even");
        assert_eq!(of(300, Currency::EUR), 37, "one and a half too");
        assert_eq!(of(10_000, Currency::JPY), 50, "no fixed part in yen");
        assert_eq!(Fee::default().of(Amount::new(1, Currency::EUR).unwrap()), 0);
        let most = Fee { basis_points: u32::MAX, ..Fee::default() };
        assert!(most.of(Amount::new(crate::limits::AMOUNT_MINOR_MAX, Currency::EUR).unwrap()) > 0);
    }
}
