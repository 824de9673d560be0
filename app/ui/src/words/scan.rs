//! What scanning says: what was read, and what can be done with it. Nothing is paid by reading.

use crate::format::Format;
use purse_bridge::{EmvFault, EpcFault, LinkFault, Price, ScanError, Sum, TipView};

pub const TITLE: &str = "Scan a code";
pub const READ_TITLE: &str = "What it says";
pub const POINT: &str = "Point the camera at a code.";
pub const STARTING: &str = "The camera is starting.";
pub const CAMERA: &str = "Camera picture";
pub const NOTHING_PAID: &str = "Reading a code pays nothing. You see what it asks for first.";

pub const DENIED: (&str, &str) = (
    "The camera is not allowed",
    "Allow it for this page in the browser's settings. You can paste the link or choose a picture instead.",
);
pub const NO_CAMERA: (&str, &str) = (
    "There is no camera",
    "None was found, or another app uses it. You can paste the link or choose a picture instead.",
);
pub const UNSUPPORTED: (&str, &str) =
    ("The camera cannot be used here", "You can paste the link or choose a picture instead.");
pub const NO_READER: (&str, &str) = (
    "Codes cannot be read now",
    "What reads them could not be loaded. You can paste the link instead, or try again with a network.",
);
pub const TRY_AGAIN: &str = "Try again";

pub const PASTE: &str = "Link, or what a code says";
pub const PASTE_PLACEHOLDER: &str = "Paste a link, or all lines of a code";
pub const READ: &str = "Read it";
pub const CHOOSE_PICTURE: &str = "Choose a picture";
pub const PICTURE_FIELD: &str = "Picture of a code";
pub const LOOKING: &str = "Looking for a code";
pub const NO_CODE: &str =
    "No code could be read in this picture. Take it closer, straight and in good light.";
pub const NO_PICTURE: &str = "This file is not a picture.";

pub const AGAIN: &str = "Scan another";
pub const READING: &str = "Reading";

pub const OWN: (&str, &str) = ("This is your own request", "Show it to who is to pay you.");
pub fn blocked(handle: &str) -> (String, &'static str) {
    (format!("You blocked @{handle}"), "To pay them, lift the block on their page first.")
}
pub const SEE_THEM: &str = "See their page";
pub fn somebody_else(handle: &str) -> (String, &'static str) {
    (
        format!("This is not @{handle} as you know them"),
        "The request names another person than the one who has this handle. Ask them for a new one.",
    )
}
pub fn elsewhere(at: &str) -> (&'static str, String) {
    (
        "A request on another Purse server",
        format!("It is for somebody at {at}. Payments between servers are not possible: open it there."),
    )
}

// A currency without a wallet.
pub fn asks_in(name: &str, currency: &str) -> String {
    format!("{name} asks for {currency}")
}
pub const NO_SUCH_WALLET: &str = "You have no wallet in it. Open one, and add money or convert some into it.";
pub fn open_wallet(currency: &str) -> String {
    format!("Open a {currency} wallet")
}
pub const GO_ON: &str = "Go on to the payment";

// A bank transfer.
pub const TRANSFER_TITLE: &str = "A bank transfer";
pub const TRANSFER_TEXT: &str =
    "Purse cannot pay other people's bank accounts yet. This is what it says: pay it in your bank's app.";
pub const NAME: &str = "To";
pub const IBAN: &str = "IBAN";
pub const BIC: &str = "BIC";
pub const AMOUNT: &str = "Amount";
pub const REFERENCE: &str = "Reference";
pub const TEXT: &str = "Text";
pub const OPEN: &str = "Open";
pub const COPY_IBAN: &str = "Copy the IBAN";
pub const COPIED: &str = "Copied";
pub fn own_account(bank: &str, digits: &str) -> String {
    format!("It ends in {digits} like your account at {bank}. If it is yours, withdraw to it.")
}
pub const WITHDRAW: &str = "Withdraw to your bank";

// A shop.
pub const SHOP_TITLE: &str = "A shop's code";
pub const SHOP_TEXT: &str = "This shop cannot be paid with Purse. This is what its code says.";
pub const SHOP_FEE_TEXT: &str =
    "This shop takes Purse, but adds a fee that Purse cannot pay. Ask for a code without it.";
pub const PLACE: &str = "Place";
pub const ON_TOP: &str = "On top";
pub fn price(price: &Price, format: Format) -> String {
    match price {
        Price::Known(Sum::Exactly(amount)) => format.money(amount.money()),
        Price::Known(_) | Price::Foreign { figures: None, .. } => OPEN.to_owned(),
        Price::Foreign { currency, figures: Some(figures) } => {
            format!("{figures}, in a currency that Purse does not keep (number {currency:03})")
        }
    }
}
/// `None`: nothing comes on top.
pub fn tip(tip: &TipView) -> Option<String> {
    match tip {
        TipView::None => None,
        TipView::Asked => Some("A tip, if you like".to_owned()),
        TipView::Fixed { figures } => Some(format!("A fee of {figures}")),
        TipView::Percent { figures } => Some(format!("A fee of {figures} %")),
    }
}

