//! A request as a link: `ORIGIN/pay#to=kavya&amount=18.50&currency=EUR`, or `purse://pay?...` for an installed app.
//!
//! What is asked stands behind the `#`, which browsers keep to themselves: the server never sees it.

use super::{Origin, Request, RequestNote, ScanError, Scanned, Sum};
use crate::{Amount, Currency, Handle};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde::{Deserialize, Serialize};

/// A request, and the server on which its handle is somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    pub request: Request,
    /// `None`: not said, so the reader's own.
    pub origin: Option<Origin>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum LinkFault {
    #[error("it is of a newer kind")]
    Version,
    #[error("it says one thing twice")]
    Repeated,
    #[error("its text is not UTF-8")]
    Encoding,
    #[error("it names nobody")]
    NoPayee,
    #[error("the handle is none")]
    Handle,
    #[error("the person's id is none")]
    User,
    #[error("the amount is none, or does not fit its currency")]
    Amount,
    #[error("a currency that Purse does not keep")]
    Currency,
    #[error("the note is too long or has more than one line")]
    Note,
    #[error("the reference has other letters, or too many")]
    Reference,
    #[error("the server's address is none")]
    Origin,
}

/// What a link says that this app cannot leave out raises it.
const VERSION: u32 = 1;
const SCHEME: &str = "purse://";
/// What RFC 3986 never asks to encode.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

impl Link {
    /// For everybody: opens in a browser, or in the app where it is installed for that address.
    pub fn page(request: &Request, origin: &Origin) -> String {
        format!("{origin}/pay#{}", words(request, None))
    }
    /// For an installed app alone.
    pub fn app(request: &Request, origin: &Origin) -> String {
        format!("{SCHEME}pay?{}", words(request, Some(origin)))
    }
}

fn words(request: &Request, at: Option<&Origin>) -> String {
    let mut words = format!("to={}", request.to);
    let mut add = |name: &str, value: &str| {
        words.extend(["&", name, "="]);
        words.extend(utf8_percent_encode(value, ENCODED));
    };
    if let Some(user) = request.user {
        add("user", &user.to_string());
    }
    if let Some(amount) = request.sum.amount() {
        add("amount", &amount.money().to_plain_string());
    }
    if let Some(currency) = request.sum.currency() {
        add("currency", currency.code());
    }
    if !request.note.as_str().is_empty() {
        add("note", request.note.as_str());
    }
    if let Some(reference) = &request.reference {
        add("ref", reference.as_str());
    }
    if let Some(at) = at {
        add("at", at.as_str());
    }
    words
}

/// `None`: no link of Purse's.
pub(super) fn read(text: &str) -> Option<Result<Scanned, ScanError>> {
    let read = match strip_prefix_of_any_case(text, SCHEME) {
        Some(rest) => {
            let (act, words) = rest.split_once(['?', '#']).unwrap_or((rest, ""));
            match act.trim_end_matches('/') {
                "pay" => Said::read(words).and_then(|said| said.request(None)),
                // To somebody: pay them. To nobody: the reader's own request, begun by another app.
                "request" => Said::read(words).and_then(|said| match &said.to {
                    Some(_) => said.request(None),
                    None => said.ask(),
                }),
                _ => return None,
            }
        }
        None => page(text)?,
    };
    Some(read.map_err(ScanError::Link))
}

