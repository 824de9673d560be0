//! Numbers as such codes write them.

use super::EmvFault;
use crate::{Amount, Currency};
use std::str::FromStr;

/// Digits with at most one dot, at most 13 characters, more than zero: `98.73`, `98`, `98.`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figures(String);

const CHARS_MAX: usize = 13;
const PERCENT_CHARS_MAX: usize = 5;

impl Figures {
    pub fn as_str(&self) -> &str {
        &self.0
    }
    /// # Errors
    /// [`EmvFault::Amount`]: more decimals than the currency has, or too large.
    pub fn in_currency(&self, currency: Currency) -> Result<Amount, EmvFault> {
        Amount::parse(&self.0, currency).map_err(|_| EmvFault::Amount)
    }
    /// 0.01 to 99.99
    pub fn is_percent(&self) -> bool {
        let (whole, decimals) = self.0.split_once('.').unwrap_or((&self.0, ""));
        self.0.len() <= PERCENT_CHARS_MAX && whole.trim_start_matches('0').len() <= 2 && decimals.len() <= 2
    }
}

impl FromStr for Figures {
    type Err = EmvFault;
    fn from_str(text: &str) -> Result<Self, EmvFault> {
        let dots = text.bytes().filter(|b| *b == b'.').count();
        let well_formed = text.len() <= CHARS_MAX
            && dots <= 1
            && text.bytes().all(|b| b.is_ascii_digit() || b == b'.')
            && text.starts_with(|first: char| first.is_ascii_digit())
            && text.bytes().any(|b| matches!(b, b'1'..=b'9'));
        if well_formed { Ok(Self(text.to_owned())) } else { Err(EmvFault::Amount) }
    }
}
