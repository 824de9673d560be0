//! The window's pages, as far as the process knows them: who listens, and what they have been told.

use purse_bridge::{Ask, ToPages, View};
use purse_ui::format::Format;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tauri::ipc::Channel;
use tokio::sync::watch;

/// One window, one listener: a page that is loaded anew takes the place of the one before.
pub struct Pages {
    views: watch::Receiver<Arc<View>>,
    listening: Mutex<Listening>,
}

#[derive(Default)]
struct Listening {
    channel: Option<Channel<String>>,
    /// Asked before anybody listened. The last one alone: a window shows one page.
    early: Option<Ask>,
    /// BCP 47, as the window says it.
    locale: String,
}

impl Pages {
    pub fn new(views: watch::Receiver<Arc<View>>) -> Self {
        Self { views, listening: Mutex::default() }
    }

    /// From now on; begins with the view as it is, and what was asked before.
    pub fn listen(&self, channel: Channel<String>, locale: String) {
        let mut listening = self.lock();
        listening.locale = locale;
        listening.channel = Some(channel);
        self.show_to(&listening);
        if let Some(ask) = listening.early.take() {
            say(&listening, &ToPages::Ask(ask));
        }
    }

    /// Shows the newest view, if anybody listens. Under the lock, so that no older one follows it.
    pub fn show(&self) {
        self.show_to(&self.lock());
    }

    pub fn ask(&self, ask: Ask) {
        let mut listening = self.lock();
        if listening.channel.is_some() {
            say(&listening, &ToPages::Ask(ask));
        } else {
            listening.early = Some(ask);
        }
    }

    /// The reader's way of writing money. (Not of times: nothing outside the pages writes any.)
    pub fn format(&self, view: &View) -> Format {
        Format::new(&self.lock().locale, |_| 0, view.now)
    }

    fn show_to(&self, listening: &Listening) {
        if listening.channel.is_some() {
            let view = View::clone(&self.views.borrow());
            say(listening, &ToPages::View(Box::new(view)));
        }
    }

    fn lock(&self) -> MutexGuard<'_, Listening> {
        self.listening.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn say(listening: &Listening, said: &ToPages) {
    let Some(channel) = &listening.channel else { return };
    let sent = serde_json::to_string(said).map_err(tauri::Error::from).and_then(|json| channel.send(json));
    if let Err(error) = sent {
        // The window is going away, or is loaded anew and will ask.
        tracing::debug!(%error, "the pages were not told");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use purse_bridge::Stage;
    use tauri::ipc::InvokeResponseBody;

    /// A channel, and all that was said over it.
    fn listener() -> (Channel<String>, Arc<Mutex<Vec<ToPages>>>) {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let into = heard.clone();
        let channel = Channel::new(move |body| {
            let InvokeResponseBody::Json(json) = body else { panic!("strings travel as JSON") };
            let said: String = serde_json::from_str(&json).unwrap();
            into.lock().unwrap().push(serde_json::from_str(&said).unwrap());
            Ok(())
        });
        (channel, heard)
    }

    fn ask(path: &str) -> Ask {
        Ask::Page { path: path.to_owned() }
    }

    #[test]
    fn whoever_comes_late_hears_the_newest() {
        let (views, seen) = watch::channel(Arc::new(View::default()));
        let pages = Pages::new(seen);
        pages.show();
        pages.ask(ask("/first"));
        pages.ask(ask("/second"));
        let welcome = View { stage: Stage::Welcome, ..View::default() };
        views.send(Arc::new(welcome.clone())).unwrap();

        let (channel, heard) = listener();
        pages.listen(channel, "en-GB".to_owned());
        let view = ToPages::View(Box::new(welcome));
        assert_eq!(heard.lock().unwrap().split_off(0), [view.clone(), ToPages::Ask(ask("/second"))]);
        pages.ask(Ask::Search);
        pages.show();
        assert_eq!(heard.lock().unwrap().split_off(0), [ToPages::Ask(Ask::Search), view.clone()]);

        // Loaded anew: only the new page is told, and nothing twice.
        let (channel, again) = listener();
        pages.listen(channel, "en-GB".to_owned());
        assert_eq!(again.lock().unwrap().split_off(0), [view]);
        pages.ask(Ask::LinkNotUnderstood);
        assert_eq!(heard.lock().unwrap().len(), 0);
        assert_eq!(again.lock().unwrap().split_off(0), [ToPages::Ask(Ask::LinkNotUnderstood)]);
    }
}
