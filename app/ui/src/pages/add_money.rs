//! Money in, from the linked bank account. What the bank has not confirmed is never shown as there.

mod asked;

use crate::parts::{
    AmountPad, Badge, Banner, BannerKind, Button, ButtonKind, Coin, Direction, EmptyState, Icon, IconSvg,
    Mark, MoneyState, MoneyText, Pill, Screen, Skeleton, TopBar,
};
use crate::state::{use_format, use_open, use_send, use_view};
use crate::words::{self, add_money as say, pay::amount_wrong};
use asked::{Asked, Came};
use dioxus::prelude::*;
use purse_bridge::{
    Amount, Busy, Command, Currency, DepositView, MoneyError, Network, Open, PaymentMethodView, WalletId,
};
use std::rc::Rc;

/// Answers of the bank that the page keeps in sight.
const DEPOSITS_SHOWN: usize = 3;

#[component]
pub fn AddMoney() -> Element {
    rsx! {
        Form { currency: "", amount: "" }
    }
}

/// With the amount that a refused payment was short of.
#[component]
pub fn AddMissing(currency: String, amount: String) -> Element {
    rsx! {
        Form { currency, amount }
    }
}

#[component]
fn Form(currency: String, amount: String) -> Element {
    let view = use_view();
    let send = use_send();
    let mut text = use_signal(|| amount);
    let wanted = use_signal(|| Currency::from_code(&currency));
    let mut chosen = use_signal(|| None::<WalletId>);
    let mut asked = use_signal(|| None::<Asked>);

    use_effect(move || {
        let view = view.read();
        let Some(mut waiting) = asked.peek().clone() else { return };
        match waiting.came(&view) {
            Came::Waiting if *asked.peek() != Some(waiting.clone()) => asked.set(Some(waiting)),
            Came::Waiting => {}
            Came::Taken => {
                asked.set(None);
                text.set(String::new());
            }
            Came::Not => asked.set(None),
        }
    });

    let Some(open) = use_open() else { return rsx! {} };
    let (network, busy) = {
        let view = view.read();
        (view.network, view.busy == Some(Busy::Depositing))
    };
    let missing = words::network::missing(network);
    let wallet = chosen()
        .and_then(|id| open.wallets.iter().find(|wallet| wallet.wallet == id))
        .or_else(|| open.wallets.iter().find(|wallet| Some(wallet.balance.currency) == wanted()))
        .or(open.wallets.first());
    // The core asks the first verified one.
    let methods = open.payment_methods.as_deref();
    let method = methods.and_then(|all| all.iter().find(|one| one.verified).or(all.first()));
    let (Some(wallet), Some(method)) = (wallet.cloned(), method.cloned()) else {
        let loading = methods.is_none() || open.wallets.is_empty();
        return rsx! { NoMethod { network, loading } };
    };
    let verified = method.verified;

    let currency = wallet.balance.currency;
    let amount = Amount::parse(&text.read(), currency);
    let hint = match amount {
        Ok(_) | Err(MoneyError::NotPositive | MoneyError::NotANumber) => String::new(),
        Err(wrong) => amount_wrong(wrong, currency.name(), currency.exponent()),
    };
    let amount = amount.ok();
    let hint = if hint.is_empty() && !verified { say::NOT_VERIFIED.to_owned() } else { hint };
    let ready = missing.is_none() && verified && amount.is_some();
    let submit = move |()| {
        let Some(amount) = amount.filter(|_| ready) else { return };
        if asked.peek().is_none() {
            asked.set(Some(Asked::now(&view.peek())));
            send.call(Command::Deposit { wallet: wallet.wallet, amount });
        }
    };

    rsx! {
        Screen { title: say::TITLE,
            TopBar { title: say::TITLE, back: true }
            div { class: "AmountPage__who",
                Method { method }
                if let Some(missing) = missing {
                    Banner { kind: BannerKind::Offline, icon: offline_icon(network), quiet: true, test: "add-money-offline",
                        strong { {missing} }
                        {say::later(network)}
                    }
                }
            }
            AmountPad {
                currency,
                text,
                bad: !hint.is_empty(),
                hint,
                onenter: submit,
                above: rsx! {
                    div { class: "ChipRow ChipRow--centre", role: "group", "aria-label": say::ADD_TO,
                        for one in open.wallets.iter().map(|wallet| (wallet.wallet, wallet.balance.currency)) {
                            button {
                                key: "{one.0}",
                                class: "Chip AmountPad__wallet",
                                r#type: "button",
                                "aria-pressed": (one.0 == wallet.wallet).to_string(),
                                "data-test": "add-money-wallet-{one.1}",
                                onclick: move |_| chosen.set(Some(one.0)),
                                Coin { currency: one.1, small: true }
                                {say::to_wallet(one.1.name())}
                            }
                        }
                    }
                    Deposits { open: open.clone() }
                },
                Button {
                    block: true,
                    disabled: !ready,
                    busy: busy || asked.read().is_some(),
                    test: "add-money-submit",
                    onclick: submit,
                    IconSvg { icon: Icon::Plus, size: "s" }
                    span {
                        if let Some(amount) = amount {
                            {say::ADD}
                            MoneyText { amount: amount.money() }
                        } else {
                            {say::TITLE}
                        }
                    }
                }
            }
        }
    }
}

