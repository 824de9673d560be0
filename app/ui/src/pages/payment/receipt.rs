//! The receipt of a decided payment: a row that asks for it, and a sheet that says what the check found.

use crate::parts::{Badge, Banner, BannerKind, Button, ButtonKind, Icon, IconSvg, Mark, MarkSvg, Sheet};
use crate::state::{use_format, use_open, use_send};
use crate::words::receipt as say;
use dioxus::prelude::*;
use purse_bridge::{Command, PaymentState, PaymentView, ReceiptStep, ReceiptView, TransactionId};

#[component]
pub fn Receipt(payment: PaymentView) -> Element {
    let send = use_send();
    let mut shown = use_signal(|| false);
    let Some(open) = use_open() else { return rsx! {} };
    // Purse has a receipt of what it has decided.
    if !matches!(payment.state, PaymentState::Settled | PaymentState::Refused { .. }) {
        return rsx! {};
    }
    let id = payment.id;
    let receipt = open.receipt.clone().filter(|receipt| receipt.id == id);
    rsx! {
        ul { class: "List Card",
            li {
                button {
                    class: "ListRow",
                    r#type: "button",
                    "data-test": "detail-receipt",
                    onclick: move |_| {
                        shown.set(true);
                        send.call(Command::CheckReceipt { id });
                    },
                    Badge { icon: Icon::Receipt }
                    span { class: "ListRow__text",
                        span { class: "ListRow__title", {say::ROW} }
                        span { class: "ListRow__sub", span { {say::ROW_SUB} } }
                    }
                    IconSvg { icon: Icon::Next, size: "s" }
                }
            }
        }
        if shown() {
            Found { id, payer: payment.party.name.clone(), receipt, onclose: move |()| shown.set(false) }
        }
    }
}

#[component]
fn Found(
    id: TransactionId,
    payer: String,
    receipt: Option<ReceiptView>,
    onclose: EventHandler<()>,
) -> Element {
    let send = use_send();
    let format = use_format();
    let receipt = receipt.unwrap_or_else(|| ReceiptView::under_way(id));
    let done = receipt.checked_at.is_some();
    let look = match &receipt.trouble {
        _ if !done => "checking",
        None => "genuine",
        Some(trouble) if trouble.is_loud() => "bad",
        Some(_) => "none",
    };
    rsx! {
        Sheet { title: say::title(&receipt), test: "receipt", onclose: move |()| onclose.call(()),
            div { class: "Stack", role: "status", "data-test": "receipt-outcome", "data-outcome": look,
                if let Some(trouble) = &receipt.trouble {
                    if trouble.is_loud() {
                        Banner { kind: BannerKind::Bad, {say::trouble(trouble)} }
                    } else {
                        p { class: "Section__note", {say::trouble(trouble)} }
                    }
                }
                if done && receipt.trouble.is_none() {
                    ul { class: "Checks",
                        for step in receipt.steps.clone() {
                            Check {
                                title: say::step(step, &payer).0,
                                note: match (say::step(step, &payer).1, step) {
                                    (Some(at), _) => format.moment(at),
                                    (None, ReceiptStep::Unchanged { message_erased: true }) => say::MESSAGE_ERASED.to_owned(),
                                    (None, _) => say::PART_OF_RECORD.to_owned(),
                                },
                            }
                        }
                    }
                    p { class: "Section__note", {say::CHECKED_HERE} }
                }
            }
            div { class: "Sheet__act",
                if receipt.trouble.is_some() {
                    Button { block: true, test: "receipt-again", onclick: move |()| send.call(Command::CheckReceipt { id }), {say::AGAIN} }
                }
                Button { kind: ButtonKind::Quiet, block: true, test: "receipt-close", onclick: move |()| onclose.call(()), {say::CLOSE} }
            }
        }
    }
}

#[component]
fn Check(title: String, note: String) -> Element {
    rsx! {
        li { class: "Check",
            MarkSvg { mark: Mark::Done, class: "Timeline__mark" }
            span {
                b { "{title}" }
                small { "{note}" }
            }
        }
    }
}
