//! What happened to a payment, in order. A dashed line leads to what has not happened yet.

use super::status::{Mark, MarkSvg};
use dioxus::prelude::*;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepState {
    Done,
    /// It is happening.
    Now,
    Todo,
    /// It ended here, refused.
    Bad,
    /// It ended here, taken back.
    Stopped,
}

#[derive(Clone, Debug, PartialEq)]
pub struct TimelineStep {
    pub title: String,
    /// With seconds (`Format::seconds`); empty when it has not happened.
    pub time: String,
    pub note: String,
    pub state: StepState,
}

#[component]
pub fn Timeline(steps: Vec<TimelineStep>) -> Element {
    rsx! {
        ol { class: "Timeline",
            for step in steps {
                li {
                    class: "Timeline__step",
                    "data-now": if step.state == StepState::Now { "true" },
                    "data-todo": if step.state == StepState::Todo { "true" },
                    "data-bad": if step.state == StepState::Bad { "true" },
                    MarkSvg { mark: mark(step.state), class: "Timeline__mark" }
                    span { class: "Timeline__title",
                        "{step.title}"
                        if step.state == StepState::Todo {
                            span { class: "sr-only", ", not yet" }
                        }
                    }
                    span { class: "Timeline__time", "{step.time}" }
                    if !step.note.is_empty() {
                        span { class: "Timeline__note", "{step.note}" }
                    }
                }
            }
        }
    }
}

fn mark(state: StepState) -> Mark {
    match state {
        StepState::Done => Mark::Done,
        StepState::Now => Mark::Ring,
        StepState::Todo => Mark::Hollow,
        StepState::Bad => Mark::No,
        StepState::Stopped => Mark::Slash,
    }
}
