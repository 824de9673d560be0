//! An amount: the sign, symbol and figures are one unbreakable run for the eye, and words for the ear.

use crate::format::{HIDDEN, MINUS, MoneyParts};
use crate::state::use_format;
use dioxus::prelude::*;
use purse_bridge::Money;

pub use crate::format::Direction;

/// Solid is settled, dashed is not yet, struck through will never be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MoneyState {
    #[default]
    Settled,
    Queued,
    /// Not settled, and not in the queue either: on its way, held, or with the bank.
    Waiting,
    Void,
}

impl MoneyState {
    pub fn is_open(self) -> bool {
        matches!(self, Self::Queued | Self::Waiting)
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MoneySize {
    #[default]
    Row,
    Hero,
    Display,
}

/// From this many characters on a large amount is set smaller.
const LONG_FROM: usize = 15;

#[component]
pub fn MoneyText(
    amount: Money,
    #[props(default)] direction: Direction,
    #[props(default)] state: MoneyState,
    #[props(default)] size: MoneySize,
    #[props(default)] hidden: bool,
) -> Element {
    let format = use_format();
    let class = match size {
        MoneySize::Row => "MoneyText",
        MoneySize::Hero => "MoneyText MoneyText--hero",
        MoneySize::Display => "MoneyText MoneyText--display",
    };
    let data_state = match state {
        MoneyState::Settled => None,
        MoneyState::Queued | MoneyState::Waiting => Some("queued"),
        MoneyState::Void => Some("void"),
    };
    if hidden {
        return rsx! {
            span { class, "data-state": data_state,
                span { "aria-hidden": "true", {HIDDEN} }
                span { class: "sr-only", "amount hidden" }
            }
        };
    }
    let parts = format.parts(amount);
    let sign = sign(direction, &parts);
    let glyphs = sign.chars().count()
        + parts.before.chars().count()
        + parts.figures().chars().count()
        + parts.after.chars().count();
    let aside = match state {
        MoneyState::Settled => "",
        MoneyState::Queued => ", queued",
        MoneyState::Waiting => ", not settled yet",
        MoneyState::Void => ", not paid",
    };
    let spoken = format.spoken(amount, direction);
    rsx! {
        span {
            class,
            "data-in": if direction == Direction::In && state == MoneyState::Settled { "true" },
            "data-state": data_state,
            style: if size == MoneySize::Hero { "--glyphs:{glyphs}" },
            "data-long": if glyphs >= LONG_FROM { "true" },
            span { "aria-hidden": "true",
                "{sign}{parts.before}{parts.whole}"
                if !parts.minor.is_empty() {
                    span { class: if size != MoneySize::Row { "MoneyText__minor" }, "{parts.minor}" }
                }
                "{parts.after}"
            }
            span { class: "sr-only", "{spoken}{aside}" }
        }
    }
}

fn sign(direction: Direction, parts: &MoneyParts) -> String {
    match (direction, parts.negative) {
        (Direction::Out, _) | (Direction::None, true) => MINUS.to_string(),
        (Direction::In, _) => "+".to_owned(),
        (Direction::None, false) => String::new(),
    }
}
