//! Giving back some or all of a payment that came in, to whom it came from.

use super::pay::{OutcomeStep, amount_hint, find, passkey_from, typed, use_giving, within_bytes};
use crate::app::Route;
use crate::parts::{
    AmountPad, Avatar, Banner, BannerKind, Button, ButtonLink, EmptyState, Field, Icon, IconSvg, MoneyText,
    Screen, TopBar,
};
use crate::state::{use_format, use_host, use_open, use_view};
use crate::words::{self, give_back as say, pay};
use dioxus::prelude::*;
use purse_bridge::limits::MESSAGE_BYTES_MAX;
use purse_bridge::{Command, Fee, Network, Open, PaymentView, TransactionId, WalletView};

#[component]
pub fn GiveBack(id: String) -> Element {
    let giving = use_giving();
    let format = use_format();
    let Some(open) = use_open() else { return rsx! {} };
    if let Some(id) = giving.ordered() {
        return rsx! { OutcomeStep { id: id.to_string() } };
    }
    let payment = id.parse::<TransactionId>().ok().and_then(|id| find(&open, id)).cloned();
    // While the order is on its way into the outbox the rest may shrink to nothing.
    let returnable = payment.filter(|payment| payment.returnable.is_some() || giving.busy());
    let wallet = returnable.as_ref().and_then(|payment| wallet_of(&open, payment));
    let (Some(payment), Some(wallet)) = (returnable, wallet) else {
        return rsx! { Nothing {} };
    };
    rsx! {
        Form {
            payment,
            wallet,
            busy: giving.busy(),
            failed: giving.failed().map(|notice| words::notice(&notice, format)),
            ongive: move |(id, command): (TransactionId, Command)| giving.give(id, command),
        }
    }
}

fn wallet_of(open: &Open, payment: &PaymentView) -> Option<WalletView> {
    open.wallets.iter().find(|wallet| wallet.wallet == payment.wallet).cloned()
}

#[component]
fn Form(
    payment: PaymentView,
    wallet: WalletView,
    busy: bool,
    failed: Option<String>,
    ongive: EventHandler<(TransactionId, Command)>,
) -> Element {
    let host = use_host();
    let format = use_format();
    let network = use_view().read().network;
    // One page, one order.
    let id = use_hook(|| (host.new_transaction_id)());
    let mut message = use_signal(String::new);
    let all = payment.returnable.unwrap_or(payment.amount);
    let text = use_signal(|| all.money().to_plain_string());
    let Some(open) = use_open() else { return rsx! {} };
    let currency = wallet.balance.currency;
    let no_fee = Fee::default();
    let typed = typed(&text.read(), &wallet, &no_fee);
    let hint = if !wallet.frozen && typed.is_more_than(all) {
        Some(say::left(&format.amount(all)))
    } else {
        amount_hint(&typed, &wallet, &no_fee, open.hide_amounts, format)
    };
    let revoked = words::network::is_revoked(network);
    let amount = typed.amount().filter(|_| hint.is_none() && !revoked);
    let passkey = amount.and_then(|amount| passkey_from(&open, amount));
    let (act, with) = pay::confirm(network, passkey.is_some());
    let act = if network == Network::Online { say::GIVE_BACK } else { act };
    let of = payment.id;
    let give = move |()| {
        let Some(amount) = amount else { return };
        let message = message.peek().trim().to_owned();
        ongive.call((id, Command::Refund { id, payment: of, amount, message }));
    };
    let (paid, when) = say::paid_you(&format.ago(payment.decided_at.unwrap_or(payment.ordered_at)));
    let name = payment.party.name.clone();
    let seed = payment.party.handle.as_ref().map_or_else(|| name.clone(), ToString::to_string);
    rsx! {
        Screen { title: say::TITLE, busy,
            TopBar { title: say::TITLE, back: true }
            div { class: "AmountPage__who",
                div { class: "Card",
                    div { class: "ListRow ListRow--wrap", "data-test": "give-back-to",
                        Avatar { name: name.clone(), seed }
                        span { class: "ListRow__text",
                            span { class: "ListRow__title", bdi { "{name}" } }
                            span { class: "ListRow__sub",
                                span {
                                    "{paid}"
                                    MoneyText { amount: payment.amount.money(), hidden: open.hide_amounts }
                                    "{when}"
                                }
                            }
                        }
                    }
                }
            }
            AmountPad {
                currency,
                text,
                bad: hint.is_some(),
                hint: hint.unwrap_or_default(),
                onenter: give,
                above: rsx! {
                    Field {
                        label: pay::message_to(&name),
                        label_hidden: true,
                        name: "message",
                        icon: Icon::Pen,
                        placeholder: say::MESSAGE_PLACEHOLDER,
                        value: message.read().clone(),
                        maxlength: MESSAGE_BYTES_MAX,
                        disabled: busy,
                        test: "give-back-message",
                        oninput: move |text: String| message.set(within_bytes(&text, MESSAGE_BYTES_MAX)),
                    }
                },
                if let Some(reason) = failed {
                    Banner { kind: BannerKind::Bad, test: "give-back-failed",
                        strong { {say::NOT_GIVEN_BACK} }
                        "{reason}"
                    }
                }
                Button { block: true, busy, disabled: amount.is_none(), test: "give-back-confirm", onclick: give,
                    if passkey.is_some() {
                        IconSvg { icon: Icon::Passkey, size: "s" }
                    }
                    span {
                        if let Some(amount) = amount {
                            "{act}"
                            MoneyText { amount: amount.money() }
                            "{with}"
                        } else {
                            {say::TITLE}
                        }
                    }
                }
            }
        }
    }
}

#[component]
fn Nothing() -> Element {
    rsx! {
        Screen { title: say::TITLE, kind: "centre",
            TopBar { title: say::TITLE, back: true }
            div { class: "Screen__scroll",
                EmptyState { icon: Icon::Receipt, title: say::NOTHING_TITLE, text: say::NOTHING_TEXT,
                    ButtonLink { to: Route::Activity {}, block: true, {say::SEE_ACTIVITY} }
                }
            }
        }
    }
}
