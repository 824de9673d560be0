//! What asking for money says. A request is not a payment: nothing came until it is settled.

use crate::format::{Format, plural};
use purse_bridge::limits::{DAY_MS, REQUEST_LIFE_MS};
use purse_bridge::{AskedState, OwnRequest, UnixMillis};

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
        AskedState::OtherCurrency => "Another currency came",
        AskedState::Part => "Not all of it yet",
        AskedState::Paid => "Paid",
        AskedState::Over => "Paid, and more",
    }
}
/// "€10.00 came today; €8.50 is still missing". `None` where nothing ever came.
pub fn came(request: &OwnRequest, format: Format) -> Option<String> {
    let OwnRequest { state, came, payments, .. } = request;
    let ago = format.ago(request.came_at?);
    if came.is_empty() {
        return Some("What came for it was given back".to_owned());
    }
    let all = came.iter().map(|money| format.money(*money)).collect::<Vec<_>>().join(" and ");
    let when = if *payments == 1 { ago } else { format!("in {payments} payments, the last {ago}") };
    let asked = request.sum.amount().map(|amount| amount.money());
    let there = asked.and_then(|asked| came.iter().find(|money| money.currency == asked.currency));
    let rest = match (state, asked.zip(there)) {
        (AskedState::Part, Some((asked, there))) => {
            asked.minus(*there).map(|missing| format!("; {} is still missing", format.money(missing))).ok()
        }
        (AskedState::Over, Some((asked, there))) => {
            there.minus(asked).map(|more| format!("; {} more than you asked for", format.money(more))).ok()
        }
        (AskedState::OtherCurrency, _) => {
            request.sum.currency().map(|currency| format!("; you asked for {}", plural(currency)))
        }
        _ => None,
    };
    Some(format!("{all} came {when}{}", rest.unwrap_or_default()))
}
pub fn made(at: UnixMillis, format: Format) -> String {
    format!("Asked {}", format.ago(at))
}
pub fn kept_until(at: UnixMillis, format: Format) -> String {
    format!("It stays in your requests until {}, on all your devices.", format.date(at))
}
pub const REQUESTS: &str = "Your requests";
/// The way there, with how many of them wait.
pub fn requests(waiting: usize) -> String {
    if waiting == 0 { REQUESTS.to_owned() } else { format!("{REQUESTS}: {waiting} waiting") }
}
pub const WAITING: &str = "Waiting";
pub const PAID: &str = "Paid";
pub const NONE_TITLE: &str = "No requests";
pub const NONE_TEXT: &str = "What you ask for stands here, with what came for it.";
pub fn rules() -> String {
    let days = REQUEST_LIFE_MS / DAY_MS;
    format!(
        "A request stays here for {days} days. Its code can be paid after that too: the money stands in your activity."
    )
}
pub const GONE_TITLE: &str = "This request is not here";
pub const GONE_TEXT: &str = "It may be over, removed on another device, or another person’s.";
pub const SEE_REQUESTS: &str = "See your requests";
pub fn newest(shown: usize, all: usize) -> String {
    format!("The newest {shown} of {all}. The others stand in your activity.")
}
pub const DISMISS: &str = "Remove this request";
pub const DISMISS_TITLE: &str = "Remove this request?";
pub const fn dismiss_text(is_paid: bool) -> &'static str {
    if is_paid {
        "It leaves the list on all your devices. What was paid stays in your activity."
    } else {
        "It leaves the list on all your devices. Whoever has the code or the link can still pay it: the money then stands in your activity."
    }
}
pub const DISMISS_YES: &str = "Remove it";
pub const DISMISS_NO: &str = "Keep it";
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
