//! `POST /api/v1/sync`: outbox up, feed down, book both ways.

use super::Json;
use super::problem::ApiError;
use super::rate::Limits;
use super::session::Session;
use crate::app::App;
use crate::identity::Caller;
use crate::settle::OwnFeed;
use crate::settle::store::feed::{self, Page};
use crate::{book, intake};
use axum::extract::{Extension, State};
use purse_shared::DeviceId;
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
    let (answers, own_feed) = intake::submit(&app, &session, request.intents, may_look_up).await?;

    let rebuild = request.incarnation.is_some_and(|known| known != app.incarnation);
    let asked = request.cursor.map(|cursor| if rebuild { 0 } else { cursor });
    let down = match own_feed.and_then(|own| follows(own, session.device, asked, request.feed_limit)) {
        Some(down) => down,
        None => come_down(&app, &session, asked, request.feed_limit).await?,
    };
    let mut reply = SyncReply {
        server_time: app.now(),
        incarnation: app.incarnation,
        rebuild: rebuild || down.is_younger,
        answers,
        feed: down.items,
        cursor: down.cursor,
        more: down.more,
        book: None,
        device: Some(down.mark),
        book_problem: None,
    };
    if let Some(up) = request.book {
        let up = if reply.rebuild { purse_shared::protocol::BookUp { cursor: 0, ..up } } else { up };
        reply.book = book::exchange(&app, session.user, session.device, up).await?;
        reply.book_problem = reply.book.is_none().then(|| ProblemCode::BookFull.as_str().to_owned());
    }
    Ok(Json(reply))
}

struct Down {
    /// Where the device stands, what it has just sent included.
    mark: DeviceMark,
    items: Vec<FeedItem>,
    cursor: u64,
    more: bool,
    /// The database is younger than the client's cursor: it was restored without a new incarnation.
    is_younger: bool,
}

/// What the writer told with its answer, if it is what follows the client's cursor. What others did since then is news.
fn follows(own: OwnFeed, device: DeviceId, asked: Option<u64>, limit: u16) -> Option<Down> {
    let (first, last) = (own.items.first()?.seq, own.items.last()?.seq);
    let fits = own.items.len() <= usize::from(limit)
        && asked.and_then(|cursor| cursor.checked_add(1)) == Some(first);
    let mark = DeviceMark {
        next_seq: u64::try_from(own.last_seq).unwrap_or(0).saturating_add(1),
        last_hash: Some(own.last_hash.to_bytes()),
    };
    (fits && own.device == device).then_some(Down {
        mark,
        items: own.items,
        cursor: last,
        more: false,
        is_younger: false,
    })
}

/// What follows the client's cursor; nothing for a client that did not ask.
async fn come_down(
    app: &App,
    session: &Session,
    asked: Option<u64>,
    limit: u16,
) -> Result<Down, sqlx::Error> {
    let mut turn = app.reads.turn().await?;
    let standing = feed::standing(turn.connection(), session.branch, session.user, session.device).await?;
    let is_younger = asked.is_some_and(|cursor| standing.last < cursor);
    let page = match asked.map(|cursor| if is_younger { 0 } else { cursor }) {
        Some(from) => {
            let limit = limit.clamp(1, u16::try_from(FEED_PAGE_MAX).unwrap_or(u16::MAX));
            let (branch, user) = (session.branch, session.user);
            feed::page(turn.connection(), branch, user, from, standing.last, limit).await?
        }
        None => Page { items: Vec::new(), cursor: 0, more: false },
    };
    turn.done();
    let next_seq =
        standing.device.as_ref().map_or(1, |(seq, _)| u64::try_from(*seq).unwrap_or(0).saturating_add(1));
    let mark = DeviceMark { next_seq, last_hash: standing.device.map(|(_, hash)| Bytes(hash)) };
    Ok(Down { mark, items: page.items, cursor: page.cursor, more: page.more, is_younger })
}
