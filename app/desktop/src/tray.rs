//! The tray: what is in the wallets, what waits, and the ways in and out.

use purse_bridge::{Command, Stage, View};
use purse_native::{Running, come_forward};
use purse_ui::words::outside;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};
use tauri::menu::{Menu, MenuBuilder, MenuEvent, MenuItem};
use tauri::tray::{MouseButton, MouseButtonState, TrayIcon, TrayIconBuilder, TrayIconEvent};
use tauri::{AppHandle, Manager, Wry};

const OPEN: &str = "open";
const LOCK: &str = "lock";
const QUIT: &str = "quit";

/// Tauri's managed state. `said`: what the menu says, so that it is made anew only when that changes.
struct Tray {
    icon: TrayIcon,
    said: Mutex<Option<(Vec<String>, bool)>>,
}

/// Where the desktop has none, the app does without.
pub fn make(app: &AppHandle) {
    // The library behind it is looked for only now, and its absence is a panic.
    match catch_unwind(AssertUnwindSafe(|| build(app))) {
        Ok(Ok(icon)) => {
            app.manage(Tray { icon, said: Mutex::default() });
        }
        Ok(Err(error)) => tracing::warn!(%error, "there is no tray"),
        Err(_) => tracing::warn!("there is no tray: its library is missing"),
    }
}

fn build(app: &AppHandle) -> tauri::Result<TrayIcon> {
    let mut tray = TrayIconBuilder::with_id("purse")
        .tooltip("Purse")
        .menu(&menu(app, &[], false)?)
        .show_menu_on_left_click(false)
        .on_menu_event(chosen)
        .on_tray_icon_event(|tray, event| {
            if let TrayIconEvent::Click {
                button: MouseButton::Left,
                button_state: MouseButtonState::Up,
                ..
            } = event
            {
                come_forward(tray.app_handle());
            }
        });
    if let Some(icon) = app.default_window_icon() {
        tray = tray.icon(icon.clone());
    }
    tray.build(app)
}

/// Says what a view says, in the tray's few lines.
pub fn show(app: &AppHandle, view: &View) {
    let (Some(tray), Some(running)) = (app.try_state::<Tray>(), app.try_state::<Running>()) else { return };
    let lines = outside::tray(view, running.pages().format(view));
    let can_lock = matches!(view.stage, Stage::Open(_));
    let says = Some((lines, can_lock));
    let mut said = tray.said.lock().unwrap_or_else(PoisonError::into_inner);
    if *said == says {
        return;
    }
    let (lines, _) =
        says.as_ref().map_or((&[][..], false), |(lines, can_lock)| (lines.as_slice(), *can_lock));
    match menu(app, lines, can_lock).and_then(|menu| tray.icon.set_menu(Some(menu))) {
        Ok(()) => *said = says,
        Err(error) => tracing::warn!(%error, "the tray says what was"),
    }
}

fn menu(app: &AppHandle, lines: &[String], can_lock: bool) -> tauri::Result<Menu<Wry>> {
    let mut menu = MenuBuilder::new(app);
    for line in lines {
        // An ampersand marks a key in menus.
        let line = line.replace('&', "&&");
        menu = menu.item(&MenuItem::new(app, line, false, None::<&str>)?);
    }
    if !lines.is_empty() {
        menu = menu.separator();
    }
    let item =
        |id: &str, words: &str, enabled: bool| MenuItem::with_id(app, id, words, enabled, None::<&str>);
    menu.item(&item(OPEN, outside::OPEN, true)?)
        .item(&item(LOCK, outside::LOCK, can_lock)?)
        .separator()
        .item(&item(QUIT, outside::QUIT, true)?)
        .build()
}

fn chosen(app: &AppHandle, event: MenuEvent) {
    match event.id().as_ref() {
        OPEN => come_forward(app),
        LOCK => {
            if let Some(running) = app.try_state::<Running>() {
                running.engine().command(Command::Lock);
            }
        }
        QUIT => app.exit(0),
        _ => {}
    }
}
