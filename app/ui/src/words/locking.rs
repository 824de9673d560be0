//! When an app locks, what opens it again, and changing that.

use purse_bridge::{AppView, LockAfter};

pub const TITLE: &str = "Locking";
pub const AFTER: &str = "Lock after";
pub const AFTER_TEXT: &str = "When nobody uses Purse. The queue is still sent.";

/// Short: all of them stand in one line.
pub fn after(lock_after: LockAfter) -> String {
    match lock_after.minutes() {
        60 => "1 hour".to_owned(),
        minutes => format!("{minutes} min"),
    }
}

pub const NOW: &str = "Lock";
/// `None`: in a browser.
pub const fn opens_again(app: Option<AppView>) -> &'static str {
    match app {
        None => "Your passkey opens it again. The queue is still sent.",
        Some(AppView { has_passphrase: true, .. }) => {
            "Your passphrase opens it again. The queue is still sent."
        }
        Some(AppView { has_passphrase: false, .. }) => "You open it again here. The queue is still sent.",
    }
}

// Another passphrase.

pub const CHANGE: &str = "Change passphrase";
pub const CHANGE_IN_SHORT: &str = "It opens Purse on this device";
pub const CHANGE_NOTE: &str =
    "It opens the keys that Purse keeps on this device. Your wallet and your queue stay as they are.";
pub const CURRENT: &str = "Current passphrase";
pub const NEW: &str = "New passphrase";
pub const NEW_IS_CURRENT: &str = "This is the one that you have now. Choose another.";
pub const OLD_COPIES: &str = "A copy of these files from before, as in a backup, still opens with the old passphrase. If somebody may have both, remove this device under Devices and sign in again.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_as_people_say_them() {
        let said = LockAfter::ALL.map(after);
        assert_eq!(said, ["1 min", "5 min", "15 min", "1 hour"]);
    }

    #[test]
    fn what_opens_it_again_is_what_is_there() {
        let app = |has_passphrase| Some(AppView { lock_after: LockAfter::default(), has_passphrase });
        let names = |words: &str, text: &str| text.contains(words);
        assert!(names("passkey", opens_again(None)));
        assert!(names("passphrase", opens_again(app(true))));
        let by_keychain = opens_again(app(false));
        assert!(!names("passkey", by_keychain) && !names("passphrase", by_keychain));
    }
}
