//! What there is, what still waits, what happened last.

use super::planned::PlannedRow;
use super::wallets::{NewWalletSheet, WalletCard, WalletSheet};
use crate::app::Route;
use crate::parts::{
    Avatar, Badge, Banner, BannerKind, Button, ButtonKind, ButtonLink, EmptyState, Icon, IconButton, IconSvg,
    PaymentRow, Screen, Skeleton,
};
use crate::state::{Width, use_format, use_open, use_send, use_view, use_width};
use crate::words;
use dioxus::prelude::*;
use purse_bridge::{Command, Network, Open, QueueTotals, Storage, WalletId};
use std::rc::Rc;

const QUEUE_SHOWN: usize = 5;
const PLANNED_SHOWN: usize = 2;
const RECENT_SHOWN: usize = 6;

#[derive(Clone, Copy, PartialEq)]
enum Over {
    Nothing,
    NewWallet,
    Wallet(WalletId),
}

#[component]
pub fn Home() -> Element {
    let mut over = use_signal(|| Over::Nothing);
    let width = use_width();
    let Some(open) = use_open() else { return rsx! {} };
    let close = move |()| over.set(Over::Nothing);
    // Nothing is stored yet: neither balances nor their absence may be shown.
    let loading = open.as_of == 0 && open.wallets.is_empty();
    let first_day =
        !loading && open.activity.is_empty() && open.queue.is_empty() && open.schedules.is_empty();
    rsx! {
        Screen { title: "Home",
            if width == Width::Phone {
                PhoneTop { open: open.clone() }
            } else {
                header { class: "TopBar TopBar--big",
                    h1 { class: "TopBar__title", "Home" }
                    span { HideAmounts { hidden: open.hide_amounts } }
                }
            }
            div { class: "Screen__scroll",
                Freshness { open: open.clone() }
                if loading {
                    div { class: if width == Width::Phone { "Carousel" } else { "Wallets" }, "aria-hidden": "true",
                        i { class: "Skeleton Skeleton--note" }
                        i { class: "Skeleton Skeleton--note" }
                    }
                }
                if !loading {
                    ul { class: if width == Width::Phone { "Carousel" } else { "Wallets" }, "aria-label": "Balances",
                        for wallet in open.wallets.iter().cloned() {
                            li { key: "{wallet.wallet}",
                                WalletCard {
                                    hidden: open.hide_amounts,
                                    onclick: move |()| over.set(Over::Wallet(wallet.wallet)),
                                    wallet,
                                }
                            }
                        }
                        li {
                            button {
                                class: "WalletCard WalletCard--add",
                                r#type: "button",
                                "data-test": "wallet-open",
                                onclick: move |_| over.set(Over::NewWallet),
                                IconSvg { icon: Icon::Plus }
                                "New currency"
                            }
                        }
                    }
                }
                nav { class: "ActionBar ActionBar--six", "aria-label": "Actions",
                    Link { to: Route::Pay {}, class: "ActionBar__item ActionBar__item--main",
                        IconSvg { icon: Icon::Out }
                        "Pay"
                    }
                    Link { to: Route::Ask {}, class: "ActionBar__item", "data-test": "home-ask",
                        IconSvg { icon: Icon::In }
                        "Ask"
                    }
                    Link { to: Route::Scan {}, class: "ActionBar__item", "data-test": "home-scan",
                        IconSvg { icon: Icon::Code }
                        "Scan"
                    }
                    Link { to: Route::AddMoney {}, class: "ActionBar__item", "data-test": "home-add-money",
                        IconSvg { icon: Icon::Plus }
                        "Add money"
                    }
                    Link { to: Route::Withdraw {}, class: "ActionBar__item", "data-test": "home-withdraw",
                        IconSvg { icon: Icon::Bank }
                        "Withdraw"
                    }
                    Link { to: Route::Convert {}, class: "ActionBar__item", "data-test": "home-convert",
                        IconSvg { icon: Icon::Swap }
                        "Convert"
                    }
                }
                if !open.queue.is_empty() {
                    Queue { open: open.clone() }
                }
                if !open.schedules.is_empty() {
                    Upcoming { open: open.clone() }
                }
                if open.storage == Storage::MayBeDropped {
                    StorageNote { queued: open.queued.unsent }
                }
                if loading {
                    Skeleton { rows: 4 }
                } else if first_day {
                    EmptyState {
                        icon: Icon::List,
                        title: "Nothing here yet",
                        text: "Payments you send and receive are listed here, offline ones too.",
                        ButtonLink { to: Route::AddMoney {}, kind: ButtonKind::Soft, block: true,
                            IconSvg { icon: Icon::Plus, size: "s" }
                            span { "Add money" }
                        }
                    }
                } else {
                    Recent { open: open.clone() }
                    if !open.recovery.saved {
                        RecoveryNote {}
                    }
                }
            }
            match over() {
                Over::Nothing => rsx! {},
                Over::NewWallet => rsx! { NewWalletSheet { onclose: close } },
                Over::Wallet(wallet) => rsx! { WalletSheet { wallet, onclose: close } },
            }
        }
    }
}

