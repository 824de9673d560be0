//! From a listener to answered requests, until told to stop.
//!
//! Not `axum::serve`, which sets no timer: a request's head could take for ever.

use super::connections::{Connection, Connections, HEAD_WITHIN, Peer, SILENCE};
use super::guard::Room;
use super::metrics;
use super::router::router;
use crate::app::App;
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use std::future::Future;
use std::io;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tower::ServiceExt;

/// What is under way may finish for this long; clients repeat what got no answer.
const FAREWELL: Duration = Duration::from_secs(10);
/// Requests at once on one HTTP/2 connection.
const STREAMS_OF_CONNECTION_MAX: u32 = 64;
const HEADER_BYTES_MAX: u32 = 16 * 1_024;

/// Answers until `shutdown` is done; then takes nothing new, ends the live streams, and waits for the rest.
///
/// # Errors
/// When `PURSE_METRICS` cannot be listened on.
pub async fn serve(
    listener: TcpListener,
    app: App,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let (stop, stopping) = watch::channel(false);
    if let Some(address) = app.settings.metrics_listen {
        let metrics_listener = TcpListener::bind(address).await?;
        tokio::spawn(metrics::serve_alone(metrics_listener, app.clone(), stopping.clone()));
    }
    let mut connections = Connections::new(listener, app.settings.trusted_proxies.clone());
    let router = router(app, Room::new(stopping));
    let open = GracefulShutdown::new();
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        tokio::select! {
            connection = connections.accept() => answer(connection, &router, &open),
            () = &mut shutdown => break,
        }
    }
    tracing::info!("stopping");
    drop(connections);
    stop.send_replace(true);
    if tokio::time::timeout(FAREWELL, open.shutdown()).await.is_err() {
        tracing::warn!("some requests were still under way");
    }
    Ok(())
}

/// One connection's requests, in a task of its own.
fn answer(connection: Connection, router: &Router, open: &GracefulShutdown) {
    let peer = Peer(connection.peer);
    let head_within = if connection.is_trusted { SILENCE } else { HEAD_WITHIN };
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(head_within);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS_OF_CONNECTION_MAX)
        .max_header_list_size(HEADER_BYTES_MAX);
    let service = router.clone().map_request(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        request
    });
    let io = TokioIo::new(connection);
    let conversation = builder.serve_connection(io, TowerToHyperService::new(service)).into_owned();
    let conversation = open.watch(conversation);
    tokio::spawn(async move {
        if let Err(error) = conversation.await {
            tracing::trace!(%error, "a connection ended");
        }
    });
}
