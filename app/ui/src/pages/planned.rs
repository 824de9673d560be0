//! Payments that are to be made later, and how to stop them.

use crate::app::Route;
use crate::parts::{
    Avatar, Button, ButtonKind, ButtonLink, Direction, EmptyState, Icon, Mark, MoneyState, MoneyText,
    PaymentRow, Pill, Screen, Sheet, TopBar,
};
use crate::state::{use_format, use_open, use_send, use_view};
use crate::words::planned as say;
use dioxus::prelude::*;
use purse_bridge::{Command, Network, PaymentKind, PaymentView, ScheduleView};

#[component]
pub fn Planned() -> Element {
    let send = use_send();
    let mut stopping = use_signal(|| None::<ScheduleView>);
    let Some(open) = use_open() else { return rsx! {} };
    let waiting: Vec<PaymentView> =
        open.queue.iter().filter(|order| order.kind == PaymentKind::Schedule).cloned().collect();
    let nothing = open.schedules.is_empty() && waiting.is_empty();
    rsx! {
        Screen { title: say::TITLE, kind: if nothing { "centre" } else { "" },
            TopBar { title: say::TITLE, back: true }
            div { class: "Screen__scroll",
                if !waiting.is_empty() {
                    section { class: "Section", "aria-labelledby": "planned-queue",
                        h2 { class: "Section__title", id: "planned-queue", {say::QUEUED} }
                        div { class: "Queue",
                            ul { class: "List",
                                for payment in waiting {
                                    li { key: "{payment.id}", PaymentRow { payment } }
                                }
                            }
                        }
                    }
                }
                if nothing {
                    EmptyState { icon: Icon::Clock, title: say::EMPTY_TITLE, text: say::EMPTY_TEXT,
                        ButtonLink { to: Route::Pay {}, block: true, {say::PAY} }
                    }
                } else if !open.schedules.is_empty() {
                    ul { class: "List Card",
                        for schedule in open.schedules.iter().cloned() {
                            li { key: "{schedule.id}", class: "PlannedItem",
                                PlannedRow { schedule: schedule.clone() }
                                if !schedule.ending {
                                    Button {
                                        kind: ButtonKind::Danger,
                                        small: true,
                                        test: "planned-stop",
                                        onclick: {
                                            let schedule = schedule.clone();
                                            move |()| stopping.set(Some(schedule.clone()))
                                        },
                                        {say::STOP}
                                        span { class: "sr-only", " " bdi { {say::stop_for(&schedule.party.name)} } }
                                    }
                                }
                            }
                        }
                    }
                    p { class: "Fine", {say::RULES} }
                }
            }
            if let Some(schedule) = stopping() {
                Sheet {
                    title: say::stop_title(&schedule.plan),
                    onclose: move |()| stopping.set(None),
                    test: "planned-stop-sheet",
                    p { class: "Section__note", bdi { {say::stop_text(&schedule.plan, &schedule.party.name)} } }
                    div { class: "Sheet__act",
                        Button {
                            kind: ButtonKind::Danger,
                            block: true,
                            test: "planned-stop-yes",
                            onclick: move |()| {
                                send.call(Command::EndSchedule { id: schedule.id });
                                stopping.set(None);
                            },
                            {say::stop_acts(&schedule.plan).0}
                        }
                        Button {
                            kind: ButtonKind::Quiet,
                            block: true,
                            onclick: move |()| stopping.set(None),
                            {say::stop_acts(&schedule.plan).1}
                        }
                    }
                }
            }
        }
    }
}

/// To whom, when next, how often, how much. Dashed: nothing of it is paid.
#[component]
pub fn PlannedRow(schedule: ScheduleView) -> Element {
    let format = use_format();
    let hidden = use_open().is_some_and(|open| open.hide_amounts);
    let network = use_view().read().network;
    let name = schedule.party.name.clone();
    let seed = schedule.party.handle.as_ref().map_or_else(|| name.clone(), ToString::to_string);
    rsx! {
        div {
            class: "ListRow ListRow--wrap",
            "data-test": "planned-row",
            "data-id": "{schedule.id}",
            "data-made": "{schedule.made}",
            "data-ending": schedule.ending.to_string(),
            Avatar { name: name.clone(), seed }
            span { class: "ListRow__text",
                span { class: "ListRow__title", bdi { "{name}" } }
                span { class: "ListRow__sub",
                    if schedule.ending && network == Network::Online {
                        Pill { mark: Mark::Arc, look: "sending", text: say::ending(network) }
                    } else if schedule.ending {
                        Pill { mark: Mark::Ring, look: "queued", text: say::ending(network) }
                    } else {
                        span { {say::next_on(&schedule.plan, schedule.next_at, format)} }
                    }
                }
                span { class: "ListRow__sub",
                    span { {say::so_far(&schedule.plan, schedule.made)} }
                }
            }
            span { class: "ListRow__end",
                MoneyText {
                    amount: schedule.amount.money(),
                    direction: Direction::Out,
                    state: MoneyState::Waiting,
                    hidden,
                }
            }
        }
    }
}
