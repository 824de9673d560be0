//! Money is minor units and a currency. It has no operators: `plus` and `minus` fail on another
//! currency and on overflow. `Decimal` is for what people type and read, never for balances.

use crate::Currency;
use crate::limits::AMOUNT_MINOR_MAX;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// A signed sum in minor units of one currency, bounded by `i64`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Money {
    /// Minor units: cents of a euro, whole yen.
    pub minor: i64,
    /// ISO 4217.
    #[cfg_attr(feature = "openapi", schema(value_type = String, pattern = "^[A-Z]{3}$"))]
    pub currency: Currency,
}

/// What somebody pays: positive, and at most [`AMOUNT_MINOR_MAX`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Money", into = "Money")]
pub struct Amount(Money);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    #[error("the two amounts are in different currencies")]
    CurrencyMismatch,
    #[error("the amount is out of bounds")]
    OutOfBounds,
    #[error("the amount must be more than zero")]
    NotPositive,
    #[error("this is not an amount")]
    NotANumber,
    #[error("the currency has fewer decimals than that")]
    TooManyDecimals,
}

impl Money {
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }
    pub const fn zero(currency: Currency) -> Self {
        Self { minor: 0, currency }
    }
    /// # Errors
    /// [`MoneyError::CurrencyMismatch`], or [`MoneyError::OutOfBounds`] on overflow.
    pub fn plus(self, other: Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        let minor = self.minor.checked_add(other.minor).ok_or(MoneyError::OutOfBounds)?;
        Ok(Self { minor, ..self })
    }
    /// # Errors
    /// As for [`Money::plus`].
    pub fn minus(self, other: Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        let minor = self.minor.checked_sub(other.minor).ok_or(MoneyError::OutOfBounds)?;
        Ok(Self { minor, ..self })
    }
    fn same_currency(self, other: Self) -> Result<(), MoneyError> {
        if self.currency == other.currency { Ok(()) } else { Err(MoneyError::CurrencyMismatch) }
    }
    /// In major units: 1850 EUR minor is 18.50.
    pub fn to_decimal(self) -> Decimal {
        Decimal::new(self.minor, u32::from(self.currency.exponent()))
    }
    /// Figures in plain form (`-18.50`, `1000`, `0.005`), the currency's own decimals, no grouping.
    pub fn to_plain_string(self) -> String {
        self.to_decimal().to_string()
    }
}

impl Amount {
    /// # Errors
    /// [`MoneyError::NotPositive`] and [`MoneyError::OutOfBounds`].
    pub fn new(minor: i64, currency: Currency) -> Result<Self, MoneyError> {
        match minor {
            ..=0 => Err(MoneyError::NotPositive),
            1..=AMOUNT_MINOR_MAX => Ok(Self(Money { minor, currency })),
            _ => Err(MoneyError::OutOfBounds),
        }
    }
    /// Reads what a person typed in major units: `18.5` or `18,50`; one separator, no grouping.
    ///
    /// # Errors
    /// All of [`MoneyError`] but the mismatch. Never rounds: more decimals than the currency has are refused.
    pub fn parse(typed: &str, currency: Currency) -> Result<Self, MoneyError> {
        let plain = typed.trim().replace(',', ".");
        let well_formed = !plain.is_empty()
            && plain.len() <= 24
            && plain.bytes().all(|b| b.is_ascii_digit() || b == b'.')
            && plain.bytes().filter(|b| *b == b'.').count() <= 1
            && plain.bytes().any(|b| b.is_ascii_digit());
        if !well_formed {
            return Err(MoneyError::NotANumber);
        }
        // Zeros count as well: `1,000` in yen is somebody's thousand, not one yen.
        let decimals = plain.split_once('.').map_or(0, |(_, decimals)| decimals.len());
        if decimals > usize::from(currency.exponent()) {
            return Err(MoneyError::TooManyDecimals);
        }
        let decimal: Decimal = plain.trim_end_matches('.').parse().map_err(|_| MoneyError::NotANumber)?;
        let minor =
            decimal.checked_mul(Decimal::from(currency.minor_per_major())).ok_or(MoneyError::OutOfBounds)?;
        Self::new(i64::try_from(minor.trunc()).map_err(|_| MoneyError::OutOfBounds)?, currency)
    }
    pub const fn money(self) -> Money {
        self.0
    }
    pub const fn minor(self) -> i64 {
        self.0.minor
    }
    pub const fn currency(self) -> Currency {
        self.0.currency
    }
}

