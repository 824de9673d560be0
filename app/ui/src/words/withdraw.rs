//! What withdrawing says.

pub const TITLE: &str = "Withdraw";
/// Before the amount.
pub const WITHDRAW: &str = "Withdraw ";
pub const FROM_LABEL: &str = "Withdraw from";
pub const TO_LABEL: &str = "To which bank account";
pub const YOU_WITHDRAW: &str = "You withdraw";
pub const NOW: &str = "It can take a few days until your bank has it";
pub const FEE_FREE: &str = "Purse takes nothing for it";
pub const NOT_WITHDRAWN: &str = "Not withdrawn";
/// Around the threshold.
pub const PASSKEY_TEXT: (&str, &str) = ("Withdrawals of ", " or more are confirmed with it.");
pub const NO_METHOD_TEXT: &str = "Money goes to a bank account that is linked to your wallet and verified.";
pub const METHOD_OFFLINE: &str = "Your bank accounts are shown as soon as there is a network.";
