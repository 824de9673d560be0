//! Whether the database still has the history that was written down: known to whoever signs anything about it.

use purse_shared::audit::{Checkpoint, CheckpointHead, Lost};
use std::sync::{Arc, PoisonError, RwLock};

/// Shared by all that is of one server. Until the first look it knows nothing, and nothing is lost.
#[derive(Clone, Debug, Default)]
pub struct History(Arc<RwLock<Known>>);

#[derive(Debug, Default)]
struct Known {
    /// The last checkpoint of this life of the database.
    last: Option<Checkpoint>,
    lost: Option<Lost>,
}

/// For the operator's alarm.
pub fn describe() {
    metrics::describe_gauge!(
        "purse_history_rewritten",
        "1: the database has not what the last checkpoint says. No checkpoint and no receipt is signed."
    );
}

impl History {
    /// What a look found. `last`, where there is one, is the last checkpoint.
    pub(super) fn note(&self, last: Option<Checkpoint>, lost: Option<Lost>) {
        metrics::gauge!("purse_history_rewritten").set(if lost.is_some() { 1.0 } else { 0.0 });
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        known.last = last.or_else(|| known.last.take());
        known.lost = lost;
    }

    /// What the database has not as it was written down.
    pub fn lost(&self) -> Option<Lost> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).lost
    }

    /// Where this branch's chain was, when it was last written down.
    pub(super) fn written_down(&self, branch: i16) -> Option<CheckpointHead> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        known.last.as_ref()?.heads.iter().copied().find(|head| head.branch == branch)
    }
}
