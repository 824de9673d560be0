//! What a desktop does its own way.

use crate::{files, tray};
use purse_bridge::View;
use purse_native::{Place, notify};
use purse_ui::words::outside;
use tauri::AppHandle;
use tauri_plugin_deep_link::DeepLinkExt;

pub struct Desktop;

impl Place for Desktop {
    fn offer_file(&self, app: &AppHandle, name: &str, bytes: &[u8]) {
        match files::keep(app, name, bytes) {
            Ok(path) => notify(app, outside::FILE_KEPT, &path.display().to_string(), None),
            Err(error) => {
                tracing::warn!(%error, "a file was not kept");
                notify(app, outside::FILE_NOT_KEPT, &error.to_string(), None);
            }
        }
    }

    fn show(&self, app: &AppHandle, view: &View) {
        tray::show(app, view);
    }
}

/// A package's desktop file claims `purse://`. An AppImage has nobody who would install one: it does so itself.
pub fn claim_links(app: &AppHandle) {
    #[cfg(target_os = "linux")]
    let is_loose = tauri::Manager::env(app).appimage.is_some();
    #[cfg(windows)]
    let is_loose = true;
    #[cfg(target_os = "macos")]
    let is_loose = false;
    if is_loose && let Err(error) = app.deep_link().register("purse") {
        tracing::warn!(%error, "links to Purse open nothing");
    }
}
