//! From one of one's own wallets into another: how much, what it would bring, and done.

mod offer;

use super::pay::{OutcomeStep, WalletChoice, amount_hint, from_wallet, typed, use_giving, use_two_steps};
use crate::app::Route;
use crate::parts::{
    AmountPad, Banner, BannerKind, Button, ButtonLink, EmptyState, Icon, IconSvg, Screen, Skeleton, TopBar,
    use_id,
};
use crate::state::{use_format, use_open, use_view};
use crate::words::{self, convert as say, pay};
use dioxus::prelude::*;
use offer::Offer;
use purse_bridge::{
    Amount, Command, Currency, Fee, Open, QuoteId, QuoteView, TransactionId, WalletId, WalletView,
};
use std::rc::Rc;

/// What an offer was asked for.
#[derive(Clone, Copy, PartialEq)]
struct Wanted {
    sell: Amount,
    buy: Currency,
}

impl Wanted {
    fn is_answered_by(self, quote: &QuoteView) -> bool {
        quote.sell == self.sell && quote.buy.currency() == self.buy
    }
}

/// `currency`: of the wallet to begin with; empty for the likeliest.
#[component]
pub fn Convert(#[props(default)] currency: String) -> Element {
    let format = use_format();
    let giving = use_giving();
    let at_review = matches!(use_route::<Route>(), Route::ConvertReview {});
    let text = use_signal(String::new);
    let mut chosen = use_signal(|| None::<WalletId>);
    let mut into = use_signal(|| None::<Currency>);
    let mut wanted = use_signal(|| None::<Wanted>);

    use_two_steps(giving, at_review, wanted, Route::Convert {});

    let Some(open) = use_open() else { return rsx! {} };
    if let Some(id) = giving.ordered() {
        return rsx! { OutcomeStep { id: id.to_string() } };
    }
    if let Some(wanted) = wanted().filter(|_| at_review) {
        return rsx! {
            Offer {
                wanted,
                busy: giving.busy(),
                failed: giving.failed().map(|notice| words::notice(&notice, format)),
                onask: move |()| giving.forget_failure(),
                onconfirm: move |(id, quote): (TransactionId, QuoteId)| {
                    giving.give(id, Command::Exchange { id, quote });
                },
            }
        };
    }
    let Some(wallet) = from_wallet(&open, chosen(), &currency).cloned() else {
        return rsx! { NoWallet { loading: open.as_of == 0 } };
    };
    let buy = target(&open, wallet.balance.currency, into());
    rsx! {
        AmountStep {
            open: open.clone(),
            wallet,
            buy,
            text,
            onwallet: move |id| chosen.set(Some(id)),
            oninto: move |currency| into.set(Some(currency)),
            onnext: move |sell| {
                giving.forget_failure();
                wanted.set(Some(Wanted { sell, buy }));
                navigator().push(Route::ConvertReview {});
            },
        }
    }
}

/// Into what: as chosen, else another wallet of this person's, else any other currency.
fn target(open: &Open, sell: Currency, chosen: Option<Currency>) -> Currency {
    let owned = open.wallets.iter().map(|wallet| wallet.balance.currency);
    let mut likely = chosen.into_iter().chain(owned).chain(Currency::all());
    likely.find(|currency| *currency != sell).unwrap_or(sell)
}

#[component]
fn AmountStep(
    open: Rc<Open>,
    wallet: WalletView,
    buy: Currency,
    text: Signal<String>,
    onwallet: EventHandler<WalletId>,
    oninto: EventHandler<Currency>,
    onnext: EventHandler<Amount>,
) -> Element {
    let format = use_format();
    let network = use_view().read().network;
    let missing = words::network::missing(network);
    let id = use_id();
    let currency = wallet.balance.currency;
    let no_fee = Fee::default();
    let typed = typed(&text.read(), &wallet, &no_fee);
    let hint = amount_hint(&typed, &wallet, &no_fee, open.hide_amounts, format);
    let amount = typed.amount().filter(|_| !wallet.frozen && missing.is_none());
    let next = move |()| {
        if let Some(amount) = amount {
            onnext.call(amount);
        }
    };
    rsx! {
        Screen { title: say::TITLE,
            TopBar { title: say::TITLE, back: true }
            div { class: "AmountPage__who",
                if let Some(missing) = missing {
                    Banner { kind: BannerKind::Offline, quiet: true, test: "convert-offline",
                        strong { {missing} }
                        {say::later(network)}
                    }
                }
            }
            AmountPad {
                currency,
                text,
                bad: hint.is_some(),
                hint: hint.unwrap_or_default(),
                onenter: next,
                above: rsx! {
                    WalletChoice {
                        wallets: open.wallets.clone(),
                        chosen: wallet.wallet,
                        hidden: open.hide_amounts,
                        label: say::FROM_LABEL,
                        onwallet,
                    }
                    div { class: "Field",
                        label { class: "Field__label", r#for: "{id}", {say::TO_LABEL} }
                        div { class: "Field__box Field__box--select",
                            select {
                                id: "{id}",
                                "data-test": "convert-into",
                                onchange: move |event| {
                                    if let Some(currency) = Currency::from_code(&event.value()) {
                                        oninto.call(currency);
                                    }
                                },
                                for one in Currency::all().filter(|one| *one != currency) {
                                    option { key: "{one}", value: one.code(), selected: one == buy, "{one.name()} ({one.code()})" }
                                }
                            }
                            IconSvg { icon: Icon::Down, size: "s" }
                        }
                    }
                },
                Button { block: true, disabled: amount.is_none(), test: "convert-next", onclick: next, {say::SEE_RATE} }
            }
        }
    }
}

#[component]
fn NoWallet(loading: bool) -> Element {
    rsx! {
        Screen { title: say::TITLE, kind: if loading { "" } else { "centre" },
            TopBar { title: say::TITLE, back: true }
            div { class: "Screen__scroll",
                if loading {
                    Skeleton { rows: 2 }
                } else {
                    EmptyState { icon: Icon::Swap, title: say::NO_WALLET_TITLE, text: say::NO_WALLET_TEXT,
                        ButtonLink { to: Route::Home {}, block: true, {pay::GO_HOME} }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::fixture::{open, wallet};

    #[test]
    fn into_another_currency_than_the_one_that_is_given() {
        let mut open = open();
        assert_eq!(target(&open, Currency::EUR, None), Currency::USD);
        assert_eq!(target(&open, Currency::EUR, Some(Currency::JPY)), Currency::JPY);
        open.wallets.push(wallet(Currency::GBP, 0));
        assert_eq!(target(&open, Currency::EUR, None), Currency::GBP);
        assert_eq!(target(&open, Currency::GBP, Some(Currency::GBP)), Currency::EUR);
    }
}