/// `ORIGIN/pay#...` and `ORIGIN/pay/HANDLE`. What messengers add behind a `?` says nothing.
fn page(text: &str) -> Option<Result<Scanned, LinkFault>> {
    let (address, words) = text.split_once('#').unwrap_or((text, ""));
    let address = address.split_once('?').map_or(address, |(before, _)| before);
    let after_scheme = address.find("://")?.checked_add(3)?;
    let slash = address.get(after_scheme..)?.find('/')?.checked_add(after_scheme)?;
    let (origin, path) = address.split_at_checked(slash)?;
    let web =
        strip_prefix_of_any_case(origin, "https://").or_else(|| strip_prefix_of_any_case(origin, "http://"));
    web?;
    let path = path.trim_end_matches('/');
    let handle = match path.strip_prefix("/pay")? {
        "" => None,
        handle => Some(handle.strip_prefix('/')?),
    };
    Some(origin.parse().map_err(|_| LinkFault::Origin).and_then(|origin| match handle {
        None => Said::read(words)?.request(Some(origin)),
        Some(handle) => {
            let handle: Handle = handle.parse().map_err(|_| LinkFault::Handle)?;
            Ok(Scanned::Request(Link { request: Request::to(handle), origin: Some(origin) }))
        }
    }))
}

/// The words of a link, each at most once. Unknown ones are passed over: what must not be raises [`VERSION`].
#[derive(Default)]
struct Said {
    to: Option<String>,
    user: Option<String>,
    amount: Option<String>,
    currency: Option<String>,
    note: Option<String>,
    reference: Option<String>,
    at: Option<String>,
}

impl Said {
    fn read(words: &str) -> Result<Self, LinkFault> {
        let mut said = Self::default();
        let mut version = None;
        for word in words.split('&').filter(|word| !word.is_empty()) {
            let (name, value) = word.split_once('=').unwrap_or((word, ""));
            let place = match name {
                "to" => &mut said.to,
                "user" => &mut said.user,
                "amount" => &mut said.amount,
                "currency" => &mut said.currency,
                "note" => &mut said.note,
                "ref" => &mut said.reference,
                "at" => &mut said.at,
                "v" => &mut version,
                _ => continue,
            };
            if place.is_some() {
                return Err(LinkFault::Repeated);
            }
            let value = percent_decode_str(value).decode_utf8().map_err(|_| LinkFault::Encoding)?;
            *place = Some(value.into_owned());
        }
        match version.map(|version| version.parse::<u32>()) {
            None | Some(Ok(..=VERSION)) => Ok(said),
            Some(_) => Err(LinkFault::Version),
        }
    }

    /// `origin`: from the link's own address.
    fn request(self, origin: Option<Origin>) -> Result<Scanned, LinkFault> {
        let (sum, note) = (self.sum()?, self.note()?);
        let to: Handle = self.to.ok_or(LinkFault::NoPayee)?.parse().map_err(|_| LinkFault::Handle)?;
        let user = self.user.map(|user| user.parse()).transpose().map_err(|_| LinkFault::User)?;
        let reference = self.reference.map(|text| text.parse()).transpose();
        let reference = reference.map_err(|_| LinkFault::Reference)?;
        let at = self.at.map(|at| at.parse()).transpose().map_err(|_| LinkFault::Origin)?;
        let origin = origin.or(at);
        Ok(Scanned::Request(Link { request: Request { to, user, sum, note, reference }, origin }))
    }

    fn ask(self) -> Result<Scanned, LinkFault> {
        Ok(Scanned::Ask { sum: self.sum()?, note: self.note()? })
    }

    fn sum(&self) -> Result<Sum, LinkFault> {
        let currency = match &self.currency {
            None => None,
            Some(code) => Some(Currency::from_code(code).ok_or(LinkFault::Currency)?),
        };
        match (&self.amount, currency) {
            (None, None) => Ok(Sum::Open),
            (None, Some(currency)) => Ok(Sum::In(currency)),
            (Some(_), None) => Err(LinkFault::Currency),
            (Some(figures), Some(currency)) => {
                Amount::parse(figures, currency).map(Sum::Exactly).map_err(|_| LinkFault::Amount)
            }
        }
    }

    fn note(&self) -> Result<RequestNote, LinkFault> {
        self.note.as_deref().unwrap_or_default().parse().map_err(|_| LinkFault::Note)
    }
}

fn strip_prefix_of_any_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (head, rest) = text.split_at_checked(prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then_some(rest)
}
