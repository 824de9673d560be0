//! The steps of one payment to one person: amount, review, outcome. What was typed lives as long as the page.

use super::amount::AmountStep;
use super::awaited::use_awaited;
use super::draft::{first_wallet, payee, typed, wallet_of};
use super::order::{Answer, came_to_nothing, find, find_planned};
use super::outcome::OutcomeStep;
use super::review::Review;
use super::when::{Chosen, When, chosen as chosen_when};
use crate::app::Route;
use crate::parts::{
    Button, ButtonKind, ButtonLink, EmptyState, Icon, MoneyText, Screen, Sheet, Skeleton, TopBar, use_leave,
};
use crate::state::{ToFill, use_format, use_host, use_instead, use_open, use_send, use_view};
use crate::words::pay as say;
use dioxus::prelude::*;
use purse_bridge::limits::MINUTE_MS;
use purse_bridge::{
    Amount, Command, Handle, Network, Notice, Open, PayOrder, Plan, RepeatWarning, Stage, ToPay,
    TransactionId, WalletId,
};

/// Another person is another payment: nothing typed for one is kept for the next. `currency`: of the wallet to
/// begin with; empty for the likeliest.
#[component]
pub fn PayTo(handle: String, #[props(default)] currency: String) -> Element {
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
            Flow { key: "{handle}", handle: handle.clone(), currency: currency.clone() }
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

/// Which step is shown is the address's to say (`Route::Review`), so that Back leads from one to the other; an order
/// that was given is awaited, and an outcome stays, whatever the address.
#[component]
fn Flow(handle: Handle, currency: String) -> Element {
    let view = use_view();
    let send = use_send();
    let host = use_host();
    let instead = use_instead();
    let open = use_open();
    let leave = use_leave();
    let format = use_format();
    let at_review = matches!(use_route::<Route>(), Route::Review { .. });
    let mut reviewed = use_signal(|| None::<Reviewed>);
    // The core keeps it.
    let mut ordered = use_signal(|| None::<TransactionId>);
    let filled = use_filled(&handle);
    let mut chosen = use_signal(|| {
        let asked_in = filled.as_ref().and_then(|filled| filled.wallet);
        asked_in.or_else(|| open.as_ref().and_then(|open| begin_with(open, &currency)))
    });
    let text = use_signal(|| {
        let amount = filled.as_ref().and_then(|filled| filled.sum.amount());
        amount.map(|amount| amount.money().to_plain_string()).unwrap_or_default()
    });
    let message = use_signal(|| filled.as_ref().map(|filled| filled.message.clone()).unwrap_or_default());
    let note = use_signal(String::new);
    let when = use_signal(When::default);
    let awaited = use_awaited();
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
    use_effect(move || match awaited.answer() {
        Answer::Stored(id) => {
            repeat.set(None);
            ordered.set(Some(id));
        }
        Answer::Repeat(warning) => repeat.set(Some(warning)),
        Answer::Failed(notice) => {
            failed.set(Some(notice));
            send.call(Command::DismissNotice);
        }
        Answer::Waiting => {}
    });

    // Refused or taken back, and left for another amount or wallet: the same person, another payment.
    let of_currency = currency.clone();
    use_effect(use_reactive!(|at_review, of_currency| {
        let view = view.peek();
        let (false, Stage::Open(open), Some(id)) = (at_review, &view.stage, *ordered.peek()) else { return };
        if find(open, id).is_some_and(came_to_nothing) {
            ordered.set(None);
            reviewed.set(None);
            if let Some(wallet) = begin_with(open, &of_currency) {
                chosen.set(Some(wallet));
            }
        }
    }));

    // Opened by its address there is nothing to review yet.
    let back_to = handle.clone();
    use_effect(use_reactive!(|at_review| {
        if at_review && reviewed.peek().is_none() && ordered.peek().is_none() {
            instead(Route::PayTo { handle: back_to.to_string() });
        }
    }));

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
    let kept = |id: TransactionId| {
        find(&open, id).map(|payment| payment.id).or_else(|| find_planned(&open, id).map(|_| id))
    };
    let stored = || reviewed().and_then(|reviewed| kept(reviewed.id));
    if let Some(id) = ordered().or_else(stored) {
        return rsx! { OutcomeStep { id: id.to_string() } };
    }

    let shown = reviewed().filter(|_| at_review || awaited.busy());
    let from = shown.map(|reviewed| reviewed.from).or(chosen()).or(first);
    let wallet = open.wallets.iter().find(|wallet| Some(wallet.wallet) == from);
    let Some(wallet) = wallet.cloned() else {
        return if open.as_of == 0 {
            rsx! { LoadingWallets {} }
        } else {
            rsx! { NoWallet {} }
        };
    };

    let order = move |order: PayOrder, plan: Option<Plan>| {
        failed.set(None);
        repeat.set(None);
        let (id, repeat_confirmed) = (order.id, order.repeat_confirmed);
        let command = match plan {
            Some(plan) => Command::Schedule { order, plan },
            None => Command::Pay(order),
        };
        awaited.give(id, repeat_confirmed, command);
    };

    let Some(Reviewed { id, from, amount }) = shown else {
        let amount = typed(&text.read(), &wallet, &open.fees.send).amount();
        let from = wallet.wallet;
        let to = handle.clone();
        return rsx! {
            AmountStep {
                payee,
                wallet,
                online: online(),
                filled: filled.is_some(),
                text,
                message,
                onwallet: move |id| chosen.set(Some(id)),
                onnext: move |()| {
                    let Some(amount) = amount else { return };
                    let id = (host.new_transaction_id)();
                    failed.set(None);
                    reviewed.set(Some(Reviewed { id, from, amount }));
                    navigator().push(Route::Review { handle: to.to_string() });
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
            when,
            network,
            busy: awaited.busy(),
            failed: failed(),
            onback: move |()| leave.call(()),
            onwallet: move |id| {
                chosen.set(Some(id));
                leave.call(());
            },
            onconfirm: {
                let mut order = order;
                move |()| {
                    if awaited.is_busy_now() {
                        return;
                    }
                    let plan = match chosen_when(&when.peek(), format) {
                        Chosen::Now => None,
                        Chosen::Later(plan) => Some(plan),
                        Chosen::Wrong { .. } => return,
                    };
                    let pay = PayOrder {
                        id,
                        from,
                        to: to.clone(),
                        amount,
                        message: message.peek().trim().to_owned(),
                        private_note: note.peek().trim().to_owned(),
                        repeat_confirmed: false,
                    };
                    order(pay, plan);
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
                    move |confirmed: PayOrder| order(confirmed, None)
                },
            }
        }
    }
}

/// What a request to pay this person said; it fills in one page only.
fn use_filled(handle: &Handle) -> Option<ToPay> {
    let ToFill(mut to_fill) = use_context::<ToFill>();
    use_hook(|| {
        let filled = to_fill.peek().clone();
        if filled.is_some() {
            to_fill.set(None);
        }
        filled.filter(|filled| filled.to == *handle)
    })
}

fn begin_with(open: &Open, currency: &str) -> Option<WalletId> {
    wallet_of(open, currency).map(|wallet| wallet.wallet)
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
    let (act, _) = say::confirm(use_view().read().network, false);
    let confirmed = PayOrder { repeat_confirmed: true, ..warning.order };
    rsx! {
        Sheet { title: say::REPEAT_TITLE, onclose: move |()| onno.call(()), test: "repeat-warning",
            p { class: "Section__note",
                "{before}"
                MoneyText { amount: amount.money() }
                "{after}"
            }
            div { class: "Sheet__act",
                Button { block: true, test: "repeat-confirm", onclick: move |()| onyes.call(confirmed.clone()),
                    span {
                        "{act}"
                        MoneyText { amount: amount.money() }
                        {say::REPEAT_AGAIN}
                    }
                }
                Button { block: true, kind: ButtonKind::Quiet, test: "repeat-cancel", onclick: move |()| onno.call(()), {say::REPEAT_NO} }
            }
        }
    }
}

/// Nothing is stored yet: whether there is a wallet is not known.
#[component]
fn LoadingWallets() -> Element {
    let online = use_view().read().network == Network::Online;
    rsx! {
        Screen { title: say::PAY,
            TopBar { title: say::PAY, back: true }
            div { class: "Screen__scroll",
                p { class: "Section__note", if online { {say::LOADING} } else { {say::LOADING_OFFLINE} } }
                if online {
                    Skeleton { rows: 3 }
                }
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
