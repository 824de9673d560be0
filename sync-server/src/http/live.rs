//! `GET /api/v1/live`: server-sent events that say "news". A hint: losing one loses nothing.

use super::guard::Room;
use super::problem::ApiError;
use super::session::Session;
use crate::app::App;
use axum::extract::{Extension, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use futures::Stream;
use purse_shared::protocol::News;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

/// When one person has too many streams open.
const TOO_MANY_RETRY_S: u32 = 60;

/// Says `news` at once and whenever this user's feed or book grew. Ends after a while, so that a revoked session
/// does not listen for ever; clients reconnect.
#[utoipa::path(get, path = "/api/v1/live", tag = "sync",
    responses((status = 200, description = "Server-sent events named `news`", content_type = "text/event-stream")))]
pub async fn live(
    State(app): State<App>,
    session: Session,
    Extension(room): Extension<Arc<Room>>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, ApiError> {
    let user = session.user;
    let place = room.streams_of.take(user);
    let place = place.ok_or(ApiError::TooManyRequests { retry_after_s: TOO_MANY_RETRY_S })?;
    let mut heard = app.live.listen(user);
    let stream = async_stream::stream! {
        let _open_as_long_as_the_stream = place;
        yield Ok(news(News { feed: 0, book: 0 }));
        let until = tokio::time::Instant::now() + Duration::from_secs(15 * 60);
        loop {
            let next = tokio::select! {
                next = heard.next() => next,
                () = tokio::time::sleep_until(until) => break,
            };
            let Some(what) = next else { break };
            yield Ok(news(what));
        }
    };
    Ok(Sse::new(stream).keep_alive(KeepAlive::new().interval(Duration::from_secs(20))))
}

fn news(what: News) -> Event {
    let event = Event::default().event("news");
    event.json_data(what).unwrap_or_else(|_| Event::default().event("news").data("{}"))
}
