//! `GET /api/v1/live`: a hint that there is news. Losing it loses nothing; it is opened again after a round with
//! the server that worked, with growing pauses where it does not last.

use crate::browser;
use crate::host::{fill, now};
use purse_shared::UnixMillis;
use purse_shared::limits::SECOND_MS;
use purse_shared::protocol::News;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use wasm_bindgen_futures::spawn_local;
use web_sys::{EventSource, MessageEvent};

const PAUSE_MAX_MS: UnixMillis = 60 * SECOND_MS;

#[derive(Default)]
pub struct Live {
    open: RefCell<Option<Listening>>,
    health: Rc<Health>,
}

/// How the connections before fared.
#[derive(Default)]
struct Health {
    failures: Cell<u32>,
    not_before: Cell<UnixMillis>,
    /// The current connection has said something.
    heard: Cell<bool>,
}

impl Health {
    /// The pause before the next try. Full jitter, so that devices that lost the server together do not come back
    /// together.
    fn failed(&self) -> UnixMillis {
        let failures = self.failures.get().saturating_add(1);
        self.failures.set(failures);
        let mut random = [0];
        fill(&mut random);
        let ceiling = (SECOND_MS << failures.min(6)).min(PAUSE_MAX_MS);
        let pause = SECOND_MS + ceiling * UnixMillis::from(random[0]) / 256;
        self.not_before.set(now() + pause);
        pause
    }
}

struct Listening {
    source: EventSource,
    _news: Closure<dyn FnMut(MessageEvent)>,
    _error: Closure<dyn FnMut()>,
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.source.close();
    }
}

impl Live {
    /// Listens, unless it does already or failed a moment ago. `heard` gets the feed number; `lost` is called when
    /// a connection that worked breaks, and when it is time to try again: the browser's own tries have no growing
    /// pause.
    pub fn ensure(&self, mut heard: impl FnMut(u64) + 'static, lost: impl Fn() + 'static) {
        let open = self.open.borrow().as_ref().is_some_and(|l| l.source.ready_state() != EventSource::CLOSED);
        if open || now() < self.health.not_before.get() {
            return;
        }
        let Ok(source) = EventSource::new("/api/v1/live") else { return };
        self.health.heard.set(false);
        let health = self.health.clone();
        let news = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            health.heard.set(true);
            health.failures.set(0);
            let news = event.data().as_string().and_then(|text| serde_json::from_str::<News>(&text).ok());
            heard(news.map_or(0, |news| news.feed));
        });
        let (health, broken, lost) = (self.health.clone(), source.clone(), Rc::new(lost));
        let error = Closure::<dyn FnMut()>::new(move || {
            broken.close();
            let pause = health.failed();
            // One that never worked says nothing about the network.
            if health.heard.replace(false) {
                lost();
            }
            let again = lost.clone();
            #[allow(clippy::cast_precision_loss, reason = "a pause of at most minutes")]
            spawn_local(async move {
                browser::sleep(pause as f64).await;
                again();
            });
        });
        let _only_if_the_type_is_unknown =
            source.add_event_listener_with_callback("news", news.as_ref().unchecked_ref());
        source.set_onerror(Some(error.as_ref().unchecked_ref()));
        *self.open.borrow_mut() = Some(Listening { source, _news: news, _error: error });
    }

    pub fn close(&self) {
        self.open.borrow_mut().take();
    }
}
