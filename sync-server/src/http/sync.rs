//! `POST /api/v1/sync`: outbox up, feed down, book both ways.

use super::Json;
use super::problem::ApiError;
use super::rate::Limits;
use super::session::Session;
use crate::app::App;
use crate::identity::Caller;
use crate::settle::store::{feed_page, last_of_device};
use crate::{book, intake};
use axum::extract::{Extension, State};
use purse_shared::limits::{BOOK_CHANGES_PER_SYNC_MAX, FEED_PAGE_MAX, INTENTS_PER_SYNC_MAX};
use purse_shared::protocol::{
    Bytes, DeviceMark, FeedItem, PROTOCOL_VERSION_MIN, ProblemCode, SyncReply, SyncRequest,
};
use std::sync::Arc;

/// The outbox goes up and each intent gets its answer; what follows the cursor comes down.
#[utoipa::path(post, path = "/api/v1/sync", tag = "sync", request_body = SyncRequest,
    responses((status = 200, body = SyncReply)))]
pub async fn sync(
    State(app): State<App>,
    session: Session,
    caller: Caller,
    Extension(limits): Extension<Arc<Limits>>,
    Json(request): Json<SyncRequest>,
) -> Result<Json<SyncReply>, ApiError> {
    if request.protocol < PROTOCOL_VERSION_MIN {
        return Err(ProblemCode::UpdateRequired.into());
    }
    let bounded = request.intents.len() <= INTENTS_PER_SYNC_MAX
        && request.book.as_ref().is_none_or(|book| book.changes.len() <= BOOK_CHANGES_PER_SYNC_MAX);
    if !bounded {
        return Err(ProblemCode::TooLarge.into());
    }
    let may_look_up = || limits.look_up(&app, session.user, caller.ip).is_ok();
    let answers = intake::submit(&app, &session, request.intents, may_look_up).await?;

    let rebuild = request.incarnation.is_some_and(|known| known != app.incarnation);
    // Neither needs the other's answer; the client waits for both.
    let down = feed_down(&app, &session, request.cursor, request.feed_limit, rebuild);
    let (mark, down) = futures::try_join!(mark(&app, &session), down)?;
    let mut reply = SyncReply {
        server_time: app.now(),
        incarnation: app.incarnation,
        rebuild: down.rebuild,
        answers,
        feed: down.items,
        cursor: down.cursor,
        more: down.more,
        book: None,
        device: Some(mark),
        book_problem: None,
    };
    if let Some(up) = request.book {
        let up = if reply.rebuild { purse_shared::protocol::BookUp { cursor: 0, ..up } } else { up };
        reply.book = book::exchange(&app, session.user, session.device, up).await?;
        reply.book_problem = reply.book.is_none().then(|| ProblemCode::BookFull.as_str().to_owned());
    }
    Ok(Json(reply))
}

/// Where the device stands, what it has just sent included.
async fn mark(app: &App, session: &Session) -> Result<DeviceMark, sqlx::Error> {
    let mut turn = app.reads.turn().await?;
    let last = last_of_device(turn.connection(), session.branch, session.device).await?;
    turn.done();
    let next_seq = last.as_ref().map_or(1, |(seq, _)| u64::try_from(*seq).unwrap_or(0).saturating_add(1));
    Ok(DeviceMark { next_seq, last_hash: last.map(|(_, hash)| Bytes(hash)) })
}

struct FeedDown {
    items: Vec<FeedItem>,
    cursor: u64,
    more: bool,
    rebuild: bool,
}

/// What follows the client's cursor; nothing for a client that did not ask.
async fn feed_down(
    app: &App,
    session: &Session,
    cursor: Option<u64>,
    limit: u16,
    rebuild: bool,
) -> Result<FeedDown, sqlx::Error> {
    let Some(cursor) = cursor else {
        return Ok(FeedDown { items: Vec::new(), cursor: 0, more: false, rebuild });
    };
    let limit = limit.clamp(1, u16::try_from(FEED_PAGE_MAX).unwrap_or(u16::MAX));
    let page_from = |from| feed_page(&app.db, session.branch, session.user, from, limit);
    let from = if rebuild { 0 } else { cursor };
    let page = page_from(from).await?;
    // A database younger than the client's cursor was restored without a new incarnation.
    let is_younger = page.last < from;
    let page = if is_younger { page_from(0).await? } else { page };
    Ok(FeedDown { items: page.items, cursor: page.cursor, more: page.more, rebuild: rebuild || is_younger })
}
