//! What asking for money says. A request is not a payment: nothing came until it is settled.

use purse_bridge::AskedState;

pub const TITLE: &str = "Ask for money";
pub fn title_for(name: &str) -> String {
    format!("Ask {name}")
}
pub const IN: &str = "Ask in";
pub const ANY_AMOUNT: &str = "Leave it empty, and the payer chooses the amount.";
pub const NOTE: &str = "What it is for";
pub const NOTE_PLACEHOLDER: &str = "What is it for?";
pub const MAKE: &str = "Make a code";
/// Before the amount.
pub const ASK_FOR: &str = "Ask for ";
pub const NO_WALLET_TEXT: &str = "Open a wallet to be paid into.";

pub fn code_label(name: &str, amount: Option<&str>) -> String {
    match amount {
        Some(amount) => format!("Code to pay {name} {amount}"),
        None => format!("Code to pay {name}"),
    }
}
pub const OPEN_AMOUNT: &str = "Any amount";
pub fn to_me(name: &str, handle: &str) -> String {
    format!("to {name}, @{handle}")
}
pub const fn state(state: AskedState) -> &'static str {
    match state {
        AskedState::Waiting => "Waiting for payment",
        AskedState::Part => "Not all of it yet",
        AskedState::Paid => "Paid",
    }
}
pub const PAID_BY: &str = "Came for it";
pub const COPY: &str = "Copy the link";
pub const COPIED: &str = "The link is copied";
pub const NOT_COPIED: &str = "It could not be copied. Select it here and copy it by hand.";
/// The address; what follows it is for machines.
pub fn short(link: &str) -> String {
    let address = link.split_once('#').map_or(link, |(address, _)| address);
    format!("{}#…", address.trim_start_matches("https://"))
}
pub const SHARE: &str = "Share the link";
pub const SHARE_SUB: &str = "By message, mail or another app";
pub const PICTURE: &str = "Save the code as a picture";
pub const PICTURE_SUB: &str = "To print it or to send it";
pub const NO_PICTURE: &str = "This browser cannot draw the picture. Share the link instead.";
pub fn share_text(name: &str, amount: Option<&str>, note: &str) -> String {
    let what = amount.map_or_else(String::new, |amount| format!(" for {amount}"));
    let why = if note.is_empty() { String::new() } else { format!(": {note}") };
    format!("{name} asks you{what}{why}")
}
pub fn send_it_to(name: &str) -> String {
    format!("Show {name} the code or send the link: Purse does not send it for you.")
}
pub const FINE: &str =
    "The code works without a network. Money counts once it is settled, and then stands here.";
pub const CHANGE: &str = "Change it";
