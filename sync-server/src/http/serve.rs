//! From a listener to answered requests, until told to stop.

use super::connections::{Connections, Peer};
use super::guard::Room;
use super::router::router;
use crate::app::App;
use std::future::Future;
use std::io;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// What is under way may finish for this long; clients repeat what got no answer.
const FAREWELL: Duration = Duration::from_secs(10);

/// Answers until `shutdown` is done; then takes nothing new, ends the live streams, and waits for the rest.
///
/// # Errors
/// When the listener fails.
pub async fn serve(
    listener: TcpListener,
    app: App,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let (stop, stopping) = watch::channel(false);
    let service = router(app, Room::new(stopping.clone())).into_make_service_with_connect_info::<Peer>();
    let announced = async move {
        shutdown.await;
        tracing::info!("stopping");
        stop.send_replace(true);
    };
    let mut overdue = stopping;
    let farewell = async move {
        // An error means that the announcer ended without announcing: then there is nothing to wait for.
        drop(overdue.wait_for(|stopping| *stopping).await);
        tokio::time::sleep(FAREWELL).await;
    };
    tokio::select! {
        ended = async { axum::serve(Connections::new(listener), service).with_graceful_shutdown(announced).await } => ended,
        () = farewell => {
            tracing::warn!("some requests were still under way");
            Ok(())
        }
    }
}