/// What it looked like, and what is wrong with it.
pub fn unreadable(error: ScanError) -> (&'static str, String) {
    match error {
        ScanError::Empty => ("There is nothing to read", "Paste a link, or scan a code.".to_owned()),
        ScanError::TooLong => {
            ("This is too long", "It is longer than anything that asks for money.".to_owned())
        }
        ScanError::Unknown => (
            "This does not ask for money",
            "Purse reads its own links and codes, SEPA transfers and shops' codes.".to_owned(),
        ),
        ScanError::Link(fault) => {
            ("This request cannot be used", format!("{} Ask for a new one.", link(fault)))
        }
        ScanError::Transfer(fault) => {
            ("This transfer cannot be read", format!("{} Nothing was paid.", transfer(fault)))
        }
        ScanError::Merchant(fault) => {
            ("This shop's code cannot be read", format!("{} Nothing was paid.", merchant(fault)))
        }
    }
}
const fn link(fault: LinkFault) -> &'static str {
    match fault {
        LinkFault::Version => "It was made by a newer Purse.",
        LinkFault::Repeated => "It says one thing twice.",
        LinkFault::Encoding => "Its text is damaged.",
        LinkFault::NoPayee => "It does not say whom to pay.",
        LinkFault::Handle | LinkFault::User => "It names nobody who could be paid.",
        LinkFault::Amount => "Its amount is none, or does not fit the currency.",
        LinkFault::Currency => "It asks in a currency that Purse does not keep.",
        LinkFault::Note => "Its note is too long.",
        LinkFault::Reference => "Its reference is damaged.",
        LinkFault::Origin => "It names a server that is none.",
    }
}
const fn transfer(fault: EpcFault) -> &'static str {
    match fault {
        EpcFault::TooLong | EpcFault::TooManyLines => "It is longer than such a code may be.",
        EpcFault::CutOff => "A part of it is missing.",
        EpcFault::Version => "It is of a kind that Purse does not know.",
        EpcFault::Characters => "It is written in letters that Purse does not read.",
        EpcFault::Service => "It is not a SEPA transfer.",
        EpcFault::Bic => "The bank's BIC is wrong or missing.",
        EpcFault::Name => "The payee's name is missing or too long.",
        EpcFault::Iban => "The IBAN is wrong: a digit does not fit the others.",
        EpcFault::Amount => "The amount is none, or not in euros.",
        EpcFault::Purpose => "Its purpose is damaged.",
        EpcFault::Reference => "The reference is wrong: a digit does not fit the others.",
        EpcFault::Text => "Its text is too long.",
    }
}
const fn merchant(fault: EmvFault) -> &'static str {
    match fault {
        EmvFault::TooLong => "It is longer than such a code may be.",
        EmvFault::CutOff | EmvFault::Missing(_) => "A part of it is missing.",
        EmvFault::Length | EmvFault::Repeated | EmvFault::Field(_) => "A part of it is damaged.",
        EmvFault::Checksum | EmvFault::NoChecksum => {
            "It was read wrongly or changed: its check digits do not fit."
        }
        EmvFault::Version => "It is of a kind that Purse does not know.",
        EmvFault::Amount => "The amount is none, or does not fit the currency.",
        EmvFault::Currency => "It asks in a currency that Purse does not keep.",
        EmvFault::Tip => "What it adds on top contradicts itself.",
        EmvFault::Purse => "It names nobody who could be paid.",
    }
}

/// On the payment that a request filled in.
pub const FILLED_IN: &str = "Filled in from a request";
pub const FILLED_IN_TEXT: &str = "Look at it first: nothing is paid until you confirm.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_is_said_in_a_sentence() {
        for error in [
            ScanError::Empty,
            ScanError::TooLong,
            ScanError::Unknown,
            ScanError::Link(LinkFault::NoPayee),
            ScanError::Transfer(EpcFault::Iban),
            ScanError::Merchant(EmvFault::Missing(58)),
        ] {
            let (title, text) = unreadable(error);
            assert!(!title.ends_with('.') && text.ends_with('.') && !text.contains("58"), "{title}: {text}");
        }
    }

    #[test]
    fn what_a_shop_asks_is_told_as_it_is() {
        let format = Format::new("en-GB", |_| 0, 0);
        let foreign = Price::Foreign { currency: 36, figures: Some("23.72".into()) };
        assert!(price(&foreign, format).starts_with("23.72") && price(&foreign, format).contains("036"));
        assert_eq!(price(&Price::Known(Sum::Open), format), "Open");
        assert_eq!(tip(&TipView::Percent { figures: "12.5".into() }).as_deref(), Some("A fee of 12.5 %"));
        assert_eq!(tip(&TipView::None), None);
    }
}
