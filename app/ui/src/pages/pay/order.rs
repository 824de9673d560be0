//! Between the tap on "Pay" and the payment's standing in the view: an order is queued only when the core
//! shows it, so until then the page waits, asks, or goes back with the reason.

use purse_bridge::{
    Notice, Open, PaymentState, PaymentView, RepeatWarning, ScheduleView, Stage, TransactionId, View,
};

/// An order that was given to the core and not answered yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Given {
    pub id: TransactionId,
    /// The notice that was on view when the order was given: not an answer to it, as long as it stands.
    pub stale: Option<Notice>,
    pub repeat_confirmed: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    Waiting,
    /// The core keeps it: from now on its state is told by the view.
    Stored(TransactionId),
    /// The same was paid to the same a moment ago.
    Repeat(RepeatWarning),
    /// Nothing was ordered.
    Failed(Notice),
}

impl Given {
    /// What one view answers. `stale` is dropped as soon as another notice, or none, stands there.
    pub fn answer(&mut self, view: &View) -> Answer {
        let Stage::Open(open) = &view.stage else { return Answer::Waiting };
        if is_kept(open, self.id) {
            return Answer::Stored(self.id);
        }
        if self.stale.is_some() && self.stale != view.notice {
            self.stale = None;
        }
        let warning = open.repeat_warning.as_ref().filter(|warning| warning.order.id == self.id);
        match (warning, &view.notice) {
            (Some(warning), _) if !self.repeat_confirmed => Answer::Repeat(warning.clone()),
            (_, Some(notice)) if self.stale.is_none() && is_about_orders(notice) => {
                Answer::Failed(notice.clone())
            }
            _ => Answer::Waiting,
        }
    }
}

/// Whether a notice can be the answer to an order. The others are about something else that happened meanwhile.
fn is_about_orders(notice: &Notice) -> bool {
    match notice {
        Notice::PasskeyCancelled
        | Notice::PasskeysUnsupported
        | Notice::PasskeyUnknown
        | Notice::PasskeyNeeded
        | Notice::NeedsNetwork
        | Notice::TooManyTries { .. }
        | Notice::InsufficientFunds { .. }
        | Notice::QuoteOver
        | Notice::OrderInvalid
        | Notice::StorageFailed
        | Notice::ServerProblem { .. }
        | Notice::ThisDeviceRevoked
        | Notice::LinkRefused
        | Notice::LinkAnswerWrong
        | Notice::UnknownHandle { .. } => true,
        Notice::HandleTaken
        | Notice::RequestsFull
        | Notice::HandleInvalid
        | Notice::NameInvalid
        | Notice::WrongRecoveryCode
        | Notice::VaultNeedsRecoveryCode
        | Notice::LastPasskey
        | Notice::Deposited { .. }
        | Notice::DepositFailed { .. }
        | Notice::PasskeyAdded
        | Notice::PasskeyRevoked
        | Notice::DeviceRevoked
        | Notice::AccountNotEmpty
        | Notice::AccountWaits
        | Notice::AccountClosed
        | Notice::Reported
        | Notice::Blocked
        | Notice::Unblocked
        | Notice::ContactAdded
        | Notice::CurrencyOpened { .. }
        | Notice::SomebodyElse
        | Notice::LinkCodeWrong
        | Notice::WrongPassphrase
        | Notice::PassphraseLength
        | Notice::PassphraseNotStored
        | Notice::PassphraseChanged
        | Notice::PasskeysInBrowser
        | Notice::QueueImported { .. }
        | Notice::QueueFileInvalid
        | Notice::Settled { .. } => false,
    }
}

/// The core keeps what was ordered under that id.
fn is_kept(open: &Open, id: TransactionId) -> bool {
    find(open, id).is_some() || find_planned(open, id).is_some()
}

