//! Looking through all payments of this device as somebody types: the feed's, the queue, what waits for the bank.
//!
//! The index is made at the first search after an unlocking, a slice at a time, and then keeps step with what changes.
//! Architecture invariant: it is in memory only, goes with the open vault, and asks nobody. What is shown is read from
//! the ledger and the outbox when it is shown; the index only says which.

mod dictionary;
mod index;
mod plain;
mod rows;

pub(crate) use index::Key;

use crate::core::Core;
use crate::ports::{Env, Host};
use crate::view::Pages;
use index::Query;
use purse_bridge::Search;
use purse_shared::{TransactionId, UnixMillis};
use rows::{Indexed, shown_at};

/// So many rows are answered, and so many more each time.
pub(crate) const FOUND_PAGE: usize = 100;

/// What is looked for, while the vault is open.
#[derive(Default)]
pub(crate) struct Searching {
    wanted: Option<Wanted>,
    /// Counts what was asked: the latest wins.
    turn: u64,
    indexed: Option<Indexed>,
    pub answer: Option<Answer>,
}

struct Wanted {
    search: Search,
    shown: usize,
}

pub(crate) struct Answer {
    pub search: Search,
    shown: usize,
    /// Newest first, no more than are shown.
    pub newest: Vec<Key>,
    pub total: usize,
    /// The deposits among them that only this device knows.
    asked: Vec<(UnixMillis, Key)>,
    /// The index as it was asked.
    version: u64,
}

impl Searching {
    /// After the vault's contents were read anew: what is looked for goes on being looked for.
    pub fn again(self) -> Self {
        Self { indexed: None, answer: None, ..self }
    }
    /// The feed begins anew.
    pub fn forget_index(&mut self) {
        self.indexed = None;
    }
    fn bytes(&self) -> usize {
        self.indexed.as_ref().map_or(0, |indexed| indexed.index.bytes())
    }
}

impl<H: Host> Core<H> {
    /// Answered by [`Core::search_on`], as are the next two.
    pub(crate) fn search(&self, search: Search) {
        self.begin(|_| Some(Wanted { search, shown: FOUND_PAGE }));
    }

    pub(crate) fn more_found(&self) {
        self.begin(|wanted| wanted.map(|wanted| Wanted { shown: wanted.shown + FOUND_PAGE, ..wanted }));
    }

    pub(crate) fn end_search(&self) {
        self.begin(|_| None);
        if let Some(open) = self.state.borrow_mut().open.as_mut() {
            open.searching.answer = None;
        }
    }

    /// What the index of all payments takes in memory, in bytes; for whoever measures.
    pub fn search_bytes(&self) -> usize {
        self.state.borrow().open.as_ref().map_or(0, |open| open.searching.bytes())
    }

    fn begin(&self, next: impl FnOnce(Option<Wanted>) -> Option<Wanted>) {
        if let Some(open) = self.state.borrow_mut().open.as_mut() {
            open.searching.turn += 1;
            let before = open.searching.wanted.take();
            open.searching.wanted = next(before);
        }
    }

    /// Brings the answer in step with what is looked for and with what there is; nothing to do, as a rule. Other work
    /// goes on between two slices, and whoever asked for something else meanwhile is answered instead. True: there is
    /// another answer now.
    pub(crate) async fn search_on(&self) -> bool {
        let turn = self
            .state
            .borrow()
            .open
            .as_ref()
            .and_then(|open| open.searching.wanted.is_some().then_some(open.searching.turn));
        let Some(turn) = turn else { return false };
        let mut query: Option<Query> = None;
        loop {
            match self.search_slice(turn, &mut query) {
                Slice::More => self.host.env().breathe().await,
                Slice::Answered => return true,
                Slice::NothingToDo => return false,
            }
        }
    }

    fn search_slice(&self, turn: u64, query: &mut Option<Query>) -> Slice {
        let now = self.now();
        let mut state = self.state.borrow_mut();
        let orders = state.outbox.take_changed();
        let Some(open) = state.open.as_mut() else { return Slice::NothingToDo };
        let noted = open.book.take_noted();
        let mut indexed = open.searching.indexed.take().unwrap_or_default();
        if indexed.index.is_worn() {
            indexed = Indexed::default();
        }
        let mut answered = None;
        let slice = {
            let Some(pages) = Pages::of(&state, now) else { return Slice::NothingToDo };
            indexed.changed(orders, noted, &pages);
            pages.open.searching.slice(&pages, &mut indexed, turn, query, &mut answered)
        };
        if let Some(open) = state.open.as_mut() {
            open.searching.indexed = Some(indexed);
            if let Some(answer) = answered {
                open.searching.answer = Some(answer);
            }
        }
        slice
    }
}

enum Slice {
    More,
    Answered,
    /// Answered before, or not asked any more.
    NothingToDo,
}

impl Searching {
    fn slice(
        &self,
        pages: &Pages<'_>,
        indexed: &mut Indexed,
        turn: u64,
        query: &mut Option<Query>,
        answered: &mut Option<Answer>,
    ) -> Slice {
        let Some(wanted) = self.wanted.as_ref().filter(|_| self.turn == turn) else {
            return Slice::NothingToDo;
        };
        if indexed.step(pages) {
            return Slice::More;
        }
        let asked = pages.deposits().filter(|deposit| plain::fits(deposit, &wanted.search));
        let asked: Vec<(UnixMillis, Key)> =
            asked.map(|deposit| (shown_at(&deposit), asked_key(deposit.id))).collect();
        let version = indexed.index.version;
        if self.answer.as_ref().is_some_and(|answer| answer.is_of(wanted, version, &asked)) {
            return Slice::NothingToDo;
        }
        // Something changed since the last slice: from the beginning.
        let begun = query.take().filter(|query| query.version == version);
        let mut at_work = begun.unwrap_or_else(|| Query::new(&indexed.index, &wanted.search, wanted.shown));
        if !at_work.step(&indexed.index) {
            *query = Some(at_work);
            return Slice::More;
        }
        for (at, key) in &asked {
            at_work.keep(*at, *key);
        }
        let total = at_work.total + asked.len();
        *answered = Some(Answer {
            search: wanted.search.clone(),
            shown: wanted.shown,
            newest: at_work.newest(),
            total,
            asked,
            version,
        });
        Slice::Answered
    }
}

impl Answer {
    pub fn is_complete(&self) -> bool {
        self.total <= self.shown
    }
    fn is_of(&self, wanted: &Wanted, version: u64, asked: &[(UnixMillis, Key)]) -> bool {
        self.version == version
            && self.shown == wanted.shown
            && self.search == wanted.search
            && self.asked == asked
    }
}

/// Of a deposit that only this device knows: the random half of its id.
pub(crate) fn asked_key(id: TransactionId) -> Key {
    Key::Asked(id.0.as_u64_pair().1)
}
