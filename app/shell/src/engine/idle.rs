//! When the vault locks by itself.

use purse_shared::UnixMillis;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

/// When a person used the app last, by two clocks: one stands still while the machine sleeps, the other can be set.
pub struct Touched {
    start: Instant,
    /// Milliseconds since the start.
    steady: AtomicI64,
    wall: AtomicI64,
}

impl Touched {
    pub fn new(now: UnixMillis) -> Self {
        Self { start: Instant::now(), steady: AtomicI64::new(0), wall: AtomicI64::new(now) }
    }

    pub fn touch(&self, now: UnixMillis) {
        self.steady.store(self.since_start(), Ordering::Relaxed);
        self.wall.store(now, Ordering::Relaxed);
    }

    /// By the clock that says more.
    pub fn idle(&self, now: UnixMillis) -> Duration {
        let steady = self.since_start().saturating_sub(self.steady.load(Ordering::Relaxed));
        let wall = now.saturating_sub(self.wall.load(Ordering::Relaxed));
        Duration::from_millis(u64::try_from(steady.max(wall)).unwrap_or(0))
    }

    fn since_start(&self) -> i64 {
        i64::try_from(self.start.elapsed().as_millis()).unwrap_or(i64::MAX)
    }
}

/// How long until it is worth looking again. Timers stand still while the machine sleeps, so never long.
pub fn look_again(lock_after: Duration, idle: Duration) -> Duration {
    let soonest = (lock_after / 20).clamp(Duration::from_millis(10), Duration::from_secs(1));
    lock_after.saturating_sub(idle).clamp(soonest, Duration::from_secs(10))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_that_says_more_counts() {
        let touched = Touched::new(1_000_000);
        assert!(touched.idle(1_000_000) < Duration::from_secs(60));
        // The machine slept for an hour.
        assert!(touched.idle(1_000_000 + 3_600_000) >= Duration::from_secs(3_600));
        // Somebody set the clock back.
        assert!(touched.idle(0) < Duration::from_secs(60));
        touched.touch(5_000_000);
        assert!(touched.idle(5_000_000) < Duration::from_secs(60));
        let minutes = Duration::from_secs(300);
        assert_eq!(look_again(minutes, Duration::ZERO), Duration::from_secs(10));
        assert_eq!(look_again(minutes, Duration::from_secs(296)), Duration::from_secs(4));
        assert_eq!(look_again(minutes, Duration::from_secs(900)), Duration::from_secs(1));
    }
}