/// Final, and no money moved: what is ordered next is another order.
pub fn came_to_nothing(payment: &PaymentView) -> bool {
    matches!(payment.state, PaymentState::Refused { .. } | PaymentState::Cancelled)
}

/// The running schedule of that id, or the one that stands in its place.
pub fn find_planned(open: &Open, id: TransactionId) -> Option<&ScheduleView> {
    open.schedules.iter().find(|one| one.id == id || one.in_place_of == Some(id))
}

/// The payment of that id, or the one that stands in its place.
pub fn find(open: &Open, id: TransactionId) -> Option<&PaymentView> {
    let all = || open.queue.iter().chain(&open.activity);
    let looked_at = || open.looked_at.iter().find(|one| one.id == id).and_then(|one| one.payment.as_ref());
    all()
        .find(|payment| payment.id == id)
        .or_else(|| all().find(|payment| payment.in_place_of == Some(id)))
        .or_else(looked_at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::fixture::{NOW, amount, handle, open, paid, transaction, wallet_id};
    use purse_bridge::{Busy, Currency, PayOrder, PaymentState};

    fn view(change: impl FnOnce(&mut View, &mut Open)) -> View {
        let (mut view, mut open) = (View::default(), open());
        change(&mut view, &mut open);
        View { stage: Stage::Open(Box::new(open)), ..view }
    }

    fn warning(number: u8) -> RepeatWarning {
        let order = PayOrder {
            id: transaction(number),
            from: wallet_id(Currency::EUR),
            to: handle("kavya"),
            amount: amount(1850),
            message: String::new(),
            private_note: String::new(),
            repeat_confirmed: false,
        };
        RepeatWarning { order, paid_at: NOW }
    }

    #[test]
    fn what_a_view_answers() {
        let given =
            |stale: Option<Notice>, repeat_confirmed| Given { id: transaction(1), stale, repeat_confirmed };
        let check = |mut given: Given, view: View, want: Answer| {
            assert_eq!(given.answer(&view), want, "{given:?}");
        };
        let failed = Notice::StorageFailed;

        check(given(None, false), view(|_, _| ()), Answer::Waiting);
        check(given(None, false), view(|view, _| view.busy = Some(Busy::Paying)), Answer::Waiting);
        let stored = |open: &mut Open| open.queue = vec![paid(1, PaymentState::Queued)];
        check(given(None, false), view(|_, open| stored(open)), Answer::Stored(transaction(1)));
        let elsewhere = |open: &mut Open| open.queue = vec![paid(2, PaymentState::Queued)];
        check(given(None, false), view(|_, open| elsewhere(open)), Answer::Waiting);

        let with = |notice: &Notice| view(|view, _| view.notice = Some(notice.clone()));
        check(given(None, false), with(&failed), Answer::Failed(failed.clone()));
        check(given(Some(failed.clone()), false), with(&failed), Answer::Waiting);
        check(
            given(Some(failed.clone()), false),
            with(&Notice::OrderInvalid),
            Answer::Failed(Notice::OrderInvalid),
        );
        check(given(None, false), with(&Notice::Settled { count: 2 }), Answer::Waiting);

        let warned = |number| view(|_, open| open.repeat_warning = Some(warning(number)));
        check(given(None, false), warned(1), Answer::Repeat(warning(1)));
        check(given(None, false), warned(2), Answer::Waiting);
        check(given(None, true), warned(1), Answer::Waiting);
    }

    #[test]
    fn the_same_notice_counts_once_it_was_away() {
        let mut given =
            Given { id: transaction(1), stale: Some(Notice::PasskeyCancelled), repeat_confirmed: false };
        let cancelled = || view(|view, _| view.notice = Some(Notice::PasskeyCancelled));
        assert_eq!(given.answer(&cancelled()), Answer::Waiting);
        assert_eq!(given.answer(&view(|_, _| ())), Answer::Waiting);
        assert_eq!(given.answer(&cancelled()), Answer::Failed(Notice::PasskeyCancelled));
    }
}
