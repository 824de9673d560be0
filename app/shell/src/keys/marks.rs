//! The mark in a keychain: written by one thread at a time, the newest last, however long the keychain takes.
//!
//! Architecture invariant: what [`Marks::written`] says was read back from the keychain. A keychain that asks its owner for
//! something holds up neither whoever reads the mark nor, beyond [`ANSWER_WITHIN`], whoever raises it.

use super::keychain::KeychainError;
use purse_core::ports::Mark;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// Keychains take milliseconds. One that takes longer asks its owner for something.
pub const ANSWER_WITHIN: Duration = Duration::from_secs(2);

#[derive(Clone)]
pub struct Marks(Arc<Inner>);

struct Inner {
    write: Box<Write>,
    state: Mutex<State>,
    /// Changes with the state.
    changed: watch::Sender<()>,
}

/// Writes a mark and reads it back; waits for the keychain.
type Write = dyn Fn(Mark) -> Result<(), KeychainError> + Send + Sync;

struct State {
    written: Mark,
    /// What is to stand there in the end.
    wanted: Mark,
    /// Since when a thread has been at it.
    writing: Option<Instant>,
    /// Why the last one was not written, as far as is known: what stands there is either of the two.
    failed: Option<KeychainError>,
}

impl Marks {
    /// `written`: as it was found.
    pub fn new(
        written: Mark,
        write: impl Fn(Mark) -> Result<(), KeychainError> + Send + Sync + 'static,
    ) -> Self {
        let state = State { written, wanted: written, writing: None, failed: None };
        let inner =
            Inner { write: Box::new(write), state: Mutex::new(state), changed: watch::Sender::new(()) };
        Self(Arc::new(inner))
    }

    /// As the keychain has it, as far as it has answered.
    pub fn written(&self) -> Mark {
        self.0.lock().written
    }

    /// Returns when it is written, and after [`ANSWER_WITHIN`] at the latest; where the keychain has been silent for so
    /// long already, at once. It is written all the same as soon as the keychain answers, unless another one has taken its
    /// place by then.
    ///
    /// # Errors
    /// [`KeychainError`], [`KeychainError::Silent`] among them: it is not written by now.
    pub async fn raise(&self, mark: Mark) -> Result<(), KeychainError> {
        let since = self.want(mark);
        let left = ANSWER_WITHIN.saturating_sub(since.elapsed());
        tokio::time::timeout(left, self.settled(mark)).await.unwrap_or(Err(KeychainError::Silent))
    }

    /// The same, however long it takes. Nothing older is written after it.
    ///
    /// # Errors
    /// [`KeychainError`]: it is not written.
    pub async fn set(&self, mark: Mark) -> Result<(), KeychainError> {
        self.want(mark);
        self.settled(mark).await
    }

    /// Since when the thread has been at it that will write this mark.
    fn want(&self, mark: Mark) -> Instant {
        let mut state = self.0.lock();
        state.wanted = mark;
        if let Some(since) = state.writing {
            return since;
        }
        let since = Instant::now();
        if state.wanted != state.written || state.failed.is_some() {
            (state.writing, state.failed) = (Some(since), None);
            let inner = self.0.clone();
            tokio::task::spawn_blocking(move || inner.write_wanted());
        }
        since
    }

    /// Once nobody writes any more.
    async fn settled(&self, mark: Mark) -> Result<(), KeychainError> {
        let mut changed = self.0.changed.subscribe();
        loop {
            changed.mark_unchanged();
            {
                let state = self.0.lock();
                if state.writing.is_none() {
                    return match &state.failed {
                        Some(error) => Err(error.clone()),
                        None if state.written == mark => Ok(()),
                        // Another one took its place.
                        None => Err(KeychainError::Silent),
                    };
                }
            }
            let _sender_is_held = changed.changed().await;
        }
    }
}

