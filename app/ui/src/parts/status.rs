//! The mark and the word of a payment's state. A hollow dashed ring waits, a solid disc is final.

use crate::words;
use dioxus::prelude::*;
use purse_bridge::{PaymentKind, PaymentState};

/// The drawings on a 20 grid that pills and timelines share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Waits: a dashed ring.
    Ring,
    /// Not begun.
    Hollow,
    /// Under way.
    Arc,
    /// Final.
    Done,
    /// Refused.
    No,
    /// Taken back.
    Slash,
}

#[component]
pub fn MarkSvg(mark: Mark, #[props(default = "StatusPill__mark".to_owned())] class: String) -> Element {
    let cut = "var(--mark-cut, var(--surface))";
    rsx! {
        svg { class, view_box: "0 0 20 20", "aria-hidden": "true", fill: "none",
            match mark {
                Mark::Ring => rsx! {
                    circle {
                        cx: "10",
                        cy: "10",
                        r: "7.6",
                        stroke: "currentColor",
                        stroke_width: "2.2",
                        stroke_dasharray: "5.2 2.758",
                        stroke_dashoffset: "2.6",
                    }
                },
                Mark::Hollow => rsx! {
                    circle { cx: "10", cy: "10", r: "4", stroke: "currentColor", stroke_width: "2" }
                },
                Mark::Arc => rsx! {
                    path {
                        d: "M10 2.4a7.6 7.6 0 1 1-7.6 7.6",
                        stroke: "currentColor",
                        stroke_width: "2.2",
                        stroke_linecap: "round",
                    }
                },
                Mark::Done => rsx! {
                    circle { cx: "10", cy: "10", r: "9", fill: "currentColor" }
                    path {
                        d: "M6 10.4l2.7 2.7L14 7.5",
                        stroke: cut,
                        stroke_width: "2",
                        stroke_linecap: "round",
                        stroke_linejoin: "round",
                    }
                },
                Mark::No => rsx! {
                    path { d: "M6.5 1.5h7l5 5v7l-5 5h-7l-5-5v-7z", fill: "currentColor" }
                    path { d: "M7 7l6 6M13 7l-6 6", stroke: cut, stroke_width: "2", stroke_linecap: "round" }
                },
                Mark::Slash => rsx! {
                    circle { cx: "10", cy: "10", r: "7.6", stroke: "currentColor", stroke_width: "2.2" }
                    path { d: "M5 15 15 5", stroke: "currentColor", stroke_width: "2.2" }
                },
            }
        }
    }
}

/// The look and the word of any state; `look` is what `components.css` colours by.
#[component]
pub fn Pill(mark: Mark, look: String, text: String, #[props(default)] boxed: bool) -> Element {
    rsx! {
        span {
            class: if boxed { "StatusPill StatusPill--box" } else { "StatusPill" },
            "data-state": look,
            MarkSvg { mark }
            span { class: "StatusPill__label", "{text}" }
        }
    }
}

#[component]
pub fn StatusPill(state: PaymentState, kind: PaymentKind, #[props(default)] boxed: bool) -> Element {
    let (mark, look) = match (&state, kind) {
        (PaymentState::Queued, _) => (Mark::Ring, "queued"),
        (PaymentState::Sending | PaymentState::Cancelling, _) => (Mark::Arc, "sending"),
        (
            PaymentState::NeedsApproval
            | PaymentState::ConfirmPayee { .. }
            | PaymentState::Pending
            | PaymentState::Held,
            _,
        ) => (Mark::Ring, "held"),
        (PaymentState::Settled, kind) if kind.is_in() => (Mark::Done, "received"),
        (PaymentState::Settled, _) => (Mark::Done, "paid"),
        (PaymentState::Refused { .. }, _) => (Mark::No, "refused"),
        (PaymentState::Cancelled, _) => (Mark::Slash, "cancelled"),
    };
    rsx! {
        Pill { mark, look, text: words::state(&state, kind), boxed }
    }
}
