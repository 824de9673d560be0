//! Asking for money: how much and what for, then a code and a link to give away. Works without a network.

mod code;

use super::pay::within_bytes;
use crate::app::Route;
use crate::parts::{
    AmountPad, Button, ButtonLink, Coin, EmptyState, Field, Icon, IconSvg, MoneyText, Screen, Skeleton,
    TopBar,
};
use crate::state::{ToAsk, use_instead, use_open, use_send};
use crate::words::{ask as say, pay};
use code::CodeStep;
use dioxus::prelude::*;
use purse_bridge::limits::REQUEST_NOTE_BYTES_MAX;
use purse_bridge::{Amount, AskedView, Command, Currency, Handle, MoneyError, Open, Sum};

/// `handle`: of a contact that is to be asked; empty for anybody.
#[component]
pub fn Ask(#[props(default)] handle: String) -> Element {
    let send = use_send();
    let instead = use_instead();
    let at_code = matches!(use_route::<Route>(), Route::AskCode {});
    let ToAsk(mut begun) = use_context::<ToAsk>();
    // What another app began.
    let begun = use_hook(move || {
        let taken = begun.peek().clone();
        if taken.is_some() {
            begun.set(None);
        }
        taken
    });
    let text = use_signal(|| {
        let amount = begun.as_ref().and_then(|begun| begun.0.amount());
        amount.map(|amount| amount.money().to_plain_string()).unwrap_or_default()
    });
    let mut note = use_signal(|| begun.as_ref().map(|begun| begun.1.clone()).unwrap_or_default());
    let mut chosen = use_signal(|| begun.as_ref().and_then(|begun| begun.0.currency()));
    let mut made = use_signal(|| None::<(Sum, String)>);
    // The contact's address is left for the code's.
    let mut of = use_signal(|| handle.clone());

    // Opened by its address: shown is what was made before, or there is nothing to show.
    let open = use_open();
    let nothing = made.read().is_none() && open.as_ref().is_some_and(|open| open.asked.is_none());
    use_effect(use_reactive!(|at_code, nothing| {
        if at_code && nothing {
            instead(Route::Ask {});
        }
    }));

    let Some(open) = open else { return rsx! {} };
    if !at_code && *of.peek() != handle {
        of.set(handle.clone());
    }
    let name = called(&open, &of.read());
    if at_code {
        let asked =
            open.asked.clone().filter(|asked| made.read().as_ref().is_none_or(|made| is_this(asked, made)));
        return match asked {
            Some(asked) => rsx! {
                CodeStep {
                    asked,
                    whom: name,
                    onchange: move |()| {
                        let handle = of.peek().clone();
                        instead(if handle.is_empty() { Route::Ask {} } else { Route::AskOf { handle } });
                    },
                }
            },
            None => rsx! { Making {} },
        };
    }
    let wallet =
        chosen().filter(|chosen| open.wallets.iter().any(|wallet| wallet.balance.currency == *chosen));
    let Some(currency) = wallet.or(open.wallets.first().map(|wallet| wallet.balance.currency)) else {
        return rsx! { NoWallet { loading: open.as_of == 0 } };
    };
    let amount = Amount::parse(&text.read(), currency);
    let hint = match amount {
        Ok(_) => String::new(),
        Err(MoneyError::NotPositive | MoneyError::NotANumber) => say::ANY_AMOUNT.to_owned(),
        Err(wrong) => pay::amount_wrong(wrong, currency.name(), currency.exponent()),
    };
    let nothing_typed = matches!(amount, Err(MoneyError::NotPositive | MoneyError::NotANumber));
    let sum = match amount {
        Ok(amount) => Some(Sum::Exactly(amount)),
        Err(_) if nothing_typed => Some(Sum::In(currency)),
        Err(_) => None,
    };
    let make = move |()| {
        let Some(sum) = sum else { return };
        let note = note.peek().trim().to_owned();
        made.set(Some((sum, note.clone())));
        send.call(Command::MakeRequest { sum, note });
        navigator().push(Route::AskCode {});
    };
    let title = if handle.is_empty() { say::TITLE.to_owned() } else { say::title_for(&name) };
    rsx! {
        Screen { title: title.clone(),
            TopBar { title, back: true }
            AmountPad {
                currency,
                text,
                bad: sum.is_none(),
                hint,
                onenter: make,
                above: rsx! {
                    if open.wallets.len() > 1 {
                        Currencies {
                            all: open.wallets.iter().map(|wallet| wallet.balance.currency).collect::<Vec<_>>(),
                            chosen: currency,
                            onchoose: move |currency| chosen.set(Some(currency)),
                        }
                    }
                    Field {
                        label: say::NOTE,
                        label_hidden: true,
                        name: "note",
                        icon: Icon::Pen,
                        placeholder: say::NOTE_PLACEHOLDER,
                        value: note.read().clone(),
                        maxlength: REQUEST_NOTE_BYTES_MAX,
                        test: "ask-note",
                        oninput: move |text: String| note.set(within_bytes(&text, REQUEST_NOTE_BYTES_MAX)),
                    }
                },
                Button { block: true, disabled: sum.is_none(), test: "ask-make", onclick: make,
                    IconSvg { icon: Icon::Code, size: "s" }
                    span {
                        if let Some(Sum::Exactly(amount)) = sum {
                            {say::ASK_FOR}
                            MoneyText { amount: amount.money() }
                        } else {
                            {say::MAKE}
                        }
                    }
                }
            }
        }
    }
}

/// The contact's name, else the handle with its sign.
fn called(open: &Open, whom: &str) -> String {
    let Ok(handle) = whom.parse::<Handle>() else { return String::new() };
    let known = open.contacts.iter().find(|contact| contact.handle == handle);
    let name = known.map(|contact| contact.name.trim().to_owned()).filter(|name| !name.is_empty());
    name.unwrap_or_else(|| format!("@{handle}"))
}

fn is_this(asked: &AskedView, (sum, note): &(Sum, String)) -> bool {
    asked.request.sum == *sum && asked.request.note.as_str() == note
}

#[component]
fn Currencies(all: Vec<Currency>, chosen: Currency, onchoose: EventHandler<Currency>) -> Element {
    rsx! {
        div { class: "ChipRow ChipRow--centre", role: "group", "aria-label": say::IN,
            for currency in all {
                button {
                    key: "{currency}",
                    class: "Chip AmountPad__wallet",
                    r#type: "button",
                    "aria-pressed": (currency == chosen).to_string(),
                    "data-test": "ask-in-{currency}",
                    onclick: move |_| onchoose.call(currency),
                    Coin { currency, small: true }
                    {currency.name()}
                }
            }
        }
    }
}

#[component]
fn Making() -> Element {
    rsx! {
        Screen { title: say::TITLE,
            TopBar { title: say::TITLE, back: true }
            div { class: "Screen__scroll", Skeleton { rows: 3 } }
        }
    }
}

#[component]
fn NoWallet(loading: bool) -> Element {
    rsx! {
        Screen { title: say::TITLE, kind: "centre",
            TopBar { title: say::TITLE, back: true }
            div { class: "Screen__scroll",
                if loading {
                    Skeleton { rows: 3 }
                } else {
                    EmptyState { icon: Icon::Bank, title: pay::NO_WALLET_TITLE, text: say::NO_WALLET_TEXT,
                        ButtonLink { to: Route::Home {}, block: true, {pay::GO_HOME} }
                    }
                }
            }
        }
    }
}
