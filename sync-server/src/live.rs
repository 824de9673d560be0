//! "News": who should pull. A hint only; losing one loses nothing, because the feed is numbered.

use purse_shared::{UserId, protocol::News};
use std::sync::Arc;
use tokio::sync::broadcast;

/// One channel for all of this process's live streams. A slow stream that lags just pulls.
#[derive(Clone, Debug)]
pub struct Hub(Arc<broadcast::Sender<(UserId, News)>>);

impl Default for Hub {
    fn default() -> Self {
        Self(Arc::new(broadcast::channel(1_024).0))
    }
}

impl Hub {
    pub fn tell(&self, user: UserId, news: News) {
        // Nobody listening is not a failure.
        let _heard = self.0.send((user, news));
    }
    pub fn listen(&self) -> broadcast::Receiver<(UserId, News)> {
        self.0.subscribe()
    }
}
