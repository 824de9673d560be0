//! Visits to the system's browser, where passkeys are: one at a time, with a way back to this app on this machine.

mod loopback;
#[cfg(test)]
mod tests;

use crate::engine::idle::{Away, Touched};
use crate::server::Origin;
use crate::setup::Around;
use loopback::Loopback;
use purse_core::ports::{PasskeyAnswer, PasskeyError, Passkeys, WayBack};
use purse_shared::Secret;
use purse_shared::limits::{LINK_ANSWER_CHARS_MAX, LINK_LIFE_MS};
use serde_json::Value;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use url::Url;

/// What was asked for in the browser has expired by then.
pub(crate) const VISIT_MAX: Duration = Duration::from_millis(LINK_LIFE_MS.unsigned_abs());

/// The ceremonies of an app: none in its own window, all of them as visits.
#[derive(Clone)]
pub struct Visits(Rc<Inner>);

struct Inner {
    around: Arc<dyn Around>,
    origin: Origin,
    touched: Arc<Touched>,
    now: RefCell<Option<Visit>>,
    numbers: Cell<u64>,
}

/// From [`Passkeys::way_back`] on, until its answer was taken, or another took its place.
struct Visit {
    /// Ways by the scheme are all the same.
    number: u64,
    way: WayBack,
    answer: watch::Sender<Option<Secret<String>>>,
    /// Listens until there is an answer.
    listener: Option<Loopback>,
    _away: Away,
}

impl Visits {
    /// `touched`: is told who is away, and who comes back.
    pub fn new(around: Arc<dyn Around>, origin: Origin, touched: Arc<Touched>) -> Self {
        Self(Rc::new(Inner { around, origin, touched, now: RefCell::default(), numbers: Cell::default() }))
    }

    /// Hands an answer that came by `way` to the visit that waits for it.
    fn answer(&self, way: &WayBack, answer: Secret<String>) {
        let mut now = self.0.now.borrow_mut();
        if let Some(visit) = now.as_mut().filter(|visit| visit.way == *way && visit.answer.borrow().is_none())
        {
            visit.listener = None;
            visit.answer.send_replace(Some(answer));
        }
    }

    /// `purse://link?answer=...`, as the system gave it to the app. A visit that came by a port takes no link.
    pub fn opened_link(&self, link: &str) {
        if let Some(answer) = answer_in_link(link) {
            self.answer(&WayBack::Scheme, answer);
        }
    }

    /// The person does not want it any more.
    pub fn end(&self) {
        self.0.now.borrow_mut().take();
    }
}

impl Passkeys for Visits {
    async fn create(&self, _: Value) -> Result<PasskeyAnswer, PasskeyError> {
        Err(PasskeyError::Unsupported)
    }

    async fn get(&self, _: Value) -> Result<PasskeyAnswer, PasskeyError> {
        Err(PasskeyError::Unsupported)
    }

    async fn way_back(&self) -> Result<WayBack, PasskeyError> {
        self.end();
        let (way, listener) = if self.0.around.scheme() {
            (WayBack::Scheme, None)
        } else {
            let visits = Rc::downgrade(&self.0);
            let listener = Loopback::open(move |port, answer| {
                if let Some(inner) = visits.upgrade() {
                    Self(inner).answer(&WayBack::Loopback { port }, answer);
                }
            });
            let listener = listener.await.map_err(|error| {
                tracing::warn!("no way back from the browser: {error}");
                PasskeyError::Unsupported
            })?;
            (WayBack::Loopback { port: listener.port() }, Some(listener))
        };
        let answer = watch::Sender::new(None);
        let number = self.0.numbers.get() + 1;
        self.0.numbers.set(number);
        *self.0.now.borrow_mut() =
            Some(Visit { number, way: way.clone(), answer, listener, _away: self.0.touched.away() });
        Ok(way)
    }

    async fn visit(&self, way: WayBack, address: &str) -> Result<Secret<String>, PasskeyError> {
        let found = {
            let now = self.0.now.borrow();
            let visit = now.as_ref().filter(|visit| visit.way == way);
            visit.map(|visit| (visit.number, visit.answer.subscribe()))
        };
        let (number, mut answered) = found.ok_or(PasskeyError::Cancelled)?;
        if !self.0.origin.has(address) {
            self.end();
            return Err(PasskeyError::Unsupported);
        }
        if !self.0.around.open_in_browser(address) {
            // The page shows the address: a person can open it by hand.
            tracing::warn!("the browser was not opened");
        }
        let answer = tokio::time::timeout(VISIT_MAX, answered.wait_for(Option::is_some)).await;
        let answer = match answer {
            // An error: another one took its place, or it was ended.
            Ok(answer) => answer.ok().and_then(|answer| answer.clone()),
            Err(_too_late) => None,
        };
        if answer.is_some() {
            // Who has just confirmed is there.
            self.0.touched.touch();
        }
        self.0.now.borrow_mut().take_if(|visit| visit.number == number);
        if answer.is_some() {
            self.0.around.come_forward();
        }
        answer.ok_or(PasskeyError::Cancelled)
    }
}

/// True for what is the engine's to deal with, well formed or not.
pub fn is_link(link: &str) -> bool {
    Url::parse(link).is_ok_and(|url| url.scheme() == "purse" && url.host_str() == Some("link"))
}

fn answer_in_link(link: &str) -> Option<Secret<String>> {
    let url = Url::parse(link).ok()?;
    let is_bare = matches!(url.path(), "" | "/") && url.fragment().is_none();
    if url.scheme() != "purse" || url.host_str() != Some("link") || !is_bare {
        return None;
    }
    answer_in(url.query()?)
}

/// The one parameter `answer`, in base64url.
fn answer_in(query: &str) -> Option<Secret<String>> {
    let answer = query.strip_prefix("answer=")?;
    let is_one = (1..=LINK_ANSWER_CHARS_MAX).contains(&answer.len())
        && answer.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    is_one.then(|| Secret(answer.to_owned()))
}
