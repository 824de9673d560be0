//! On a device that is signed in: another machine's code, who it says it is, yes or no, and the code to type there.

use super::card::{Claim, Groups, split};
use crate::pages::scan::lens::Lens;
use crate::parts::{
    Banner, BannerKind, Button, ButtonKind, EmptyState, Field, Icon, IconSvg, Screen, TopBar, use_leave,
};
use crate::state::{use_host, use_open, use_send, use_view};
use crate::words::link as words;
use dioxus::prelude::*;
use purse_bridge::{Asked, Busy, Command, LinkStep, Network, RequestView};

/// A whole request can be pasted or scanned.
const CHARS_MAX: usize = 5_000;

#[component]
pub fn AddDevice() -> Element {
    let send = use_send();
    let leave = use_leave();
    let mut typed = use_signal(String::new);
    let mut sent = use_signal(String::new);
    let mut scans = use_signal(|| false);
    let native = use_host().scanner;
    use_drop(move || send(Command::CloseLink));
    let view = use_view();
    if use_open().is_none() {
        return rsx! {};
    }
    let (busy, offline, asked) = {
        let view = view.read();
        // Only what was typed here, never what a link brought.
        let asked =
            view.links.asked.as_ref().filter(|asked| !sent.read().is_empty() && asked.text == *sent.read());
        let offline = matches!(view.network, Network::Offline { .. });
        (view.busy == Some(Busy::Linking), offline, asked.map(|asked| asked.what.clone()))
    };
    let unknown = asked == Some(Asked::Nothing) && *typed.read() == *sent.read();
    let mut ask = move |text: String| {
        if !text.trim().is_empty() && !busy && !offline {
            sent.set(text.clone());
            send(Command::FindLink { text });
        }
    };
    let find = move |event: FormEvent| {
        event.prevent_default();
        let text = typed.peek().clone();
        ask(text);
    };
    let scanned = move |text: String| {
        let text: String = text.chars().take(CHARS_MAX).collect();
        scans.set(false);
        typed.set(text.clone());
        ask(text);
    };
    rsx! {
        Screen { title: words::ADD,
            TopBar { title: words::ADD, back: true }
            match asked {
                Some(Asked::Request(request)) => rsx! {
                    Found { request: *request, busy, onclose: move |()| leave.call(()) }
                },
                _ => rsx! {
                    form { class: "Screen__form", onsubmit: find, novalidate: true,
                        div { class: "Screen__scroll",
                            p { class: "Section__note", {words::ADD_HOW} }
                            if offline {
                                p { class: "Section__note", {words::JOIN_OFFLINE} }
                            }
                            if scans() {
                                Lens { native, onfound: scanned }
                            }
                            Field {
                                label: words::ADD_CODE,
                                name: "link-code",
                                value: typed(),
                                hint: if unknown { words::ADD_UNKNOWN } else { words::ADD_CODE_HINT },
                                invalid: unknown,
                                verbatim: true,
                                maxlength: CHARS_MAX,
                                test: "add-device-code",
                                oninput: move |text| typed.set(text),
                            }
                        }
                        footer { class: "Screen__foot",
                            Button { block: true, submit: true, busy, disabled: offline, test: "add-device-find",
                                {words::ADD_FIND}
                            }
                            Button {
                                kind: ButtonKind::Soft,
                                block: true,
                                disabled: offline,
                                test: "add-device-scan",
                                onclick: move |()| scans.set(!scans()),
                                if scans() { {words::ADD_TYPE} } else { {words::ADD_SCAN} }
                            }
                        }
                    }
                },
            }
        }
    }
}

#[component]
fn Found(request: RequestView, busy: bool, onclose: EventHandler<()>) -> Element {
    let send = use_send();
    let link = request.link;
    match &request.step {
        LinkStep::ShowCode { groups, .. } => rsx! {
            div { class: "Screen__scroll",
                h2 { class: "EmptyState__title", {words::TYPE_THERE} }
                p { class: "Section__note", {words::TYPE_THERE_WHY} }
                Groups { label: words::TYPE_THERE, groups: groups.0.clone(), test: "add-device-answer" }
            }
            footer { class: "Screen__foot",
                Button { block: true, test: "add-device-done", onclick: move |()| onclose.call(()), {words::DONE} }
            }
        },
        LinkStep::Refused => rsx! {
            div { class: "Screen__scroll", "data-test": "add-device-refused",
                EmptyState { icon: Icon::Block, title: words::REFUSED, text: words::REFUSED_WHY }
            }
        },
        LinkStep::Asks | LinkStep::LeaveFor { .. } => rsx! {
            div { class: "Screen__scroll",
                Claim { name: request.name.clone(), kind: request.kind, wants: words::WANTS_IN }
                if request.somebody_elses {
                    Banner { kind: BannerKind::Bad,
                        strong { {words::SOMEBODY_ELSES} }
                        {words::SOMEBODY_ELSES_WHY}
                    }
                }
                h2 { class: "Section__title", {words::COMPARE} }
                p { class: "Section__note", {words::COMPARE_WHY} }
                Groups { label: words::FIGURES, groups: split(&request.figures), test: "link-figures" }
                p { class: "Section__note", {words::WHAT_IT_CAN} }
            }
            footer { class: "Screen__foot",
                Button {
                    block: true,
                    busy,
                    disabled: request.somebody_elses,
                    test: "add-device-approve",
                    onclick: move |()| send(Command::ApproveLink { link }),
                    IconSvg { icon: Icon::Passkey, size: "s" }
                    span { {words::YES_LET_IN} }
                }
                Button {
                    kind: ButtonKind::Quiet,
                    block: true,
                    disabled: busy,
                    test: "add-device-refuse",
                    onclick: move |()| send(Command::RefuseLink { link }),
                    {words::ADD_NO}
                }
            }
        },
    }
}
