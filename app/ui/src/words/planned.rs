//! What payments at a later day say.

use crate::format::Format;
use purse_bridge::{Every, Network, Plan, UnixMillis};

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
        _ if is_once(plan) => every(None).to_owned(),
        None => every(plan.every).to_owned(),
        Some(times) => format!("{}, {times} times", every(plan.every)),
    }
}
/// "On 26 November", "Every month"
pub fn in_short(plan: &Plan, format: Format) -> String {
    if is_once(plan) { format!("On {}", format.date(plan.first_at)) } else { how_often(plan) }
}
/// Under the amount of the review.
pub fn first_on(plan: &Plan, format: Format) -> String {
    let day = format.date(plan.first_at);
    if is_once(plan) { format!("On {day}, around noon") } else { format!("First on {day}, around noon") }
}
/// In its place while the day is not chosen.
pub const ON_A_LATER_DAY: &str = "On a later day";
pub fn next_on(plan: &Plan, at: i64, format: Format) -> String {
    let day = format.date(at);
    if is_once(plan) { format!("On {day}") } else { format!("Next on {day}") }
}
/// "Every week, 12 times; 3 made"
pub fn so_far(plan: &Plan, made: u32) -> String {
    match made {
        0 => how_often(plan),
        _ => format!("{}; {made} made", how_often(plan)),
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
/// Why a plan needs the passkey though its amount is small.
pub fn new_device(until: UnixMillis, format: Format) -> String {
    format!("This device is new. Until {} it plans payments with your passkey only.", format.moment(until))
}
pub const OUTCOME: &str = "Planned";
/// After the amount.
pub fn outcome_text(name: &str, plan: &Plan) -> String {
    let when = if is_once(plan) { "on its day".to_owned() } else { how_often(plan).to_lowercase() };
    format!(" to {name} will be paid {when}. Nothing has left your wallet.")
}
pub fn is_once(plan: &Plan) -> bool {
    plan.every.is_none() || plan.times == Some(1)
}
pub const SEE: &str = "See planned payments";
pub const DONE: &str = "Done";
pub const STOP: &str = "Stop";
pub fn stop_for(name: &str) -> String {
    format!("what is planned for {name}")
}
pub fn stop_title(plan: &Plan) -> &'static str {
    if is_once(plan) { "Stop this payment?" } else { "Stop these payments?" }
}
pub fn stop_text(plan: &Plan, name: &str) -> String {
    if is_once(plan) {
        format!("Nothing is paid to {name} by this plan.")
    } else {
        format!("No more is paid to {name} by this plan. What was paid stays paid.")
    }
}
/// Yes, and no.
pub fn stop_acts(plan: &Plan) -> (&'static str, &'static str) {
    if is_once(plan) { ("Stop it", "Keep it") } else { ("Stop them", "Keep them") }
}
pub const EMPTY_TITLE: &str = "Nothing is planned";
pub const EMPTY_TEXT: &str = "Choose Later when you review a payment, and it is made on its day.";
pub const PAY: &str = "Pay somebody";
