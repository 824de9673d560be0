//! Of a review: out of which wallet it goes, what is taken on top, and both together.

use crate::parts::MoneyText;
use crate::words::pay as say;
use dioxus::prelude::*;
use purse_bridge::{Amount, Money};

/// What leaves the wallet.
pub fn in_all(amount: Amount, fee: Money) -> Money {
    amount.money().plus(fee).unwrap_or(amount.money())
}

/// Rows of a `dl.Facts`. `left`: in the wallet afterwards, where that is known. `free`: what stands under no fee.
#[component]
pub fn Costs(amount: Amount, fee: Money, free: &'static str, left: Option<Money>, hidden: bool) -> Element {
    rsx! {
        div {
            dt { {say::FROM} }
            dd {
                {amount.currency().name()}
                if let Some(left) = left {
                    small {
                        MoneyText { amount: left, hidden }
                        " {say::LEFT_AFTER}"
                    }
                }
            }
        }
        div {
            dt { {say::FEE} }
            dd {
                MoneyText { amount: fee }
                small { if fee.minor == 0 { {free} } else { {say::FEE_ON_TOP} } }
            }
        }
        if fee.minor != 0 {
            div {
                dt { {say::IN_ALL} }
                dd { MoneyText { amount: in_all(amount, fee) } }
            }
        }
    }
}
