//! Where the phone starts the app.

use crate::handset::Handset;
use purse_native::Running;
use purse_phone::Phone;
use tauri::{App, AppHandle, Manager, RunEvent, WindowEvent};

#[tauri::mobile_entry_point]
pub fn run() {
    match build() {
        Ok(app) => app.run(on_event),
        Err(error) => tracing::error!(%error, "Purse does not start"),
    }
}

fn build() -> Result<App, Box<dyn std::error::Error>> {
    let builder = tauri::Builder::default()
        .plugin(purse_phone::init())
        .plugin(tauri_plugin_biometric::init())
        .plugin(tauri_plugin_haptics::init());
    // Elsewhere the pages look through the camera themselves: `About::scanner`.
    #[cfg(target_os = "ios")]
    let builder = builder.plugin(tauri_plugin_barcode_scanner::init());
    // A phone has no environment: the server is the one that the app was built for.
    let setup = |app: &AppHandle| purse_native::setup(app, None);
    let builder = purse_native::attach(builder, Handset::default(), setup).setup(|app| {
        let app = app.handle().clone();
        // Plugins answer on the main thread, which must not wait for them.
        tauri::async_runtime::spawn_blocking(move || listen(&app));
        Ok(())
    });
    Ok(builder.build(tauri::tauri_build_context!())?)
}

fn on_event(app: &AppHandle, event: RunEvent) {
    purse_native::on_event(app, &event);
    // In front again: what came meanwhile is asked for at once.
    if let (RunEvent::WindowEvent { event: WindowEvent::Resumed, .. }, Some(running)) =
        (&event, app.try_state::<Running>())
    {
        running.engine().wake();
    }
}

fn listen(app: &AppHandle) {
    let asked = app.clone();
    if let Err(error) = app.state::<Phone>().on_back(move || purse_native::go_back(&asked)) {
        tracing::warn!(%error, "the back gesture leaves the app");
    }
}
