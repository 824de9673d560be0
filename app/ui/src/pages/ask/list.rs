//! This person's own requests: which wait, and what came for each.

use super::mark;
use crate::app::Route;
use crate::parts::{
    Badge, ButtonLink, EmptyState, Icon, MoneyState, MoneyText, Pill, Screen, Skeleton, TopBar,
};
use crate::state::{use_format, use_open};
use crate::words::ask as say;
use dioxus::prelude::*;
use purse_bridge::OwnRequest;

/// The list, newest first: what waits before what is paid.
#[component]
pub fn Requests() -> Element {
    let Some(open) = use_open() else { return rsx! {} };
    let (paid, waiting): (Vec<OwnRequest>, Vec<OwnRequest>) =
        open.requests.iter().cloned().partition(|request| request.state.is_paid());
    let none = open.requests.is_empty();
    let loading = none && open.as_of == 0;
    rsx! {
        Screen { title: say::REQUESTS, kind: if none && !loading { "centre" } else { "" },
            TopBar { title: say::REQUESTS, back: true }
            div { class: "Screen__scroll", "data-test": "requests",
                if loading {
                    Skeleton { rows: 3 }
                } else if none {
                    EmptyState { icon: Icon::Code, title: say::NONE_TITLE, text: say::NONE_TEXT,
                        ButtonLink { to: Route::Ask {}, block: true, {say::TITLE} }
                    }
                } else {
                    Rows { title: say::WAITING, requests: waiting }
                    Rows { title: say::PAID, requests: paid }
                    p { class: "Fine", {say::rules()} }
                }
            }
        }
    }
}

#[component]
fn Rows(title: &'static str, requests: Vec<OwnRequest>) -> Element {
    if requests.is_empty() {
        return rsx! {};
    }
    rsx! {
        section { class: "Section",
            h2 { class: "Section__title", {title} }
            ul { class: "List Card",
                for request in requests {
                    li { key: "{request.reference}", Row { request: request.clone() } }
                }
            }
        }
    }
}

#[component]
fn Row(request: OwnRequest) -> Element {
    let hidden = use_open().is_some_and(|open| open.hide_amounts);
    let format = use_format().hiding(hidden);
    let (mark, look, name) = mark(request.state);
    let made = say::made(request.made_at, format);
    let came = say::came(&request, format);
    let reference = request.reference.to_string();
    let note = request.note.as_str();
    // A request without a note is known by its day.
    let (title, sub) =
        if note.is_empty() { (made, came) } else { (note.to_owned(), Some(came.unwrap_or(made))) };
    rsx! {
        Link {
            to: Route::AskCode { reference: reference.clone() },
            class: "ListRow ListRow--wrap",
            "data-test": "request-row",
            "data-reference": reference,
            "data-state": name,
            Badge { icon: Icon::Code, tint: "info" }
            span { class: "ListRow__text",
                span { class: "ListRow__title", bdi { "{title}" } }
                span { class: "ListRow__sub",
                    Pill { mark, look, text: say::state(request.state) }
                }
                if let Some(sub) = sub {
                    span { class: "ListRow__sub", span { {sub} } }
                }
            }
            span { class: "ListRow__end",
                if let Some(amount) = request.sum.amount() {
                    MoneyText {
                        amount: amount.money(),
                        state: if request.state.is_paid() { MoneyState::Settled } else { MoneyState::Waiting },
                        hidden,
                    }
                } else {
                    span { class: "ListRow__aside", {say::OPEN_AMOUNT} }
                }
            }
        }
    }
}
