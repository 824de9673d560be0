//! The phone's side, called from Rust. Every call waits for the phone: never from its main thread.

use crate::share::{File, Text};
use serde::{Deserialize, Serialize};
use tauri::async_runtime::spawn_blocking;
use tauri::ipc::Channel;
use tauri::plugin::{Builder, PluginHandle, TauriPlugin};
use tauri::{AppHandle, Manager, Wry};

#[cfg(target_os = "ios")]
tauri::ios_plugin_binding!(init_plugin_purse_phone);

/// Tauri's managed state.
pub struct Phone(PluginHandle<Wry>);

#[derive(Debug, thiserror::Error)]
#[error("the phone does not do it: {0}")]
pub struct PhoneError(#[from] tauri::plugin::mobile::PluginInvokeError);

#[derive(Serialize)]
struct Listen {
    handler: Channel<()>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Lock {
    has_lock: bool,
}

impl Phone {
    /// Shows the share sheet. Done when it is there, not when the person has chosen.
    ///
    /// # Errors
    /// [`PhoneError`]
    pub fn share_text(&self, text: &Text) -> Result<(), PhoneError> {
        Ok(self.0.run_mobile_plugin("shareText", text)?)
    }

    /// The same with a file, which is deleted at the app's next start.
    ///
    /// # Errors
    /// [`PhoneError`]
    pub fn share_file(&self, file: &File) -> Result<(), PhoneError> {
        Ok(self.0.run_mobile_plugin("shareFile", file)?)
    }

    /// `back` is called for each back gesture from now on; the phone itself does nothing about it any more. (iOS has
    /// no such gesture of its own: there the pages are swiped.)
    ///
    /// # Errors
    /// [`PhoneError`]
    pub fn on_back(&self, back: impl Fn() + Send + Sync + 'static) -> Result<(), PhoneError> {
        let handler = Channel::new(move |_| {
            back();
            Ok(())
        });
        Ok(self.0.run_mobile_plugin("onBack", Listen { handler })?)
    }

    /// Whether the phone has a lock of its own (a code, perhaps with a finger or a face before it). Without one,
    /// whoever holds the phone may do everything with it, and there is nothing to ask.
    ///
    /// # Errors
    /// [`PhoneError`]
    pub fn has_lock(&self) -> Result<bool, PhoneError> {
        Ok(self.0.run_mobile_plugin::<Lock>("lock", ())?.has_lock)
    }

    /// The app goes to the background and stays: what is queued is still sent.
    ///
    /// # Errors
    /// [`PhoneError`]
    pub fn leave(&self) -> Result<(), PhoneError> {
        Ok(self.0.run_mobile_plugin("leave", ())?)
    }
}

/// For the pages.
#[tauri::command]
async fn share_text(text: String, app: AppHandle) -> Result<(), String> {
    let text = Text::new(&text).map_err(|error| error.to_string())?;
    let shared = spawn_blocking(move || app.state::<Phone>().share_text(&text)).await;
    shared.map_err(|error| error.to_string())?.map_err(|error| error.to_string())
}

pub fn init() -> TauriPlugin<Wry> {
    Builder::new("purse-phone")
        .invoke_handler(tauri::generate_handler![share_text])
        .setup(|app, api| {
            #[cfg(target_os = "android")]
            let handle = api.register_android_plugin("app.purse.phone", "PhonePlugin")?;
            #[cfg(target_os = "ios")]
            let handle = api.register_ios_plugin(init_plugin_purse_phone)?;
            app.manage(Phone(handle));
            Ok(())
        })
        .build()
}