/// No account is linked; `text` says what for one is needed.
#[component]
pub fn NoBank(text: &'static str) -> Element {
    let send = use_send();
    rsx! {
        EmptyState { icon: Icon::Bank, title: say::NO_METHOD_TITLE, text,
            Button { kind: ButtonKind::Soft, block: true, onclick: move |()| send.call(Command::Retry), {say::TRY_AGAIN} }
        }
    }
}

#[component]
pub fn Method(method: PaymentMethodView) -> Element {
    rsx! {
        div { class: "Card",
            div { class: "ListRow", "data-test": "payment-method",
                Badge { icon: Icon::Bank, tint: "info", size: "", square: true }
                span { class: "ListRow__text",
                    span { class: "ListRow__title", bdi { "{method.name}" } }
                    span { class: "ListRow__sub",
                        if !method.verified {
                            Pill { mark: Mark::Ring, look: "held", text: say::METHOD_UNVERIFIED }
                        }
                        if !method.hint.is_empty() {
                            span { {say::ends_in(&method.hint)} }
                        }
                    }
                }
            }
        }
    }
}

/// What the bank has not confirmed, and what it would not pay.
#[component]
fn Deposits(open: Rc<Open>) -> Element {
    let format = use_format();
    let mut list: Vec<DepositView> = open.deposits.clone();
    list.sort_by_key(|deposit| std::cmp::Reverse(deposit.at));
    list.truncate(DEPOSITS_SHOWN);
    if list.is_empty() {
        return rsx! {};
    }
    rsx! {
        section { class: "Section",
            h2 { class: "Section__day", {say::ON_ITS_WAY} }
            ul { class: "List Card", "aria-live": "polite",
                for deposit in list {
                    li {
                        key: "{deposit.id}",
                        class: "ListRow ListRow--wrap",
                        "data-test": "deposit-row",
                        "data-state": state(&deposit),
                        Badge { icon: Icon::Bank, tint: tint(&deposit) }
                        span { class: "ListRow__text",
                            span { class: "ListRow__title", {say::to_wallet(deposit.amount.currency().name())} }
                            span { class: "ListRow__sub",
                                if deposit.failed {
                                    Pill { mark: Mark::No, look: "refused", text: say::DEPOSIT_FAILED }
                                } else if deposit.set_aside {
                                    Pill { mark: Mark::Ring, look: "held", text: say::DEPOSIT_SET_ASIDE }
                                } else {
                                    Pill { mark: Mark::Ring, look: "held", text: say::DEPOSIT_PENDING }
                                }
                            }
                        }
                        span { class: "ListRow__end",
                            MoneyText {
                                amount: deposit.amount.money(),
                                direction: Direction::In,
                                state: if deposit.failed { MoneyState::Void } else { MoneyState::Waiting },
                                hidden: open.hide_amounts,
                            }
                            span { class: "ListRow__aside", {format.brief(deposit.at)} }
                        }
                    }
                }
            }
        }
    }
}

fn state(deposit: &DepositView) -> &'static str {
    match (deposit.failed, deposit.set_aside) {
        (true, _) => "failed",
        (false, true) => "set-aside",
        (false, false) => "pending",
    }
}

fn tint(deposit: &DepositView) -> &'static str {
    if deposit.failed { "bad" } else { "queue" }
}

/// The crossed waves only for what they mean.
fn offline_icon(network: Network) -> Icon {
    if matches!(network, Network::Offline { .. }) { Icon::Offline } else { Icon::Info }
}

/// `loading`: whether there is one is not known yet.
#[component]
fn NoMethod(network: Network, loading: bool) -> Element {
    let missing = words::network::missing(network);
    rsx! {
        Screen { title: say::TITLE, kind: if loading && missing.is_none() { "" } else { "centre" },
            TopBar { title: say::TITLE, back: true }
            div { class: "Screen__scroll",
                if let Some(missing) = missing {
                    EmptyState { icon: offline_icon(network), title: missing, text: say::later(network) }
                } else if loading {
                    Skeleton { rows: 2 }
                } else {
                    NoBank { text: say::NO_METHOD_TEXT }
                }
            }
        }
    }
}
