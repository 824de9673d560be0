//! When to talk to the server next: a table, without a clock.

use purse_shared::UnixMillis;
use purse_shared::limits::{MINUTE_MS, SECOND_MS};

/// How one round with the server went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Round {
    /// Nobody is signed in, or the server wants a person first: until something changes.
    Idle,
    /// In step.
    InStep,
    /// There is more to send or to fetch.
    More,
    /// Something waits whose answer only time brings (a deposit at the bank).
    Waiting,
    /// No answer, or told to come again (after so many seconds).
    Failed { retry_after_s: Option<u32> },
}

/// The pause before the next round in milliseconds; `None`: until something happens.
///
/// `in_a_row` counts rounds that went the same way, this one included. `jitter` is any random number: full jitter
/// (AWS Architecture Blog, "Exponential Backoff And Jitter"), so that devices that lost the server together do
/// not come back together.
pub fn pause_ms(round: Round, in_a_row: u32, jitter: u64) -> Option<UnixMillis> {
    match round {
        Round::Idle => None,
        // The live stream tells of news; this is for when it is silently dead.
        Round::InStep => Some(MINUTE_MS),
        Round::More => Some(0),
        Round::Waiting => Some((SECOND_MS << in_a_row.saturating_sub(1).min(6)).min(MINUTE_MS)),
        Round::Failed { retry_after_s } => {
            let told = i64::from(retry_after_s.unwrap_or(0)) * SECOND_MS;
            let ceiling = (SECOND_MS << in_a_row.min(6)).min(MINUTE_MS);
            let spread = i64::try_from(jitter % u64::try_from(ceiling).unwrap_or(1)).unwrap_or(0);
            Some(told.max(SECOND_MS / 2 + spread))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_stay_bounded() {
        let failed = Round::Failed { retry_after_s: None };
        for failures in 1..100 {
            let pause = pause_ms(failed, failures, u64::MAX).unwrap();
            assert!((SECOND_MS / 2..=MINUTE_MS + SECOND_MS).contains(&pause), "{failures}: {pause}");
        }
        assert_eq!(pause_ms(failed, 1, 0), Some(500));
        assert_eq!(pause_ms(Round::Failed { retry_after_s: Some(30) }, 1, 7), Some(30_000));
        let waiting: Vec<_> = (1..9).map(|n| pause_ms(Round::Waiting, n, 7).unwrap() / SECOND_MS).collect();
        assert_eq!(waiting, [1, 2, 4, 8, 16, 32, 60, 60]);
        assert_eq!((pause_ms(Round::Idle, 0, 0), pause_ms(Round::More, 0, 0)), (None, Some(0)));
    }
}
