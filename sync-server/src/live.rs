//! "News": who should pull. A hint only; losing one loses nothing, because the feed is numbered.

use purse_shared::{UserId, protocol::News};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use tokio::sync::{mpsc, watch};

/// The live streams of this process, by user: news of one wakes nobody else. A slow stream sees the latest.
#[derive(Clone, Debug, Default)]
pub struct Hub(Arc<Inside>);

#[derive(Debug, Default)]
struct Inside {
    streams: Mutex<HashMap<UserId, watch::Sender<News>>>,
    /// The way to the streams of other servers.
    others: OnceLock<mpsc::UnboundedSender<(UserId, News)>>,
}

/// One stream's ear; forgotten when it is dropped.
#[derive(Debug)]
pub struct Listener {
    hub: Hub,
    user: UserId,
    news: watch::Receiver<News>,
}

const NOTHING: News = News { feed: 0, book: 0 };

impl Hub {
    /// To this user's streams, wherever they are.
    pub fn tell(&self, user: UserId, news: News) {
        self.tell_here(user, news);
        if let Some(others) = self.0.others.get() {
            // Nobody relays when the server stops.
            let _relayed = others.send((user, news));
        }
    }
    /// To the streams of this process.
    pub fn tell_here(&self, user: UserId, news: News) {
        if let Some(stream) = self.streams().get(&user) {
            stream.send_modify(|known| {
                *known = News { feed: known.feed.max(news.feed), book: known.book.max(news.book) };
            });
        }
    }
    /// Gives all that is told to `others` too. Once.
    pub fn relay(&self, others: mpsc::UnboundedSender<(UserId, News)>) {
        let _first = self.0.others.set(others);
    }
    pub fn listen(&self, user: UserId) -> Listener {
        let news = self.streams().entry(user).or_insert_with(|| watch::Sender::new(NOTHING)).subscribe();
        Listener { hub: self.clone(), user, news }
    }
    fn streams(&self) -> MutexGuard<'_, HashMap<UserId, watch::Sender<News>>> {
        // What it guards is whole even when a holder panicked.
        self.0.streams.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Listener {
    /// The next news; `None` when there will be none.
    pub async fn next(&mut self) -> Option<News> {
        self.news.changed().await.ok()?;
        Some(*self.news.borrow_and_update())
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let mut streams = self.hub.streams();
        // This one is still counted.
        if streams.get(&self.user).is_some_and(|stream| stream.receiver_count() <= 1) {
            streams.remove(&self.user);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn news_reach_their_user_alone_and_the_latest_counts() {
        let hub = Hub::default();
        let user = |n: u8| UserId::new(1, [n; 10]);
        let (mut ana, mut bo) = (hub.listen(user(1)), hub.listen(user(2)));
        hub.tell(user(1), News { feed: 4, book: 0 });
        hub.tell(user(1), News { feed: 0, book: 2 });
        hub.tell(user(3), News { feed: 9, book: 0 });
        assert_eq!(ana.next().await, Some(News { feed: 4, book: 2 }));
        assert!(futures::FutureExt::now_or_never(bo.next()).is_none());
        let second = hub.listen(user(1));
        drop(ana);
        assert_eq!(hub.streams().len(), 2, "another stream of hers is open");
        drop((second, bo));
        assert!(hub.streams().is_empty());
    }
}
