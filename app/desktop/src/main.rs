//! Purse on a desktop: one window, a tray, and the engine that goes on when the window is closed.
#![cfg_attr(all(not(debug_assertions), windows), windows_subsystem = "windows")]

mod closing;
mod desktop;
mod files;
mod signals;
mod tray;

use desktop::Desktop;
use std::process::ExitCode;
use tauri::{App, AppHandle, Manager, RunEvent};
use tracing_subscriber::EnvFilter;

/// Of the environment: the server's address, before the file of that name and what was built in.
const SERVER: &str = "PURSE_SERVER";

fn main() -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    match build() {
        Ok(app) => {
            app.run(on_event);
            ExitCode::SUCCESS
        }
        Err(error) => {
            tracing::error!(%error, "Purse does not start");
            ExitCode::FAILURE
        }
    }
}

/// What `tauri.conf.json` says, and the pages.
#[allow(clippy::unwrap_used, reason = "what tauri's build makes of the configuration")]
fn context() -> tauri::Context {
    tauri::tauri_build_context!()
}

fn build() -> Result<App, Box<dyn std::error::Error>> {
    let context = context();
    if context.assets().iter().all(|(path, _)| path.as_ref() != "/pages_bg.wasm") {
        return Err("it was built without its pages: 'cargo xtask desktop' builds both".into());
    }
    // First, so that a second start ends before it touches anything.
    let first = tauri_plugin_single_instance::init(|app, arguments, _| started_again(app, &arguments));
    let builder = tauri::Builder::default().plugin(first);
    let server = std::env::var(SERVER).ok();
    let setup = move |app: &AppHandle| purse_native::setup(app, server.as_deref());
    let builder = purse_native::attach(builder, Desktop, setup).setup(|app| {
        set_up(app.handle());
        Ok(())
    });
    Ok(builder.build(context)?)
}

fn set_up(app: &AppHandle) {
    tray::make(app);
    signals::listen(app);
    desktop::claim_links(app);
    let arguments: Vec<String> =
        app.env().args_os.iter().map(|one| one.to_string_lossy().into_owned()).collect();
    for link in purse_native::links_among(&arguments) {
        purse_native::open_link(app, link);
    }
}

/// By its icon, or by a link that the system gave to another copy of the program, which has ended by now.
fn started_again(app: &AppHandle, arguments: &[String]) {
    purse_native::come_forward(app);
    for link in purse_native::links_among(arguments) {
        purse_native::open_link(app, link);
    }
}

fn on_event(app: &AppHandle, event: RunEvent) {
    purse_native::on_event(app, &event);
    match event {
        RunEvent::WindowEvent { event: tauri::WindowEvent::CloseRequested { api, .. }, .. } => {
            closing::asked(app, &api);
        }
        #[cfg(target_os = "macos")]
        RunEvent::Reopen { .. } => purse_native::come_forward(app),
        _ => {}
    }
}
