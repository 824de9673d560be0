//! A SEPA credit transfer as a code: EPC069-12 v2.1 of the European Payments Council ("BCD", Girocode).

use crate::{Amount, Currency};
use iban::{Iban, IbanLike};
use serde::{Deserialize, Serialize};

/// Amounts are 0.01 to 999,999,999.99 euros.
const AMOUNT_MINOR_MAX: i64 = 99_999_999_999;
/// Of the whole payload, so that it fits a code of version 13 with a good quarter of it readable when damaged.
const PAYLOAD_BYTES_MAX: usize = 331;
const LINES: usize = 12;
const NAME_CHARS_MAX: usize = 70;
const PURPOSE_CHARS_MAX: usize = 4;
const REFERENCE_CHARS_MAX: usize = 35;
const TEXT_CHARS_MAX: usize = 140;
const INFORMATION_CHARS_MAX: usize = 70;

/// What the payer's bank is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// 8 or 11 letters and digits; a code of version 001 must have one.
    pub bic: Option<String>,
    pub name: String,
    pub iban: Iban,
    /// Euros; `None`: the payer chooses.
    pub amount: Option<Amount>,
    /// ISO 20022 external purpose code: `CHAR`.
    pub purpose: Option<String>,
    pub remittance: Remittance,
    /// From the payee to the payer.
    pub information: Option<String>,
}

