//! News as the system's own notifications. A click opens the page it is about.

use crate::alerts::{News, Page, Told, news, news_while_locked};
use crate::{Running, come_forward};
use purse_bridge::{Ask, Stage, UserId, View};
use purse_ui::format::Format;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use tauri::{AppHandle, Manager};
use tauri_plugin_notification::{ActionPerformed, NotificationExt};

/// The page that a notification is about ([`Page::path`]), in what it carries along.
const PATH: &str = "path";

pub struct Notifier {
    app: AppHandle,
    file: PathBuf,
    kept: Option<Kept>,
    /// Of the locked view before.
    news_while_locked: usize,
}

/// What the file holds: no amounts, no names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Kept {
    user: UserId,
    told: Told,
}

impl Notifier {
    /// `file`: keeps up to where the person was told.
    pub fn new(app: AppHandle, file: PathBuf) -> Self {
        let kept = std::fs::read(&file).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
        let clicked = app.clone();
        if let Err(error) = app.notification().on_action(move |action| open(&clicked, action)) {
            tracing::warn!(%error, "notifications open no page");
        }
        Self { app, file, kept, news_while_locked: 0 }
    }

    /// Tells what is new in a view. `watched`: the person sees it in the window, and it counts as told, unless the wallet is
    /// locked: that shows how many there are, to whoever passes by.
    pub fn see(&mut self, view: &View, watched: bool) {
        let locked = match &view.stage {
            Stage::Locked(locked) => locked.news,
            _ => 0,
        };
        if let Some(one) = news_while_locked(self.news_while_locked, locked) {
            self.show(&one);
        }
        self.news_while_locked = locked;
        let Stage::Open(wallet) = &view.stage else { return };
        let told = self.kept.filter(|kept| kept.user == wallet.me.user).map(|kept| kept.told);
        let format = self.format(view).hiding(wallet.hide_amounts);
        let (news, next) = news(&wallet.alerts, told, format);
        if !watched {
            news.iter().for_each(|one| self.show(one));
        }
        self.keep(Kept { user: wallet.me.user, told: next });
    }

    fn format(&self, view: &View) -> Format {
        let running = self.app.try_state::<Running>();
        running.map_or_else(|| Format::new("", |_| 0, view.now), |running| running.pages().format(view))
    }

    fn show(&self, news: &News) {
        show(&self.app, &news.title, &news.text, Some(news.page));
    }

    fn keep(&mut self, kept: Kept) {
        if self.kept == Some(kept) {
            return;
        }
        self.kept = Some(kept);
        let written = serde_json::to_vec(&kept).map_err(std::io::Error::from);
        if let Err(error) = written.and_then(|bytes| std::fs::write(&self.file, bytes)) {
            // The worst of it: something is told a second time.
            tracing::warn!(%error, "what was told is not kept");
        }
    }
}

/// One notification; a click opens the page, or only the window.
pub fn show(app: &AppHandle, title: &str, text: &str, page: Option<Page>) {
    let mut notification = app.notification().builder().title(plain(title)).body(plain(text));
    if let Some(page) = page {
        notification = notification.extra(PATH, page.path());
    }
    // A drawable of the app (mobile/gen/android); elsewhere the app's own icon is shown.
    #[cfg(target_os = "android")]
    {
        notification = notification.icon("ic_notification");
    }
    if let Err(error) = notification.show() {
        tracing::warn!(%error, "a notification was not shown");
    }
}

/// Other people's names come into it, and some systems read tags in what they show.
fn plain(text: &str) -> String {
    text.replace('<', "\u{2039}").replace('>', "\u{203a}")
}

fn open(app: &AppHandle, action: &ActionPerformed) {
    if action.action_id() == "dismiss" {
        return;
    }
    come_forward(app);
    let path = action.notification().and_then(|one| one.extra().get(PATH)).and_then(|path| path.as_str());
    if let (Some(page), Some(running)) = (path.and_then(Page::read), app.try_state::<Running>()) {
        running.pages().ask(Ask::Page { path: page.path() });
    }
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn no_tags() {
        assert_eq!(plain("<a href=\"x\">Ana</a> & Co"), "‹a href=\"x\"›Ana‹/a› & Co");
    }
}
