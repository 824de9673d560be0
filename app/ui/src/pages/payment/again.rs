//! Sending a refused payment again: an order like any other, under an id that is made at the first tap. The page
//! goes on to the new payment as soon as the core keeps it.

use crate::app::Route;
use crate::pages::pay::{Answer, use_awaited};
use crate::state::{use_host, use_instead};
use dioxus::prelude::*;
use purse_bridge::{Command, PayOrder, PaymentView, RepeatWarning};

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
    let awaited = use_awaited();
    let host = use_host();
    let instead = use_instead();
    let mut repeat = use_signal(|| None::<RepeatWarning>);
    let original = use_signal(|| payment.id);

    use_effect(move || match awaited.answer() {
        Answer::Stored(id) => instead(Route::Payment { id: id.to_string() }),
        Answer::Repeat(warning) => repeat.set(Some(warning)),
        // The notice says why.
        Answer::Failed(_) | Answer::Waiting => {}
    });

    let go = use_callback(move |()| {
        // A double tap is one payment.
        if awaited.is_busy_now() {
            return;
        }
        let again = (host.new_transaction_id)();
        awaited.give(again, false, Command::SendAgain { id: *original.peek(), again });
    });
    let answered = use_callback(move |order: Option<PayOrder>| {
        repeat.set(None);
        if let Some(order) = order {
            awaited.give(order.id, true, Command::Pay(order));
        }
    });
    SendAgain { busy: awaited.busy(), repeat: repeat(), go, answered }
}
