//! An order from its tap to the moment the core keeps it, for pages with one act: one tap is one order.

use super::order::{Answer, Given, came_to_nothing, find};
use crate::state::{use_send, use_view};
use dioxus::prelude::*;
use purse_bridge::{Command, Notice, Stage, TransactionId};

#[derive(Clone, Copy, PartialEq)]
pub struct Giving {
    given: Signal<Option<Given>>,
    failed: Signal<Option<Notice>>,
    ordered: Signal<Option<TransactionId>>,
    give: Callback<(TransactionId, Command)>,
}

impl Giving {
    /// Given, and not answered yet.
    pub fn busy(self) -> bool {
        self.given.read().is_some()
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
    let view = use_view();
    let send = use_send();
    let mut given = use_signal(|| None::<Given>);
    let mut failed = use_signal(|| None::<Notice>);
    let mut ordered = use_signal(|| None::<TransactionId>);

    use_effect(move || {
        let view = view.read();
        let Some(mut order) = given.peek().clone() else { return };
        match order.answer(&view) {
            Answer::Waiting if *given.peek() != Some(order.clone()) => given.set(Some(order)),
            Answer::Waiting => {}
            Answer::Stored => {
                given.set(None);
                ordered.set(Some(order.id));
            }
            // Only payments are asked about.
            Answer::Repeat(_) => given.set(None),
            Answer::Failed(notice) => {
                given.set(None);
                failed.set(Some(notice));
                send.call(Command::DismissNotice);
            }
        }
    });

    let give = use_callback(move |(id, command): (TransactionId, Command)| {
        if given.peek().is_some() || ordered.peek().is_some() {
            return;
        }
        let stale = view.peek().notice.clone();
        if stale.is_some() {
            send.call(Command::DismissNotice);
        }
        failed.set(None);
        given.set(Some(Given { id, stale, repeat_confirmed: false }));
        send.call(command);
    });
    Giving { given, failed, ordered, give }
}

/// For pages of two steps. An outcome stays, whatever the address, unless nothing came of the order and the person
/// went back to the first step: then `onanew` is told, to forget what was reviewed.
pub fn use_another_order(giving: Giving, at_review: bool, onanew: Callback<()>) {
    let view = use_view();
    let Giving { mut ordered, .. } = giving;
    use_effect(use_reactive!(|at_review| {
        let view = view.peek();
        let (false, Stage::Open(open), Some(id)) = (at_review, &view.stage, *ordered.peek()) else { return };
        if find(open, id).is_some_and(came_to_nothing) {
            ordered.set(None);
            onanew.call(());
        }
    }));
}
