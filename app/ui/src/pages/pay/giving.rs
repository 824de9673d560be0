//! An order from its tap to the moment the core keeps it, for pages with one act: one tap is one order.

use super::awaited::{Awaited, use_awaited};
use super::order::{Answer, came_to_nothing, find};
use crate::app::Route;
use crate::state::{use_instead, use_send, use_view};
use dioxus::prelude::*;
use purse_bridge::{Command, Notice, Stage, TransactionId};

#[derive(Clone, Copy, PartialEq)]
pub struct Giving {
    awaited: Awaited,
    failed: Signal<Option<Notice>>,
    ordered: Signal<Option<TransactionId>>,
    give: Callback<(TransactionId, Command)>,
}

impl Giving {
    /// Given, and not answered yet.
    pub fn busy(self) -> bool {
        self.awaited.busy()
    }
    /// Why nothing was ordered.
    pub fn failed(self) -> Option<Notice> {
        self.failed.read().clone()
    }
    /// The core keeps it: its outcome is to be shown.
    pub fn ordered(self) -> Option<TransactionId> {
        *self.ordered.read()
    }
    /// `id` is that of the order inside the command. Nothing while another is awaited.
    pub fn give(self, id: TransactionId, command: Command) {
        self.give.call((id, command));
    }
    /// What failed before is not about what is on the page now.
    pub fn forget_failure(mut self) {
        self.failed.set(None);
    }
}

pub fn use_giving() -> Giving {
    let send = use_send();
    let awaited = use_awaited();
    let mut failed = use_signal(|| None::<Notice>);
    let mut ordered = use_signal(|| None::<TransactionId>);

    use_effect(move || match awaited.answer() {
        Answer::Stored(id) => ordered.set(Some(id)),
        Answer::Failed(notice) => {
            failed.set(Some(notice));
            send.call(Command::DismissNotice);
        }
        // Only payments are asked about.
        Answer::Repeat(_) | Answer::Waiting => {}
    });

    let give = use_callback(move |(id, command): (TransactionId, Command)| {
        if awaited.is_busy_now() || ordered.peek().is_some() {
            return;
        }
        failed.set(None);
        awaited.give(id, false, command);
    });
    Giving { awaited, failed, ordered, give }
}

/// For pages of two steps. `reviewed` is what the second is about; opened by its address there is nothing to review yet,
/// and it leads to `first`. An outcome stays, whatever the address, unless nothing came of the order and the person went
/// back to the first step: then what was reviewed is forgotten.
pub fn use_two_steps<T: 'static>(
    giving: Giving,
    at_review: bool,
    mut reviewed: Signal<Option<T>>,
    first: Route,
) {
    let view = use_view();
    let instead = use_instead();
    let Giving { mut ordered, .. } = giving;
    use_effect(use_reactive!(|at_review| {
        let view = view.peek();
        let (false, Stage::Open(open), Some(id)) = (at_review, &view.stage, *ordered.peek()) else { return };
        if find(open, id).is_some_and(came_to_nothing) {
            ordered.set(None);
            reviewed.set(None);
        }
    }));
    use_effect(use_reactive!(|at_review| {
        if at_review && reviewed.peek().is_none() {
            instead(first.clone());
        }
    }));
}
