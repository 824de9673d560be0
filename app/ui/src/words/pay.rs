//! What the pay flow says.

use purse_bridge::{MoneyError, Network};

pub const PAY: &str = "Pay";
pub const REVIEW: &str = "Review";
pub const NEXT: &str = "Next";
pub const CHANGE: &str = "Change";
pub const DONE: &str = "Done";
pub const BACK: &str = "Back";

// Who.
pub const WHO_LABEL: &str = "Name or handle";
pub const WHO_PLACEHOLDER: &str = "Name or @handle";
pub const RECENT: &str = "Recent";
pub const CONTACTS: &str = "Contacts";
pub const NO_CONTACTS_TITLE: &str = "Who do you want to pay?";
pub const NO_CONTACTS_TEXT: &str = "Type their handle above. People you pay are listed here.";
pub const HANDLE_NEEDED: &str = "Type the whole handle: 3 to 30 letters and digits, without spaces.";
pub const OWN_HANDLE: &str = "This is your own handle.";
pub const OWN_HANDLE_TEXT: &str = "Choose somebody else to pay.";
pub const HANDLE_WRONG_TITLE: &str = "This is not a handle";
pub const HANDLE_WRONG_TEXT: &str = "A handle has 3 to 30 small letters and digits, and no spaces.";
pub const CHOOSE_OTHER: &str = "Choose somebody else";

pub fn looks_up(handle: &str) -> String {
    format!("Next looks up who has the handle @{handle}.")
}
pub const NAME_CHECKED: &str = "Name checked";
pub const NAME_KNOWN: &str = "In your contacts";
pub const PAID_BEFORE: &str = "Paid before";
pub fn paid_before(handle: &str) -> String {
    format!("@{handle}, paid before")
}
pub const NAME_LATER: &str = "Name is checked when sent";
pub const NAME_ASKING: &str = "Looking up the name";
pub fn nobody_has(handle: &str) -> String {
    format!("Nobody has the handle @{handle}")
}
pub const NOBODY_TEXT: &str = "Check how it is written, or ask for it again.";

// Amount.
pub fn message_to(name: &str) -> String {
    format!("Message to {name}")
}
pub const MESSAGE_PLACEHOLDER: &str = "What is it for?";
pub const WALLET_CHOICE: &str = "Pay from";
pub fn from_wallet(name: &str) -> String {
    format!("From {name}")
}
pub fn frozen(wallet: &str) -> String {
    format!("Your {wallet} wallet is frozen. Choose another one.")
}
pub fn left_after_queue(left: &str, queued: bool) -> String {
    if queued {
        format!("{left} is left here after what is queued.")
    } else {
        format!("{left} is available here.")
    }
}
/// After what is left.
pub fn fee_comes_on_top(fee: &str) -> String {
    format!("The fee of {fee} comes on top.")
}
pub fn too_little(wallet: &str) -> String {
    format!("There is less than that in {wallet}.")
}
pub fn amount_wrong(wrong: MoneyError, currency_name: &str, exponent: u8) -> String {
    match wrong {
        MoneyError::TooManyDecimals if exponent == 0 => format!("{currency_name} has no decimals."),
        MoneyError::TooManyDecimals => format!("{currency_name} has {exponent} decimals."),
        MoneyError::OutOfBounds => "This is more than can be paid at once.".into(),
        MoneyError::NotANumber | MoneyError::NotPositive | MoneyError::CurrencyMismatch => {
            "This is not an amount.".into()
        }
    }
}
pub const ADD_MONEY: &str = "Add money";
pub const NO_WALLET_TITLE: &str = "No wallet yet";
pub const NO_WALLET_TEXT: &str = "Open a wallet to pay from.";
pub const GO_HOME: &str = "Go home";
pub fn letters_left(room: usize) -> String {
    match room {
        0 => "No more fits in.".into(),
        _ => format!("About {room} letters left"),
    }
}

// Review.
pub const YOU_PAY: &str = "You pay";
pub const ARRIVES_NOW: &str = "Arrives in seconds";
pub const ARRIVES_LATER: &str = "Will be sent when you are back online";
pub const ARRIVES_SIGNED_IN: &str = "Will be sent when you have signed in again";
pub const ARRIVES_NEVER: &str = "Would be refused: this device was removed";
pub const ARRIVES_UPDATED: &str = "Will be sent when Purse is up to date";
pub fn when_it_arrives(network: Network) -> &'static str {
    match network {
        Network::Connecting | Network::Online => ARRIVES_NOW,
        Network::Offline { .. } => ARRIVES_LATER,
        Network::SignInNeeded { revoked: true } => ARRIVES_NEVER,
        Network::SignInNeeded { revoked: false } => ARRIVES_SIGNED_IN,
        Network::UpdateNeeded => ARRIVES_UPDATED,
    }
}
pub fn name_matches(handle: &str) -> String {
    format!("The name matches @{handle}")
}
pub fn known_as(handle: &str) -> String {
    format!("Your contact @{handle}")
}
pub fn name_when_sent(handle: &str) -> String {
    format!("@{handle} will be checked when sent")
}
pub fn registered_as(name: &str) -> String {
    format!("Registered as {name}")
}
pub const FROM: &str = "From";
pub const LEFT_AFTER: &str = "left after";
pub const FEE: &str = "Fee";
pub const FEE_ON_TOP: &str = "On top of it, for Purse";
pub const IN_ALL: &str = "In all";
pub const FEE_FREE: &str = "Free between Purse users";
pub const PRIVATE_NOTE: &str = "Private note";
pub const PRIVATE_NOTE_HINT: &str = "Only you can read it.";
pub const ASKS_NAME_TITLE: &str = "The name is not known yet";
pub const ASKS_NAME_TEXT: &str = "Once it is, you will be asked to confirm it before anything is paid.";
pub const PASSKEY_TITLE: &str = "Your passkey is needed";
/// Around the threshold.
pub const PASSKEY_TEXT: (&str, &str) =
    ("Payments of ", " or more are confirmed with it. It seals this payee and this amount.");
pub const MAY_BE_DROPPED_TITLE: &str = "This browser may clear its storage";
pub const MAY_BE_DROPPED_TEXT: &str = "If it does before you are back online, this payment is lost and nothing is taken. Keep Purse installed or open until it was sent.";

/// Before the amount and after it.
pub fn confirm(network: Network, passkey: bool) -> (&'static str, &'static str) {
    let act = if network == Network::Online { "Pay " } else { "Queue " };
    (act, if passkey { " with passkey" } else { "" })
}
pub const CONFIRM_BUSY: &str = "One moment";

pub const REVOKED_TITLE: &str = "This device was removed from your account";
pub const REVOKED_TEXT: &str = "It can pay nothing. Sign in with your passkey first.";
pub const OTHER_WALLET: &str = "Pay from another wallet";
/// Before the amount that is missing.
pub const ADD: &str = "Add ";
pub const LOADING: &str = "Your wallets are being loaded.";
pub const LOADING_OFFLINE: &str = "Your wallets are shown as soon as there is a network.";

pub const REPEAT_TITLE: &str = "The same once more?";
/// Before the amount and after it.
pub fn repeat_text(name: &str, minutes: i64) -> (&'static str, String) {
    let ago = match minutes {
        ..=0 => "less than a minute ago".to_owned(),
        1 => "a minute ago".to_owned(),
        _ => format!("{minutes} minutes ago"),
    };
    ("You ordered ", format!(" to {name} {ago}."))
}
pub const REPEAT_AGAIN: &str = " again";
pub const REPEAT_NO: &str = "Leave it at one";
