//! The steps of one payment to one person: amount, review, outcome. What was typed lives as long as the page.

use super::amount::AmountStep;
use super::draft::{first_wallet, payee, typed};
use super::order::{Answer, Given, find};
use super::outcome::OutcomeStep;
use super::review::Review;
use crate::app::Route;
use crate::parts::{Button, ButtonKind, ButtonLink, EmptyState, Icon, MoneyText, Screen, Sheet, TopBar};
use crate::state::{use_format, use_host, use_open, use_send, use_view};
use crate::words::pay as say;
use dioxus::prelude::*;
use purse_bridge::limits::MINUTE_MS;
use purse_bridge::{
    Amount, Command, Handle, Network, Notice, PayOrder, RepeatWarning, TransactionId, WalletId,
};

/// Another person is another payment: nothing typed for one is kept for the next.
#[component]
pub fn PayTo(handle: String) -> Element {
    let parsed = handle.parse::<Handle>().ok();
    rsx! {
        if parsed.is_none() {
            Screen { title: say::PAY, kind: "centre",
                TopBar { title: say::PAY, back: true }
                div { class: "Screen__scroll",
                    EmptyState { icon: Icon::People, title: say::HANDLE_WRONG_TITLE, text: say::HANDLE_WRONG_TEXT,
                        ButtonLink { to: Route::Pay {}, block: true, {say::CHOOSE_OTHER} }
                    }
                }
            }
        }
        for handle in parsed {
            Flow { key: "{handle}", handle: handle.clone() }
        }
    }
}

/// What the review is about, fixed when it opens: a balance that changes meanwhile changes no order.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Reviewed {
    id: TransactionId,
    from: WalletId,
    amount: Amount,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Step {
    Amount,
    Review(Reviewed),
    /// The core keeps it.
    Outcome(TransactionId),
}

