//! What every request to the API passes before its handler: origin, protocol, rate, time.

use super::address;
use super::places::Places;
use super::problem::ApiError;
use super::rate::Limits;
use super::session;
use crate::app::App;
use axum::extract::{Extension, Request, State};
use axum::http::header::{AUTHORIZATION, ORIGIN};
use axum::http::{HeaderMap, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use purse_shared::UserId;
use purse_shared::protocol::{PROTOCOL_VERSION_MIN, ProblemCode};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);
/// Requests in work at once; more are told to come again.
const REQUESTS_MAX: usize = 512;
/// Open live streams: of ten thousand idle devices, and of those that are just coming back.
const STREAMS_MAX: usize = 16_384;
/// Of one person: every device and a few tabs.
const STREAMS_OF_USER_MAX: usize = 32;

/// One per server.
#[derive(Debug)]
pub struct Room {
    requests: Semaphore,
    streams: Arc<Semaphore>,
    /// One person's live streams.
    pub streams_of: Places<UserId>,
    /// Closes the live streams when the server stops.
    pub stopping: tokio::sync::watch::Receiver<bool>,
}

impl Room {
    pub fn new(stopping: tokio::sync::watch::Receiver<bool>) -> Self {
        let streams = Arc::new(Semaphore::new(STREAMS_MAX));
        let streams_of = Places::new(STREAMS_OF_USER_MAX);
        Self { requests: Semaphore::new(REQUESTS_MAX), streams, streams_of, stopping }
    }
}

/// Bounds the requests in work and the time of each.
pub async fn bounded(Extension(room): Extension<Arc<Room>>, request: Request, next: Next) -> Response {
    let Ok(_permit) = room.requests.try_acquire() else {
        return ApiError::Problem(ProblemCode::Busy).into_response();
    };
    match tokio::time::timeout(REQUEST_TIMEOUT, next.run(request)).await {
        Ok(response) => response,
        Err(_) => ApiError::detail(ProblemCode::Busy, "The answer took too long. Try again.").into_response(),
    }
}

/// Live streams have no time limit of ours, but a number of their own, and end when the server stops.
pub async fn bounded_stream(Extension(room): Extension<Arc<Room>>, request: Request, next: Next) -> Response {
    let Ok(permit) = room.streams.clone().try_acquire_owned() else {
        return ApiError::Problem(ProblemCode::Busy).into_response();
    };
    let mut stopping = room.stopping.clone();
    let stop = async move {
        // An error means that the server is gone: stop as well.
        drop(stopping.wait_for(|stopping| *stopping).await);
    };
    next.run(request).await.map(|body| {
        use futures::StreamExt;
        let chunks = body.into_data_stream().take_until(Box::pin(stop)).map(move |chunk| {
            let _open_as_long_as_the_stream = &permit;
            chunk
        });
        axum::body::Body::from_stream(chunks)
    })
}

/// Requests of other sites' pages, and of apps too old.
pub async fn checked(State(app): State<App>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    if is_too_old(headers) {
        return ApiError::Problem(ProblemCode::UpdateRequired).into_response();
    }
    if changes_state(request.method()) && is_foreign(headers, &app) {
        return ApiError::Problem(ProblemCode::ForeignOrigin).into_response();
    }
    next.run(request).await
}

fn is_too_old(headers: &HeaderMap) -> bool {
    let version = headers.get("purse-protocol").and_then(|value| value.to_str().ok());
    version
        .is_some_and(|version| version.parse::<u16>().map_or(true, |version| version < PROTOCOL_VERSION_MIN))
}

fn changes_state(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS | Method::TRACE)
}

/// With the cookie the origin must be there and ours. Without it a page of another site may not even begin (it
/// could sign a person in as somebody else); apps, which have no cookie, come from origins of their own.
fn is_foreign(headers: &HeaderMap, app: &App) -> bool {
    let has_cookie = session::cookie(headers, &app.settings).is_some();
    let is_ours = |origin: &axum::http::HeaderValue| {
        let ours = url::Url::parse(&app.settings.public_url).map(|url| url.origin().ascii_serialization());
        ours.is_ok_and(|ours| origin.as_bytes() == ours.as_bytes())
    };
    match headers.get(ORIGIN) {
        Some(origin) if is_ours(origin) => false,
        Some(_) => has_cookie || !(session::is_app(headers) || headers.contains_key(AUTHORIZATION)),
        None => has_cookie,
    }
}

/// For routes without a session: so many for each address.
pub async fn limited(
    State(app): State<App>,
    Extension(limits): Extension<Arc<Limits>>,
    request: Request,
    next: Next,
) -> Response {
    let ip = address::client(request.extensions(), request.headers(), &app.settings);
    match limits.address(&app, ip) {
        Ok(()) => next.run(request).await,
        Err(retry_after_s) => ApiError::TooManyRequests { retry_after_s }.into_response(),
    }
}
