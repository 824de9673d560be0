//! Once a minute: what expired goes.

use crate::app::App;
use crate::identity::store::{ceremonies, links, sessions};
use crate::settle::store::inbox;
use crate::{exchange, http};
use purse_shared::limits::HOUR_MS;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::MissedTickBehavior;

const EVERY: Duration = Duration::from_secs(60);

pub fn start(app: App) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut ticks = tokio::time::interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            http::metrics_upkeep();
            if let Err(error) = sweep(&app).await {
                tracing::warn!(%error, "could not sweep");
            }
        }
    })
}

async fn sweep(app: &App) -> Result<(), sqlx::Error> {
    let now = app.now();
    let ceremonies = ceremonies::sweep(&app.db, now).await?;
    let sessions = sessions::sweep(&app.db, now).await?;
    let answered = inbox::sweep(&app.db, now - HOUR_MS).await?;
    let quotes = exchange::sweep(&app.db, now).await?;
    let links = links::sweep(&app.db, now).await?;
    if ceremonies + sessions + answered + quotes + links > 0 {
        tracing::debug!(ceremonies, sessions, answered, quotes, links, "swept");
    }
    Ok(())
}
