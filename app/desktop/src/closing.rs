//! The window's close button: the window goes, the app stays, as long as there is a way back to it.

use purse_native::{notify, window};
use purse_ui::words::outside;
use tauri::{AppHandle, CloseRequestApi, Manager};

/// In the app's folder, once the person has been told.
const TOLD: &str = "told-that-it-goes-on";

pub fn asked(app: &AppHandle, api: &CloseRequestApi) {
    api.prevent_close();
    if !has_way_back() {
        return app.exit(0);
    }
    if let Some(window) = window(app)
        && let Err(error) = window.hide()
    {
        tracing::warn!(%error, "the window cannot be hidden");
        return app.exit(0);
    }
    tell_once(app);
}

/// The tray and a second start both come over the session bus; without one nobody would ever see the app again.
fn has_way_back() -> bool {
    if !cfg!(target_os = "linux") {
        return true;
    }
    let given = std::env::var_os("DBUS_SESSION_BUS_ADDRESS").is_some_and(|address| !address.is_empty());
    let usual = std::env::var_os("XDG_RUNTIME_DIR").map(|dir| std::path::Path::new(&dir).join("bus"));
    given || usual.is_some_and(|socket| socket.exists())
}

fn tell_once(app: &AppHandle) {
    let Ok(dir) = app.path().app_local_data_dir() else { return };
    let told = dir.join(TOLD);
    if told.exists() {
        return;
    }
    notify(app, outside::GOES_ON_TITLE, outside::GOES_ON_TEXT, None);
    if let Err(error) = std::fs::write(&told, []) {
        tracing::debug!(%error, "it will be told again");
    }
}
