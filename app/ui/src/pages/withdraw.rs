//! Money out, to a linked bank account: how much, review, and on its way. Without a network it is queued, as a payment
//! is.

mod review;

use super::add_money::{Method, NoBank};
use super::pay::{OutcomeStep, WalletChoice, amount_hint, from_wallet, typed, use_giving, use_two_steps};
use crate::app::Route;
use crate::parts::{AmountPad, Button, ButtonLink, EmptyState, Icon, Screen, Skeleton, TopBar};
use crate::state::{use_format, use_host, use_open, use_view};
use crate::words::{self, pay, withdraw as say};
use dioxus::prelude::*;
use purse_bridge::{
    Amount, Command, MethodId, Network, Open, PaymentMethodView, TransactionId, WalletId, WalletView,
};
use review::Review;
use std::rc::Rc;

/// What the review is about, fixed when it opens.
#[derive(Clone, Copy, PartialEq)]
struct Reviewed {
    id: TransactionId,
    wallet: WalletId,
    method: MethodId,
    amount: Amount,
}

/// `currency`: of the wallet to begin with; empty for the likeliest.
#[component]
pub fn Withdraw(#[props(default)] currency: String) -> Element {
    let view = use_view();
    let host = use_host();
    let format = use_format();
    let giving = use_giving();
    let at_review = matches!(use_route::<Route>(), Route::WithdrawReview {});
    let text = use_signal(String::new);
    let mut chosen = use_signal(|| None::<WalletId>);
    let mut bank = use_signal(|| None::<MethodId>);
    let mut reviewed = use_signal(|| None::<Reviewed>);

    use_two_steps(giving, at_review, reviewed, Route::Withdraw {});

    let Some(open) = use_open() else { return rsx! {} };
    let network = view.read().network;
    if let Some(id) = giving.ordered() {
        return rsx! { OutcomeStep { id: id.to_string() } };
    }
    if let Some(reviewed) = reviewed().filter(|_| at_review) {
        let known = open.wallets.iter().find(|wallet| wallet.wallet == reviewed.wallet);
        let to = methods(&open).into_iter().find(|method| method.id == reviewed.method);
        if let (Some(wallet), Some(method)) = (known.cloned(), to) {
            let Reviewed { id, amount, .. } = reviewed;
            return rsx! {
                Review {
                    wallet,
                    method,
                    amount,
                    network,
                    busy: giving.busy(),
                    failed: giving.failed().map(|notice| words::notice(&notice, format)),
                    onconfirm: move |()| {
                        let Reviewed { wallet, method, .. } = reviewed;
                        giving.give(id, Command::Withdraw { id, wallet, method, amount });
                    },
                }
            };
        }
    }

    let wallet = from_wallet(&open, chosen(), &currency).cloned();
    let all = methods(&open);
    let method = all.iter().find(|method| Some(method.id) == bank()).or(all.first()).cloned();
    let (Some(wallet), Some(method)) = (wallet, method) else {
        return rsx! { NoMethod { network, loading: open.payment_methods.is_none() || open.wallets.is_empty() } };
    };
    let (from, to) = (wallet.wallet, method.id);
    rsx! {
        AmountStep {
            open: open.clone(),
            wallet,
            method,
            text,
            onwallet: move |id| chosen.set(Some(id)),
            onbank: move |id| bank.set(Some(id)),
            onnext: move |amount| {
                giving.forget_failure();
                let id = (host.new_transaction_id)();
                reviewed.set(Some(Reviewed { id, wallet: from, method: to, amount }));
                navigator().push(Route::WithdrawReview {});
            },
        }
    }
}

/// Where money may go.
fn methods(open: &Open) -> Vec<PaymentMethodView> {
    let all = open.payment_methods.as_deref().unwrap_or_default();
    all.iter().filter(|method| method.verified).cloned().collect()
}

#[component]
fn AmountStep(
    open: Rc<Open>,
    wallet: WalletView,
    method: PaymentMethodView,
    text: Signal<String>,
    onwallet: EventHandler<WalletId>,
    onbank: EventHandler<MethodId>,
    onnext: EventHandler<Amount>,
) -> Element {
    let format = use_format();
    let currency = wallet.balance.currency;
    let typed = typed(&text.read(), &wallet, &open.fees.withdraw);
    let hint = amount_hint(&typed, &wallet, &open.fees.withdraw, open.hide_amounts, format);
    let amount = typed.amount().filter(|_| !wallet.frozen);
    let next = move |()| {
        if let Some(amount) = amount {
            onnext.call(amount);
        }
    };
    let banks = methods(&open);
    rsx! {
        Screen { title: say::TITLE,
            TopBar { title: say::TITLE, back: true }
            div { class: "AmountPage__who", Method { method: method.clone() } }
            AmountPad {
                currency,
                text,
                bad: hint.is_some(),
                hint: hint.unwrap_or_default(),
                onenter: next,
                above: rsx! {
                    if banks.len() > 1 {
                        div { class: "ChipRow ChipRow--centre", role: "group", "aria-label": say::TO_LABEL,
                            for one in banks {
                                button {
                                    key: "{one.id}",
                                    class: "Chip",
                                    r#type: "button",
                                    "aria-pressed": (one.id == method.id).to_string(),
                                    "data-test": "withdraw-bank",
                                    onclick: move |_| onbank.call(one.id),
                                    bdi { "{one.name} {one.hint}" }
                                }
                            }
                        }
                    }
                    WalletChoice {
                        wallets: open.wallets.clone(),
                        chosen: wallet.wallet,
                        hidden: open.hide_amounts,
                        label: say::FROM_LABEL,
                        onwallet,
                    }
                },
                Button { block: true, disabled: amount.is_none(), test: "withdraw-next", onclick: next, {pay::REVIEW} }
            }
        }
    }
}

#[component]
fn NoMethod(network: Network, loading: bool) -> Element {
    let missing = words::network::missing(network);
    rsx! {
        Screen { title: say::TITLE, kind: if loading && missing.is_none() { "" } else { "centre" },
            TopBar { title: say::TITLE, back: true }
            div { class: "Screen__scroll",
                if let Some(missing) = missing {
                    EmptyState { icon: Icon::Bank, title: missing, text: say::METHOD_OFFLINE,
                        ButtonLink { to: Route::Home {}, block: true, {pay::GO_HOME} }
                    }
                } else if loading {
                    Skeleton { rows: 2 }
                } else {
                    NoBank { text: say::NO_METHOD_TEXT }
                }
            }
        }
    }
}
