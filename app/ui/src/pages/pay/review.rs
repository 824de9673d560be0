//! All that is about to be signed, once more and in full. The amount is always shown here, hidden or not:
//! nobody should sign what they cannot see.

use super::confirm::{ConfirmButton, PasskeyNote};
use super::costs::{Costs, in_all};
use super::draft::{Known, Payee, passkey_from, will_ask_for_name};
use super::payee::{PayeeChecked, PayeeTrouble};
use super::when::{Chosen, When, WhenChoice, chosen};
use crate::app::Route;
use crate::pages::payment::other_wallet;
use crate::parts::{
    Banner, BannerKind, Button, ButtonKind, ButtonLink, Field, Icon, IconSvg, MoneySize, MoneyText, Screen,
    TopBar,
};
use crate::state::{use_format, use_open};
use crate::words::refusal::NOT_PAID;
use crate::words::{self, pay as say, planned};
use dioxus::prelude::*;
use purse_bridge::{Amount, Money, Network, Notice, Storage, WalletId, WalletView};

#[component]
pub fn Review(
    payee: Payee,
    wallet: WalletView,
    amount: Amount,
    message: String,
    note: Signal<String>,
    when: Signal<When>,
    network: Network,
    /// The order was given and is not answered yet.
    busy: bool,
    failed: Option<Notice>,
    onback: EventHandler<()>,
    /// Another wallet is to pay.
    onwallet: EventHandler<WalletId>,
    onconfirm: EventHandler<()>,
) -> Element {
    let format = use_format();
    let mut note = note;
    let Some(open) = use_open() else { return rsx! {} };

    let online = network == Network::Online;
    let passkey = passkey_from(&open, amount);
    let may_be_lost = !online && open.storage == Storage::MayBeDropped && open.queue.is_empty();
    let asks_name = will_ask_for_name(&open, &payee, amount);
    let revoked = words::network::is_revoked(network);
    let payable = !matches!(payee.known, Known::Nobody | Known::Myself) && !revoked;
    let missing = match &failed {
        Some(Notice::InsufficientFunds { missing, .. }) => Some(*missing),
        _ => None,
    };
    let other = other_wallet(&open, wallet.wallet).filter(|_| missing.is_some()).map(|other| other.wallet);
    let currency = amount.currency();
    let fee = Money::new(open.fees.send.of(amount), currency);
    let when_chosen = chosen(&when.read(), format);
    let plan = match &when_chosen {
        Chosen::Later(plan) => Some(plan.clone()),
        Chosen::Now | Chosen::Wrong { .. } => None,
    };
    let left = wallet.after_queue.minus(in_all(amount, fee)).ok().filter(|_| when_chosen == Chosen::Now);
    let new_until = open.new_until.filter(|_| plan.is_some());
    let by_passkey = passkey.is_some() || new_until.is_some();
    let (act, with) = say::confirm(network, by_passkey);
    let act = if when_chosen == Chosen::Now { act } else { planned::confirm(network) };
    let payable = payable && !matches!(when_chosen, Chosen::Wrong { .. });
    let arrives = match &when_chosen {
        Chosen::Now => say::when_it_arrives(network).to_owned(),
        Chosen::Later(plan) => planned::first_on(plan, format),
        Chosen::Wrong { .. } => planned::ON_A_LATER_DAY.to_owned(),
    };
    let reason = failed.map(|notice| words::notice(&notice, format));

    rsx! {
        Screen { title: say::REVIEW, kind: "narrow", busy,
            TopBar {
                title: say::REVIEW,
                back: true,
                onback: move |()| {
                    // What was ordered cannot be changed any more, only awaited.
                    if !busy {
                        onback.call(());
                    }
                },
            }
            div { class: "Screen__scroll", "data-test": "pay-review",
                div { class: "ReviewHead",
                    p { class: "Section__note", {say::YOU_PAY} }
                    p { MoneyText { amount: amount.money(), size: MoneySize::Display } }
                    p { class: "Section__note", "data-test": "review-arrives", "{arrives}" }
                }
                PayeeChecked { payee: payee.clone(), online }
                dl { class: "Facts Card",
                    Costs { amount, fee, free: say::FEE_FREE, left, hidden: open.hide_amounts }
                    if let Some(plan) = &plan {
                        div {
                            dt { {planned::HOW_OFTEN} }
                            dd { {planned::how_often(plan)} }
                        }
                    }
                    if !message.trim().is_empty() {
                        div {
                            dt { {say::message_to(&payee.shown())} }
                            dd { bdi { "{message}" } }
                        }
                    }
                }
                WhenChoice { when, disabled: busy }
                if plan.is_some() {
                    p { class: "Fine", {planned::rules(network)} }
                }
                Field {
                    label: say::PRIVATE_NOTE,
                    name: "note",
                    icon: Icon::Lock,
                    value: note.read().clone(),
                    hint: say::PRIVATE_NOTE_HINT,
                    disabled: busy,
                    test: "pay-note",
                    oninput: move |text| note.set(text),
                }
            }
            footer { class: "Screen__foot",
                if let Some(reason) = reason {
                    Banner { kind: BannerKind::Bad, test: "pay-failed",
                        strong { {NOT_PAID} }
                        "{reason}"
                    }
                } else if revoked {
                    Banner { kind: BannerKind::Bad, quiet: true, test: "pay-revoked",
                        strong { {say::REVOKED_TITLE} }
                        {say::REVOKED_TEXT}
                    }
                } else if !payable {
                    PayeeTrouble { known: payee.known.clone(), handle: payee.handle.to_string() }
                } else if may_be_lost {
                    Banner { kind: BannerKind::Offline, icon: Icon::Warn, quiet: true, test: "pay-may-be-lost",
                        strong { {say::MAY_BE_DROPPED_TITLE} }
                        {say::MAY_BE_DROPPED_TEXT}
                    }
                } else if asks_name {
                    Banner { kind: BannerKind::Info, quiet: true, test: "pay-asks-name",
                        strong { {say::ASKS_NAME_TITLE} }
                        {say::ASKS_NAME_TEXT}
                    }
                } else if let Some(from) = passkey {
                    PasskeyNote { from, text: say::PASSKEY_TEXT }
                } else if let Some(until) = new_until {
                    Banner { kind: BannerKind::Info, icon: Icon::Passkey, quiet: true, test: "pay-plans-by-passkey",
                        strong { {say::PASSKEY_TITLE} }
                        {planned::new_device(until, format)}
                    }
                }
                // A refusal has its next step as a button; the act itself would only fail again.
                if let Some(missing) = missing {
                    ButtonLink {
                        to: Route::AddMissing {
                            currency: missing.currency.code().to_owned(),
                            amount: missing.to_plain_string(),
                        },
                        block: true,
                        test: "next-add",
                        IconSvg { icon: Icon::Plus, size: "s" }
                        span {
                            {say::ADD}
                            MoneyText { amount: missing }
                        }
                    }
                }
                if let Some(other) = other {
                    Button { kind: ButtonKind::Soft, block: true, test: "next-other-wallet", onclick: move |()| onwallet.call(other),
                        {say::OTHER_WALLET}
                    }
                }
                ConfirmButton {
                    kind: if missing.is_some() { ButtonKind::Quiet } else { ButtonKind::Primary },
                    act,
                    amount,
                    with,
                    passkey: by_passkey,
                    busy,
                    disabled: !payable,
                    test: "pay-confirm",
                    onconfirm,
                }
            }
        }
    }
}
