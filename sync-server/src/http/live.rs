//! `GET /api/v1/live`: server-sent events that say "news". A hint: losing one loses nothing.

use super::problem::ApiError;
use super::session::Session;
use crate::app::App;
use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures::Stream;
use purse_shared::protocol::News;
use std::convert::Infallible;
use std::time::Duration;

/// Says `news` at once and whenever this user's feed or book grew. Ends after a while, so that a revoked session
/// does not listen for ever; clients reconnect.
#[utoipa::path(get, path = "/api/v1/live", tag = "sync",
    responses((status = 200, description = "Server-sent events named `news`", content_type = "text/event-stream")))]
pub async fn live(
    State(app): State<App>,
    session: Session,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, ApiError> {
    let mut heard = app.live.listen(session.user);
    let stream = async_stream::stream! {
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
