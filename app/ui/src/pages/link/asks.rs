//! The question itself: one filled button for yes, and a no that is always there.

use super::card::{Claim, Groups, split};
use crate::parts::{Banner, BannerKind, Button, ButtonKind, EmptyState, Icon, IconSvg, Screen, TopBar};
use crate::state::{use_format, use_open, use_send, use_view};
use crate::words::{approve, link as words};
use dioxus::prelude::*;
use purse_bridge::{AskedPayment, AskedPayments, Busy, Command, LinkHash, PurposeView, RequestView};

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
            let all = payments_of(payments);
            (approve::title(all), words::WANTS_APPROVAL.to_owned(), approve::yes(all, format))
        }
        PurposeView::Confirm { act, .. } => {
            let wants = format!("{} {}.", words::WANTS_PASSKEY, words::act(*act));
            (words::CONFIRM, wants, words::YES_CONFIRM.to_owned())
        }
    };
    let unsaid = match &request.purpose {
        PurposeView::StepUp { payments } => payments_of(payments).is_empty(),
        PurposeView::LetIn { .. } | PurposeView::Confirm { .. } => false,
    };
    let may = !request.somebody_elses && !unsaid;
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
                        for (place, payment) in payments_of(payments).iter().enumerate() {
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
                        dd { {words::THIS_DEVICE} }
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
                No { kind: ButtonKind::Quiet, link, answered_here }
            }
        }
    }
}

/// Those that the page can say: all of them or none.
fn payments_of(payments: &AskedPayments) -> &[AskedPayment] {
    match payments {
        AskedPayments::All(all) => all,
        AskedPayments::Closed | AskedPayments::Unknown => &[],
    }
}

/// The amount is the largest thing, then all else that is signed for.
#[component]
fn Payment(payment: AskedPayment) -> Element {
    let format = use_format();
    rsx! {
        div { class: "Card", "data-test": "link-payment",
            div { class: "ReviewHead",
                p { class: "Section__note", {approve::what(&payment.order)} }
                p { class: "EmptyState__title", {approve::sum(&payment, format)} }
            }
            dl { class: "Facts",
                for (label, text) in approve::facts(&payment, format) {
                    div { key: "{label}",
                        dt { {label} }
                        dd { bdi { "{text}" } }
                    }
                }
            }
        }
    }
}

/// The open wallet has no words for it, yet or at all: nothing is asked, and no is always there.
#[component]
pub(super) fn Unsaid(request: RequestView, answered_here: Signal<bool>) -> Element {
    rsx! {
        Screen { title: approve::TITLE,
            TopBar { title: approve::TITLE }
            div { class: "Screen__scroll", "data-test": "link-unsaid",
                Claim { name: request.name.clone(), kind: request.kind, wants: words::WANTS_APPROVAL }
                EmptyState { icon: Icon::Clock, title: approve::UNSAID, text: approve::UNSAID_WHY }
            }
            footer { class: "Screen__foot",
                No { kind: ButtonKind::Soft, link: request.link, answered_here }
            }
        }
    }
}

/// Ends the request, and nothing is given.
#[component]
fn No(kind: ButtonKind, link: LinkHash, answered_here: Signal<bool>) -> Element {
    let send = use_send();
    let mut answered_here = answered_here;
    let busy = use_view().read().busy == Some(Busy::Linking);
    rsx! {
        Button {
            kind,
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
