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
use purse_shared::protocol::{Bytes, DeviceMark, PROTOCOL_VERSION_MIN, ProblemCode, SyncReply, SyncRequest};
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
    let answers = intake::submit(&app, session.user, session.branch, request.intents, may_look_up).await?;

    let last = last_of_device(&app.db, session.branch, session.device).await?;
    let next_seq = last.as_ref().map_or(1, |(seq, _)| u64::try_from(*seq).unwrap_or(0).saturating_add(1));
    let mut reply = SyncReply {
        server_time: app.now(),
        incarnation: app.incarnation,
        rebuild: request.incarnation.is_some_and(|known| known != app.incarnation),
        answers,
        feed: Vec::new(),
        cursor: request.cursor.unwrap_or(0),
        more: false,
        book: None,
        device: Some(DeviceMark { next_seq, last_hash: last.map(|(_, hash)| Bytes(hash)) }),
        book_problem: None,
    };
    if let Some(cursor) = request.cursor {
        let limit = request.feed_limit.clamp(1, u16::try_from(FEED_PAGE_MAX).unwrap_or(u16::MAX));
        let from = if reply.rebuild { 0 } else { cursor };
        let mut page = feed_page(&app.db, session.branch, session.user, from, limit).await?;
        if page.last < from {
            // The database is younger than the client's cursor: restored without a new incarnation.
            reply.rebuild = true;
            page = feed_page(&app.db, session.branch, session.user, 0, limit).await?;
        }
        (reply.feed, reply.cursor, reply.more) = (page.items, page.cursor, page.more);
    }
    if let Some(up) = request.book {
        let up = if reply.rebuild { purse_shared::protocol::BookUp { cursor: 0, ..up } } else { up };
        reply.book = book::exchange(&app, session.user, session.device, up).await?;
        reply.book_problem = reply.book.is_none().then(|| ProblemCode::BookFull.as_str().to_owned());
    }
    Ok(Json(reply))
}
