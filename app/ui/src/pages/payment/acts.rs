//! What can be done with a payment in its state, as the buttons at the foot of its outcome and its detail.

use super::again::use_send_again;
use super::next::{Next, next_steps};
use crate::app::Route;
use crate::pages::pay::RepeatSheet;
use crate::parts::{Button, ButtonKind, ButtonLink, Icon, IconSvg, MoneyText};
use crate::state::{use_open, use_send, use_view};
use crate::words::payment as say;
use dioxus::prelude::*;
use purse_bridge::{Busy, Command, Currency, PaymentKind, PaymentState, PaymentView};

/// `ondone` is the outcome's way out; a detail has its own and gives none.
#[component]
pub fn Acts(payment: PaymentView, #[props(default)] ondone: Option<EventHandler<()>>) -> Element {
    let busy = use_view().read().busy;
    let send = use_send();
    let id = payment.id;
    let cancel = move |()| send.call(Command::CancelQueued { id });

    match (&payment.state, payment.kind) {
        (PaymentState::Queued, kind) if is_order(kind) => rsx! {
            Done { ondone, main: true }
            Button {
                kind: if ondone.is_some() { ButtonKind::Quiet } else { ButtonKind::Danger },
                block: true,
                test: "detail-cancel",
                onclick: cancel,
                {say::cancel(kind)}
            }
        },
        (PaymentState::NeedsApproval, kind) if is_order(kind) => rsx! {
            Button {
                block: true,
                // Paying asks for the same passkey: one prompt at a time.
                busy: matches!(busy, Some(Busy::Approving | Busy::Paying)),
                test: "approve",
                onclick: move |()| send.call(Command::Approve { id }),
                IconSvg { icon: Icon::Passkey, size: "s" }
                span { {say::APPROVE} }
            }
            Button { kind: ButtonKind::Danger, block: true, test: "detail-cancel", onclick: cancel, {say::cancel(kind)} }
            Done { ondone, main: false, label: say::LATER }
        },
        (PaymentState::ConfirmPayee { display_name }, PaymentKind::Out | PaymentKind::Schedule) => {
            let (before, after) = say::confirm_payee(payment.kind, display_name);
            rsx! {
                Button {
                    block: true,
                    busy: matches!(busy, Some(Busy::Approving | Busy::Paying)),
                    test: "confirm-payee",
                    onclick: move |()| send.call(Command::ConfirmPayee { id }),
                    span {
                        "{before}"
                        MoneyText { amount: payment.amount.money() }
                        bdi { "{after}" }
                    }
                }
                Button { kind: ButtonKind::Danger, block: true, test: "detail-cancel", onclick: cancel, {say::NOT_THEM} }
                Done { ondone, main: false, label: say::LATER }
            }
        }
        (PaymentState::Refused { .. }, PaymentKind::Out) => rsx! {
            AfterRefusal { payment: payment.clone(), ondone }
        },
        (PaymentState::Refused { .. } | PaymentState::Cancelled, kind)
            if is_order(kind) && kind != PaymentKind::Out =>
        {
            rsx! {
                ButtonLink { to: try_again(&payment), block: true, test: "next-try-again", {say::try_again(kind)} }
                Done { ondone, main: false, label: say::CLOSE }
            }
        }
        (PaymentState::Settled | PaymentState::Cancelled, PaymentKind::Out | PaymentKind::In)
            if ondone.is_none() =>
        {
            let again = if payment.kind == PaymentKind::Out { say::PAY_AGAIN } else { say::PAY_THEM };
            rsx! {
                if payment.returnable.is_some() {
                    ButtonLink {
                        to: Route::GiveBack { id: id.to_string() },
                        kind: ButtonKind::Soft,
                        block: true,
                        test: "detail-give-back",
                        {say::GIVE_BACK}
                    }
                }
                if let Some(handle) = &payment.party.handle {
                    ButtonLink {
                        to: Route::PayTo { handle: handle.to_string() },
                        kind: ButtonKind::Soft,
                        block: true,
                        test: "detail-pay-again",
                        {again}
                    }
                }
            }
        }
        _ => rsx! { Done { ondone, main: true } },
    }
}

/// Ordered by this person, and theirs to take back.
fn is_order(kind: PaymentKind) -> bool {
    match kind {
        PaymentKind::Out
        | PaymentKind::Withdrawal
        | PaymentKind::Exchange
        | PaymentKind::RefundOut
        | PaymentKind::Schedule => true,
        PaymentKind::In
        | PaymentKind::Deposit
        | PaymentKind::RefundIn
        | PaymentKind::TakenBack
        | PaymentKind::Fee
        | PaymentKind::SetAside => false,
    }
}

