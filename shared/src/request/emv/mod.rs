//! A shop's code: EMV QR Code Specification for Payment Systems, Merchant-Presented Mode, v1.1 (EMVCo).
//!
//! Purse has no way into the card networks and national schemes that such codes name; it pays one only when one of
//! its accounts is a Purse handle ([`Merchant::purse`]).

mod crc;
mod figures;
mod tlv;

pub use figures::Figures;

use super::{Link, Request, RequestNote, Sum};
use crate::{Amount, Currency};
use crc::crc16;
use serde::{Deserialize, Serialize};
use tlv::Objects;

/// What a shop says of itself and of the payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merchant {
    /// `Some(true)`: a new code for each payment (12); `Some(false)`: the same for all (11).
    pub once: Option<bool>,
    /// By id (02 to 51): the networks that can pay it. At least one.
    pub accounts: Vec<Account>,
    /// ISO 18245, four digits.
    pub category: String,
    /// ISO 4217, three digits: see [`Merchant::known_currency`].
    pub currency: u16,
    /// Major units; `None`: the payer types it.
    pub amount: Option<Figures>,
    pub tip: Tip,
    /// ISO 3166-1, two letters.
    pub country: String,
    /// At most 25 characters.
    pub name: String,
    /// At most 15 characters.
    pub city: String,
    pub postal_code: Option<String>,
    /// By id (01 to 99) of the template 62: bill number, store, reference, terminal, purpose. `***`: to be asked for.
    pub details: Vec<(u8, String)>,
    /// Name and city in the shop's own script.
    pub local: Option<Local>,
    /// Ids 65 to 99, which are for others or for later.
    pub others: Vec<(u8, String)>,
}

/// A network's account of the shop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// 02 to 25 belong to card networks and say one thing; 26 to 51 hold a template.
    pub id: u8,
    pub value: String,
}

