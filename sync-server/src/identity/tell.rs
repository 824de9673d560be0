//! Telling all of a user's devices, through the writer that numbers their feed.

use crate::app::App;
use crate::settle::AccountChange;
use purse_shared::UserId;
use purse_shared::protocol::FeedEvent;
use std::time::Duration;

const ATTEMPTS: u32 = 60;

/// What is told has been committed already, so nobody waits here and a writer that is away for a minute (a
/// failover) is asked again. Queued before this returns when the writer is there.
pub fn tell(app: &App, branch: i16, user: UserId, event: FeedEvent) {
    let writers = app.writers.clone();
    tokio::spawn(async move {
        for attempt in 1..=ATTEMPTS {
            match writers.change(branch, user, AccountChange::Tell(Box::new(event.clone()))).await {
                Ok(_none) => return,
                Err(_gone) if attempt < ATTEMPTS => tokio::time::sleep(Duration::from_secs(1)).await,
                Err(gone) => tracing::error!(%user, %gone, "a change of account was not told"),
            }
        }
    });
}
