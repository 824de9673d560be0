//! What giving a payment back says.

pub const TITLE: &str = "Give back";
/// Before the amount.
pub const GIVE_BACK: &str = "Give back ";
/// Under the name, before the amount and after it: "Paid you €20.00 yesterday".
pub fn paid_you(ago: &str) -> (&'static str, String) {
    ("Paid you ", format!(" {ago}"))
}
pub const MESSAGE_PLACEHOLDER: &str = "Why it goes back";
pub fn left(left: &str) -> String {
    format!("At most {left} of this payment can be given back.")
}
pub const NOT_GIVEN_BACK: &str = "Not given back";
pub const NOTHING_TITLE: &str = "There is nothing to give back";
pub const NOTHING_TEXT: &str = "All of this payment was given back, or it was not paid to you.";
pub const SEE_ACTIVITY: &str = "See your activity";
