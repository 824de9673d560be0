//! A request as it is given away: the code, the link, and what came for it so far.

use super::mark;
use crate::app::Route;
use crate::parts::{
    Badge, Banner, BannerKind, Button, ButtonKind, ButtonLink, Code, EmptyState, Icon, MoneySize, MoneyText,
    PaymentRow, Pill, Screen, Sheet, Skeleton, TopBar, use_leave,
};
use crate::state::{use_format, use_open, use_send, use_view};
use crate::words::ask as say;
use crate::{browser, format::Direction, share};
use dioxus::prelude::*;
use purse_bridge::{AskedState, AskedView, Busy, Command, OwnRequest, Reference};

#[derive(Clone, Copy, PartialEq)]
enum Told {
    Copied,
    NotCopied,
    NoPicture,
}

/// `reference`: `None` for an address that names none. `whom`: as they are called; empty for anybody.
#[component]
pub fn CodeStep(reference: Option<Reference>, whom: String, onchange: EventHandler<OwnRequest>) -> Element {
    let send = use_send();
    let busy = use_view().read().busy == Some(Busy::Saving);
    let open = use_open();
    let answer = open.as_ref().and_then(|open| {
        open.shown_requests.iter().find(|shown| Some(&shown.reference) == reference.as_ref()).cloned()
    });
    let unknown = reference.clone().filter(|_| open.is_some() && answer.is_none());
    use_effect(use_reactive!(|unknown| {
        if let Some(reference) = unknown {
            send.call(Command::ShowRequest { reference });
        }
    }));
    let Some(open) = open else { return rsx! {} };
    let asked = answer.as_ref().and_then(|answer| answer.asked.clone());
    // Being made at this moment, or never in step with the server so far.
    let loading = reference.is_some() && (answer.is_none() || busy || open.as_of == 0);
    match asked {
        Some(asked) => rsx! { Given { asked, whom, onchange } },
        None if loading => rsx! {
            Screen { title: say::TITLE,
                TopBar { title: say::TITLE, back: true }
                div { class: "Screen__scroll", Skeleton { rows: 3 } }
            }
        },
        None => rsx! {
            Screen { title: say::TITLE, kind: "centre",
                TopBar { title: say::TITLE, back: true }
                div { class: "Screen__scroll", "data-test": "asked-gone",
                    EmptyState { icon: Icon::Code, title: say::GONE_TITLE, text: say::GONE_TEXT,
                        ButtonLink { to: Route::Requests {}, block: true, {say::SEE_REQUESTS} }
                    }
                }
            }
        },
    }
}

#[component]
fn Given(asked: AskedView, whom: String, onchange: EventHandler<OwnRequest>) -> Element {
    let send = use_send();
    let format = use_format();
    let mut told = use_signal(|| None::<Told>);
    let mut dismissing = use_signal(|| false);
    let Some(open) = use_open() else { return rsx! {} };

    let request = asked.request.clone();
    let me = open.me.display_name.clone();
    let amount = request.sum.amount();
    let note = request.note.as_str().to_owned();
    let spoken = amount.map(|amount| format.spoken(amount.money(), Direction::None));
    let written = amount.map(|amount| format.money(amount.money()));
    let label = say::code_label(&me, spoken.as_deref());
    let title = if whom.is_empty() { say::TITLE.to_owned() } else { say::title_for(&whom) };
    let (mark, look, state) = mark(request.state);
    let came = say::came(&request, format.hiding(open.hide_amounts));
    let to_copy = asked.link.clone();
    let to_share = (say::share_text(&me, written.as_deref(), &note), asked.link.clone());
    let to_draw = asked.code.clone();
    let to_change = request.clone();
    let newest = asked.newest.clone();
    let shown = newest.len();

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
                            if let Some(currency) = request.sum.currency() {
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
                        Pill { mark, look, text: say::state(request.state), boxed: true }
                        if let Some(came) = came {
                            p { class: "Section__note", "data-test": "asked-came", {came} }
                        }
                    }
                }
                if !newest.is_empty() {
                    section { class: "Section",
                        h2 { class: "Section__title", {say::PAID_BY} }
                        ul { class: "List Card",
                            for payment in newest {
                                li { key: "{payment.id}", PaymentRow { payment } }
                            }
                        }
                        if shown < request.payments {
                            p { class: "Section__note", {say::newest(shown, request.payments)} }
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
                    " "
                    {say::kept_until(request.expires_at, format)}
                }
            }
            footer { class: "Screen__foot",
                if request.state == AskedState::Waiting {
                    Button {
                        kind: ButtonKind::Soft,
                        block: true,
                        test: "ask-change",
                        onclick: move |()| onchange.call(to_change.clone()),
                        {say::CHANGE}
                    }
                }
                Button {
                    kind: ButtonKind::Quiet,
                    block: true,
                    test: "ask-dismiss",
                    onclick: move |()| dismissing.set(true),
                    {say::DISMISS}
                }
            }
            if dismissing() {
                DismissSheet { request: request.clone(), onclose: move |()| dismissing.set(false) }
            }
        }
    }
}

#[component]
fn DismissSheet(request: OwnRequest, onclose: EventHandler<()>) -> Element {
    let send = use_send();
    let leave = use_leave();
    let reference = request.reference.clone();
    rsx! {
        Sheet { title: say::DISMISS_TITLE, test: "ask-dismiss-sheet", onclose,
            p { class: "Section__note", {say::dismiss_text(request.state.is_paid())} }
            div { class: "Sheet__act",
                Button {
                    kind: ButtonKind::Danger,
                    block: true,
                    test: "ask-dismiss-yes",
                    onclick: move |()| {
                        send.call(Command::DismissRequest { reference: reference.clone() });
                        onclose.call(());
                        leave.call(());
                    },
                    {say::DISMISS_YES}
                }
                Button { kind: ButtonKind::Quiet, block: true, onclick: move |()| onclose.call(()), {say::DISMISS_NO} }
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
