//! Sending a refused payment again: an order like any other, under an id that is made at the first tap. The page
//! goes on to the new payment as soon as the core keeps it.

use crate::app::Route;
use crate::pages::pay::{Answer, Given};
use crate::state::{use_host, use_instead, use_send, use_view};
use dioxus::prelude::*;
use purse_bridge::{Command, PayOrder, PaymentView, RepeatWarning, TransactionId};

/// What `use_send_again` gives: whether an answer is awaited, a question to ask first, and the act.
#[derive(Clone, PartialEq)]
pub struct SendAgain {
    pub busy: bool,
    pub repeat: Option<RepeatWarning>,
    pub go: Callback<()>,
    /// The answer to the question: the order to give all the same, or not.
    pub answered: Callback<Option<PayOrder>>,
}

pub fn use_send_again(payment: &PaymentView) -> SendAgain {
    let view = use_view();
    let send = use_send();
    let host = use_host();
    let instead = use_instead();
    let mut given = use_signal(|| None::<Given>);
    let mut repeat = use_signal(|| None::<RepeatWarning>);
    let original = use_signal(|| payment.id);

    use_effect(move || {
        let view = view.read();
        let Some(mut order) = given.peek().clone() else { return };
        match order.answer(&view) {
            Answer::Waiting if *given.peek() != Some(order.clone()) => given.set(Some(order)),
            Answer::Waiting => {}
            Answer::Stored => {
                given.set(None);
                instead(Route::Payment { id: order.id.to_string() });
            }
            Answer::Repeat(warning) => {
                given.set(None);
                repeat.set(Some(warning));
            }
            // The notice says why.
            Answer::Failed(_) => given.set(None),
        }
    });

    let mut give = move |id: TransactionId, repeat_confirmed: bool, command: Command| {
        let stale = view.peek().notice.clone();
        if stale.is_some() {
            send.call(Command::DismissNotice);
        }
        given.set(Some(Given { id, stale, repeat_confirmed }));
        send.call(command);
    };
    let go = use_callback(move |()| {
        // A double tap is one payment.
        if given.peek().is_some() {
            return;
        }
        let again = (host.new_transaction_id)();
        give(again, false, Command::SendAgain { id: *original.peek(), again });
    });
    let answered = use_callback(move |order: Option<PayOrder>| {
        repeat.set(None);
        if let Some(order) = order {
            give(order.id, true, Command::Pay(order));
        }
    });
    SendAgain { busy: given.read().is_some(), repeat: repeat(), go, answered }
}
