//! The phone as the place that Purse runs in.

use crate::touch::{Tap, Touch};
use purse_bridge::{Stage, View};
use purse_native::Place;
use purse_phone::Phone;
use purse_phone::share::File;
use purse_shell::Confirm;
use purse_ui::words::{outside, phone as say};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use tauri::{AppHandle, Manager};
use tauri_plugin_biometric::{AuthOptions, BiometricExt};
use tauri_plugin_haptics::{HapticsExt, ImpactFeedbackStyle, NotificationFeedbackType};
use tauri_plugin_notification::{NotificationExt, PermissionState};

#[derive(Default)]
pub struct Handset {
    touch: Mutex<Touch>,
    /// Whether the person was asked about notifications since the start; the phone itself asks only once.
    asked: AtomicBool,
}

impl Place for Handset {
    fn offer_file(&self, app: &AppHandle, name: &str, bytes: &[u8]) {
        let shared = File::new(name, bytes).map_err(|error| error.to_string());
        let shown =
            shared.and_then(|file| app.state::<Phone>().share_file(&file).map_err(|error| error.to_string()));
        if let Err(error) = shown {
            tracing::warn!(%error, "the share sheet does not open");
            purse_native::notify(app, outside::FILE_NOT_KEPT, name, None);
        }
    }

    fn scheme(&self) -> bool {
        true
    }

    fn is_it_you(&self, app: &AppHandle, answer: Confirm) {
        let app = app.clone();
        tauri::async_runtime::spawn_blocking(move || {
            // A phone that does not say whether it has a lock is asked for it.
            if !app.state::<Phone>().has_lock().unwrap_or(true) {
                return answer.yes();
            }
            let options = AuthOptions {
                allow_device_credential: true,
                title: Some(say::UNLOCK.to_owned()),
                ..AuthOptions::default()
            };
            match app.biometric().authenticate(say::UNLOCK_WHY.to_owned(), options) {
                Ok(()) => answer.yes(),
                Err(error) => {
                    tracing::info!(%error, "the wallet stays locked");
                    answer.no();
                }
            }
        });
    }

    fn leave(&self, app: &AppHandle) -> tauri::Result<()> {
        let app = app.clone();
        // Asked on the main thread, which must not wait for itself.
        tauri::async_runtime::spawn_blocking(move || {
            if let Err(error) = app.state::<Phone>().leave() {
                tracing::warn!(%error, "Purse stays in front");
            }
        });
        Ok(())
    }

    fn show(&self, app: &AppHandle, view: &View) {
        // Not before there is a wallet that could have news.
        if matches!(view.stage, Stage::Open(_)) && !self.asked.swap(true, Ordering::Relaxed) {
            let app = app.clone();
            tauri::async_runtime::spawn_blocking(move || ask_to_notify(&app));
        }
        let tap = self.touch.lock().unwrap_or_else(PoisonError::into_inner).see(view);
        if !purse_native::is_watched(app) {
            return;
        }
        let haptics = app.haptics();
        let felt = match tap {
            Some(Tap::Settled) => haptics.impact_feedback(ImpactFeedbackStyle::Light),
            Some(Tap::Refused) => haptics.notification_feedback(NotificationFeedbackType::Warning),
            None => return,
        };
        if let Err(error) = felt {
            tracing::debug!(%error, "nothing is felt");
        }
    }
}

fn ask_to_notify(app: &AppHandle) {
    let notifications = app.notification();
    let state = notifications.permission_state();
    if !matches!(state, Ok(PermissionState::Prompt | PermissionState::PromptWithRationale)) {
        return;
    }
    if let Err(error) = notifications.request_permission() {
        tracing::warn!(%error, "notifications cannot be asked for");
    }
}
