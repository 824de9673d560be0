//! What the desktop and the phone share: the engine beside a Tauri window, and all that goes between the two.
//!
//! [`attach`] is the whole of it; what differs from place to place is a [`Place`].
//!
//! Architecture invariant: the window gets views and sends commands. No key, token or storage reaches it, and nothing
//! that comes in by a link, a notification or a second start does more than open a page.

mod alerts;
mod around;
mod ipc;
mod link;
mod notify;
mod pages;
mod running;
mod server;

pub use link::among as links_among;
pub use notify::show as notify;
pub use pages::Pages;
pub use running::Running;
pub use server::{ServerError, setup};

use purse_bridge::{Ask, View};
use purse_shell::{Confirm, Setup};
use std::time::Duration;
use tauri::{AppHandle, Manager, RunEvent, WebviewWindow, Wry};
use tauri_plugin_opener::OpenerExt;

/// The one window's label.
pub const WINDOW: &str = "main";

/// Whoever looks at a window touches it that often.
const LOOKS_FOR: Duration = Duration::from_secs(60);

/// What is not the same on a desktop and on a phone.
pub trait Place: Send + Sync + 'static {
    /// Opens an address in the system's browser. False: it could not be.
    fn open_in_browser(&self, app: &AppHandle, address: &str) -> bool {
        app.opener().open_url(address, None::<&str>).is_ok()
    }
    /// Lets the person keep a file. Called on a thread of its own.
    fn offer_file(&self, app: &AppHandle, name: &str, bytes: &[u8]);
    /// Whether `purse://link` comes back to this very app, so that the browser needs no loopback port.
    fn scheme(&self) -> bool {
        false
    }
    /// Whether the person is there, before the wallet is opened.
    fn is_it_you(&self, app: &AppHandle, answer: Confirm) {
        let _ = app;
        answer.yes();
    }
    /// The person puts the app away; it goes on. On a desktop as by the window's own button.
    ///
    /// # Errors
    /// Tauri's.
    fn leave(&self, app: &AppHandle) -> tauri::Result<()> {
        window(app).map_or(Ok(()), |window| window.close())
    }
    /// Something stands outside the window that shows a view: a tray, a badge. Called with every view, one at a time,
    /// not on the main thread.
    fn show(&self, app: &AppHandle, view: &View) {
        let _ = (app, view);
    }
}

/// Whether somebody looks at the window now. One that stands open on an empty desk is watched by nobody.
pub fn is_watched(app: &AppHandle) -> bool {
    let is = |asked: tauri::Result<bool>| asked.unwrap_or(false);
    let in_front = window(app).is_some_and(|window| is(window.is_visible()) && is(window.is_focused()));
    in_front && app.try_state::<Running>().is_some_and(|running| looks(running.engine().idle()))
}

/// `idle`: how long nobody touched the app.
fn looks(idle: Duration) -> bool {
    idle <= LOOKS_FOR
}

/// Adds to a builder all that a window of Purse needs. The engine starts when the app is built.
///
/// `setup`: asked once Tauri knows where things are kept.
pub fn attach(
    builder: tauri::Builder<Wry>,
    place: impl Place,
    setup: impl FnOnce(&AppHandle) -> Result<Setup, Box<dyn std::error::Error>> + Send + 'static,
) -> tauri::Builder<Wry> {
    builder
        .plugin(tauri_plugin_notification::init())
        .plugin(tauri_plugin_opener::Builder::new().open_js_links_on_click(false).build())
        .plugin(tauri_plugin_deep_link::init())
        .plugin(running::plugin(place, setup))
        .invoke_handler(ipc::handler())
}

/// To be called with every event of the running app.
pub fn on_event(app: &AppHandle, event: &RunEvent) {
    let Some(running) = app.try_state::<Running>() else { return };
    match event {
        RunEvent::Exit => running.engine().stop_blocking(),
        RunEvent::Resumed => running.engine().wake(),
        RunEvent::WindowEvent { event: tauri::WindowEvent::Focused(true), .. } => {
            // No touch: a machine that wakes up, a link and a closed dialog bring it to the front, too.
            running.engine().wake();
        }
        _ => {}
    }
}

/// Shows the window and takes the focus.
pub fn come_forward(app: &AppHandle) {
    let Some(window) = window(app) else { return };
    // A phone has nothing to minimise.
    #[cfg(not(any(target_os = "android", target_os = "ios")))]
    if let Err(error) = window.unminimize() {
        tracing::debug!(%error, "the window stays small");
    }
    for done in [window.show(), window.set_focus()] {
        if let Err(error) = done {
            tracing::debug!(%error, "the window does not come forward");
        }
    }
}

/// Something that another program, or a second start of this one, asked the app to open. It opens the window, and at
/// most fills in a page.
pub fn open_link(app: &AppHandle, link: &str) {
    come_forward(app);
    let Some(running) = app.try_state::<Running>() else { return };
    match link::read(link, running.visits_by_link()) {
        link::Opened::Visit => {
            if !running.engine().opened_link(link) {
                running.pages().ask(Ask::LinkNotUnderstood);
            }
        }
        link::Opened::Ask(ask) => running.pages().ask(ask),
    }
}

/// The system's own way back. The pages decide what lies behind: a sheet, a page, or nothing in this app.
pub fn go_back(app: &AppHandle) {
    if let Some(running) = app.try_state::<Running>() {
        running.pages().ask(Ask::Back);
    }
}

pub fn window(app: &AppHandle) -> Option<WebviewWindow> {
    app.get_webview_window(WINDOW)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_looks_for_long_without_a_touch() {
        assert!(looks(Duration::ZERO) && looks(Duration::from_secs(60)));
        assert!(!looks(Duration::from_secs(61)) && !looks(Duration::MAX));
    }
}