/// What the payee will read on the statement: one of the two at most.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remittance {
    None,
    /// A creditor reference; one that begins with `RF` has the check digits of ISO 11649.
    Reference(String),
    Text(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum EpcFault {
    #[error("more than {PAYLOAD_BYTES_MAX} bytes")]
    TooLong,
    #[error("a line is missing")]
    CutOff,
    #[error("more than {LINES} lines")]
    TooManyLines,
    #[error("another version than 001 and 002")]
    Version,
    #[error("a character set that is not read here")]
    Characters,
    #[error("not a credit transfer")]
    Service,
    #[error("the bank's BIC is none, or missing")]
    Bic,
    #[error("the payee's name is missing or too long")]
    Name,
    #[error("the IBAN is none: a digit is wrong, or the country is unknown")]
    Iban,
    #[error("the amount is none, not in euros, or too large")]
    Amount,
    #[error("the purpose code is none")]
    Purpose,
    #[error("the reference's check digits are wrong, or it is too long")]
    Reference,
    #[error("a reference and a text, or a text that is too long")]
    Text,
}

pub(super) fn looks_like(text: &str) -> bool {
    text.strip_prefix("BCD").is_some_and(|rest| rest.is_empty() || rest.starts_with(['\n', '\r']))
}

/// Reads the lines of a code.
///
/// # Errors
/// [`EpcFault`], the first one.
pub fn read(text: &str) -> Result<Transfer, EpcFault> {
    if text.len() > PAYLOAD_BYTES_MAX {
        return Err(EpcFault::TooLong);
    }
    // One kind of line end per code, by the standard; a code with both is read as well. A lone CR is found in codes
    // of old programs.
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let text = text.trim_end_matches('\n');
    if text.split('\n').count() > LINES {
        return Err(EpcFault::TooManyLines);
    }
    let mut lines = text.split('\n');
    let mut next = || lines.next().ok_or(EpcFault::CutOff);
    if next()? != "BCD" {
        return Err(EpcFault::Service);
    }
    let bic_needed = match next()? {
        "001" => true,
        "002" => false,
        _ => return Err(EpcFault::Version),
    };
    match next()? {
        // The text came as UTF-8 or, where the bytes were none, as Latin-1.
        "1" | "2" => {}
        "3" | "4" | "5" | "6" | "7" | "8" if text.is_ascii() => {}
        _ => return Err(EpcFault::Characters),
    }
    if next()? != "SCT" {
        return Err(EpcFault::Service);
    }
    let bic = optional(next()?);
    if bic.as_deref().map_or(bic_needed, |bic| !is_bic(bic)) {
        return Err(EpcFault::Bic);
    }
    let name = next()?.trim().to_owned();
    if !is_text(&name, NAME_CHARS_MAX) || name.is_empty() {
        return Err(EpcFault::Name);
    }
    let iban: Iban = next()?.trim().parse().map_err(|_| EpcFault::Iban)?;
    // From here on a code may end.
    let mut rest = || lines.next().and_then(optional);
    let amount = rest().map(|amount| euros(&amount)).transpose()?;
    let purpose = rest();
    let in_purpose = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit();
    if purpose.as_ref().is_some_and(|code| code.len() > PURPOSE_CHARS_MAX || !code.bytes().all(in_purpose)) {
        return Err(EpcFault::Purpose);
    }
    let remittance = match (rest(), rest()) {
        (None, None) => Remittance::None,
        (Some(reference), None) if is_reference(&reference) => Remittance::Reference(reference),
        (Some(_), None) => return Err(EpcFault::Reference),
        (None, Some(text)) if is_text(&text, TEXT_CHARS_MAX) => Remittance::Text(text),
        (_, Some(_)) => return Err(EpcFault::Text),
    };
    let information = rest();
    if information.as_ref().is_some_and(|text| !is_text(text, INFORMATION_CHARS_MAX)) {
        return Err(EpcFault::Text);
    }
    Ok(Transfer { bic, name, iban, amount, purpose, remittance, information })
}

impl Transfer {
    /// The payload: version 002, UTF-8, to be shown as a code of error correction level M.
    ///
    /// # Errors
    /// [`EpcFault`]: a part is too long or none, or all of them together are.
    pub fn write(&self) -> Result<String, EpcFault> {
        let amount = self.amount.map(|amount| format!("EUR{}", amount.money().to_plain_string()));
        let (reference, text) = match &self.remittance {
            Remittance::None => ("", ""),
            Remittance::Reference(reference) => (reference.as_str(), ""),
            Remittance::Text(text) => ("", text.as_str()),
        };
        let or_nothing = |part: &Option<String>| part.clone().unwrap_or_default();
        let lines: [&str; LINES] = [
            "BCD",
            "002",
            "1",
            "SCT",
            &or_nothing(&self.bic),
            &self.name,
            self.iban.electronic_str(),
            &or_nothing(&amount),
            &or_nothing(&self.purpose),
            reference,
            text,
            &or_nothing(&self.information),
        ];
        let payload = lines.join("\n").trim_end_matches('\n').to_owned();
        // Whatever cannot be read as what was meant is not written.
        match read(&payload)? {
            same if same == *self => Ok(payload),
            _ => Err(EpcFault::Text),
        }
    }
}

fn optional(line: &str) -> Option<String> {
    let line = line.trim();
    (!line.is_empty()).then(|| line.to_owned())
}

fn is_text(text: &str, chars_max: usize) -> bool {
    text.chars().count() <= chars_max && !text.chars().any(char::is_control)
}

/// ISO 9362: four letters or digits, a country, two and perhaps three letters or digits.
fn is_bic(bic: &str) -> bool {
    let country = bic.as_bytes().get(4..6);
    matches!(bic.len(), 8 | 11)
        && bic.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
        && country.is_some_and(|country| country.iter().all(u8::is_ascii_uppercase))
}

fn euros(text: &str) -> Result<Amount, EpcFault> {
    let figures = text.strip_prefix("EUR").ok_or(EpcFault::Amount)?;
    if figures.contains([',', ' ']) {
        return Err(EpcFault::Amount);
    }
    let amount = Amount::parse(figures, Currency::EUR).map_err(|_| EpcFault::Amount)?;
    if amount.minor() <= AMOUNT_MINOR_MAX { Ok(amount) } else { Err(EpcFault::Amount) }
}

/// ISO 11649, where it says that it is one; other creditor references have rules of their own countries.
fn is_reference(reference: &str) -> bool {
    if reference.chars().count() > REFERENCE_CHARS_MAX || reference.chars().any(char::is_control) {
        return false;
    }
    let Some(rest) = reference.strip_prefix("RF") else { return true };
    let plain: String = rest.chars().filter(|letter| *letter != ' ').collect();
    let well_formed = (3..=23).contains(&plain.len()) && plain.bytes().all(|b| b.is_ascii_alphanumeric());
    let Some((check, body)) = plain.split_at_checked(2).filter(|_| well_formed) else { return false };
    let moved = body.chars().chain("RF".chars()).chain(check.chars());
    // Letters count from 10 for A (ISO 7064, mod 97-10).
    let remainder = moved.filter_map(|letter| letter.to_digit(36)).fold(0, |sum, digit| {
        let shift = if digit < 10 { 10 } else { 100 };
        (sum * shift + digit) % 97
    });
    remainder == 1 && check.bytes().all(|b| b.is_ascii_digit())
}