/// Where what was refused is ordered anew.
fn try_again(payment: &PaymentView) -> Route {
    let currency = payment.amount.currency().code().to_owned();
    match (payment.kind, payment.of, &payment.party.handle) {
        (PaymentKind::Withdrawal, ..) => Route::WithdrawFrom { currency },
        (PaymentKind::Exchange, ..) => Route::ConvertFrom { currency },
        (PaymentKind::RefundOut, Some(of), _) => Route::Payment { id: of.to_string() },
        (_, _, Some(handle)) => Route::PayTo { handle: handle.to_string() },
        _ => Route::Activity {},
    }
}

#[component]
fn Done(
    ondone: Option<EventHandler<()>>,
    main: bool,
    #[props(default = say::DONE)] label: &'static str,
) -> Element {
    rsx! {
        if let Some(ondone) = ondone {
            Button {
                kind: if main { ButtonKind::Primary } else { ButtonKind::Quiet },
                block: true,
                test: "outcome-done",
                onclick: move |()| ondone.call(()),
                {label}
            }
        }
    }
}

/// The next step as a button: the likeliest filled, another one soft.
#[component]
fn AfterRefusal(payment: PaymentView, ondone: Option<EventHandler<()>>) -> Element {
    let again = use_send_again(&payment);
    let Some(open) = use_open() else { return rsx! {} };
    let steps = next_steps(&payment, &open);
    let hidden = open.hide_amounts;
    let nothing = steps.is_empty();
    let offers_again = steps.contains(&Next::SendAgain);
    // Beside "send again", which a detail always has, there is room for one.
    let shown = if ondone.is_some() { 2 } else { 1 };
    let to_same = payment.party.handle.as_ref().map(|handle| Route::PayTo { handle: handle.to_string() });
    let to_same = to_same.unwrap_or(Route::Pay {});

    rsx! {
        for (place, next) in steps.into_iter().take(shown).enumerate() {
            {
                let kind = if place == 0 { ButtonKind::Primary } else { ButtonKind::Soft };
                match next {
                    Next::Add(missing) => rsx! {
                        ButtonLink {
                            to: Route::AddMissing {
                                currency: missing.currency.code().to_owned(),
                                amount: missing.to_plain_string(),
                            },
                            kind,
                            block: true,
                            test: "next-add",
                            IconSvg { icon: Icon::Plus, size: "s" }
                            span {
                                {say::ADD}
                                MoneyText { amount: missing, hidden }
                            }
                        }
                    },
                    Next::OtherWallet(currency) => rsx! {
                        ButtonLink { to: from_other(&payment, currency), kind, block: true, test: "next-other-wallet", {say::OTHER_WALLET} }
                    },
                    Next::OtherAmount => rsx! {
                        ButtonLink { to: to_same.clone(), kind, block: true, test: "next-other-amount", {say::OTHER_AMOUNT} }
                    },
                    Next::OtherPerson => rsx! {
                        ButtonLink { to: Route::Pay {}, kind, block: true, test: "next-other-person", {say::OTHER_PERSON} }
                    },
                    Next::Devices => rsx! {
                        ButtonLink { to: Route::Devices {}, kind, block: true, test: "next-devices", {say::SEE_DEVICES} }
                    },
                    Next::SendAgain => rsx! {
                        SendAgainButton { kind, busy: again.busy, onclick: again.go }
                    },
                }
            }
        }
        // Whatever the reason, the person may find that it no longer holds.
        if ondone.is_none() && !offers_again {
            SendAgainButton { kind: ButtonKind::Soft, busy: again.busy, onclick: again.go }
        }
        Done { ondone, main: nothing, label: say::CLOSE }
        if let Some(warning) = again.repeat {
            RepeatSheet {
                warning,
                name: payment.party.name.clone(),
                onno: move |()| again.answered.call(None),
                onyes: move |order| again.answered.call(Some(order)),
            }
        }
    }
}

/// To the same person, from the wallet of this currency.
fn from_other(payment: &PaymentView, currency: Currency) -> Route {
    let currency = currency.code().to_owned();
    let handle = payment.party.handle.as_ref();
    handle.map_or(Route::Pay {}, |handle| Route::PayFrom { handle: handle.to_string(), currency })
}

#[component]
fn SendAgainButton(kind: ButtonKind, busy: bool, onclick: EventHandler<()>) -> Element {
    rsx! {
        Button { kind, block: true, busy, test: "detail-send-again", onclick, {say::SEND_AGAIN} }
    }
}
