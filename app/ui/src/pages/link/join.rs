//! On a new device: the code for the one that is signed in, and the code that comes from there.

use super::card::{Groups, split};
use crate::parts::{Banner, BannerKind, Button, ButtonKind, Code, Field, Screen, Skeleton, TopBar};
use crate::state::{use_format, use_send, use_view};
use crate::words::link as words;
use dioxus::prelude::*;
use purse_bridge::{Busy, Command, Network, Secret};

#[component]
pub fn Join() -> Element {
    let send = use_send();
    let format = use_format();
    let mut typed = use_signal(String::new);
    let mut tried = use_signal(String::new);
    let view = use_view();
    let online = use_memo(move || !matches!(view.read().network, Network::Offline { .. }));
    use_effect(move || {
        if online() {
            send(Command::AskToJoin);
        }
    });
    use_drop(move || send(Command::StopJoining));
    let (busy, joining) = {
        let view = view.read();
        (view.busy == Some(Busy::Linking), view.links.joining.clone())
    };
    let over = joining.as_ref().is_some_and(|joining| joining.expires_at <= format.now());
    let wrong = joining.as_ref().is_some_and(|joining| joining.wrong) && *tried.read() == *typed.read();
    let enter = move |event: FormEvent| {
        event.prevent_default();
        if !typed.peek().trim().is_empty() && !busy {
            tried.set(typed.peek().clone());
            send(Command::JoinWith { code: Secret(typed.peek().trim().to_owned()) });
        }
    };
    rsx! {
        Screen { title: words::JOIN,
            TopBar { title: words::JOIN, back: true }
            form { class: "Screen__form", onsubmit: enter, novalidate: true,
                div { class: "Screen__scroll",
                    if !online() {
                        Banner { kind: BannerKind::Offline, quiet: true, {words::JOIN_OFFLINE} }
                    }
                    match joining {
                        Some(joining) => rsx! {
                            p { class: "Section__note", {words::JOIN_HOW} }
                            if let Some(picture) = joining.picture.clone() {
                                Code { code: picture, label: words::JOIN_PICTURE }
                            }
                            Groups { label: words::JOIN_CODE, groups: split(&joining.code), test: "join-code" }
                            h2 { class: "Section__title", {words::JOIN_COMPARE} }
                            Groups { label: words::FIGURES, groups: split(&joining.figures), test: "join-figures" }
                            if over {
                                Banner { kind: BannerKind::Info, {words::JOIN_OVER} }
                            }
                            Field {
                                label: words::JOIN_ANSWER,
                                name: "join-answer",
                                value: typed(),
                                hint: if wrong { words::JOIN_WRONG } else { words::JOIN_ANSWER_HINT },
                                invalid: wrong,
                                verbatim: true,
                                test: "join-answer",
                                oninput: move |text| typed.set(text),
                            }
                        },
                        None => rsx! { Skeleton { rows: 2 } },
                    }
                }
                footer { class: "Screen__foot",
                    if over {
                        Button { block: true, test: "join-again", onclick: move |()| send(Command::AskToJoin),
                            {words::JOIN_AGAIN}
                        }
                    } else {
                        Button {
                            kind: ButtonKind::Primary,
                            block: true,
                            submit: true,
                            busy,
                            disabled: typed.read().trim().is_empty(),
                            test: "join-enter",
                            {words::JOIN_ENTER}
                        }
                    }
                }
            }
        }
    }
}
