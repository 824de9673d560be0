//! When the vault locks by itself.
//!
//! Architecture invariant: time that has run out stays so until the vault is opened again. Whoever touches the app after
//! that (it came to the front, the machine woke up, somebody moved the pointer) touches a locked one.

use crate::setup::{Clock, Moment};
use crate::visit::VISIT_MAX;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// Timers stand still while the machine sleeps, so never longer.
const LOOK_WITHIN: Duration = Duration::from_secs(10);

/// How long nobody touched the app, and whether that was too long. Shared by the window's threads and the engine's.
pub struct Touched {
    clock: Clock,
    idle: Mutex<Idle>,
    /// It is worth looking now.
    news: Notify,
}

struct Idle {
    /// Up to when time was counted, and how much.
    counted: Moment,
    time: Duration,
    lock_after: Option<Duration>,
    /// People who confirm something elsewhere.
    away: usize,
    over: bool,
}

/// What is to be done now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    Lock,
    /// Look again after this.
    Again(Duration),
}

impl Touched {
    pub fn new(clock: Clock) -> Self {
        let counted = clock.now();
        let idle = Idle { counted, time: Duration::ZERO, lock_after: None, away: 0, over: false };
        Self { clock, idle: Mutex::new(idle), news: Notify::new() }
    }

    /// A person used the app. Too late, it puts nothing off.
    pub fn touch(&self) {
        let mut idle = self.counted();
        if idle.over {
            self.news.notify_one();
        } else {
            idle.time = Duration::ZERO;
        }
    }

    /// A person has just opened the vault, however long that took.
    pub fn begin(&self) {
        let mut idle = self.counted();
        (idle.time, idle.over) = (Duration::ZERO, false);
    }

    /// `None`: for ever.
    pub fn set_lock_after(&self, lock_after: Option<Duration>) {
        let mut idle = self.lock();
        if idle.lock_after != lock_after {
            idle.lock_after = lock_after;
            self.news.notify_one();
        }
    }

    /// As long as that lives, the person confirms something elsewhere: not here, and not gone either.
    pub fn away(self: &Arc<Self>) -> Away {
        self.counted().away += 1;
        Away(self.clone())
    }

    /// Since the last touch that counted.
    pub fn time(&self) -> Duration {
        self.counted().time
    }

    pub fn look(&self) -> Look {
        let idle = self.counted();
        match idle.limit() {
            _ if idle.over => Look::Lock,
            Some(limit) => Look::Again(look_again(limit, idle.time)),
            None => Look::Again(LOOK_WITHIN),
        }
    }

    /// Returns after so long, or as soon as it is worth looking.
    pub async fn rest(&self, pause: Duration) {
        let _woken_or_time = tokio::time::timeout(pause, self.news.notified()).await;
    }

    /// The clock is read under the lock: moments come in order.
    fn counted(&self) -> MutexGuard<'_, Idle> {
        let mut idle = self.lock();
        idle.count(self.clock.now());
        idle
    }

    fn lock(&self) -> MutexGuard<'_, Idle> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Idle {
    /// By the clock that says more, piece by piece: neither sleep nor a clock that is set back takes away what was counted.
    fn count(&mut self, now: Moment) {
        let steady = now.steady.saturating_sub(self.counted.steady);
        let wall = u64::try_from(now.wall.saturating_sub(self.counted.wall)).unwrap_or(0);
        self.time = self.time.saturating_add(steady.max(Duration::from_millis(wall)));
        self.counted = now;
        self.over |= self.limit().is_some_and(|limit| self.time >= limit);
    }

    fn limit(&self) -> Option<Duration> {
        let grace = if self.away > 0 { VISIT_MAX } else { Duration::ZERO };
        self.lock_after.map(|lock_after| lock_after.saturating_add(grace))
    }
}

pub struct Away(Arc<Touched>);

impl Drop for Away {
    fn drop(&mut self) {
        self.0.lock().away -= 1;
        self.0.news.notify_one();
    }
}

