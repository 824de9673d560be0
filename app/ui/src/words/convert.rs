//! What converting between one's own wallets says. The word for it is an offer: nobody needs to know what a quote is.

use purse_bridge::Network;

pub const TITLE: &str = "Convert";
/// Before the amount.
pub const CONVERT: &str = "Convert ";
pub const FROM_LABEL: &str = "Convert from";
pub const TO_LABEL: &str = "Into";
pub const SEE_RATE: &str = "See the rate";
pub const ASKING: &str = "Asking for the rate";
pub const YOU_GET: &str = "You get";
pub const YOU_GIVE: &str = "You give";
pub const RATE: &str = "Rate";
pub const RATE_NOTE: &str = "in the middle of the market";
pub const KEPT: &str = "Purse keeps";
pub fn kept_note(percent: &str) -> String {
    format!("{percent} %, taken off what you get")
}
pub const HOLDS: &str = "This offer holds for a minute.";
pub const OVER_TITLE: &str = "This offer is over";
pub const OVER_TEXT: &str = "Rates change. Ask for a new one.";
pub const NONE_TITLE: &str = "There is no offer";
pub const NONE_TEXT: &str = "The rate could not be had. Nothing was converted.";
pub const ASK_AGAIN: &str = "Ask for a new offer";
pub fn later(network: Network) -> String {
    format!("Money can be converted {}", super::network::when(network))
}
pub const NOT_CONVERTED: &str = "Not converted";
pub const NO_WALLET_TITLE: &str = "Nothing to convert yet";
pub const NO_WALLET_TEXT: &str = "Open a wallet and add money to it first.";
