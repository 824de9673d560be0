//! The system says that it is time to go (log-out, shutdown, a service manager): in order, as by Quit.

use tauri::AppHandle;

#[cfg(unix)]
pub fn listen(app: &AppHandle) {
    use tokio::signal::unix::{SignalKind, signal};
    for kind in [SignalKind::terminate(), SignalKind::interrupt(), SignalKind::hangup()] {
        let app = app.clone();
        tauri::async_runtime::spawn(async move {
            match signal(kind) {
                Ok(mut signals) => {
                    if signals.recv().await.is_some() {
                        app.exit(0);
                    }
                }
                Err(error) => tracing::warn!(%error, "a signal is not heard"),
            }
        });
    }
}

#[cfg(not(unix))]
pub fn listen(_: &AppHandle) {}
