//! What payments at a later day say.

use crate::format::Format;
use purse_bridge::{Every, Network, Plan};

pub const TITLE: &str = "Planned payments";
pub const SECTION: &str = "Planned";
pub const ALL: &str = "See all";
pub const WHEN: &str = "When";
pub const NOW: &str = "Now";
pub const LATER: &str = "Later";
pub const FIRST: &str = "First payment";
pub const ON: &str = "On";
pub const DAY_WRONG: &str = "Choose a day after today, within a year.";
pub const HOW_OFTEN: &str = "How often";
pub const TIMES: &str = "How many payments";
pub const TIMES_HINT: &str = "Leave it empty to go on until you stop it.";
pub const TIMES_WRONG: &str = "Write a number from 1 to 1000, or nothing.";
pub fn every(every: Option<Every>) -> &'static str {
    match every {
        None => "Once",
        Some(Every::Day) => "Every day",
        Some(Every::Week) => "Every week",
        Some(Every::Month) => "Every month",
    }
}
/// "Once", "Every month", "Every week, 12 times"
pub fn how_often(plan: &Plan) -> String {
    match plan.times {
        None => every(plan.every).to_owned(),
        Some(1) => every(None).to_owned(),
        Some(times) => format!("{}, {times} times", every(plan.every)),
    }
}
/// Under the amount of the review.
pub fn first_on(plan: &Plan, format: Format) -> String {
    match plan.every {
        None => format!("On {}, around noon", format.date(plan.first_at)),
        Some(_) => format!("First on {}, around noon", format.date(plan.first_at)),
    }
}
pub fn next_on(at: i64, format: Format) -> String {
    format!("Next on {}", format.date(at))
}
pub fn made(made: u32) -> String {
    match made {
        0 => "None made yet".into(),
        1 => "1 made".into(),
        _ => format!("{made} made"),
    }
}
pub fn ending(network: Network) -> String {
    match network {
        Network::Connecting | Network::Online => "Is being stopped".into(),
        _ => format!("Will be stopped {}", super::network::when(network).trim_end_matches('.')),
    }
}
/// Ordered, and not planned yet.
pub const QUEUED: &str = "Not planned yet";
/// Before the amount.
pub fn confirm(network: Network) -> &'static str {
    if network == Network::Online { "Plan " } else { "Queue " }
}
pub fn rules(network: Network) -> String {
    match network {
        Network::Connecting | Network::Online => RULES.into(),
        _ => format!("{BEFORE_ITS_DAY} {RULES}"),
    }
}
const BEFORE_ITS_DAY: &str = "The plan must be sent before its first day.";
pub const RULES: &str = "Each payment is decided on its day. If there is too little in your wallet then, it is not made, and you are told.";
pub const OUTCOME: &str = "Planned";
/// After the amount.
pub fn outcome_text(name: &str) -> String {
    format!(" to {name} will be paid on its day. Nothing has left your wallet.")
}
pub const SEE: &str = "See planned payments";
pub const DONE: &str = "Done";
pub const STOP: &str = "Stop";
pub fn stop_for(name: &str) -> String {
    format!("Stop the payments to {name}")
}
pub const STOP_TITLE: &str = "Stop these payments?";
pub fn stop_text(name: &str) -> String {
    format!("No more is paid to {name} by this plan. What was paid stays paid.")
}
pub const STOP_YES: &str = "Stop them";
pub const STOP_NO: &str = "Keep them";
pub const EMPTY_TITLE: &str = "Nothing is planned";
pub const EMPTY_TEXT: &str = "Choose Later when you review a payment, and it is made on its day.";
pub const PAY: &str = "Pay somebody";
