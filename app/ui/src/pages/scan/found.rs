//! What a code turned out to be, where it fills in no page, and what can be done with it.

use super::transfer::{ShopFacts, TransferFacts};
use crate::app::Route;
use crate::pages::pay::known_payee;
use crate::parts::{Button, ButtonKind, ButtonLink, EmptyState, Icon, Screen, TopBar};
use crate::state::{ToFill, use_instead, use_open, use_send, use_view};
use crate::words::{network, pay, scan as say};
use dioxus::prelude::*;
use purse_bridge::{Busy, Command, Read, ToPay};

#[component]
pub fn Found(read: Read, onagain: EventHandler<()>) -> Element {
    let again = rsx! {
        Button { kind: ButtonKind::Soft, block: true, test: "scan-again", onclick: move |()| onagain.call(()), {say::AGAIN} }
    };
    let kind = name(&read);
    let plain = |icon: Icon, (title, text): (String, String), act: Element| {
        rsx! {
            Screen { title: say::READ_TITLE, kind: "centre",
                TopBar { title: say::READ_TITLE, back: true }
                div { class: "Screen__scroll", role: "status", "data-test": "scanned", "data-kind": kind,
                    EmptyState { icon, title, text, {act} }
                }
                footer { class: "Screen__foot", {again.clone()} }
            }
        }
    };
    let owned = |(title, text): (&str, &str)| (title.to_owned(), text.to_owned());
    match read {
        Read::Pay(pay) if pay.wants_a_wallet() => rsx! { NoSuchWallet { to_pay: pay, onagain } },
        // On the way to the page that they fill in.
        Read::Pay(_) | Read::Ask { .. } => rsx! {},
        Read::Transfer(transfer) => rsx! { TransferFacts { transfer, onagain } },
        Read::Shop(shop) => rsx! { ShopFacts { shop, onagain } },
        Read::Own => plain(Icon::Code, owned(say::OWN), rsx! {}),
        Read::Blocked { handle } => {
            let (title, text) = say::blocked(handle.as_str());
            let act = rsx! {
                ButtonLink { to: Route::Contact { handle: handle.to_string() }, block: true, test: "scan-contact", {say::SEE_THEM} }
            };
            plain(Icon::Block, (title, text.to_owned()), act)
        }
        Read::SomebodyElse { handle } => {
            let (title, text) = say::somebody_else(handle.as_str());
            plain(Icon::Warn, (title, text.to_owned()), rsx! {})
        }
        Read::Elsewhere { at } => {
            let (title, text) = say::elsewhere(&at);
            plain(Icon::Info, (title.to_owned(), text), rsx! {})
        }
        Read::Unreadable { error } => {
            let (title, text) = say::unreadable(error);
            plain(Icon::Warn, (title.to_owned(), text), rsx! {})
        }
    }
}

/// For tests, and for what is said of a kind.
const fn name(read: &Read) -> &'static str {
    match read {
        Read::Pay(_) => "pay",
        Read::Ask { .. } => "ask",
        Read::Transfer(_) => "transfer",
        Read::Shop(_) => "shop",
        Read::Own => "own",
        Read::Blocked { .. } => "blocked",
        Read::SomebodyElse { .. } => "somebody-else",
        Read::Elsewhere { .. } => "elsewhere",
        Read::Unreadable { .. } => "unreadable",
    }
}

/// Asked for in a currency in which there is no wallet: once there is, the payment goes on.
#[component]
fn NoSuchWallet(to_pay: ToPay, onagain: EventHandler<()>) -> Element {
    let send = use_send();
    let view = use_view();
    let instead = use_instead();
    let ToFill(mut to_fill) = use_context::<ToFill>();
    let Some(open) = use_open() else { return rsx! {} };
    let Some(currency) = to_pay.sum.currency() else { return rsx! {} };
    let (network_now, busy) = {
        let view = view.read();
        (view.network, view.busy == Some(Busy::Saving))
    };
    let there =
        open.wallets.iter().find(|wallet| wallet.balance.currency == currency).map(|wallet| wallet.wallet);
    let name = known_payee(&open, &to_pay.to).shown();
    let missing = network::missing(network_now);
    rsx! {
        Screen { title: say::READ_TITLE, kind: "centre",
            TopBar { title: say::READ_TITLE, back: true }
            div { class: "Screen__scroll", "data-test": "scanned", "data-kind": "no-wallet",
                EmptyState {
                    icon: Icon::Bank,
                    title: say::asks_in(&name, currency.name()),
                    text: if there.is_some() { "" } else { say::NO_SUCH_WALLET },
                    if let Some(missing) = missing.filter(|_| there.is_none()) {
                        p { class: "Section__note", {missing} }
                    }
                }
            }
            footer { class: "Screen__foot",
                if let Some(wallet) = there {
                    Button {
                        block: true,
                        test: "scan-go-on",
                        onclick: move |()| {
                            let handle = to_pay.to.to_string();
                            to_fill.set(Some(ToPay { wallet: Some(wallet), ..to_pay.clone() }));
                            instead(Route::PayTo { handle });
                        },
                        {say::GO_ON}
                    }
                } else {
                    Button {
                        block: true,
                        disabled: missing.is_some(),
                        busy,
                        test: "scan-open-wallet",
                        onclick: move |()| send.call(Command::OpenWallet { currency }),
                        {say::open_wallet(currency.name())}
                    }
                }
                Button { kind: ButtonKind::Quiet, block: true, test: "scan-again", onclick: move |()| onagain.call(()), {pay::BACK} }
            }
        }
    }
}
