//! Payments that Purse cannot make: what was read, as it is, for whoever can.

use crate::app::Route;
use crate::browser;
use crate::parts::{Banner, BannerKind, Button, ButtonKind, ButtonLink, Icon, MoneyText, Screen, TopBar};
use crate::state::use_format;
use crate::words::scan as say;
use dioxus::prelude::*;
use purse_bridge::{ShopView, TransferView};

#[component]
pub fn TransferFacts(transfer: TransferView, onagain: EventHandler<()>) -> Element {
    let mut copied = use_signal(|| false);
    let iban = transfer.iban.clone();
    rsx! {
        Screen { title: say::TRANSFER_TITLE, kind: "narrow",
            TopBar { title: say::TRANSFER_TITLE, back: true }
            div { class: "Screen__scroll", "data-test": "scanned", "data-kind": "transfer",
                Banner { kind: BannerKind::Info, quiet: true, {say::TRANSFER_TEXT} }
                dl { class: "Card Facts",
                    Fact { name: say::NAME, value: transfer.name.clone() }
                    Fact { name: say::IBAN, value: grouped(&transfer.iban), test: "scanned-iban" }
                    if let Some(bic) = transfer.bic.clone() {
                        Fact { name: say::BIC, value: bic }
                    }
                    div {
                        dt { {say::AMOUNT} }
                        dd {
                            if let Some(amount) = transfer.amount {
                                MoneyText { amount: amount.money() }
                            } else {
                                {say::OPEN}
                            }
                        }
                    }
                    if let Some(reference) = transfer.reference.clone() {
                        Fact { name: say::REFERENCE, value: reference }
                    }
                    if let Some(text) = transfer.text.clone() {
                        Fact { name: say::TEXT, value: text }
                    }
                }
                if let Some(own) = &transfer.own {
                    Banner { kind: BannerKind::Plain, icon: Icon::Bank, quiet: true, test: "scanned-own-bank",
                        {say::own_account(&own.name, &own.hint)}
                    }
                }
                p { class: "sr-only", role: "status",
                    if copied() {
                        {say::COPIED}
                    }
                }
            }
            footer { class: "Screen__foot",
                if transfer.own.is_some() {
                    ButtonLink { to: Route::Withdraw {}, block: true, test: "scanned-withdraw", {say::WITHDRAW} }
                }
                Button {
                    kind: if transfer.own.is_some() { ButtonKind::Soft } else { ButtonKind::Primary },
                    block: true,
                    test: "scanned-copy",
                    onclick: move |()| {
                        let iban = iban.clone();
                        spawn(async move { copied.set(browser::copy(iban).await) });
                    },
                    if copied() {
                        {say::COPIED}
                    } else {
                        {say::COPY_IBAN}
                    }
                }
                Button { kind: ButtonKind::Quiet, block: true, test: "scan-again", onclick: move |()| onagain.call(()), {say::AGAIN} }
            }
        }
    }
}

#[component]
pub fn ShopFacts(shop: ShopView, onagain: EventHandler<()>) -> Element {
    let format = use_format();
    rsx! {
        Screen { title: say::SHOP_TITLE, kind: "narrow",
            TopBar { title: say::SHOP_TITLE, back: true }
            div { class: "Screen__scroll", "data-test": "scanned", "data-kind": "shop",
                Banner { kind: BannerKind::Info, quiet: true,
                    if shop.takes_purse {
                        {say::SHOP_FEE_TEXT}
                    } else {
                        {say::SHOP_TEXT}
                    }
                }
                dl { class: "Card Facts",
                    Fact { name: say::NAME, value: shop.name.clone() }
                    Fact { name: say::PLACE, value: shop.city.clone() }
                    Fact { name: say::AMOUNT, value: say::price(&shop.price, format), test: "scanned-price" }
                    if let Some(tip) = say::tip(&shop.tip) {
                        Fact { name: say::ON_TOP, value: tip }
                    }
                }
            }
            footer { class: "Screen__foot",
                Button { kind: ButtonKind::Soft, block: true, test: "scan-again", onclick: move |()| onagain.call(()), {say::AGAIN} }
            }
        }
    }
}

#[component]
fn Fact(name: &'static str, value: String, #[props(default)] test: &'static str) -> Element {
    rsx! {
        div {
            dt { {name} }
            dd { "data-test": if !test.is_empty() { test }, bdi { "{value}" } }
        }
    }
}

/// `BE72 0000 0000 1616`
fn grouped(iban: &str) -> String {
    let letters: Vec<char> = iban.chars().collect();
    letters.chunks(4).map(|four| four.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn an_iban_is_written_in_fours() {
        assert_eq!(grouped("BE72000000001616"), "BE72 0000 0000 1616");
        assert_eq!(grouped("NO9386011117947"), "NO93 8601 1117 947");
        assert_eq!(grouped(""), "");
    }
}
