//! A request as it is given away: the code, the link, and what came for it so far.

use crate::pages::pay::find;
use crate::parts::{
    Badge, Banner, BannerKind, Button, ButtonKind, Code, Icon, Mark, MoneySize, MoneyText, PaymentRow, Pill,
    Screen, TopBar,
};
use crate::state::{use_format, use_open, use_send};
use crate::words::ask as say;
use crate::{browser, format::Direction, share};
use dioxus::prelude::*;
use purse_bridge::{AskedState, AskedView, Command};

#[derive(Clone, Copy, PartialEq)]
enum Told {
    Copied,
    NotCopied,
    NoPicture,
}

/// `whom`: as they are called; empty for anybody.
#[component]
pub fn CodeStep(asked: AskedView, whom: String, onchange: EventHandler<()>) -> Element {
    let send = use_send();
    let format = use_format();
    let mut told = use_signal(|| None::<Told>);
    let Some(open) = use_open() else { return rsx! {} };

    let me = open.me.display_name.clone();
    let amount = asked.request.sum.amount();
    let note = asked.request.note.as_str().to_owned();
    let spoken = amount.map(|amount| format.spoken(amount.money(), Direction::None));
    let written = amount.map(|amount| format.money(amount.money()));
    let label = say::code_label(&me, spoken.as_deref());
    let title = if whom.is_empty() { say::TITLE.to_owned() } else { say::title_for(&whom) };
    let (mark, look) = match asked.state {
        AskedState::Waiting | AskedState::Part => (Mark::Ring, "queued"),
        AskedState::Paid => (Mark::Done, "received"),
    };
    let state = match asked.state {
        AskedState::Waiting => "waiting",
        AskedState::Part => "part",
        AskedState::Paid => "paid",
    };
    let to_copy = asked.link.clone();
    let to_share = (say::share_text(&me, written.as_deref(), &note), asked.link.clone());
    let to_draw = asked.code.clone();
    let paid: Vec<_> = asked.paid.iter().filter_map(|id| find(&open, *id).cloned()).collect();

    rsx! {
        Screen { title: title.clone(), kind: "narrow",
            TopBar { title, back: true }
            div { class: "Screen__scroll",
                div { class: "Card RequestCard", "data-test": "asked", "data-state": state,
                    Code { code: asked.code.clone(), label }
                    if let Some(amount) = amount {
                        MoneyText { amount: amount.money(), size: MoneySize::Hero }
                    } else {
                        p { class: "RequestCard__open",
                            {say::OPEN_AMOUNT}
                            if let Some(currency) = asked.request.sum.currency() {
                                ", {currency.name()}"
                            }
                        }
                    }
                    p { class: "Section__note",
                        bdi { {say::to_me(&me, open.me.handle.as_str())} }
                        if !note.is_empty() {
                            " · "
                            bdi { "{note}" }
                        }
                    }
                    div { role: "status",
                        Pill { mark, look, text: say::state(asked.state), boxed: true }
                    }
                }
                if !paid.is_empty() {
                    section { class: "Section",
                        h2 { class: "Section__title", {say::PAID_BY} }
                        ul { class: "List Card",
                            for payment in paid {
                                li { key: "{payment.id}", PaymentRow { payment } }
                            }
                        }
                    }
                }
                ul { class: "List Card",
                    li {
                        button {
                            class: "ListRow ListRow--wrap",
                            r#type: "button",
                            "data-test": "ask-copy",
                            "data-link": "{asked.link}",
                            onclick: move |_| {
                                let link = to_copy.clone();
                                async move {
                                    let copied = browser::copy(link).await;
                                    told.set(Some(if copied { Told::Copied } else { Told::NotCopied }));
                                }
                            },
                            Badge { icon: Icon::Copy }
                            Words { title: say::COPY, sub: say::short(&asked.link) }
                        }
                    }
                    if share::is_there() {
                        li {
                            button {
                                class: "ListRow ListRow--wrap",
                                r#type: "button",
                                "data-test": "ask-share",
                                onclick: move |_| {
                                    let (text, link) = to_share.clone();
                                    async move { share::link(say::TITLE, &text, &link).await }
                                },
                                Badge { icon: Icon::Upload }
                                Words { title: say::SHARE, sub: say::SHARE_SUB }
                            }
                        }
                    }
                    li {
                        button {
                            class: "ListRow ListRow--wrap",
                            r#type: "button",
                            "data-test": "ask-picture",
                            onclick: move |_| {
                                let code = to_draw.clone();
                                async move {
                                    match share::png(&code).await {
                                        Some(png) => send.call(Command::SaveRequestPicture { png }),
                                        None => told.set(Some(Told::NoPicture)),
                                    }
                                }
                            },
                            Badge { icon: Icon::Download }
                            Words { title: say::PICTURE, sub: say::PICTURE_SUB }
                        }
                    }
                }
                match told() {
                    None => rsx! {},
                    Some(Told::Copied) => rsx! {
                        Banner { kind: BannerKind::Good, test: "ask-copied", {say::COPIED} }
                    },
                    Some(Told::NotCopied) => rsx! {
                        Banner { kind: BannerKind::Bad, test: "ask-not-copied",
                            strong { {say::NOT_COPIED} }
                            bdi { "{asked.link}" }
                        }
                    },
                    Some(Told::NoPicture) => rsx! {
                        Banner { kind: BannerKind::Bad, {say::NO_PICTURE} }
                    },
                }
                p { class: "Fine",
                    if !whom.is_empty() {
                        {say::send_it_to(&whom)}
                        " "
                    }
                    {say::FINE}
                }
            }
            footer { class: "Screen__foot",
                Button { kind: ButtonKind::Soft, block: true, test: "ask-change", onclick: move |()| onchange.call(()), {say::CHANGE} }
            }
        }
    }
}

#[component]
fn Words(title: &'static str, sub: String) -> Element {
    rsx! {
        span { class: "ListRow__text",
            span { class: "ListRow__title", {title} }
            span { class: "ListRow__sub", span { bdi { "{sub}" } } }
        }
    }
}
