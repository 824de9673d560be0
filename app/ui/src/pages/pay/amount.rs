//! How much, from which wallet, and a message for the payee.

use super::draft::{Known, Payee, Typed, typed, within_bytes};
use super::hint::amount_hint;
use super::payee::{PayeeCard, PayeeTrouble};
use crate::app::Route;
use crate::parts::{AmountPad, Banner, BannerKind, Button, Coin, Field, Icon, MoneyText, Screen, TopBar};
use crate::state::{use_format, use_open};
use crate::words::{pay as say, scan};
use dioxus::prelude::*;
use purse_bridge::limits::MESSAGE_BYTES_MAX;
use purse_bridge::{WalletId, WalletView};

/// From here on the message says how much room is left.
const MESSAGE_BYTES_LOW: usize = 60;

#[component]
pub fn AmountStep(
    payee: Payee,
    wallet: WalletView,
    online: bool,
    /// A request filled it in.
    #[props(default)]
    filled: bool,
    text: Signal<String>,
    message: Signal<String>,
    onwallet: EventHandler<WalletId>,
    onnext: EventHandler<()>,
) -> Element {
    let format = use_format();
    let mut message = message;
    let Some(open) = use_open() else { return rsx! {} };

    let currency = wallet.balance.currency;
    let typed = typed(&text.read(), &wallet, &open.fees.send);
    let payable = !matches!(payee.known, Known::Nobody | Known::Myself);
    let hint = amount_hint(&typed, &wallet, &open.fees.send, open.hide_amounts, format);
    let missing = match typed {
        Typed::Over { missing, .. } if !wallet.frozen => Some(missing),
        _ => None,
    };
    let ready = payable && !wallet.frozen && typed.amount().is_some();
    let name = payee.shown();
    let message_text = message.read().clone();
    let room = MESSAGE_BYTES_MAX.saturating_sub(message_text.len());

    rsx! {
        Screen { title: say::PAY,
            TopBar { title: say::PAY, back: true }
            div { class: "AmountPage__who",
                PayeeCard { payee: payee.clone(), online }
                if filled && payable {
                    Banner { kind: BannerKind::Info, quiet: true, test: "pay-filled-in",
                        strong { {scan::FILLED_IN} }
                        {scan::FILLED_IN_TEXT}
                    }
                }
                PayeeTrouble { known: payee.known.clone(), handle: payee.handle.to_string() }
            }
            AmountPad {
                currency,
                text,
                bad: hint.is_some(),
                hint: hint.unwrap_or_default(),
                onenter: move |()| {
                    if ready {
                        onnext.call(());
                    }
                },
                above: rsx! {
                    if let Some(missing) = missing {
                        Link {
                            to: Route::AddMissing {
                                currency: currency.code().to_owned(),
                                amount: missing.to_plain_string(),
                            },
                            class: "TextLink",
                            "data-test": "pay-add-money",
                            {say::ADD_MONEY}
                        }
                    }
                    WalletChoice { wallets: open.wallets.clone(), chosen: wallet.wallet, hidden: open.hide_amounts, onwallet }
                    Field {
                        label: say::message_to(&name),
                        label_hidden: true,
                        name: "message",
                        icon: Icon::Pen,
                        placeholder: say::MESSAGE_PLACEHOLDER,
                        value: message_text,
                        hint: if room < MESSAGE_BYTES_LOW { say::letters_left(room) } else { String::new() },
                        maxlength: MESSAGE_BYTES_MAX,
                        test: "pay-message",
                        oninput: move |text: String| message.set(within_bytes(&text, MESSAGE_BYTES_MAX)),
                    }
                },
                Button { block: true, disabled: !ready, test: "pay-next", onclick: move |()| onnext.call(()), {say::REVIEW} }
            }
        }
    }
}

/// One wallet is said, several are chosen from.
#[component]
pub fn WalletChoice(
    wallets: Vec<WalletView>,
    chosen: WalletId,
    hidden: bool,
    #[props(default = say::WALLET_CHOICE)] label: &'static str,
    onwallet: EventHandler<WalletId>,
) -> Element {
    let several = wallets.len() > 1;
    rsx! {
        if several {
            div { class: "ChipRow ChipRow--centre", role: "group", "aria-label": label,
                for wallet in wallets {
                    button {
                        key: "{wallet.wallet}",
                        class: "Chip AmountPad__wallet",
                        r#type: "button",
                        "aria-pressed": (wallet.wallet == chosen).to_string(),
                        "data-test": "pay-wallet-{wallet.balance.currency}",
                        onclick: move |_| onwallet.call(wallet.wallet),
                        WalletWords { wallet: wallet.clone(), hidden, from: wallet.wallet == chosen }
                    }
                }
            }
        } else {
            for wallet in wallets {
                span { class: "Chip AmountPad__wallet", WalletWords { wallet, hidden, from: true } }
            }
        }
    }
}

#[component]
fn WalletWords(wallet: WalletView, hidden: bool, from: bool) -> Element {
    let currency = wallet.balance.currency;
    rsx! {
        Coin { currency, small: true }
        span {
            if from {
                {say::from_wallet(currency.name())}
            } else {
                {currency.name()}
            }
            ", "
            MoneyText { amount: wallet.after_queue, hidden }
        }
    }
}