/// What is to be paid on top of the amount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tip {
    None,
    /// The payer is to be asked for a tip.
    Asked,
    /// A convenience fee in the code's currency, in major units.
    Fixed(Figures),
    /// A convenience fee in percent of the amount: 0.01 to 99.99.
    Percent(Figures),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Local {
    /// ISO 639.
    pub language: String,
    pub name: String,
    pub city: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum EmvFault {
    #[error("more than {PAYLOAD_CHARS_MAX} characters")]
    TooLong,
    #[error("it ends in the middle of a value")]
    CutOff,
    #[error("an id or a length is no number")]
    Length,
    #[error("one id is there twice")]
    Repeated,
    #[error("the checksum is wrong: it was read wrongly or changed")]
    Checksum,
    #[error("there is no checksum at the end")]
    NoChecksum,
    #[error("another version")]
    Version,
    #[error("object {0:02} is missing")]
    Missing(u8),
    #[error("object {0:02} is not as it must be")]
    Field(u8),
    #[error("the amount is none, or does not fit its currency")]
    Amount,
    #[error("the currency is none")]
    Currency,
    #[error("tip and fee contradict each other")]
    Tip,
    #[error("it names a Purse account that is none")]
    Purse,
}

const PAYLOAD_CHARS_MAX: usize = 512;
const NAME_CHARS_MAX: usize = 25;
const CITY_CHARS_MAX: usize = 15;
const POSTAL_CHARS_MAX: usize = 10;
const DETAIL_CHARS_MAX: usize = 25;
/// Templates 26 to 51 begin with a globally unique identifier: this UUID says that it is a Purse account.
/// (Version 5, of the URL `purse/request/v1`.)
const PURSE: &str = "b2ae682ad06a53739665ed47ad86b096";
/// In that template. A person's id finds no room in its 99 characters.
mod purse {
    pub const HANDLE: u8 = 1;
    pub const ORIGIN: u8 = 2;
}
/// In the template 62.
mod detail {
    pub const REFERENCE: u8 = 5;
    pub const PURPOSE: u8 = 8;
}

pub(super) fn looks_like(text: &str) -> bool {
    text.starts_with("0002") && text.get(4..6).is_some_and(|v| v.bytes().all(|b| b.is_ascii_digit()))
}

/// Reads the payload of a code.
///
/// # Errors
/// [`EmvFault`], the first one; the checksum before what it covers.
pub fn read(text: &str) -> Result<Merchant, EmvFault> {
    if text.chars().count() > PAYLOAD_CHARS_MAX {
        return Err(EmvFault::TooLong);
    }
    let mut objects = Objects::read(checked(text)?)?;
    if objects.need(0)? != "01" || !text.starts_with("000201") {
        return Err(EmvFault::Version);
    }
    let once = match objects.take(1).as_deref() {
        None => None,
        Some("11") => Some(false),
        Some("12") => Some(true),
        Some(_) => return Err(EmvFault::Field(1)),
    };
    let category = digits(objects.need(52)?, 4).ok_or(EmvFault::Field(52))?;
    let currency =
        digits(objects.need(53)?, 3).and_then(|code| code.parse().ok()).ok_or(EmvFault::Currency)?;
    let amount = objects.take(54).map(|text| text.parse()).transpose()?;
    let tip = match (objects.take(55).as_deref(), objects.take(56), objects.take(57)) {
        (None, None, None) => Tip::None,
        (Some("01"), None, None) => Tip::Asked,
        (Some("02"), Some(fee), None) => Tip::Fixed(fee.parse()?),
        (Some("03"), None, Some(percent)) => Tip::Percent(percent.parse()?),
        _ => return Err(EmvFault::Tip),
    };
    let country = objects.need(58)?;
    if country.len() != 2 || !country.bytes().all(|b| b.is_ascii_uppercase()) {
        return Err(EmvFault::Field(58));
    }
    let name = text_of(59, objects.need(59)?, NAME_CHARS_MAX)?;
    let city = text_of(60, objects.need(60)?, CITY_CHARS_MAX)?;
    let postal_code = objects.take(61).map(|code| text_of(61, code, POSTAL_CHARS_MAX)).transpose()?;
    let details = objects.take(62).map(|template| details(&template)).transpose()?.unwrap_or_default();
    let local = objects.take(64).map(|template| local(&template)).transpose()?;
    let mut rest = objects.rest();
    rest.sort_by_key(|(id, _)| *id);
    let belongs_here = |id: u8| matches!(id, 2..=51 | 65..=99);
    if let Some((id, _)) = rest.iter().find(|(id, v)| !belongs_here(*id) || v.chars().any(char::is_control)) {
        return Err(EmvFault::Field(*id));
    }
    let (accounts, others): (Vec<_>, Vec<_>) = rest.into_iter().partition(|(id, _)| *id <= 51);
    let accounts: Vec<_> = accounts.into_iter().map(|(id, value)| Account { id, value }).collect();
    if accounts.is_empty() {
        return Err(EmvFault::Missing(2));
    }
    let merchant = Merchant {
        once,
        accounts,
        category,
        currency,
        amount,
        tip,
        country,
        name,
        city,
        postal_code,
        details,
        local,
        others,
    };
    merchant.check_figures()?;
    Ok(merchant)
}

impl Merchant {
    /// The payload, its objects in the order of their ids, to be shown as a code.
    ///
    /// # Errors
    /// [`EmvFault`]: a part is not as it must be, or all together are too long.
    pub fn write(&self) -> Result<String, EmvFault> {
        let mut objects = Objects::default();
        objects.put(0, "01");
        if let Some(once) = self.once {
            objects.put(1, if once { "12" } else { "11" });
        }
        for Account { id, value } in &self.accounts {
            objects.put(*id, value.as_str());
        }
        objects.put(52, self.category.as_str());
        objects.put(53, format!("{:03}", self.currency));
        if let Some(amount) = &self.amount {
            objects.put(54, amount.as_str());
        }
        match &self.tip {
            Tip::None => {}
            Tip::Asked => objects.put(55, "01"),
            Tip::Fixed(fee) => {
                objects.put(55, "02");
                objects.put(56, fee.as_str());
            }
            Tip::Percent(percent) => {
                objects.put(55, "03");
                objects.put(57, percent.as_str());
            }
        }
        objects.put(58, self.country.as_str());
        objects.put(59, self.name.as_str());
        objects.put(60, self.city.as_str());
        objects.put_some(61, self.postal_code.as_ref());
        let mut inner = Objects::default();
        for (id, value) in &self.details {
            inner.put(*id, value.as_str());
        }
        objects.put(62, inner.write()?);
        if let Some(Local { language, name, city }) = &self.local {
            let mut inner = Objects::default();
            inner.put(0, language.as_str());
            inner.put(1, name.as_str());
            inner.put_some(2, city.as_ref());
            objects.put(64, inner.write()?);
        }
        for (id, value) in &self.others {
            objects.put(*id, value.as_str());
        }
        let mut text = objects.write()?;
        text.push_str("6304");
        text.push_str(&format!("{:04X}", crc16(text.as_bytes())));
        // Whatever cannot be read as what was meant is not written.
        match read(&text)? {
            same if same == *self => Ok(text),
            _ => Err(EmvFault::Length),
        }
    }

    /// A code that Purse apps pay: for whoever prints codes for several networks at once. A request without a currency
    /// has no such code. `name` and `city` are cut to what fits.
    ///
    /// # Errors
    /// [`EmvFault`]: no currency, or a server's address that finds no room. A note that is too long is found by
    /// [`Merchant::write`].
    pub fn of_request(link: &Link, name: &str, city: &str, country: &str) -> Result<Self, EmvFault> {
        let request = &link.request;
        let mut account = Objects::default();
        account.put(0, PURSE);
        account.put(purse::HANDLE, request.to.as_str());
        if let Some(origin) = &link.origin {
            // Its most likely scheme is not worth the room.
            account.put(purse::ORIGIN, origin.shown());
        }
        let amount =
            request.sum.amount().map(|amount| amount.money().to_plain_string().parse()).transpose()?;
        let mut details = Vec::new();
        if let Some(reference) = &request.reference {
            details.push((detail::REFERENCE, reference.to_string()));
        }
        if !request.note.as_str().is_empty() {
            details.push((detail::PURPOSE, request.note.as_str().to_owned()));
        }
        Ok(Self {
            once: Some(amount.is_some()),
            accounts: vec![Account { id: 26, value: account.write()? }],
            category: "0000".to_owned(),
            currency: request.sum.currency().ok_or(EmvFault::Currency)?.numeric(),
            amount,
            tip: Tip::None,
            country: country.to_owned(),
            name: name.chars().take(NAME_CHARS_MAX).collect(),
            city: city.chars().take(CITY_CHARS_MAX).collect(),
            postal_code: None,
            details,
            local: None,
            others: Vec::new(),
        })
    }

    /// Whom to pay in Purse; `None` where no account of the shop is one.
    ///
    /// # Errors
    /// [`EmvFault::Purse`]: it says that one is, and it is none.
    pub fn purse(&self) -> Result<Option<Link>, EmvFault> {
        let templates = self.accounts.iter().filter(|account| account.id >= 26);
        let mut found = templates.filter_map(|account| {
            let mut objects = Objects::read(&account.value).ok()?;
            let ours = objects.take(0)?.eq_ignore_ascii_case(PURSE);
            ours.then_some(objects)
        });
        let Some(mut account) = found.next() else { return Ok(None) };
        if found.next().is_some() {
            return Err(EmvFault::Purse);
        }
        let to = account.need(purse::HANDLE)?.parse().map_err(|_| EmvFault::Purse)?;
        let origin = account.take(purse::ORIGIN).map(|origin| {
            let whole = if origin.contains("://") { origin } else { format!("https://{origin}") };
            whole.parse()
        });
        let sum = match self.known_currency() {
            None => return Err(EmvFault::Currency),
            Some(currency) => self.known_amount()?.map_or(Sum::In(currency), Sum::Exactly),
        };
        let said = |id: u8| self.details.iter().find(|(found, _)| *found == id).map(|(_, text)| text);
        let note = said(detail::PURPOSE).filter(|text| *text != "***");
        let note: RequestNote =
            note.map_or(Ok(RequestNote::default()), |text| text.parse()).map_err(|_| EmvFault::Field(62))?;
        // Another network's reference may have letters that ours have not.
        let reference =
            said(detail::REFERENCE).filter(|text| *text != "***").and_then(|text| text.parse().ok());
        let origin = origin.transpose().map_err(|_| EmvFault::Purse)?;
        Ok(Some(Link { request: Request { to, user: None, sum, note, reference }, origin }))
    }

    /// `None`: one that Purse does not keep.
    pub fn known_currency(&self) -> Option<Currency> {
        Currency::from_numeric(self.currency)
    }

    /// In a currency that Purse keeps.
    ///
    /// # Errors
    /// [`EmvFault::Amount`]: more decimals than the currency has, or too large.
    pub fn known_amount(&self) -> Result<Option<Amount>, EmvFault> {
        let (Some(currency), Some(amount)) = (self.known_currency(), &self.amount) else { return Ok(None) };
        amount.in_currency(currency).map(Some)
    }

    fn check_figures(&self) -> Result<(), EmvFault> {
        self.known_amount()?;
        match (&self.tip, self.known_currency()) {
            (Tip::Fixed(fee), Some(currency)) => {
                fee.in_currency(currency).map(|_| ()).map_err(|_| EmvFault::Tip)
            }
            (Tip::Percent(percent), _) if !percent.is_percent() => Err(EmvFault::Tip),
            _ => Ok(()),
        }
    }
}

/// What stands before the checksum, once that is right. It covers its own id and length.
fn checked(text: &str) -> Result<&str, EmvFault> {
    let at = text.len().checked_sub(8).ok_or(EmvFault::NoChecksum)?;
    let (body, end) = text.split_at_checked(at).ok_or(EmvFault::NoChecksum)?;
    let said = end.strip_prefix("6304").ok_or(EmvFault::NoChecksum)?;
    if !said.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(EmvFault::NoChecksum);
    }
    let right = format!("{:04X}", crc16(text.as_bytes().get(..at + 4).unwrap_or_default()));
    if said.eq_ignore_ascii_case(&right) { Ok(body) } else { Err(EmvFault::Checksum) }
}

