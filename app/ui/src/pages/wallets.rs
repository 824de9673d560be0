//! Balances as notes, and what one opens from them: a wallet's figures, or a wallet in another currency.

use crate::app::Route;
use crate::parts::{
    Banner, BannerKind, ButtonKind, ButtonLink, Coin, Icon, IconSvg, MoneySize, MoneyText, Rosette, Sheet,
    ink,
};
use crate::state::{use_format, use_open, use_send, use_view};
use dioxus::prelude::*;
use purse_bridge::{Command, Currency, Money, Network, Open, WalletId, WalletView};

/// What stands below the balance on its card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Below {
    Frozen,
    AfterQueue(Money),
    Available(Money),
    AllAvailable,
}

fn below(wallet: &WalletView) -> Below {
    if wallet.frozen {
        Below::Frozen
    } else if wallet.after_queue != wallet.available {
        Below::AfterQueue(wallet.after_queue)
    } else if wallet.available != wallet.balance {
        Below::Available(wallet.available)
    } else {
        Below::AllAvailable
    }
}

#[component]
pub fn WalletCard(wallet: WalletView, hidden: bool, onclick: EventHandler<()>) -> Element {
    let currency = wallet.balance.currency;
    rsx! {
        button {
            class: "WalletCard",
            r#type: "button",
            "data-note": ink(currency),
            "data-test": "home-balance-{currency}",
            "data-minor": "{wallet.balance.minor}",
            "data-available": "{wallet.available.minor}",
            "data-after-queue": "{wallet.after_queue.minor}",
            onclick: move |_| onclick.call(()),
            Rosette { class: "WalletCard__rosette" }
            span { class: "WalletCard__name",
                Coin { currency, small: true }
                "{currency.name()}"
            }
            span { class: "WalletCard__amount", MoneyText { amount: wallet.balance, size: MoneySize::Hero, hidden } }
            span { class: "WalletCard__sub",
                match below(&wallet) {
                    Below::Frozen => rsx! { "Stopped: nothing can be paid from it" },
                    Below::AfterQueue(left) => rsx! {
                        MoneyText { amount: left, hidden }
                        " after what is queued"
                    },
                    Below::Available(free) => rsx! {
                        MoneyText { amount: free, hidden }
                        " available"
                    },
                    Below::AllAvailable => rsx! { "All available" },
                }
            }
        }
    }
}

/// All figures of one wallet, and what to do with it.
#[component]
pub fn WalletSheet(wallet: WalletId, onclose: EventHandler<()>) -> Element {
    let format = use_format();
    let Some(open) = use_open() else { return rsx! {} };
    let Some(wallet) = open.wallets.iter().find(|one| one.wallet == wallet) else { return rsx! {} };
    let hidden = open.hide_amounts;
    let currency = wallet.balance.currency.code().to_owned();
    let queued = wallet.available.minus(wallet.after_queue).unwrap_or(Money::zero(wallet.balance.currency));
    let rows = [
        ("Settled", wallet.balance, true),
        ("Set aside", wallet.held, wallet.held.minor != 0),
        ("Available", wallet.available, wallet.held.minor != 0),
        ("Queued on this device", queued, queued.minor != 0),
        ("Left after the queue", wallet.after_queue, queued.minor != 0),
    ];
    rsx! {
        Sheet { title: "{wallet.balance.currency.name()}", test: "wallet-sheet", onclose,
            if wallet.frozen {
                Banner { kind: BannerKind::Bad, quiet: true,
                    strong { "This wallet is stopped" }
                    "Nothing can be paid from it for now. Ask support."
                }
            }
            dl { class: "Facts",
                for (label, amount, shown) in rows {
                    if shown {
                        div { key: "{label}",
                            dt { "{label}" }
                            dd { MoneyText { amount, hidden } }
                        }
                    }
                }
                div {
                    dt { "As of" }
                    dd { {format.moment(open.as_of)} }
                }
            }
            div { class: "Sheet__act",
                ButtonLink { to: Route::AddMoney {}, block: true,
                    IconSvg { icon: Icon::Plus, size: "s" }
                    span { "Add money" }
                }
                ButtonLink { to: Route::Pay {}, kind: ButtonKind::Soft, block: true,
                    IconSvg { icon: Icon::Out, size: "s" }
                    span { "Pay" }
                }
                ButtonLink { to: Route::WithdrawFrom { currency: currency.clone() }, kind: ButtonKind::Soft, block: true, test: "wallet-withdraw",
                    IconSvg { icon: Icon::Bank, size: "s" }
                    span { "Withdraw" }
                }
                ButtonLink { to: Route::ConvertFrom { currency }, kind: ButtonKind::Soft, block: true,
                    IconSvg { icon: Icon::Swap, size: "s" }
                    span { "Convert" }
                }
            }
        }
    }
}

/// The currencies in which there is no wallet yet.
fn unopened(open: &Open) -> Vec<Currency> {
    let has = |currency: &Currency| open.wallets.iter().any(|wallet| wallet.balance.currency == *currency);
    Currency::all().filter(|currency| !has(currency)).collect()
}

#[component]
pub fn NewWalletSheet(onclose: EventHandler<()>) -> Element {
    let send = use_send();
    let offline = matches!(use_view().read().network, Network::Offline { .. });
    let Some(open) = use_open() else { return rsx! {} };
    let choices = unopened(&open);
    rsx! {
        Sheet { title: "Open a wallet in another currency", onclose,
            if offline {
                Banner { kind: BannerKind::Offline, quiet: true,
                    strong { "This needs a network" }
                    "You are offline. What you have goes on working."
                }
            }
            if choices.is_empty() {
                p { class: "Section__note", "You have a wallet in every currency that Purse keeps." }
            }
            ul { class: "List Sheet__list",
                for currency in choices {
                    li { key: "{currency}",
                        button {
                            class: "ListRow",
                            r#type: "button",
                            "aria-disabled": if offline { "true" },
                            "data-test": "wallet-open-{currency}",
                            onclick: move |_| {
                                if !offline {
                                    send(Command::OpenWallet { currency });
                                    onclose.call(());
                                }
                            },
                            Coin { currency }
                            span { class: "ListRow__text",
                                span { class: "ListRow__title", "{currency.name()}" }
                                span { class: "ListRow__sub", span { "{currency.code()}" } }
                            }
                            IconSvg { icon: Icon::Plus, size: "s" }
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn below_the_balance() {
        let euros = |minor| Money::new(minor, Currency::EUR);
        let check = |held, after_queue, frozen, want| {
            let wallet = WalletView {
                wallet: WalletId::new(0, [0; 10]),
                balance: euros(100),
                held: euros(held),
                available: euros(100 - held),
                after_queue: euros(after_queue),
                frozen,
            };
            assert_eq!(below(&wallet), want);
        };
        check(0, 100, false, Below::AllAvailable);
        check(30, 70, false, Below::Available(euros(70)));
        check(30, 50, false, Below::AfterQueue(euros(50)));
        check(0, -5, false, Below::AfterQueue(euros(-5)));
        check(0, 100, true, Below::Frozen);
    }
}
