//! `GET /metrics`: Prometheus text. No personal data in it, and off the public side all the same: on an address of its
//! own, or to this machine alone.

use super::address;
use super::problem::ApiError;
use crate::app::App;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use purse_shared::protocol::ProblemCode;
use std::sync::OnceLock;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// One recorder per process, however many servers run in it (tests run several).
static HANDLE: OnceLock<Result<PrometheusHandle, String>> = OnceLock::new();
const SECONDS: [f64; 11] = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// Later calls change nothing.
///
/// # Errors
/// When another recorder was installed before.
pub fn install() -> Result<(), String> {
    HANDLE
        .get_or_init(|| recorder().map_err(|error| error.to_string()))
        .as_ref()
        .map(drop)
        .map_err(String::clone)
}

fn recorder() -> Result<PrometheusHandle, BuildError> {
    let builder =
        PrometheusBuilder::new().set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)?;
    let handle = builder.install_recorder()?;
    metrics::describe_counter!("purse_http_requests_total", "Answered requests by method, route and status.");
    metrics::describe_histogram!("purse_http_request_seconds", "Time to answer.");
    metrics::describe_counter!(
        "purse_intent_answers_total",
        "What the writers answered, by answer and refusal code."
    );
    metrics::describe_gauge!("purse_writer_queue", "Commands waiting for the branches' writers.");
    metrics::describe_gauge!("purse_db_connections", "Connections of the pool.");
    Ok(handle)
}

/// Keeps the histograms small between scrapes.
pub fn upkeep() {
    if let Some(Ok(handle)) = HANDLE.get() {
        handle.run_upkeep();
    }
}

/// On the main address.
pub async fn metrics(State(app): State<App>, request: Request) -> Response {
    let is_local = address::is_local(request.extensions(), request.headers());
    if app.settings.metrics_listen.is_some() || !is_local {
        return ApiError::Problem(ProblemCode::NotFound).into_response();
    }
    text(State(app)).await
}

/// On an address of its own, until the server stops.
pub async fn serve_alone(listener: TcpListener, app: App, mut stopping: watch::Receiver<bool>) {
    let router = Router::new().route("/metrics", axum::routing::get(text)).with_state(app);
    let served = axum::serve(listener, router).with_graceful_shutdown(async move {
        // An error means that the server is gone: stop as well.
        drop(stopping.wait_for(|stopping| *stopping).await);
    });
    if let Err(error) = served.await {
        tracing::warn!(%error, "metrics are served no more");
    }
}

async fn text(State(app): State<App>) -> Response {
    metrics::gauge!("purse_db_connections").set(f64::from(app.db.size()));
    metrics::gauge!("purse_writer_queue")
        .set(f64::from(u32::try_from(app.writers.waiting()).unwrap_or(u32::MAX)));
    let text = HANDLE
        .get()
        .and_then(|handle| handle.as_ref().ok())
        .map(PrometheusHandle::render)
        .unwrap_or_default();
    ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}
