//! What closing an account says: what goes, what stays and why, and what stands in the way.

pub const TITLE: &str = "Close account";
pub const IN_SHORT: &str = "For good, on all your devices";
pub const GOES_TITLE: &str = "What goes";
pub const GOES: &str = "Your name, your passkeys, the names of your devices, your notes and contacts, and the words that you wrote to payments. Nobody can sign in again, and nobody can pay you.";
pub const STAYS_TITLE: &str = "What stays";
pub fn handle_stays(handle: &str) -> String {
    format!("@{handle} stays taken, so that nobody can pose as you. You cannot have it again either.")
}
pub const LEDGER_STAYS: &str = "Your payments stay in the ledger for as long as the law asks, under numbers that name nobody. Receipts of them can still be checked.";
pub const OTHERS_KEEP: &str =
    "People you paid keep what their own devices know of it, your name then included.";
pub const FIRST_TITLE: &str = "Before you can close it";
pub fn money_left(amount: &str) -> String {
    format!("{amount} is in your wallets. Withdraw it or pay it.")
}
pub const UNDER_WAY: &str = "Payments of yours are still under way. Wait for them, or take them back.";
pub const PLANNED: &str = "Payments are planned. End the plans.";
pub const OFFLINE: &str = "This needs a network.";
pub const CLOSE: &str = "Close my account";
pub const SURE: &str = "Close it for good?";
pub const SURE_TEXT: &str = "This cannot be undone, by you or by Purse. Your passkey confirms it.";
pub const STAY: &str = "Keep my account";
pub const ANYWAY: &str = "Close it for good";
/// In place of a name: the other side of an old payment.
pub const CLOSED_ACCOUNT: &str = "Closed account";