fn digits(text: String, count: usize) -> Option<String> {
    (text.len() == count && text.bytes().all(|b| b.is_ascii_digit())).then_some(text)
}

fn text_of(id: u8, text: String, chars_max: usize) -> Result<String, EmvFault> {
    let well_formed = text.chars().count() <= chars_max && !text.chars().any(char::is_control);
    if well_formed { Ok(text) } else { Err(EmvFault::Field(id)) }
}

fn details(template: &str) -> Result<Vec<(u8, String)>, EmvFault> {
    let mut details = Objects::read(template)?.rest();
    details.sort_by_key(|(id, _)| *id);
    for (id, value) in &details {
        let own = *id < 50;
        let fits = value.chars().count() <= DETAIL_CHARS_MAX || !own;
        if !fits || value.chars().any(char::is_control) {
            return Err(EmvFault::Field(62));
        }
    }
    Ok(details)
}

fn local(template: &str) -> Result<Local, EmvFault> {
    let mut objects = Objects::read(template)?;
    let language = objects.need(0)?;
    if language.len() != 2 || !language.bytes().all(|b| b.is_ascii_alphabetic()) {
        return Err(EmvFault::Field(64));
    }
    let name = text_of(64, objects.need(1)?, NAME_CHARS_MAX)?;
    let city = objects.take(2).map(|city| text_of(64, city, CITY_CHARS_MAX)).transpose()?;
    Ok(Local { language, name, city })
}
