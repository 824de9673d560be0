//! The order that is awaited: given to the core, and not answered yet.

use super::order::{Answer, Given};
use crate::state::{use_send, use_view};
use dioxus::prelude::*;
use purse_bridge::{Command, TransactionId, View};

#[derive(Clone, Copy, PartialEq)]
pub struct Awaited {
    given: Signal<Option<Given>>,
    view: ReadSignal<View>,
    send: Callback<Command>,
}

pub fn use_awaited() -> Awaited {
    Awaited { given: use_signal(|| None), view: use_view(), send: use_send() }
}

impl Awaited {
    /// Whether one is. Subscribes.
    pub fn busy(self) -> bool {
        self.given.read().is_some()
    }
    /// Whether one is, for what happens at a tap.
    pub fn is_busy_now(self) -> bool {
        self.given.peek().is_some()
    }
    /// `id` is that of the order inside the command. What stands on the view already is no answer to it.
    pub fn give(mut self, id: TransactionId, repeat_confirmed: bool, command: Command) {
        let stale = self.view.peek().notice.clone();
        if stale.is_some() {
            self.send.call(Command::DismissNotice);
        }
        self.given.set(Some(Given { id, stale, repeat_confirmed }));
        self.send.call(command);
    }
    /// What the view answers, `Waiting` also where nothing is awaited; what it answered is awaited no more. Subscribes to
    /// the view.
    pub fn answer(mut self) -> Answer {
        let view = self.view.read();
        let Some(before) = self.given.peek().clone() else { return Answer::Waiting };
        let mut order = before.clone();
        let answer = order.answer(&view);
        if answer != Answer::Waiting {
            self.given.set(None);
        } else if order != before {
            self.given.set(Some(order));
        }
        answer
    }
}