#[component]
fn Flow(handle: Handle) -> Element {
    let view = use_view();
    let send = use_send();
    let host = use_host();
    let mut step = use_signal(|| Step::Amount);
    let mut chosen = use_signal(|| None::<WalletId>);
    let text = use_signal(String::new);
    let message = use_signal(String::new);
    let note = use_signal(String::new);
    let mut given = use_signal(|| None::<Given>);
    let mut failed = use_signal(|| None::<Notice>);
    let mut repeat = use_signal(|| None::<RepeatWarning>);

    // Ask who this is, now and whenever the network comes back.
    let online = use_memo(move || view.read().network == Network::Online);
    let asked = handle.clone();
    use_effect(move || {
        if online() {
            send.call(Command::LookUp { handle: asked.clone() });
        }
    });

    // What the views answer to an order.
    use_effect(move || {
        let view = view.read();
        let Some(mut order) = given.peek().clone() else { return };
        match order.answer(&view) {
            Answer::Waiting if *given.peek() != Some(order.clone()) => given.set(Some(order)),
            Answer::Waiting => {}
            Answer::Stored => {
                given.set(None);
                repeat.set(None);
                step.set(Step::Outcome(order.id));
            }
            Answer::Repeat(warning) => {
                given.set(None);
                repeat.set(Some(warning));
            }
            Answer::Failed(notice) => {
                given.set(None);
                failed.set(Some(notice));
                send.call(Command::DismissNotice);
            }
        }
    });

    let open = use_open();
    let first = open.as_ref().and_then(|open| first_wallet(open, &handle)).map(|wallet| wallet.wallet);
    use_effect(use_reactive!(|first| {
        if chosen.peek().is_none() {
            chosen.set(first);
        }
    }));

    let Some(open) = open else { return rsx! {} };
    let network = view.read().network;
    let payee = payee(&open, &handle);

    // Shown as soon as the core has it, in the same breath as the balance changes.
    let outcome = match step() {
        Step::Outcome(id) => Some(id),
        Step::Review(reviewed) => find(&open, reviewed.id).map(|payment| payment.id),
        Step::Amount => None,
    };
    if let Some(id) = outcome {
        return rsx! { OutcomeStep { id: id.to_string() } };
    }

    let from = match step() {
        Step::Review(reviewed) => Some(reviewed.from),
        Step::Amount | Step::Outcome(_) => chosen().or(first),
    };
    let wallet = open.wallets.iter().find(|wallet| Some(wallet.wallet) == from);
    let Some(wallet) = wallet.cloned() else { return rsx! { NoWallet {} } };

    let order = move |order: PayOrder| {
        let stale = view.peek().notice.clone();
        if stale.is_some() {
            send.call(Command::DismissNotice);
        }
        failed.set(None);
        repeat.set(None);
        given.set(Some(Given { id: order.id, stale, repeat_confirmed: order.repeat_confirmed }));
        send.call(Command::Pay(order));
    };

    let Step::Review(Reviewed { id, from, amount }) = step() else {
        let amount = typed(&text.read(), &wallet).amount();
        let from = wallet.wallet;
        return rsx! {
            AmountStep {
                payee,
                wallet,
                online: online(),
                text,
                message,
                onwallet: move |id| chosen.set(Some(id)),
                onnext: move |()| {
                    let Some(amount) = amount else { return };
                    let id = (host.new_transaction_id)();
                    step.set(Step::Review(Reviewed { id, from, amount }));
                },
            }
        };
    };
    let to = handle.clone();
    let name = payee.shown();
    rsx! {
        Review {
            payee,
            wallet,
            amount,
            message: message.read().clone(),
            note,
            network,
            busy: given.read().is_some(),
            failed: failed(),
            onback: move |()| {
                failed.set(None);
                step.set(Step::Amount);
            },
            onconfirm: {
                let mut order = order;
                move |()| {
                    if given.peek().is_some() {
                        return;
                    }
                    order(PayOrder {
                        id,
                        from,
                        to: to.clone(),
                        amount,
                        message: message.peek().trim().to_owned(),
                        private_note: note.peek().trim().to_owned(),
                        repeat_confirmed: false,
                    });
                }
            },
        }
        if let Some(warning) = repeat() {
            RepeatSheet {
                warning,
                name,
                onno: move |()| repeat.set(None),
                onyes: {
                    let mut order = order;
                    move |confirmed: PayOrder| order(confirmed)
                },
            }
        }
    }
}

/// The core waits: the same was paid to the same a moment ago.
#[component]
pub fn RepeatSheet(
    warning: RepeatWarning,
    name: String,
    onno: EventHandler<()>,
    onyes: EventHandler<PayOrder>,
) -> Element {
    let format = use_format();
    let amount = warning.order.amount;
    let minutes = format.now().saturating_sub(warning.paid_at) / MINUTE_MS;
    let (before, after) = say::repeat_text(&name, minutes);
    let confirmed = PayOrder { repeat_confirmed: true, ..warning.order };
    rsx! {
        Sheet { title: say::REPEAT_TITLE, onclose: move |()| onno.call(()), test: "repeat-warning",
            p { class: "Section__note",
                "{before}"
                MoneyText { amount: amount.money() }
                "{after}"
            }
            div { class: "Sheet__act",
                Button { block: true, test: "repeat-confirm", onclick: move |()| onyes.call(confirmed.clone()), {say::REPEAT_YES} }
                Button { block: true, kind: ButtonKind::Quiet, test: "repeat-cancel", onclick: move |()| onno.call(()), {say::REPEAT_NO} }
            }
        }
    }
}

#[component]
fn NoWallet() -> Element {
    rsx! {
        Screen { title: say::PAY, kind: "centre",
            TopBar { title: say::PAY, back: true }
            div { class: "Screen__scroll",
                EmptyState { icon: Icon::Bank, title: say::NO_WALLET_TITLE, text: say::NO_WALLET_TEXT,
                    ButtonLink { to: Route::Home {}, block: true, {say::GO_HOME} }
                }
            }
        }
    }
}
