//! The app waits for its browser.

use crate::browser;
use crate::parts::{Brand, Button, ButtonKind, Icon, IconSvg, Screen};
use crate::state::use_send;
use crate::words::link as words;
use dioxus::prelude::*;
use purse_bridge::{Command, VisitView};

#[component]
pub fn VisitPage(visit: VisitView) -> Element {
    let send = use_send();
    let mut copied = use_signal(|| None::<bool>);
    let address = visit.address.clone();
    rsx! {
        Screen { title: words::VISIT, kind: "centre", busy: true,
            div { class: "Screen__scroll",
                div { class: "EmptyState", role: "status", "data-test": "visit",
                    Brand { size: "m" }
                    h1 { class: "EmptyState__title", {words::VISIT} }
                    p { class: "EmptyState__text", {words::visit(visit.what)} }
                }
            }
            footer { class: "Screen__foot",
                Button { kind: ButtonKind::Soft, block: true, test: "visit-again", onclick: move |()| send(Command::OpenBrowserAgain),
                    IconSvg { icon: Icon::Retry, size: "s" }
                    span { {words::OPEN_AGAIN} }
                }
                Button { kind: ButtonKind::Quiet, block: true, test: "visit-copy", onclick: move |()| {
                        let address = address.clone();
                        spawn(async move { copied.set(Some(browser::copy(address).await)) });
                    },
                    {words::COPY}
                }
                Button { kind: ButtonKind::Quiet, block: true, test: "visit-stop", onclick: move |()| send(Command::StopVisit),
                    {words::STOP}
                }
                p { class: "Fine", role: "status",
                    match copied() {
                        None => "",
                        Some(true) => words::COPIED,
                        Some(false) => words::NOT_COPIED,
                    }
                }
            }
        }
    }
}