/// As [`Money`] on the wire, within its bounds.
#[cfg(feature = "openapi")]
mod schema {
    use super::{AMOUNT_MINOR_MAX, Amount};
    use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};
    use utoipa::openapi::{RefOr, Schema};

    impl utoipa::PartialSchema for Amount {
        fn schema() -> RefOr<Schema> {
            let minor = ObjectBuilder::new()
                .schema_type(Type::Integer)
                .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
                .minimum(Some(1_i64))
                .maximum(Some(AMOUNT_MINOR_MAX))
                .description(Some("Minor units: cents of a euro, whole yen."));
            let currency = ObjectBuilder::new()
                .schema_type(Type::String)
                .pattern(Some("^[A-Z]{3}$"))
                .description(Some("ISO 4217."));
            ObjectBuilder::new()
                .description(Some("What somebody pays: more than nothing, and bounded."))
                .property("minor", minor)
                .required("minor")
                .property("currency", currency)
                .required("currency")
                .into()
        }
    }
    impl utoipa::ToSchema for Amount {}
}

impl TryFrom<Money> for Amount {
    type Error = MoneyError;
    fn try_from(money: Money) -> Result<Self, MoneyError> {
        Self::new(money.minor, money.currency)
    }
}
impl From<Amount> for Money {
    fn from(amount: Amount) -> Self {
        amount.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_people_type() {
        use MoneyError::*;
        let check = |typed, currency, want| {
            assert_eq!(Amount::parse(typed, currency).map(Amount::minor), want, "{typed}")
        };
        check("18.50", Currency::EUR, Ok(1850));
        check("18,5", Currency::EUR, Ok(1850));
        check(" 18. ", Currency::EUR, Ok(1800));
        check(".5", Currency::EUR, Ok(50));
        check("1000", Currency::JPY, Ok(1000));
        check("0.005", Currency::KWD, Ok(5));
        check("1.5", Currency::JPY, Err(TooManyDecimals));
        check("1.005", Currency::EUR, Err(TooManyDecimals));
        check("1.500", Currency::EUR, Err(TooManyDecimals));
        check("1,000", Currency::JPY, Err(TooManyDecimals));
        check("1.0", Currency::JPY, Err(TooManyDecimals));
        check("1.", Currency::JPY, Ok(1));
        check("1,000", Currency::KWD, Ok(1000));
        check("0", Currency::EUR, Err(NotPositive));
        check("0.00", Currency::EUR, Err(NotPositive));
        check("-5", Currency::EUR, Err(NotANumber));
        check("1.2.3", Currency::EUR, Err(NotANumber));
        check("1e9", Currency::EUR, Err(NotANumber));
        check("", Currency::EUR, Err(NotANumber));
        check(".", Currency::EUR, Err(NotANumber));
        check("١٢", Currency::EUR, Err(NotANumber));
        check("1000000000000000000000", Currency::EUR, Err(OutOfBounds));
        check(&"9".repeat(31), Currency::EUR, Err(NotANumber));
    }

    #[test]
    fn another_currency_is_refused() {
        let (euro, yen) = (Money::new(1, Currency::EUR), Money::new(1, Currency::JPY));
        assert_eq!(euro.plus(yen), Err(MoneyError::CurrencyMismatch));
        assert_eq!(Money::new(i64::MAX, Currency::EUR).plus(euro), Err(MoneyError::OutOfBounds));
        assert!(serde_json::from_str::<Amount>(r#"{"minor":0,"currency":"EUR"}"#).is_err());
        assert!(serde_json::from_str::<Amount>(r#"{"minor":5,"currency":"XXX"}"#).is_err());
    }

    proptest! {
        #[test]
        fn plain_form_reads_back(minor in 1..=AMOUNT_MINOR_MAX, index in 0usize..12) {
            let currency = Currency::all().nth(index).unwrap();
            let amount = Amount::new(minor, currency).unwrap();
            prop_assert_eq!(Amount::parse(&amount.money().to_plain_string(), currency), Ok(amount));
        }
    }
}
