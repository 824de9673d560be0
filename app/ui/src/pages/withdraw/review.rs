//! What leaves the wallet, for which bank account, with which fee; the amount that it names is what is withdrawn.

use crate::pages::add_money::Method;
use crate::pages::pay::{ConfirmButton, Costs, PasskeyNote, in_all, passkey_from};
use crate::parts::{Banner, BannerKind, MoneySize, MoneyText, Screen, TopBar, use_leave};
use crate::state::use_open;
use crate::words::{self, pay, withdraw as say};
use dioxus::prelude::*;
use purse_bridge::{Amount, Money, Network, PaymentMethodView, WalletView};

#[component]
pub fn Review(
    wallet: WalletView,
    method: PaymentMethodView,
    amount: Amount,
    network: Network,
    busy: bool,
    failed: Option<String>,
    onconfirm: EventHandler<()>,
) -> Element {
    let leave = use_leave();
    let Some(open) = use_open() else { return rsx! {} };
    let currency = amount.currency();
    let fee = Money::new(open.fees.withdraw.of(amount), currency);
    let left = wallet.after_queue.minus(in_all(amount, fee)).ok();
    let passkey = passkey_from(&open, amount);
    let revoked = words::network::is_revoked(network);
    let when = if network == Network::Online { say::NOW } else { pay::when_it_arrives(network) };
    let (act, with) = pay::confirm(network, passkey.is_some());
    let act = if network == Network::Online { say::WITHDRAW } else { act };
    rsx! {
        Screen { title: pay::REVIEW, kind: "narrow", busy,
            TopBar {
                title: pay::REVIEW,
                back: true,
                onback: move |()| {
                    if !busy {
                        leave.call(());
                    }
                },
            }
            div { class: "Screen__scroll", "data-test": "withdraw-review",
                div { class: "ReviewHead",
                    p { class: "Section__note", {say::YOU_WITHDRAW} }
                    p { MoneyText { amount: amount.money(), size: MoneySize::Display } }
                    p { class: "Section__note", {when} }
                }
                Method { method }
                dl { class: "Facts Card",
                    Costs { amount, fee, free: say::FEE_FREE, left, hidden: open.hide_amounts }
                }
            }
            footer { class: "Screen__foot",
                if let Some(reason) = failed {
                    Banner { kind: BannerKind::Bad, test: "withdraw-failed",
                        strong { {say::NOT_WITHDRAWN} }
                        "{reason}"
                    }
                } else if revoked {
                    Banner { kind: BannerKind::Bad, quiet: true,
                        strong { {pay::REVOKED_TITLE} }
                        {pay::REVOKED_TEXT}
                    }
                } else if let Some(from) = passkey {
                    PasskeyNote { from, text: say::PASSKEY_TEXT }
                }
                ConfirmButton {
                    act,
                    amount,
                    with,
                    passkey: passkey.is_some(),
                    busy,
                    disabled: revoked,
                    test: "withdraw-confirm",
                    onconfirm,
                }
            }
        }
    }
}
