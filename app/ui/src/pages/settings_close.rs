//! Closing the account: what goes, what stays, what stands in the way, and one more question.

use crate::parts::{Banner, BannerKind, Button, ButtonKind, Icon, Screen, Sheet, TopBar};
use crate::state::{use_format, use_open, use_send, use_view};
use crate::words::close_account as say;
use dioxus::prelude::*;
use purse_bridge::{Busy, Command, Network, Open};

/// What must be done first, as far as this device knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct First {
    /// In the wallets, a figure for each that has something.
    money: Vec<purse_bridge::Money>,
    under_way: bool,
    planned: bool,
}

impl First {
    fn of(open: &Open) -> Self {
        let left = open.wallets.iter().map(|wallet| wallet.balance).filter(|balance| balance.minor != 0);
        let planned = !open.schedules.is_empty();
        Self { money: left.collect(), under_way: !open.queue.is_empty(), planned }
    }
    fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

#[component]
pub fn CloseAccount() -> Element {
    let format = use_format();
    let mut sure = use_signal(|| false);
    let Some(open) = use_open() else { return rsx! {} };
    let offline = matches!(use_view().read().network, Network::Offline { .. });
    let first = First::of(&open);
    let may = first.is_nothing() && !offline;
    rsx! {
        Screen { title: say::TITLE,
            TopBar { title: say::TITLE, back: true }
            div { class: "Screen__scroll",
                if !first.is_nothing() {
                    Banner { kind: BannerKind::Bad, icon: Icon::Warn, quiet: true, test: "close-first",
                        strong { {say::FIRST_TITLE} }
                        for money in first.money.clone() {
                            p { key: "{money.currency.code()}", {say::money_left(&format.money(money))} }
                        }
                        if first.under_way {
                            p { {say::UNDER_WAY} }
                        }
                        if first.planned {
                            p { {say::PLANNED} }
                        }
                    }
                }
                section { class: "Section", "aria-labelledby": "close-goes",
                    h2 { class: "Section__title", id: "close-goes", {say::GOES_TITLE} }
                    p { class: "Section__note", {say::GOES} }
                }
                section { class: "Section", "aria-labelledby": "close-stays",
                    h2 { class: "Section__title", id: "close-stays", {say::STAYS_TITLE} }
                    p { class: "Section__note", {say::handle_stays(open.me.handle.as_str())} }
                    p { class: "Section__note", {say::LEDGER_STAYS} }
                    p { class: "Section__note", {say::OTHERS_KEEP} }
                }
                if offline {
                    p { class: "Section__note", {say::OFFLINE} }
                }
            }
            footer { class: "Screen__foot",
                Button { kind: ButtonKind::Danger, block: true, disabled: !may, test: "close-account",
                    onclick: move |()| sure.set(true),
                    {say::CLOSE}
                }
            }
            if sure() {
                SureSheet { onclose: move |()| sure.set(false) }
            }
        }
    }
}

#[component]
fn SureSheet(onclose: EventHandler<()>) -> Element {
    let send = use_send();
    let busy = use_view().read().busy == Some(Busy::Saving);
    rsx! {
        Sheet { title: say::SURE, test: "close-question", onclose,
            p { class: "Section__note", {say::SURE_TEXT} }
            div { class: "Sheet__act",
                Button { block: true, test: "close-stay", onclick: move |()| onclose.call(()), {say::STAY} }
                Button { kind: ButtonKind::Danger, block: true, busy, test: "close-anyway",
                    onclick: move |()| {
                        send(Command::CloseAccount);
                        onclose.call(());
                    },
                    {say::ANYWAY}
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::fixture::{open, paid};
    use purse_bridge::{Money, PaymentState};

    #[test]
    fn what_stands_in_the_way() {
        let mut open = open();
        (open.queue, open.schedules) = (Vec::new(), Vec::new());
        for wallet in &mut open.wallets {
            wallet.balance = Money::zero(wallet.balance.currency);
        }
        assert!(First::of(&open).is_nothing());
        open.queue = vec![paid(1, PaymentState::Queued)];
        assert_eq!(First::of(&open), First { under_way: true, ..First::default() });
        open.queue.clear();
        open.wallets[0].balance.minor = 5;
        let money = vec![open.wallets[0].balance];
        assert_eq!(First::of(&open), First { money, ..First::default() });
    }
}
