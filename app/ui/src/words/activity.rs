//! What the activity page says.

use super::{BETWEEN_WALLETS, FEE, FROM_BANK, SET_ASIDE, TO_BANK};
use purse_bridge::{Filter, PaymentKind};

pub const TITLE: &str = "Activity";
pub const SEARCH_LABEL: &str = "Search payments and notes";
pub const FILTER_LABEL: &str = "Filter";
pub fn filter(filter: Filter) -> &'static str {
    match filter {
        Filter::All => "All",
        Filter::In => "In",
        Filter::Out => "Out",
        Filter::Waiting => "Queued",
        Filter::Refused => "Refused",
    }
}
pub const EMPTY_TITLE: &str = "Nothing here yet";
pub const EMPTY_TEXT: &str = "Payments you send and receive are listed here, offline ones too.";
pub const NONE_FOUND: &str = "Nothing found";
pub fn none_of(filter: Filter) -> &'static str {
    match filter {
        Filter::All => "No payment on this device fits your search.",
        Filter::In => "No money has come in that fits.",
        Filter::Out => "No payment of yours fits.",
        Filter::Waiting => "Nothing is queued.",
        Filter::Refused => "Nothing was refused.",
    }
}
pub const CLEAR_SEARCH: &str = "Show everything";
/// What a list shows for these in place of a name: it can be searched for.
pub fn kinds() -> Vec<(PaymentKind, String)> {
    let kinds = [
        (PaymentKind::Deposit, FROM_BANK),
        (PaymentKind::Withdrawal, TO_BANK),
        (PaymentKind::Exchange, BETWEEN_WALLETS),
        (PaymentKind::Fee, FEE),
        (PaymentKind::SetAside, SET_ASIDE),
    ];
    kinds.into_iter().map(|(kind, name)| (kind, name.to_owned())).collect()
}
pub const LOAD_OLDER: &str = "Load older payments";
pub const LOAD_MORE_FOUND: &str = "Show more of them";
pub const THIS_MONTH: &str = "This month";
pub fn found(count: usize) -> String {
    match count {
        1 => "1 payment".into(),
        _ => format!("{count} payments"),
    }
}
pub const ADD_MONEY: &str = "Add money";
