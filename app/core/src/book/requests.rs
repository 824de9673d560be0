//! The requests that this person made: `request/<reference>`, written once and never changed, so that there is nothing
//! in them to merge. One that is dismissed is deleted.

use super::Book;
use automerge::{ROOT, ReadDoc};
use purse_shared::limits::REQUEST_LIFE_MS;
use purse_shared::request::{Reference, RequestNote, Sum};
use purse_shared::{Handle, UnixMillis};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::rc::Rc;

/// What was asked for under a reference, as it stands in the book: JSON, so that a newer app's may say more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// When it was made.
    pub at: UnixMillis,
    /// What this person was called then: it stands in the link that was given away.
    pub to: Handle,
    pub sum: Sum,
    pub note: RequestNote,
}

impl Asked {
    /// Kept until then.
    pub fn expires_at(&self) -> UnixMillis {
        self.at.saturating_add(REQUEST_LIFE_MS)
    }

    pub(super) fn to_text(&self) -> String {
        match serde_json::to_string(self) {
            Ok(text) => text,
            Err(_) => unreachable!("numbers and texts become JSON"),
        }
    }
}

impl Book {
    /// Those that were not dismissed, expired ones among them. What a newer app wrote and this one cannot read is left
    /// out.
    pub fn requests(&self) -> Rc<BTreeMap<Reference, Asked>> {
        self.reading.requests.get_or_init(|| Rc::new(self.read_requests())).clone()
    }

    fn read_requests(&self) -> BTreeMap<Reference, Asked> {
        // "0" is the letter after "/".
        let room = ROOM.to_owned()..format!("{}0", ROOM.trim_end_matches('/'));
        let there = self.document.map_range(ROOT, room);
        let read = there.filter_map(|item| {
            let reference = item.key.strip_prefix(ROOM)?.parse().ok()?;
            Some((reference, serde_json::from_str(&self.text(&item.key)?).ok()?))
        });
        read.collect()
    }
}

const ROOM: &str = "request/";

pub(super) fn request_key(reference: &Reference) -> String {
    format!("{ROOM}{reference}")
}
