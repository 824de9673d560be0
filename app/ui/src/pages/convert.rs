//! From one of one's own wallets into another: how much, what it would bring, and done. An offer holds for a minute; it
//! is asked for when the review opens, and by hand after that.

use super::pay::{OutcomeStep, Typed, WalletChoice, passkey_from, typed, use_giving};
use crate::app::Route;
use crate::parts::{
    AmountPad, Banner, BannerKind, Button, ButtonLink, EmptyState, Icon, IconSvg, MoneySize, MoneyText,
    Screen, Skeleton, TopBar, use_id, use_leave,
};
use crate::state::{use_format, use_host, use_instead, use_open, use_send, use_view};
use crate::words::{self, convert as say, pay};
use dioxus::prelude::*;
use purse_bridge::{
    Amount, Busy, Command, Currency, Fee, Open, QuoteId, QuoteView, TransactionId, WalletId, WalletView,
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

#[component]
pub fn Convert() -> Element {
    let instead = use_instead();
    let format = use_format();
    let giving = use_giving();
    let at_review = matches!(use_route::<Route>(), Route::ConvertReview {});
    let text = use_signal(String::new);
    let mut chosen = use_signal(|| None::<WalletId>);
    let mut into = use_signal(|| None::<Currency>);
    let mut wanted = use_signal(|| None::<Wanted>);

    // Opened by its address there is nothing to review yet.
    use_effect(use_reactive!(|at_review| {
        if at_review && wanted.peek().is_none() {
            instead(Route::Convert {});
        }
    }));

    let Some(open) = use_open() else { return rsx! {} };
    if let Some(id) = giving.ordered() {
        return rsx! { OutcomeStep { id: id.to_string() } };
    }
    if let Some(wanted) = wanted().filter(|_| at_review) {
        return rsx! {
            Review {
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
    let wallet = chosen().and_then(|id| open.wallets.iter().find(|wallet| wallet.wallet == id));
    let wallet = wallet.or_else(|| open.wallets.iter().find(|wallet| wallet.after_queue.minor > 0));
    let Some(wallet) = wallet.or(open.wallets.first()).cloned() else {
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
    let typed = typed(&text.read(), &wallet, &Fee::default());
    let (hint, bad) = match typed {
        _ if wallet.frozen => (pay::frozen(currency.name()), true),
        Typed::Over { .. } if open.hide_amounts => (pay::too_little(currency.name()), true),
        Typed::Over { left, .. } => {
            (pay::left_after_queue(&format.money(left), wallet.after_queue != wallet.available), true)
        }
        Typed::Wrong(wrong) => (pay::amount_wrong(wrong, currency.name(), currency.exponent()), true),
        Typed::Empty | Typed::Fits(_) => (String::new(), false),
    };
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
                hint,
                bad,
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
fn Review(
    wanted: Wanted,
    busy: bool,
    failed: Option<String>,
    onask: EventHandler<()>,
    onconfirm: EventHandler<(TransactionId, QuoteId)>,
) -> Element {
    let view = use_view();
    let send = use_send();
    let host = use_host();
    let format = use_format();
    let leave = use_leave();
    // The offer whose minute is over, as the page has seen it.
    let mut over = use_signal(|| None::<QuoteId>);
    // Asked, and the core was not seen at it yet.
    let mut asking = use_signal(|| true);
    // An offer becomes one order, however often it is tapped.
    let mut order = use_signal(|| None::<(QuoteId, TransactionId)>);
    let ask = use_callback(move |()| {
        asking.set(true);
        onask.call(());
        send.call(Command::AskQuote { sell: wanted.sell, buy: wanted.buy });
    });
    use_hook(move || ask.call(()));
    use_effect(move || {
        if view.read().busy == Some(Busy::Quoting) {
            asking.set(false);
        }
    });

    let Some(open) = use_open() else { return rsx! {} };
    let (network, quoting) = {
        let view = view.read();
        (view.network, view.busy == Some(Busy::Quoting))
    };
    let missing = words::network::missing(network);
    let told = open.quote.clone().filter(|quote| wanted.is_answered_by(quote));
    let was_told = over.read().is_some();
    let quote = told.filter(|quote| Some(quote.id) != over());
    let waiting = quote.is_none() && missing.is_none() && (asking() || quoting);
    let passkey = passkey_from(&open, wanted.sell);
    let (_, with) = pay::confirm(network, passkey.is_some());
    let confirm = move |quote: QuoteId| {
        let known = order.peek().filter(|(of, _)| *of == quote).map(|(_, id)| id);
        let id = known.unwrap_or_else(|| (host.new_transaction_id)());
        order.set(Some((quote, id)));
        onconfirm.call((id, quote));
    };
    rsx! {
        Screen { title: say::TITLE, kind: "narrow", busy: busy || waiting,
            TopBar {
                title: say::TITLE,
                back: true,
                onback: move |()| {
                    if !busy {
                        leave.call(());
                    }
                },
            }
            div { class: "Screen__scroll", "data-test": "convert-review",
                if let Some(quote) = &quote {
                    div { class: "ReviewHead",
                        p { class: "Section__note", {say::YOU_GET} }
                        p { "data-test": "convert-get", "data-minor": "{quote.buy.minor()}",
                            MoneyText { amount: quote.buy.money(), size: MoneySize::Display }
                        }
                        p { class: "Section__note", {say::HOLDS} }
                    }
                    for (id, expires_at) in [(quote.id, quote.expires_at)] {
                        Minute {
                            key: "{id}",
                            left_ms: expires_at.saturating_sub(format.now()),
                            onover: move |()| over.set(Some(id)),
                        }
                    }
                    dl { class: "Facts Card",
                        div {
                            dt { {say::YOU_GIVE} }
                            dd {
                                MoneyText { amount: quote.sell.money() }
                                small { {pay::from_wallet(quote.sell.currency().name())} }
                            }
                        }
                        div {
                            dt { {say::RATE} }
                            dd {
                                {format.rate(quote.sell.currency(), quote.buy.currency(), &quote.rate)}
                                small { {say::RATE_NOTE} }
                            }
                        }
                        div {
                            dt { {say::KEPT} }
                            dd {
                                MoneyText { amount: quote.kept }
                                small { {say::kept_note(&format.decimal(&quote.kept_percent))} }
                            }
                        }
                    }
                } else if waiting {
                    p { class: "Section__note", role: "status", {say::ASKING} }
                    Skeleton { rows: 3 }
                } else if let Some(missing) = missing {
                    EmptyState { icon: Icon::Swap, title: missing, text: say::later(network) }
                } else if was_told || order.read().is_some() {
                    div { role: "status", "data-test": "convert-over",
                        EmptyState { icon: Icon::Clock, title: say::OVER_TITLE, text: say::OVER_TEXT }
                    }
                } else {
                    div { role: "status", "data-test": "convert-none",
                        EmptyState { icon: Icon::Swap, title: say::NONE_TITLE, text: say::NONE_TEXT }
                    }
                }
            }
            footer { class: "Screen__foot",
                if let Some(reason) = failed {
                    Banner { kind: BannerKind::Bad, test: "convert-failed",
                        strong { {say::NOT_CONVERTED} }
                        "{reason}"
                    }
                }
                if let Some(id) = quote.map(|quote| quote.id) {
                    Button {
                        block: true,
                        busy,
                        test: "convert-confirm",
                        onclick: {
                            let mut confirm = confirm.clone();
                            move |()| confirm(id)
                        },
                        if passkey.is_some() {
                            IconSvg { icon: Icon::Passkey, size: "s" }
                        }
                        span {
                            {say::CONVERT}
                            MoneyText { amount: wanted.sell.money() }
                            "{with}"
                        }
                    }
                } else {
                    Button {
                        block: true,
                        busy: waiting,
                        disabled: missing.is_some(),
                        test: "convert-ask",
                        onclick: move |()| ask.call(()),
                        {say::ASK_AGAIN}
                    }
                }
            }
        }
    }
}

/// How much of the offer's time is left, as a line that grows shorter; for ears it is said once, by the words above. The
/// style's own clock tells the end: the page has none.
#[component]
fn Minute(left_ms: i64, onover: EventHandler<()>) -> Element {
    // Later views begin to count later; the line goes on from where it is.
    let left_ms = use_hook(|| left_ms.max(1));
    rsx! {
        div { class: "Minute", "aria-hidden": "true",
            i {
                class: "Minute__left",
                style: "animation-duration:{left_ms}ms",
                onanimationend: move |_| onover.call(()),
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
