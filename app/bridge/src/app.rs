//! What a person can set about an app on this device. A page in a browser has nothing of the kind.

use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What only an app has (`View::app`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppView {
    pub lock_after: LockAfter,
    /// A passphrase seals the device's keys: `Command::ChangePassphrase` puts another in its place.
    pub has_passphrase: bool,
}

/// How long nobody touches an app before it locks by itself (`Command::SetLockAfter`). Set for each device: it is not
/// in the book that devices share.
///
/// There is no "never". A wallet that stays open shows what is in it, and pays below the step-up threshold, for whoever
/// sits down at the machine next; a phone that is snatched from a hand is open. An hour is the most that somebody who
/// steps away can be expected to come back within.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LockAfter {
    OneMinute,
    #[default]
    FiveMinutes,
    FifteenMinutes,
    OneHour,
}

impl LockAfter {
    /// The shortest first.
    pub const ALL: [Self; 4] = [Self::OneMinute, Self::FiveMinutes, Self::FifteenMinutes, Self::OneHour];

    pub const fn minutes(self) -> u32 {
        match self {
            Self::OneMinute => 1,
            Self::FiveMinutes => 5,
            Self::FifteenMinutes => 15,
            Self::OneHour => 60,
        }
    }

    pub const fn duration(self) -> Duration {
        Duration::from_secs(self.minutes() as u64 * 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_choice_locks_some_time() {
        let choices = LockAfter::ALL.map(|choice| (choice.minutes(), choice.duration().as_secs()));
        assert_eq!(choices, [(1, 60), (5, 300), (15, 900), (60, 3_600)]);
        assert_eq!(LockAfter::default(), LockAfter::FiveMinutes);
    }
}
