//! What adding money says.

use purse_bridge::Network;

pub const TITLE: &str = "Add money";
/// Before the amount.
pub const ADD: &str = "Add ";
pub const ADD_TO: &str = "Add to";
pub fn to_wallet(name: &str) -> String {
    format!("To {name}")
}
pub fn ends_in(hint: &str) -> String {
    format!("Ends in {hint}")
}
pub const METHOD_UNVERIFIED: &str = "Not verified yet";
pub const NO_METHOD_TITLE: &str = "No bank account is linked";
pub const NO_METHOD_TEXT: &str = "Money is added from a bank account that is linked to your wallet.";
pub const TRY_AGAIN: &str = "Look again";
pub const NOT_VERIFIED: &str = "Money can be added once your bank account is verified.";
pub fn later(network: Network) -> String {
    format!("Money can be added {}", super::network::when(network))
}
pub const ON_ITS_WAY: &str = "From your bank";
pub const DEPOSIT_PENDING: &str = "Waits for the bank";
pub const DEPOSIT_SET_ASIDE: &str = "Set aside: it does not fit into this wallet. Ask us about it.";
pub const DEPOSIT_FAILED: &str = "Not paid by the bank. Nothing was added.";
