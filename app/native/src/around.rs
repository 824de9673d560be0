//! The app as the engine sees it: by a handle to the app and the place that it runs in.

use crate::{Place, come_forward};
use purse_shell::Confirm;
use std::sync::Arc;
use tauri::AppHandle;

pub struct Around {
    app: AppHandle,
    place: Arc<dyn Place>,
}

impl Around {
    pub fn new(app: AppHandle, place: Arc<dyn Place>) -> Self {
        Self { app, place }
    }
}

impl purse_shell::Around for Around {
    fn open_in_browser(&self, address: &str) -> bool {
        self.place.open_in_browser(&self.app, address)
    }

    fn offer_file(&self, name: &str, bytes: Vec<u8>) {
        let (app, place, name) = (self.app.clone(), self.place.clone(), name.to_owned());
        tauri::async_runtime::spawn_blocking(move || place.offer_file(&app, &name, &bytes));
    }

    fn come_forward(&self) {
        come_forward(&self.app);
    }

    fn scheme(&self) -> bool {
        self.place.scheme()
    }

    fn is_it_you(&self, answer: Confirm) {
        self.place.is_it_you(&self.app, answer);
    }
}
