//! The engine of this app, from its start to its end, and the thread that carries its views outside.

use crate::around::Around;
use crate::notify::Notifier;
use crate::pages::Pages;
use crate::{Place, is_watched, open_link};
use purse_bridge::About;
use purse_shell::{Engine, Setup};
use std::sync::Arc;
use tauri::plugin::{self, TauriPlugin};
use tauri::{AppHandle, Manager, Url, Wry};
use tauri_plugin_deep_link::DeepLinkExt;

/// Tauri's managed state.
pub struct Running {
    engine: Engine,
    pages: Pages,
    about: About,
    place: Arc<dyn Place>,
}

impl Running {
    pub fn engine(&self) -> &Engine {
        &self.engine
    }
    pub fn pages(&self) -> &Pages {
        &self.pages
    }
    /// [`Place::scheme`]
    pub fn visits_by_link(&self) -> bool {
        self.place.scheme()
    }
    pub fn place(&self) -> &dyn Place {
        &*self.place
    }
    pub fn about(&self) -> &About {
        &self.about
    }
}

pub fn plugin(
    place: impl Place,
    setup: impl FnOnce(&AppHandle) -> Result<Setup, Box<dyn std::error::Error>> + Send + 'static,
) -> TauriPlugin<Wry> {
    plugin::Builder::new("purse")
        .setup(move |app, _| {
            let setup = setup(app)?;
            start(app, Arc::new(place), setup);
            Ok(())
        })
        // The pages are this app's own. Nothing that is said in them leads the window elsewhere.
        .on_navigation(|_, to| is_own(to))
        .build()
}

fn start(app: &AppHandle, place: Arc<dyn Place>, setup: Setup) {
    let about = About {
        server: setup.origin.clone(),
        version: app.package_info().version.to_string(),
        phone: cfg!(any(target_os = "android", target_os = "ios")),
        // Android's is a part of Google's services, which are not on every phone and may have to be fetched first.
        scanner: cfg!(target_os = "ios"),
    };
    let told = setup.folder.with_added_extension("told");
    let engine = Engine::start(setup, Around::new(app.clone(), place.clone()));
    let mut views = engine.views();
    let pages = Pages::new(views.clone());
    app.manage(Running { engine, pages, about, place: place.clone() });

    let mut notifier = Notifier::new(app.clone(), told);
    let outside = app.clone();
    tauri::async_runtime::spawn(async move {
        // An error means that the engine has ended.
        while views.changed().await.is_ok() {
            let view = views.borrow_and_update().clone();
            if let Some(running) = outside.try_state::<Running>() {
                running.pages.show();
            }
            notifier.see(&view, is_watched(&outside));
            place.show(&outside, &view);
        }
    });

    let opened = app.clone();
    app.deep_link().on_open_url(move |event| {
        for url in event.urls() {
            open_link(&opened, url.as_str());
        }
    });
    match app.deep_link().get_current() {
        Ok(urls) => urls.into_iter().flatten().for_each(|url| open_link(app, url.as_str())),
        Err(error) => tracing::warn!(%error, "the link that Purse was opened with cannot be read"),
    }
}

/// Tauri's own addresses, which differ from system to system.
fn is_own(to: &Url) -> bool {
    to.scheme() == "tauri"
        || (matches!(to.scheme(), "http" | "https") && to.host_str() == Some("tauri.localhost"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_stays_at_home() {
        let check =
            |address: &str, want: bool| assert_eq!(is_own(&address.parse().unwrap()), want, "{address}");
        check("tauri://localhost/", true);
        check("http://tauri.localhost/pay", true);
        check("https://tauri.localhost/", true);
        check("https://tauri.localhost.example/", false);
        check("https://example/", false);
        check("file:///etc/passwd", false);
        check("data:text/html,x", false);
        check("about:blank", false);
    }
}
