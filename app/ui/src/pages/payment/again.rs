//! Sending a refused payment again: the core makes it anew under another id, and the page goes on to that.

use crate::app::Route;
use crate::pages::pay::is_about_orders;
use crate::state::{use_send, use_view};
use dioxus::prelude::*;
use purse_bridge::{Command, Open, PaymentKind, PaymentView, RepeatWarning, Stage, TransactionId};

/// What `use_send_again` gives: whether an answer is awaited, a question to ask first, and the act.
#[derive(Clone, PartialEq)]
pub struct SendAgain {
    pub busy: bool,
    pub repeat: Option<RepeatWarning>,
    pub go: Callback<()>,
    /// The question is answered: the wait begins anew, or ends.
    pub answered: Callback<bool>,
}

pub fn use_send_again(payment: &PaymentView) -> SendAgain {
    let view = use_view();
    let send = use_send();
    // What was known before the act: the newcomer is the one that is not among these.
    let mut before = use_signal(|| None::<Vec<TransactionId>>);
    let mut repeat = use_signal(|| None::<RepeatWarning>);
    let mut confirmed = use_signal(|| false);
    let original = use_signal(|| payment.clone());

    use_effect(move || {
        let view = view.read();
        let (Stage::Open(open), Some(known)) = (&view.stage, before.peek().clone()) else { return };
        let original = original.peek();
        if let Some(id) = newcomer(open, &original, &known) {
            before.set(None);
            repeat.set(None);
            navigator().replace(Route::Payment { id: id.to_string() });
        } else if let Some(warning) =
            open.repeat_warning.as_ref().filter(|warning| same(warning, &original) && !confirmed())
        {
            repeat.set(Some(warning.clone()));
        } else if view.notice.as_ref().is_some_and(is_about_orders) {
            before.set(None);
        }
    });

    let go = use_callback(move |()| {
        let known = match &view.peek().stage {
            Stage::Open(open) => open.queue.iter().chain(&open.activity).map(|payment| payment.id).collect(),
            _ => Vec::new(),
        };
        if view.peek().notice.is_some() {
            send.call(Command::DismissNotice);
        }
        confirmed.set(false);
        before.set(Some(known));
        send.call(Command::SendAgain { id: original.peek().id });
    });
    let answered = use_callback(move |yes: bool| {
        confirmed.set(yes);
        repeat.set(None);
        if !yes {
            before.set(None);
        }
    });
    SendAgain { busy: before.read().is_some() && repeat.read().is_none(), repeat: repeat(), go, answered }
}

fn same(warning: &RepeatWarning, original: &PaymentView) -> bool {
    Some(&warning.order.to) == original.party.handle.as_ref() && warning.order.amount == original.amount
}

/// The payment that was made of `original`: to the same, as much, and not known before.
fn newcomer(open: &Open, original: &PaymentView, known: &[TransactionId]) -> Option<TransactionId> {
    open.queue
        .iter()
        .chain(&open.activity)
        .filter(|payment| payment.kind == PaymentKind::Out && payment.id > original.id)
        .filter(|payment| payment.party.handle == original.party.handle && payment.amount == original.amount)
        .map(|payment| payment.id)
        .find(|id| !known.contains(id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::fixture::{amount, open, paid, refused, transaction};
    use purse_bridge::PaymentState;

    #[test]
    fn the_newcomer_is_the_one_made_of_the_refused_one() {
        let original = refused(5, "expired");
        let check = |others: Vec<PaymentView>, want: Option<u8>| {
            let mut open = open();
            open.queue = others;
            open.activity = vec![original.clone(), paid(4, PaymentState::Settled)];
            let known = [transaction(5), transaction(4)];
            assert_eq!(newcomer(&open, &original, &known), want.map(transaction));
        };
        check(vec![], None);
        check(vec![paid(6, PaymentState::Queued)], Some(6));
        check(vec![PaymentView { amount: amount(1), ..paid(6, PaymentState::Queued) }], None);
        check(vec![PaymentView { kind: PaymentKind::In, ..paid(6, PaymentState::Settled) }], None);
        // Older activity that was loaded meanwhile.
        check(vec![paid(1, PaymentState::Settled)], None);
    }
}