#[component]
fn PhoneTop(open: Rc<Open>) -> Element {
    let unseen = open.unseen_alerts;
    let label = if unseen == 0 { "Alerts".to_owned() } else { format!("Alerts, {unseen} new") };
    let name = &open.me.display_name;
    rsx! {
        header { class: "TopBar TopBar--home",
            Link { to: Route::Settings {}, class: "HomeWho",
                Avatar { name: name.clone(), seed: open.me.handle.to_string(), size: "s" }
                span { bdi { "{name}" } }
            }
            span { h1 { class: "sr-only", "Home" } }
            span {
                HideAmounts { hidden: open.hide_amounts }
                Link {
                    to: Route::Alerts {},
                    class: "IconButton",
                    "aria-label": label,
                    "data-test": "nav-alerts",
                    IconSvg { icon: Icon::Bell }
                    if unseen > 0 {
                        span { class: "IconButton__count", "aria-hidden": "true", "data-test": "alert-count", "{unseen}" }
                    }
                }
            }
        }
    }
}

#[component]
fn HideAmounts(hidden: bool) -> Element {
    let send = use_send();
    rsx! {
        IconButton {
            label: "Hide amounts",
            icon: if hidden { Icon::EyeOff } else { Icon::Eye },
            pressed: hidden,
            test: "hide-amounts",
            onclick: move |()| send(Command::SetHideAmounts { hidden: !hidden }),
        }
    }
}

/// Offline: as of when the balances are. Never more certain than the ledger.
#[component]
fn Freshness(open: Rc<Open>) -> Element {
    let format = use_format();
    let network = use_view().read().network;
    // A desktop's SideNav says that there is no network.
    let beside = use_width() == Width::Desktop;
    let as_of = format.since(open.as_of);
    if open.as_of == 0 {
        // Never in step so far: there is no moment to name.
        return match network {
            Network::Online => rsx! {},
            _ => rsx! {
                p { class: "Section__note", "Your balances are shown as soon as there is a network." }
            },
        };
    }
    match network {
        Network::Offline { .. } if !beside => rsx! {
            Banner { kind: BannerKind::Offline, quiet: true, test: "home-offline",
                strong { "You are offline" }
                "Balances as of {as_of}. You can go on paying."
            }
        },
        Network::Offline { .. } | Network::UpdateNeeded | Network::SignInNeeded { .. } => rsx! {
            p { class: "Section__note", "Balances as of {as_of}." }
        },
        Network::Connecting | Network::Online => rsx! {},
    }
}

/// `Queued` when all of it only waits for the network; otherwise some of it waits for a person.
fn queue_title(queued: &QueueTotals) -> &'static str {
    if queued.unsent == queued.count { "Queued" } else { "Not settled yet" }
}

#[component]
fn Queue(open: Rc<Open>) -> Element {
    let format = use_format().hiding(open.hide_amounts);
    rsx! {
        section { class: "Section", "aria-labelledby": "home-queue",
            div { class: "Section__head",
                h2 { class: "Section__title", id: "home-queue", {queue_title(&open.queued)} }
                if open.queued.count > QUEUE_SHOWN {
                    Link { to: Route::Activity {}, class: "TextLink", "data-test": "home-queue-all",
                        {words::queue_all(&open.queued, format)}
                    }
                }
            }
            div { class: "Queue",
                ul { class: "List",
                    for payment in open.queue.iter().take(QUEUE_SHOWN).cloned() {
                        li { key: "{payment.id}", PaymentRow { payment } }
                    }
                }
            }
        }
    }
}

/// What is planned, the next first.
#[component]
fn Upcoming(open: Rc<Open>) -> Element {
    rsx! {
        section { class: "Section", "aria-labelledby": "home-planned",
            div { class: "Section__head",
                h2 { class: "Section__title", id: "home-planned", {words::planned::SECTION} }
                Link { to: Route::Planned {}, class: "TextLink", "data-test": "home-planned", {words::planned::ALL} }
            }
            ul { class: "List Card",
                for schedule in open.schedules.iter().take(PLANNED_SHOWN).cloned() {
                    li { key: "{schedule.id}", PlannedRow { schedule } }
                }
            }
        }
    }
}

#[component]
fn Recent(open: Rc<Open>) -> Element {
    rsx! {
        section { class: "Section", "aria-labelledby": "home-recent",
            div { class: "Section__head",
                h2 { class: "Section__title", id: "home-recent", "Recent" }
                Link { to: Route::Activity {}, class: "TextLink", "See all" }
            }
            if open.activity.is_empty() {
                p { class: "Section__note", "Nothing has settled yet." }
            } else {
                ul { class: "List Card",
                    for payment in open.activity.iter().take(RECENT_SHOWN).cloned() {
                        li { key: "{payment.id}", PaymentRow { payment } }
                    }
                }
            }
        }
    }
}

/// Said before the first offline payment, and loudest while something waits.
#[component]
fn StorageNote(queued: usize) -> Element {
    let send = use_send();
    rsx! {
        Banner { kind: BannerKind::Plain, quiet: true, icon: Icon::Warn, test: "storage-note",
            strong { "This browser may clear its storage" }
            "What is queued here could be lost before it is settled. Installing Purse on this device prevents that."
            if queued > 0 {
                div { class: "Banner__act",
                    Button {
                        kind: ButtonKind::Soft,
                        small: true,
                        onclick: move |()| send(Command::SaveQueueToFile),
                        "Save the queue as a file"
                    }
                }
            }
        }
    }
}

#[component]
fn RecoveryNote() -> Element {
    rsx! {
        Link { to: Route::RecoveryCode {}, class: "Card ListRow ListRow--wrap",
            Badge { icon: Icon::Key, tint: "info" }
            span { class: "ListRow__text",
                span { class: "ListRow__title", "Write down a recovery code" }
                span { class: "ListRow__sub",
                    span { "Without it, losing every passkey and device means losing your notes and contacts." }
                }
            }
            IconSvg { icon: Icon::Next, size: "s" }
        }
    }
}