impl Inner {
    /// Until what is wanted stands there, or the keychain says no.
    fn write_wanted(&self) {
        loop {
            let wanted = self.lock().wanted;
            // A fault in somebody's keychain must not look like one that is still busy.
            let done = catch_unwind(AssertUnwindSafe(|| (self.write)(wanted)))
                .unwrap_or_else(|_| Err(KeychainError::Away("it stopped by a fault".to_owned())));
            let mut state = self.lock();
            let is_last = done.is_err() || state.wanted == wanted;
            match done {
                Ok(()) => state.written = wanted,
                Err(error) => {
                    tracing::warn!("the highest number signed is not in the keychain: {error}");
                    (state.failed, state.wanted) = (Some(error), state.written);
                }
            }
            state.writing = if is_last { None } else { Some(Instant::now()) };
            drop(state);
            self.changed.send_replace(());
            if is_last {
                return;
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    /// A keychain that answers when it is told to, and all that was written into it.
    struct Slow {
        marks: Marks,
        answers: mpsc::Sender<Result<(), KeychainError>>,
        entries: Arc<Mutex<Vec<u64>>>,
    }

    fn mark(seq: u64) -> Mark {
        Mark { seq, generation: seq * 7 }
    }

    impl Slow {
        fn new() -> Self {
            let (answers, told) = mpsc::channel();
            let told = Mutex::new(told);
            let entries = Arc::new(Mutex::new(Vec::new()));
            let into = entries.clone();
            let marks = Marks::new(mark(0), move |mark| {
                told.lock().unwrap().recv().unwrap()?;
                into.lock().unwrap().push(mark.seq);
                Ok(())
            });
            Self { marks, answers, entries }
        }
        fn answer(&self, answer: Result<(), KeychainError>) {
            self.answers.send(answer).unwrap();
        }
        async fn until_written(&self, seq: u64) {
            for _ in 0..2_000 {
                if self.marks.written() == mark(seq) {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            panic!("never {seq}: {:?}", self.marks.written());
        }
    }

    fn is_silent(raised: &Result<(), KeychainError>) -> bool {
        matches!(raised, Err(KeychainError::Silent))
    }

    #[tokio::test]
    async fn one_that_answers_is_waited_for() {
        let slow = Slow::new();
        slow.answer(Ok(()));
        slow.marks.raise(mark(1)).await.unwrap();
        assert_eq!(slow.marks.written(), mark(1));
        // The same again costs nothing.
        slow.marks.raise(mark(1)).await.unwrap();
        slow.answer(Err(KeychainError::Untrue));
        assert!(matches!(slow.marks.raise(mark(2)).await, Err(KeychainError::Untrue)));
        assert_eq!(slow.marks.written(), mark(1), "what was not written has not happened");
        // Which of the two stands there is not known: so it is written, and not taken for written.
        slow.answer(Ok(()));
        slow.marks.set(mark(1)).await.unwrap();
        slow.answer(Ok(()));
        slow.marks.raise(mark(2)).await.unwrap();
        assert_eq!(*slow.entries.lock().unwrap(), [1, 1, 2]);
    }

    #[tokio::test]
    async fn one_with_a_fault_is_asked_again() {
        let is_faulty = Mutex::new(true);
        let marks = Marks::new(mark(0), move |_| {
            let fails = std::mem::take(&mut *is_faulty.lock().unwrap());
            assert!(!fails, "a fault");
            Ok(())
        });
        assert!(matches!(marks.set(mark(1)).await, Err(KeychainError::Away(_))));
        marks.set(mark(1)).await.unwrap();
        assert_eq!(marks.written(), mark(1));
    }

    #[tokio::test]
    async fn one_that_is_silent_holds_nobody_up_and_gets_the_newest() {
        let slow = Slow::new();
        let began = Instant::now();
        assert!(is_silent(&slow.marks.raise(mark(1)).await));
        assert!(began.elapsed() >= ANSWER_WITHIN);
        // It costs that time once.
        let began = Instant::now();
        for seq in 2..=9 {
            assert!(is_silent(&slow.marks.raise(mark(seq)).await));
        }
        assert!(began.elapsed() < ANSWER_WITHIN, "{:?}", began.elapsed());
        assert_eq!(slow.marks.written(), mark(0), "readable meanwhile, and as it is written down");
        slow.answer(Ok(()));
        slow.answer(Ok(()));
        slow.until_written(9).await;
        assert_eq!(*slow.entries.lock().unwrap(), [1, 9], "an older one never comes last");
        slow.answer(Ok(()));
        slow.marks.raise(mark(10)).await.unwrap();
    }

    #[tokio::test]
    async fn one_that_must_be_set_is_waited_for() {
        let slow = Slow::new();
        assert!(is_silent(&slow.marks.raise(mark(5)).await));
        let answer = async {
            tokio::time::sleep(Duration::from_millis(50)).await;
            assert_eq!(slow.marks.written(), mark(0));
            slow.answer(Ok(()));
            slow.answer(Ok(()));
        };
        // It stood there before, too: but what was on its way comes first.
        let (set, ()) = futures::join!(slow.marks.set(mark(0)), answer);
        set.unwrap();
        assert_eq!(
            (slow.entries.lock().unwrap().as_slice(), slow.marks.written()),
            ([5, 0].as_slice(), mark(0))
        );
    }
}
