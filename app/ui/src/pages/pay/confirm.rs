//! The act of a review: what it does with how much, and that a passkey confirms it.

use crate::parts::{Banner, BannerKind, Button, ButtonKind, Icon, IconSvg, MoneyText};
use crate::words::pay as say;
use dioxus::prelude::*;
use purse_bridge::{Amount, Money};

/// From which amount on the passkey is needed. `text`: around that amount.
#[component]
pub fn PasskeyNote(from: Money, text: (&'static str, &'static str)) -> Element {
    rsx! {
        Banner { kind: BannerKind::Info, icon: Icon::Passkey, quiet: true,
            strong { {say::PASSKEY_TITLE} }
            {text.0}
            MoneyText { amount: from }
            {text.1}
        }
    }
}

/// `act` stands before the amount, `with` after it.
#[component]
pub fn ConfirmButton(
    act: &'static str,
    amount: Amount,
    with: &'static str,
    passkey: bool,
    busy: bool,
    disabled: bool,
    test: &'static str,
    #[props(default)] kind: ButtonKind,
    onconfirm: EventHandler<()>,
) -> Element {
    rsx! {
        Button {
            kind,
            block: true,
            busy,
            disabled,
            test,
            onclick: move |()| onconfirm.call(()),
            if passkey {
                IconSvg { icon: Icon::Passkey, size: "s" }
            }
            span {
                "{act}"
                MoneyText { amount: amount.money() }
                "{with}"
            }
        }
    }
}
