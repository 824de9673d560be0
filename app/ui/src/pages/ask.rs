//! Asking for money: how much and what for, then a code and a link to give away. Works without a network.

mod code;
mod list;

pub use list::Requests;

use super::pay::within_bytes;
use crate::app::Route;
use crate::parts::{
    AmountPad, Button, ButtonLink, Coin, EmptyState, Field, Icon, IconSvg, Mark, MoneyText, Screen, Skeleton,
    TopBar,
};
use crate::state::{ToAsk, use_host, use_instead, use_open, use_send};
use crate::words::{ask as say, pay};
use code::CodeStep;
use dioxus::prelude::*;
use purse_bridge::limits::REQUEST_NOTE_BYTES_MAX;
use purse_bridge::{
    Amount, AskedState, Command, Currency, Handle, MoneyError, Open, OwnRequest, Reference, Sum,
};

/// The mark and the look of a request's state, and its stable name, for tests.
fn mark(state: AskedState) -> (Mark, &'static str, &'static str) {
    match state {
        AskedState::Waiting => (Mark::Ring, "queued", "waiting"),
        AskedState::OtherCurrency => (Mark::Ring, "queued", "other_currency"),
        AskedState::Part => (Mark::Ring, "queued", "part"),
        AskedState::Paid => (Mark::Done, "received", "paid"),
        AskedState::Over => (Mark::Done, "received", "over"),
    }
}

/// `handle`: of a contact that is to be asked; empty for anybody. `reference`: of the request whose code is shown;
/// empty for the form.
#[component]
pub fn Ask(#[props(default)] handle: String, #[props(default)] reference: String) -> Element {
    let send = use_send();
    let instead = use_instead();
    let host = use_host();
    let at_code = !reference.is_empty();
    let ToAsk(mut begun) = use_context::<ToAsk>();
    // What another app began.
    let begun = use_hook(move || {
        let taken = begun.peek().clone();
        if taken.is_some() {
            begun.set(None);
        }
        taken
    });
    let mut text = use_signal(|| {
        let amount = begun.as_ref().and_then(|begun| begun.0.amount());
        amount.map(|amount| amount.money().to_plain_string()).unwrap_or_default()
    });
    let mut note = use_signal(|| begun.as_ref().map(|begun| begun.1.clone()).unwrap_or_default());
    let mut chosen = use_signal(|| begun.as_ref().and_then(|begun| begun.0.currency()));
    // Of the next request: another each time the form is shown, so that a double tap makes one.
    let mut next = use_signal(|| None::<Reference>);
    use_effect(use_reactive!(|at_code| {
        next.set((!at_code).then(|| (host.new_reference)()));
    }));
    // The request that the next one corrects.
    let mut corrects = use_signal(|| None::<Reference>);
    // The contact's address is left for the code's.
    let mut of = use_signal(|| handle.clone());

    let Some(open) = use_open() else { return rsx! {} };
    if !at_code && *of.peek() != handle {
        of.set(handle.clone());
    }
    let name = called(&open, &of.read());
    if at_code {
        return rsx! {
            CodeStep {
                key: "{reference}",
                reference: reference.parse::<Reference>().ok(),
                whom: name,
                onchange: move |request: OwnRequest| {
                    // What was typed stays as it was typed.
                    let (amount, currency) = (request.sum.amount(), request.sum.currency());
                    let typed = currency.and_then(|currency| Amount::parse(&text.peek(), currency).ok());
                    if typed != amount {
                        text.set(amount.map(|amount| amount.money().to_plain_string()).unwrap_or_default());
                    }
                    note.set(request.note.as_str().to_owned());
                    chosen.set(request.sum.currency());
                    corrects.set(Some(request.reference));
                    let handle = of.peek().clone();
                    instead(if handle.is_empty() { Route::Ask {} } else { Route::AskOf { handle } });
                },
            }
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
        let (Some(sum), Some(reference)) = (sum, next.peek().clone()) else { return };
        let note = note.peek().trim().to_owned();
        let in_place_of = corrects.take();
        send.call(Command::MakeRequest { reference: reference.clone(), sum, note, in_place_of });
        navigator().push(Route::AskCode { reference: reference.to_string() });
    };
    let waiting = open.requests.iter().filter(|request| !request.state.is_paid()).count();
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
                    if !open.requests.is_empty() {
                        Link { to: Route::Requests {}, class: "TextLink", "data-test": "ask-requests", {say::requests(waiting)} }
                    }
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
