//! ISO 4217 currencies that Purse keeps, with their exponent (digits after the decimal point).

use serde::{Deserialize, Serialize};
use std::fmt;

/// One of the currencies in [`Currency::ALL`]. Copy, one byte, always valid.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency(u8);

struct Info {
    code: &'static str,
    /// The three digits, as other formats write it.
    numeric: u16,
    exponent: u8,
    symbol: &'static str,
    name: &'static str,
}

const fn info(
    code: &'static str,
    numeric: u16,
    exponent: u8,
    symbol: &'static str,
    name: &'static str,
) -> Info {
    Info { code, numeric, exponent, symbol, name }
}

/// Source: ISO 4217:2015, list one. The order is the index and is never changed, only added to.
/// A symbol that several currencies share carries its code, as the wording rules ask.
static TABLE: [Info; 12] = [
    info("EUR", 978, 2, "€", "Euro"),
    info("USD", 840, 2, "US$", "US dollar"),
    info("GBP", 826, 2, "£", "Pound sterling"),
    info("JPY", 392, 0, "¥", "Yen"),
    info("KWD", 414, 3, "KWD\u{a0}", "Kuwaiti dinar"),
    info("CHF", 756, 2, "CHF\u{a0}", "Swiss franc"),
    info("SEK", 752, 2, "SEK\u{a0}", "Swedish krona"),
    info("PLN", 985, 2, "zł", "Polish złoty"),
    info("CAD", 124, 2, "CA$", "Canadian dollar"),
    info("AUD", 36, 2, "A$", "Australian dollar"),
    info("INR", 356, 2, "₹", "Indian rupee"),
    info("VND", 704, 0, "₫", "Vietnamese đồng"),
];

impl Currency {
    pub const EUR: Self = Self(0);
    pub const USD: Self = Self(1);
    pub const GBP: Self = Self(2);
    pub const JPY: Self = Self(3);
    pub const KWD: Self = Self(4);

    /// Every currency, in table order.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..u8::try_from(TABLE.len()).unwrap_or(u8::MAX)).map(Self)
    }

    /// The currency of a three-letter ISO 4217 code in capitals; `None` for any other.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::all().find(|currency| currency.code() == code)
    }

    /// The currency of a numeric ISO 4217 code: 978 is the euro.
    pub fn from_numeric(numeric: u16) -> Option<Self> {
        Self::all().find(|currency| currency.numeric() == numeric)
    }

    fn info(self) -> &'static Info {
        &TABLE[usize::from(self.0)]
    }
    /// `"EUR"`
    pub fn code(self) -> &'static str {
        self.info().code
    }
    /// 978 for the euro; 36 for the Australian dollar, which is written `036`.
    pub fn numeric(self) -> u16 {
        self.info().numeric
    }
    /// Digits after the decimal point: 2 for the euro, 0 for the yen, 3 for the dinar.
    pub fn exponent(self) -> u8 {
        self.info().exponent
    }
    /// What stands in front of an amount; unambiguous among the currencies kept here.
    pub fn symbol(self) -> &'static str {
        self.info().symbol
    }
    /// Its English name, for a wallet's title.
    pub fn name(self) -> &'static str {
        self.info().name
    }
    /// Minor units in one major unit: 100, 1 or 1000.
    pub fn minor_per_major(self) -> i64 {
        10_i64.pow(u32::from(self.exponent()))
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}
impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown currency")]
pub struct UnknownCurrency;

impl TryFrom<String> for Currency {
    type Error = UnknownCurrency;
    fn try_from(code: String) -> Result<Self, UnknownCurrency> {
        Self::from_code(&code).ok_or(UnknownCurrency)
    }
}
impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.code().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exponents_follow_iso_4217() {
        for (code, exponent) in [("USD", 2), ("EUR", 2), ("GBP", 2), ("JPY", 0), ("KWD", 3), ("VND", 0)] {
            assert_eq!(Currency::from_code(code).unwrap().exponent(), exponent, "{code}");
        }
        assert_eq!(Currency::KWD.minor_per_major(), 1000);
        assert_eq!(Currency::from_numeric(36).map(Currency::code), Some("AUD"));
        assert_eq!(Currency::from_numeric(156), None);
        for wrong in ["", "eur", "EURO", "XXX", "€"] {
            assert!(Currency::from_code(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn codes_and_symbols_are_unique() {
        for a in Currency::all() {
            for b in Currency::all().filter(|b| *b != a) {
                assert_ne!(a.code(), b.code());
                assert_ne!(a.symbol(), b.symbol());
                assert_ne!(a.numeric(), b.numeric());
            }
        }
    }
}
