//! Asking for money: what is asked, and the forms in which it travels (a link, a code to scan).
//!
//! Architecture invariant: a request is a wish, not an order. It carries no secret and no proof of who wrote it;
//! whatever it says is shown to the payer before anything is signed.

pub mod emv;
pub mod epc;
mod link;
mod origin;

pub use link::{Link, LinkFault};
pub use origin::Origin;

use crate::intent::is_message;
use crate::limits::{
    MESSAGE_BYTES_MAX, REQUEST_NOTE_BYTES_MAX, REQUEST_REFERENCE_CHARS_MAX, SCANNED_BYTES_MAX,
};
use crate::{Amount, Currency, Handle, UserId};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// What somebody would like to be paid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    pub to: Handle,
    /// Who the handle is, by the word of whoever wrote the request: compared with what the payer's app knows, never
    /// signed.
    pub user: Option<UserId>,
    pub sum: Sum,
    pub note: RequestNote,
    pub reference: Option<Reference>,
}

impl Request {
    /// Any sum, for nothing in particular.
    pub fn to(handle: Handle) -> Self {
        Self { to: handle, user: None, sum: Sum::Open, note: RequestNote::default(), reference: None }
    }
    /// The words of the payment: the note, and the reference as the last word (`Dinner #K7QF2M2P`).
    pub fn message(&self) -> String {
        match &self.reference {
            None => self.note.0.clone(),
            Some(reference) if self.note.0.is_empty() => format!("#{reference}"),
            Some(reference) => format!("{} #{reference}", self.note.0),
        }
    }
}

/// How much is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sum {
    /// The payer chooses.
    #[default]
    Open,
    /// The payer chooses how much of it.
    In(Currency),
    Exactly(Amount),
}

impl Sum {
    pub fn currency(self) -> Option<Currency> {
        match self {
            Self::Open => None,
            Self::In(currency) => Some(currency),
            Self::Exactly(amount) => Some(amount.currency()),
        }
    }
    pub const fn amount(self) -> Option<Amount> {
        match self {
            Self::Open | Self::In(_) => None,
            Self::Exactly(amount) => Some(amount),
        }
    }
}

/// What it is for: fits, together with any [`Reference`], into a payment's message. No spaces around it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RequestNote(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a note is one line of at most {REQUEST_NOTE_BYTES_MAX} bytes")]
pub struct NoteInvalid;

impl RequestNote {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
impl FromStr for RequestNote {
    type Err = NoteInvalid;
    fn from_str(text: &str) -> Result<Self, NoteInvalid> {
        let text = text.trim();
        let fits = text.len() <= REQUEST_NOTE_BYTES_MAX && is_message(text);
        if fits { Ok(Self(text.to_owned())) } else { Err(NoteInvalid) }
    }
}
impl TryFrom<String> for RequestNote {
    type Error = NoteInvalid;
    fn try_from(text: String) -> Result<Self, NoteInvalid> {
        text.parse()
    }
}
impl From<RequestNote> for String {
    fn from(note: RequestNote) -> Self {
        note.0
    }
}

/// By which the payee knows what was paid for: 1 to 35 of `A-Z a-z 0-9 - . /`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Reference(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a reference has 1 to 35 letters, digits, dashes, dots or strokes")]
pub struct ReferenceInvalid;

/// Without letters and digits that are taken for each other.
const REFERENCE_LETTERS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

impl Reference {
    /// A new one from random bytes: eight letters and digits.
    pub fn new(random: [u8; 8]) -> Self {
        Self(random.iter().map(|byte| char::from(REFERENCE_LETTERS[usize::from(byte % 32)])).collect())
    }
    pub fn as_str(&self) -> &str {
        &self.0
    }
    /// What a payment's message names, as [`Request::message`] writes it.
    pub fn named_in(message: &str) -> Option<Self> {
        message.split_whitespace().next_back()?.strip_prefix('#')?.parse().ok()
    }
}
impl FromStr for Reference {
    type Err = ReferenceInvalid;
    fn from_str(text: &str) -> Result<Self, ReferenceInvalid> {
        let letter = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'/');
        let fits = (1..=REQUEST_REFERENCE_CHARS_MAX).contains(&text.len()) && text.bytes().all(letter);
        if fits { Ok(Self(text.to_owned())) } else { Err(ReferenceInvalid) }
    }
}
impl TryFrom<String> for Reference {
    type Error = ReferenceInvalid;
    fn try_from(text: String) -> Result<Self, ReferenceInvalid> {
        text.parse()
    }
}
impl From<Reference> for String {
    fn from(reference: Reference) -> Self {
        reference.0
    }
}
impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a scanned or pasted text turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scanned {
    /// Somebody of a Purse server asks for money.
    Request(Link),
    /// Words for a request of one's own (`purse://request?amount=20&currency=EUR`).
    Ask { sum: Sum, note: RequestNote },
    /// A SEPA credit transfer.
    Transfer(Box<epc::Transfer>),
    /// A shop's code.
    Merchant(Box<emv::Merchant>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum ScanError {
    #[error("there is nothing to read")]
    Empty,
    #[error("more than {SCANNED_BYTES_MAX} bytes")]
    TooLong,
    #[error("not a payment")]
    Unknown,
    #[error("a payment link: {0}")]
    Link(LinkFault),
    #[error("a SEPA transfer: {0}")]
    Transfer(epc::EpcFault),
    #[error("a shop's code: {0}")]
    Merchant(emv::EmvFault),
}

/// Reads whatever a camera saw or a person pasted.
///
/// # Errors
/// [`ScanError`]: what it looked like, and what is wrong with it.
pub fn read(text: &str) -> Result<Scanned, ScanError> {
    if text.len() > SCANNED_BYTES_MAX {
        return Err(ScanError::TooLong);
    }
    let text = text.trim_start_matches('\u{feff}').trim();
    if text.is_empty() {
        return Err(ScanError::Empty);
    }
    if epc::looks_like(text) {
        return epc::read(text).map(|t| Scanned::Transfer(Box::new(t))).map_err(ScanError::Transfer);
    }
    if emv::looks_like(text) {
        return emv::read(text).map(|m| Scanned::Merchant(Box::new(m))).map_err(ScanError::Merchant);
    }
    if text.starts_with('@') {
        let handle = text.parse().map_err(|_| ScanError::Link(LinkFault::Handle))?;
        return Ok(Scanned::Request(Link { request: Request::to(handle), origin: None }));
    }
    link::read(text).unwrap_or(Err(ScanError::Unknown))
}

const _: () = assert!(REQUEST_NOTE_BYTES_MAX + " #".len() + REQUEST_REFERENCE_CHARS_MAX <= MESSAGE_BYTES_MAX);

#[cfg(test)]
mod tests;
