//! What an app needs before it can show what it keeps on this device.

use purse_bridge::{PASSPHRASE_CHARS_MIN, Shut};

/// A title, and what it means for the person.
pub fn said(shut: Shut) -> (&'static str, &'static str) {
    match shut {
        Shut::ChoosePassphrase { .. } => (
            "Choose a passphrase",
            "This device has no keychain that Purse can use. A passphrase protects your keys instead. You type it \
             whenever Purse starts or unlocks. After a restart nothing is sent until you have typed it.",
        ),
        Shut::AskPassphrase { .. } => (
            "Enter your passphrase",
            "It opens the keys that Purse keeps on this device. After a restart nothing is sent until you have typed it.",
        ),
        Shut::KeychainAsks => {
            ("Waiting for your keychain", "It may ask for its own password in a window of its own.")
        }
        Shut::KeychainAway => (
            "Your keychain does not answer",
            "Purse keeps its keys there. Unlock it, or sign in to your system again. Nothing was lost.",
        ),
        Shut::KeysElsewhere => (
            "The keys are not on this device",
            "What Purse keeps here was made with another keychain, and only that one opens it. Nothing was thrown away.",
        ),
        Shut::OpenElsewhere => ("Purse is open already", "Close the other window of Purse, then try again."),
        Shut::NewerVersion => (
            "A newer Purse was here",
            "What is kept on this device was written by a newer version. Install it again. Nothing was lost.",
        ),
        Shut::Damaged => (
            "What is kept here is damaged",
            "Purse cannot read its files on this device. What has settled is kept by Purse, not by this device.",
        ),
        Shut::NoRoom => {
            ("There is no room left", "Make some room on this device, then try again. Nothing was lost.")
        }
        Shut::NoAccess => (
            "Purse may not open its files",
            "The system does not let Purse read or write where it keeps them. Nothing was lost.",
        ),
    }
}

pub const PASSPHRASE: &str = "Passphrase";
pub const PASSPHRASE_AGAIN: &str = "The same again";
/// Under the field of a new one.
pub fn new_hint() -> String {
    format!("At least {PASSPHRASE_CHARS_MIN} characters. Four or five words are good. Nobody can reset it.")
}
pub fn new_refused() -> String {
    format!("It was too short. It needs at least {PASSPHRASE_CHARS_MIN} characters.")
}
pub const DIFFERS: &str = "The two are not the same. Look at both again.";
pub const ASK_HINT: &str = "Capitals and spaces count.";
pub const ASK_WRONG: &str = "This is not the passphrase. Check capitals and spaces.";
pub const USE: &str = "Use this passphrase";
pub const OPEN: &str = "Open Purse";
pub const LOOK_AGAIN: &str = "Look for the keychain again";
pub const FORGOTTEN: &str = "I have forgotten it";
pub const TRY_AGAIN: &str = "Try again";
pub const NOT_NOW: &str = "Not now";

pub const AFRESH: &str = "Start again on this device";
pub const AFRESH_SURE: &str = "Start again without what is here?";
/// Before what is here is put aside.
pub const AFRESH_TEXT: &str = "Purse begins anew on this device, and you sign in again. Payments that were queued \
    here and not sent stay in the old files, which are put aside and not deleted.";

/// On the page of a locked wallet, on a computer whose keychain holds the keys.
pub const OPENS_BY_SESSION: &str = "Unlocking asks for nothing more than your session on this computer.";
