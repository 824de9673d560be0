//! When a payment is made: now, or later, once or again and again.

use crate::format::Format;
use crate::parts::Field;
use crate::state::use_format;
use crate::words::planned as say;
use dioxus::prelude::*;
use purse_bridge::{Every, Plan};

/// As it is chosen and typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct When {
    pub later: bool,
    /// As a date field holds it.
    pub day: String,
    pub every: Option<Every>,
    pub times: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Chosen {
    Now,
    Later(Plan),
    /// One of the fields is to be mended.
    Wrong {
        day: bool,
        times: bool,
    },
}

const TIMES_MAX: u32 = 1_000;
/// Days ahead: the server takes a year and a day; the day itself is left for clocks and zones.
const LAST_DAY: i64 = 365;

pub fn chosen(when: &When, format: Format) -> Chosen {
    if !when.later {
        return Chosen::Now;
    }
    let in_range =
        (format.field_day(1).as_str()..=format.field_day(LAST_DAY).as_str()).contains(&when.day.as_str());
    let first_at = format.noon_of(&when.day).filter(|_| in_range);
    let typed = when.times.trim();
    let times = match when.every {
        None => Some(None),
        Some(_) if typed.is_empty() => Some(None),
        Some(_) => typed.parse::<u32>().ok().filter(|times| (1..=TIMES_MAX).contains(times)).map(Some),
    };
    match (first_at, times) {
        (Some(first_at), Some(times)) => Chosen::Later(Plan { first_at, every: when.every, times }),
        (first_at, times) => Chosen::Wrong { day: first_at.is_none(), times: times.is_none() },
    }
}

#[component]
pub fn WhenChoice(when: Signal<When>, disabled: bool) -> Element {
    let format = use_format();
    let mut when = when;
    let shown = when.read().clone();
    let wrong = match chosen(&shown, format) {
        Chosen::Wrong { day, times } => (day, times),
        Chosen::Now | Chosen::Later(_) => (false, false),
    };
    let mut set = move |change: &dyn Fn(&mut When)| {
        if !disabled {
            change(&mut when.write());
        }
    };
    rsx! {
        section { class: "When", role: "group", "aria-labelledby": "pay-when",
            h2 { class: "Field__label", id: "pay-when", {say::WHEN} }
            div { class: "ChipRow",
                for (later, label, test) in [(false, say::NOW, "pay-now"), (true, say::LATER, "pay-later")] {
                    button {
                        key: "{test}",
                        class: "Chip",
                        r#type: "button",
                        "aria-pressed": (shown.later == later).to_string(),
                        "aria-disabled": if disabled { "true" },
                        "data-test": test,
                        onclick: move |_| set(&|when: &mut When| {
                            when.later = later;
                            if when.day.is_empty() {
                                when.day = format.field_day(1);
                            }
                        }),
                        {label}
                    }
                }
            }
            if shown.later {
                Field {
                    label: if shown.every.is_some() { say::FIRST } else { say::ON },
                    name: "day",
                    kind: "date",
                    value: shown.day.clone(),
                    range: Some((format.field_day(1), format.field_day(LAST_DAY))),
                    invalid: wrong.0,
                    hint: if wrong.0 { say::DAY_WRONG } else { "" },
                    disabled,
                    test: "plan-day",
                    oninput: move |day: String| set(&|when: &mut When| when.day.clone_from(&day)),
                }
                div { class: "ChipRow", role: "group", "aria-label": say::HOW_OFTEN,
                    for every in [None, Some(Every::Day), Some(Every::Week), Some(Every::Month)] {
                        button {
                            key: "{say::every(every)}",
                            class: "Chip",
                            r#type: "button",
                            "aria-pressed": (shown.every == every).to_string(),
                            "aria-disabled": if disabled { "true" },
                            "data-test": "plan-{every.map_or(\"once\", Every::as_str)}",
                            onclick: move |_| set(&|when: &mut When| when.every = every),
                            {say::every(every)}
                        }
                    }
                }
                if shown.every.is_some() {
                    Field {
                        label: say::TIMES,
                        name: "times",
                        value: shown.times.clone(),
                        keyboard: Some("numeric"),
                        maxlength: 4,
                        invalid: wrong.1,
                        hint: if wrong.1 { say::TIMES_WRONG } else { say::TIMES_HINT },
                        disabled,
                        test: "plan-times",
                        oninput: move |times: String| set(&|when: &mut When| when.times.clone_from(&times)),
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::fixture::NOW;

    #[test]
    fn what_is_chosen() {
        let format = Format::new("en-GB", |_| 0, NOW);
        // `times` as typed, and as planned; `Err`: whether the day, and the times, are to be mended.
        let check = |later, days, every, times: &str, want: Result<Option<u32>, (bool, bool)>| {
            let when = When { later, day: format.field_day(days), every, times: times.into() };
            match chosen(&when, format) {
                Chosen::Now => assert!(!later),
                Chosen::Later(plan) => {
                    assert!(later && plan.is_sound() && plan.first_at > NOW);
                    assert_eq!((plan.every, Ok(plan.times)), (every, want), "{when:?}");
                }
                Chosen::Wrong { day, times } => assert_eq!(Err((day, times)), want, "{when:?}"),
            }
        };
        let month = Some(Every::Month);
        check(false, -9, month, "x", Ok(None));
        check(true, 1, None, "", Ok(None));
        check(true, 1, None, "12", Ok(None));
        check(true, 365, month, "", Ok(None));
        check(true, 30, month, " 12 ", Ok(Some(12)));
        check(true, 0, month, "", Err((true, false)));
        check(true, 366, month, "0", Err((true, true)));
        check(true, 30, month, "often", Err((false, true)));
        check(true, 30, month, "1001", Err((false, true)));
    }
}
