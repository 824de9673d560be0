//! What it would bring. An offer holds for a minute; it is asked for when the page opens, and by hand after that.

use super::Wanted;
use crate::pages::pay::{ConfirmButton, passkey_from};
use crate::parts::{
    Banner, BannerKind, Button, EmptyState, Icon, MoneySize, MoneyText, Screen, Skeleton, TopBar, use_leave,
};
use crate::state::{use_format, use_host, use_open, use_send, use_view};
use crate::words::{self, convert as say, pay};
use dioxus::prelude::*;
use purse_bridge::{Busy, Command, QuoteId, QuoteView, Stage, TransactionId, View};

#[component]
pub fn Offer(
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
    // The offer that is shown no more: its minute is over, or another one was asked for.
    let mut passed = use_signal(|| None::<QuoteId>);
    // There was an offer since it was last asked for.
    let mut was_told = use_signal(|| false);
    // Asked, and the core was not seen at it yet.
    let mut asking = use_signal(|| true);
    // An offer becomes one order, however often it is tapped.
    let mut order = use_signal(|| None::<(QuoteId, TransactionId)>);
    let ask = use_callback(move |()| {
        passed.set(answer(&view.peek(), wanted).map(|quote| quote.id));
        was_told.set(false);
        asking.set(true);
        onask.call(());
        send.call(Command::AskQuote { sell: wanted.sell, buy: wanted.buy });
    });
    use_hook(move || ask.call(()));
    use_effect(move || {
        let view = view.read();
        if view.busy == Some(Busy::Quoting) {
            asking.set(false);
        }
        if answer(&view, wanted).is_some_and(|quote| Some(quote.id) != *passed.peek()) {
            was_told.set(true);
        }
    });

    let Some(open) = use_open() else { return rsx! {} };
    let (network, quoting, quote) = {
        let view = view.read();
        (view.network, view.busy == Some(Busy::Quoting), answer(&view, wanted))
    };
    let quote = quote.filter(|quote| Some(quote.id) != passed());
    let missing = words::network::missing(network);
    let waiting = quote.is_none() && missing.is_none() && (asking() || quoting || busy);
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
                // One region for all that is told, so that each is heard as it comes.
                div { role: "status", class: "Offer",
                    if let Some(quote) = &quote {
                        div { class: "ReviewHead",
                            p { class: "Section__note", {say::YOU_GET} }
                            p { "data-test": "convert-get", "data-minor": "{quote.buy.minor()}",
                                MoneyText { amount: quote.buy.money(), size: MoneySize::Display }
                            }
                            p { class: "Section__note", {say::HOLDS} }
                        }
                    } else if waiting {
                        p { class: "Section__note", {say::ASKING} }
                    } else if let Some(missing) = missing {
                        EmptyState { icon: Icon::Swap, title: missing, text: say::later(network) }
                    } else if was_told() {
                        div { "data-test": "convert-over",
                            EmptyState { icon: Icon::Clock, title: say::OVER_TITLE, text: say::OVER_TEXT }
                        }
                    } else {
                        div { "data-test": "convert-none",
                            EmptyState { icon: Icon::Swap, title: say::NONE_TITLE, text: say::NONE_TEXT }
                        }
                    }
                }
                if let Some(quote) = &quote {
                    for (id, expires_at) in [(quote.id, quote.expires_at)] {
                        Minute {
                            key: "{id}",
                            left_ms: expires_at.saturating_sub(format.now()),
                            onover: move |()| passed.set(Some(id)),
                        }
                    }
                    Terms { quote: quote.clone() }
                } else if waiting {
                    Skeleton { rows: 3 }
                }
            }
            footer { class: "Screen__foot",
                if let Some(reason) = failed {
                    Banner { kind: BannerKind::Bad, test: "convert-failed",
                        strong { {say::NOT_CONVERTED} }
                        "{reason}"
                    }
                } else if let (Some(missing), true) = (missing, quote.is_some()) {
                    Banner { kind: BannerKind::Offline, quiet: true,
                        strong { {missing} }
                        {say::later(network)}
                    }
                }
                if let Some(id) = quote.map(|quote| quote.id) {
                    ConfirmButton {
                        act: say::CONVERT,
                        amount: wanted.sell,
                        with,
                        passkey: passkey.is_some(),
                        busy,
                        disabled: missing.is_some(),
                        test: "convert-confirm",
                        onconfirm: {
                            let mut confirm = confirm.clone();
                            move |()| confirm(id)
                        },
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

/// What the view offers for it.
fn answer(view: &View, wanted: Wanted) -> Option<QuoteView> {
    let Stage::Open(open) = &view.stage else { return None };
    open.quote.clone().filter(|quote| wanted.is_answered_by(quote))
}

/// What is given for it, at which rate, and what the house keeps.
#[component]
fn Terms(quote: QuoteView) -> Element {
    let format = use_format();
    rsx! {
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