fn look_again(limit: Duration, idle: Duration) -> Duration {
    let soonest = (limit / 20).clamp(Duration::from_millis(10), Duration::from_secs(1));
    limit.saturating_sub(idle).clamp(soonest, LOOK_WITHIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);
    const LOCK_AFTER: Duration = Duration::from_secs(5 * 60);

    /// A clock in the test's hands, and what it is told to.
    struct Hand {
        now: Arc<Mutex<Moment>>,
        touched: Arc<Touched>,
    }

    impl Hand {
        fn new() -> Self {
            let now = Arc::new(Mutex::new(Moment { steady: Duration::from_secs(9), wall: 1_000_000_000 }));
            let read = now.clone();
            let touched = Arc::new(Touched::new(Clock::new(move || *read.lock().unwrap())));
            touched.set_lock_after(Some(LOCK_AFTER));
            touched.begin();
            Self { now, touched }
        }
        fn awake(&self, time: Duration) -> &Self {
            self.now.lock().unwrap().steady += time;
            self.asleep(time)
        }
        fn asleep(&self, time: Duration) -> &Self {
            self.set(i64::try_from(time.as_millis()).unwrap())
        }
        fn set(&self, by_ms: i64) -> &Self {
            self.now.lock().unwrap().wall += by_ms;
            self
        }
        fn touch(&self) -> &Self {
            self.touched.touch();
            self
        }
        fn locks(&self) -> bool {
            self.touched.look() == Look::Lock
        }
    }

    #[test]
    fn a_touch_puts_it_off_while_there_is_time() {
        let hand = Hand::new();
        for _ in 0..10 {
            hand.awake(4 * MINUTE).touch();
            assert!(!hand.locks());
        }
        hand.awake(4 * MINUTE);
        assert!(!hand.locks());
        hand.awake(MINUTE);
        assert!(hand.locks());
    }

    /// A laptop that was closed for a night: the first thing that happens is a touch.
    #[test]
    fn waking_up_is_no_way_in() {
        let hand = Hand::new();
        hand.awake(MINUTE).asleep(8 * 60 * MINUTE).touch().touch().awake(MINUTE).touch();
        assert!(hand.locks(), "time had run out before anybody touched it");
        // Not even later, and not for a longer time that is set then.
        hand.touched.set_lock_after(Some(24 * 60 * MINUTE));
        hand.touch();
        assert!(hand.locks());
        // Opened again, it is new.
        hand.touched.set_lock_after(Some(LOCK_AFTER));
        hand.touched.begin();
        assert!(!hand.locks());
        hand.awake(5 * MINUTE);
        assert!(hand.locks());
    }

    #[test]
    fn a_clock_that_is_set_gives_no_time() {
        let hand = Hand::new();
        // Back by a day, while the other clock goes on.
        hand.awake(3 * MINUTE).set(-86_400_000).awake(MINUTE);
        assert!(!hand.locks());
        hand.awake(MINUTE);
        assert!(hand.locks());
        // Back by a day, and then a sleep, in which only that clock goes on.
        let hand = Hand::new();
        hand.set(-86_400_000);
        assert!(!hand.locks());
        hand.asleep(5 * MINUTE).touch();
        assert!(hand.locks());
        // Forward: too early is safe.
        let hand = Hand::new();
        hand.set(300_000);
        assert!(hand.locks());
    }

    #[test]
    fn a_visit_is_waited_for_and_not_for_ever() {
        let hand = Hand::new();
        let away = hand.touched.away();
        hand.awake(LOCK_AFTER + VISIT_MAX - MINUTE);
        assert!(!hand.locks(), "somebody confirms in the browser");
        hand.touch();
        hand.awake(LOCK_AFTER);
        assert!(!hand.locks());
        drop(away);
        assert!(hand.locks(), "nobody came back");

        let hand = Hand::new();
        let away = hand.touched.away();
        hand.awake(LOCK_AFTER + VISIT_MAX);
        assert!(hand.locks());
        drop(away);
        assert!(hand.locks());

        // Two at once: one that ends does not end the other.
        let hand = Hand::new();
        let (one, other) = (hand.touched.away(), hand.touched.away());
        drop(one);
        hand.awake(LOCK_AFTER);
        assert!(!hand.locks());
        drop(other);
        assert!(hand.locks());
    }

    #[test]
    fn without_a_limit_it_stays_open() {
        let hand = Hand::new();
        hand.touched.set_lock_after(None);
        hand.asleep(10_000 * MINUTE).touch();
        assert!(!hand.locks());
        assert_eq!(hand.touched.time(), Duration::ZERO);
        hand.awake(MINUTE);
        assert_eq!(hand.touched.time(), MINUTE);
    }

    #[test]
    fn it_looks_again_in_time() {
        assert_eq!(look_again(LOCK_AFTER, Duration::ZERO), LOOK_WITHIN);
        assert_eq!(look_again(LOCK_AFTER, Duration::from_secs(296)), Duration::from_secs(4));
        assert_eq!(look_again(LOCK_AFTER, Duration::from_secs(900)), Duration::from_secs(1));
    }

    /// A late touch wakes whoever locks, and does not wait for the next look.
    #[tokio::test]
    async fn a_late_touch_is_heard_at_once() {
        let hand = Hand::new();
        hand.asleep(LOCK_AFTER).touch();
        let woken = tokio::time::timeout(Duration::from_secs(30), hand.touched.rest(60 * MINUTE)).await;
        assert!(woken.is_ok() && hand.locks());
    }
}
