//! `GET /api/v1/live`: a hint that there is news. Losing it loses nothing; it is opened again after a round with the
//! server that worked, with growing pauses where it does not last.

mod events;

use super::AppServer;
use crate::tasks::Task;
use events::Events;
use purse_core::ports::Method;
use purse_shared::UnixMillis;
use purse_shared::limits::SECOND_MS;
use purse_shared::protocol::News;
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};

const PAUSE_MAX_MS: UnixMillis = 60 * SECOND_MS;
/// The server says something three times in this time, if only that it is there.
const SILENCE_MAX: Duration = Duration::from_secs(65);
const ANSWER_WITHIN: Duration = Duration::from_secs(20);

/// One listener at most. Dropped, it stops.
#[derive(Default)]
pub struct Live {
    listening: RefCell<Option<Task>>,
    failures: Rc<Cell<u32>>,
    hurry: Rc<Notify>,
}

impl Live {
    /// Listens, unless it does already or waits for its next try. `heard` gets the feed number; `lost` is called when
    /// a connection that worked breaks, and when it is time to try again.
    pub fn ensure(&self, server: &AppServer, heard: impl Fn(u64) + 'static, lost: impl Fn() + 'static) {
        if self.listening.borrow().as_ref().is_some_and(|task| !task.is_finished()) {
            return;
        }
        let (server, failures, hurry) = (server.clone(), self.failures.clone(), self.hurry.clone());
        let task = Task::spawn(async move {
            let said_something = listen(&server, |feed| {
                failures.set(0);
                heard(feed);
            })
            .await;
            failures.set(failures.get().saturating_add(1));
            // One that never worked says nothing about the network.
            if said_something {
                lost();
            }
            tokio::select! {
                () = sleep(pause(failures.get(), crate::random::<1>()[0])) => {}
                () = hurry.notified() => {}
            }
            lost();
        });
        *self.listening.borrow_mut() = Some(task);
    }

    /// Does not wait any longer for the next try.
    pub fn hurry(&self) {
        self.failures.set(0);
        self.hurry.notify_waiters();
    }

    pub fn close(&self) {
        self.listening.borrow_mut().take();
    }
}

/// Full jitter, so that devices that lost the server together do not come back together.
fn pause(failures: u32, random: u8) -> Duration {
    let ceiling = (SECOND_MS << failures.min(6)).min(PAUSE_MAX_MS);
    let pause = SECOND_MS + ceiling * UnixMillis::from(random) / 256;
    Duration::from_millis(u64::try_from(pause).unwrap_or(0))
}

/// Until it ends, however it does. True: it said something.
async fn listen(server: &AppServer, mut heard: impl FnMut(u64)) -> bool {
    let Some(request) = server.request(Method::Get, "/api/v1/live") else { return false };
    let opened = timeout(ANSWER_WITHIN, request.header(ACCEPT, "text/event-stream").send()).await;
    let Ok(Ok(mut response)) = opened else { return false };
    let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if response.status() != 200 || !kind.starts_with("text/event-stream") {
        return false;
    }
    let mut events = Events::default();
    let mut said_something = false;
    while let Ok(Ok(Some(piece))) = timeout(SILENCE_MAX, response.chunk()).await {
        let Some(complete) = events.read(&piece) else { break };
        for event in complete.into_iter().filter(|event| event.name == "news") {
            said_something = true;
            heard(serde_json::from_str::<News>(&event.data).map_or(0, |news| news.feed));
        }
    }
    said_something
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_stay_bounded() {
        let ceilings: Vec<u64> = (0..9).map(|failures| pause(failures, 255).as_secs()).collect();
        assert_eq!(ceilings, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
        assert!((0..200).all(|failures| pause(failures, 0) == Duration::from_secs(1)));
    }
}
