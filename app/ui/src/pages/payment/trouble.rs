//! When something is wrong with a payment: tell the operator, or stop the other side from paying.

use crate::parts::{Badge, Button, ButtonKind, Field, Icon, IconSvg, Sheet};
use crate::state::{use_open, use_send, use_view};
use crate::words::payment as say;
use dioxus::prelude::*;
use purse_bridge::{Command, Network, PaymentKind, PaymentState, PaymentView, TransactionId};

#[component]
pub fn Trouble(payment: PaymentView) -> Element {
    let send = use_send();
    let mut reporting = use_signal(|| false);
    let Some(open) = use_open() else { return rsx! {} };

    // Purse knows only what it has answered.
    let reportable = matches!(payment.state, PaymentState::Settled | PaymentState::Refused { .. });
    let other =
        payment.party.user.filter(|user| payment.kind != PaymentKind::Deposit && *user != open.me.user);
    let blocked = other.is_some_and(|user| open.blocked.contains(&user));
    let name = payment.party.name.as_str();
    let (block, block_sub) =
        if blocked { (say::unblock(name), say::UNBLOCK_SUB) } else { (say::block(name), say::BLOCK_SUB) };
    if !reportable && other.is_none() {
        return rsx! {};
    }
    rsx! {
        section { class: "Section",
            h2 { class: "Section__title", {say::WRONG_TITLE} }
            ul { class: "List Card",
                if payment.reported {
                    li {
                        div { class: "ListRow", "data-test": "detail-reported",
                            Badge { icon: Icon::Flag }
                            Words { title: say::REPORTED, sub: say::REPORTED_SUB }
                        }
                    }
                } else if reportable {
                    li {
                        button {
                            class: "ListRow",
                            r#type: "button",
                            "data-test": "detail-report",
                            onclick: move |_| reporting.set(true),
                            Badge { icon: Icon::Flag }
                            Words { title: say::REPORT, sub: say::REPORT_SUB }
                            IconSvg { icon: Icon::Next, size: "s" }
                        }
                    }
                }
                if let Some(user) = other {
                    li {
                        button {
                            class: "ListRow ListRow--wrap",
                            r#type: "button",
                            "data-test": "detail-block",
                            "data-blocked": blocked.to_string(),
                            onclick: move |_| send.call(Command::SetBlocked { user, blocked: !blocked }),
                            Badge { icon: if blocked { Icon::Check } else { Icon::Block } }
                            Words { title: block, sub: block_sub }
                        }
                    }
                }
            }
        }
        if reporting() {
            ReportSheet { id: payment.id, onclose: move |()| reporting.set(false) }
        }
    }
}

#[component]
fn Words(title: String, sub: String) -> Element {
    rsx! {
        span { class: "ListRow__text",
            span { class: "ListRow__title", "{title}" }
            span { class: "ListRow__sub", span { "{sub}" } }
        }
    }
}

#[component]
fn ReportSheet(id: TransactionId, onclose: EventHandler<()>) -> Element {
    let network = use_view().read().network;
    let online = network == Network::Online;
    let send = use_send();
    let mut reason = use_signal(String::new);
    let ready = online && !reason.read().trim().is_empty();
    let hint = if online { say::REPORT_HINT.to_owned() } else { say::report_later(network) };
    rsx! {
        Sheet { title: say::REPORT_TITLE, onclose: move |()| onclose.call(()),
            form {
                class: "Stack",
                onsubmit: move |event| {
                    event.prevent_default();
                    if ready {
                        send.call(Command::Report { id, reason: reason.peek().trim().to_owned() });
                        onclose.call(());
                    }
                },
                Field {
                    label: say::REPORT_LABEL,
                    name: "reason",
                    value: reason.read().clone(),
                    hint,
                    maxlength: 500,
                    test: "detail-report-reason",
                    oninput: move |typed| reason.set(typed),
                }
                div { class: "Sheet__act",
                    Button { block: true, submit: true, disabled: !ready, test: "detail-report-submit", {say::REPORT_SEND} }
                    Button { kind: ButtonKind::Quiet, block: true, onclick: move |()| onclose.call(()), {say::CLOSE} }
                }
            }
        }
    }
}
