//! The calls that the window may make: what `capabilities/window.json` allows, and no others exist.

use crate::Running;
use purse_bridge::Command;
use tauri::ipc::{Channel, Invoke};
use tauri::{AppHandle, State, Wry};
use zeroize::Zeroizing;

/// A command is small: this is far above a queue from a file.
const COMMAND_BYTES_MAX: usize = 64 * 1_024 * 1_024;

pub fn handler() -> impl Fn(Invoke<Wry>) -> bool + Send + Sync + 'static {
    tauri::generate_handler![about, command, hide, quit, touched, watch]
}

/// [`purse_bridge::About`] as JSON.
#[tauri::command]
fn about(running: State<'_, Running>) -> Result<String, String> {
    serde_json::to_string(running.about()).map_err(|error| error.to_string())
}

/// What the person asks for, as JSON. Its effect is a view.
#[tauri::command]
fn command(json: String, running: State<'_, Running>) -> Result<(), String> {
    // There may be a passphrase in it.
    running.engine().command(read(Zeroizing::new(json))?);
    Ok(())
}

/// The text is overwritten when it was read. The page's and Tauri's own copies of it, and the system's between the two
/// processes, are out of reach; the passphrase itself is overwritten by whoever tries it (`purse_shell::keys`).
fn read(json: Zeroizing<String>) -> Result<Command, String> {
    if json.len() > COMMAND_BYTES_MAX {
        return Err("too large".to_owned());
    }
    serde_json::from_str(&json).map_err(|error| error.to_string())
}

/// All that the pages are told, from now on: [`purse_bridge::ToPages`] as JSON. `locale`: the reader's, BCP 47.
#[tauri::command]
fn watch(channel: Channel<String>, locale: String, running: State<'_, Running>) {
    running.pages().listen(channel, locale);
}

/// The person is here.
#[tauri::command]
fn touched(running: State<'_, Running>) {
    running.engine().touched();
}

/// The window goes, the app stays.
#[tauri::command]
fn hide(app: AppHandle, running: State<'_, Running>) -> Result<(), String> {
    running.place().leave(&app).map_err(|error| error.to_string())
}

#[tauri::command]
fn quit(app: AppHandle) {
    app.exit(0);
}
