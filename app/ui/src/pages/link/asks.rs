//! The question itself: one filled button for yes, and a no that is always there.

use super::card::{Claim, Groups, split};
use crate::parts::{Banner, BannerKind, Button, ButtonKind, Icon, IconSvg, Screen, TopBar};
use crate::state::{use_format, use_open, use_send, use_view};
use crate::words::link as words;
use dioxus::prelude::*;
use purse_bridge::{AskedPayment, Busy, Command, PaymentKind, PurposeView, RequestView};

#[component]
pub(super) fn Asks(request: RequestView, answered_here: Signal<bool>) -> Element {
    let send = use_send();
    let format = use_format();
    let mut answered_here = answered_here;
    let busy = use_view().read().busy == Some(Busy::Linking);
    let me = use_open().map(|open| (open.me.display_name.clone(), open.me.handle.clone()));
    let link = request.link;
    let (title, wants, yes) = match &request.purpose {
        PurposeView::LetIn { .. } => {
            (words::LET_IN, words::WANTS_IN.to_owned(), words::YES_LET_IN.to_owned())
        }
        PurposeView::StepUp { payments } => {
            let amounts: Vec<String> = payments.iter().map(|payment| format.amount(payment.amount)).collect();
            (words::APPROVE, words::WANTS_APPROVAL.to_owned(), words::yes_approve(&amounts.join(", ")))
        }
        PurposeView::Confirm { act, .. } => {
            let wants = format!("{} {}.", words::WANTS_PASSKEY, words::act(*act));
            (words::CONFIRM, wants, words::YES_CONFIRM.to_owned())
        }
    };
    let may = !request.somebody_elses;
    rsx! {
        Screen { title,
            TopBar { title }
            div { class: "Screen__scroll", "data-test": "link-asks",
                Banner { kind: BannerKind::Info, icon: Icon::Warn, quiet: true,
                    strong { {words::ONLY_IF_YOU} }
                    {words::NEVER_SENT}
                }
                Claim { name: request.name.clone(), kind: request.kind, wants }
                match &request.purpose {
                    PurposeView::LetIn { .. } => rsx! {
                        p { class: "Section__note", {words::WHAT_IT_CAN} }
                    },
                    PurposeView::StepUp { payments } => rsx! {
                        for (place, payment) in payments.iter().enumerate() {
                            Payment { key: "{place}", payment: payment.clone() }
                        }
                    },
                    PurposeView::Confirm { figures: Some(figures), .. } => rsx! {
                        p { class: "Section__note", {words::COMPARE_WHY} }
                        Groups { label: words::FIGURES, groups: split(figures), test: "link-of-figures" }
                    },
                    PurposeView::Confirm { figures: None, .. } => rsx! {},
                }
                if request.somebody_elses {
                    Banner { kind: BannerKind::Bad, test: "link-not-yours",
                        strong { {words::SOMEBODY_ELSES} }
                        {words::SOMEBODY_ELSES_WHY}
                    }
                }
                dl { class: "Facts",
                    if let (PurposeView::LetIn { .. }, Some((name, handle))) = (&request.purpose, me) {
                        div {
                            dt { {words::YOUR_WALLET} }
                            dd { bdi { "{name}" } " · @{handle}" }
                        }
                    }
                    div {
                        dt { {words::ANSWER_TO} }
                        dd { {words::THIS_COMPUTER} }
                    }
                }
            }
            footer { class: "Screen__foot",
                Button {
                    block: true,
                    busy,
                    disabled: !may,
                    test: "link-approve",
                    onclick: move |()| {
                        answered_here.set(true);
                        send(Command::ApproveLink { link });
                    },
                    IconSvg { icon: Icon::Passkey, size: "s" }
                    span { "{yes}" }
                }
                Button {
                    kind: ButtonKind::Quiet,
                    block: true,
                    disabled: busy,
                    test: "link-refuse",
                    onclick: move |()| {
                        answered_here.set(true);
                        send(Command::RefuseLink { link });
                    },
                    {words::NO}
                }
            }
        }
    }
}

/// The amount is the largest thing, then who.
#[component]
fn Payment(payment: AskedPayment) -> Element {
    let format = use_format();
    let whom = match (&payment.to, payment.kind) {
        (Some(handle), _) => format!("@{handle}"),
        (None, PaymentKind::Withdrawal) => crate::words::TO_BANK.to_owned(),
        (None, _) => crate::words::BETWEEN_WALLETS.to_owned(),
    };
    rsx! {
        div { class: "Card Card--pad", "data-test": "link-payment",
            p { class: "EmptyState__title", {format.amount(payment.amount)} }
            p { class: "Section__note", bdi { "{whom}" } }
            if !payment.message.is_empty() {
                p { class: "Fine", bdi { "{payment.message}" } }
            }
        }
    }
}
