//! Between the tap on "Add" and its answer: one tap asks the bank once.

use purse_bridge::{Busy, Notice, Open, PaymentKind, PaymentState, Stage, View};

/// What was known when the bank was asked.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    known: Vec<String>,
    stale: Option<Notice>,
    /// The core was seen at work on it.
    begun: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Came {
    Waiting,
    /// It is under way, or there already.
    Taken,
    /// It was not asked for; a notice says why.
    Not,
}

impl Asked {
    pub fn now(view: &View) -> Self {
        Self { known: known(view), stale: view.notice.clone(), begun: false }
    }

    pub fn came(&mut self, view: &View) -> Came {
        if known(view).iter().any(|id| !self.known.contains(id)) {
            return Came::Taken;
        }
        if self.stale.is_some() && self.stale != view.notice {
            self.stale = None;
        }
        match (&view.notice, view.busy) {
            (Some(Notice::Deposited { .. }), _) if self.stale.is_none() => Came::Taken,
            (_, Some(Busy::Depositing)) => {
                self.begun = true;
                Came::Waiting
            }
            (Some(Notice::Settled { .. }), _) if !self.begun => Came::Waiting,
            (Some(_), _) if self.stale.is_none() => Came::Not,
            _ if self.begun => Came::Not,
            _ => Came::Waiting,
        }
    }
}

/// Everything on view that the bank was asked for. (What waits is in the queue too, but under an id that changes.)
fn known(view: &View) -> Vec<String> {
    let Stage::Open(open) = &view.stage else { return Vec::new() };
    let settled = |open: &Open| -> Vec<String> {
        open.activity
            .iter()
            .filter(|payment| payment.kind == PaymentKind::Deposit && payment.state == PaymentState::Settled)
            .map(|payment| payment.id.to_string())
            .collect()
    };
    open.deposits.iter().map(|deposit| deposit.id.clone()).chain(settled(open)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::fixture::{NOW, amount, open, wallet_id};
    use purse_bridge::{Currency, DepositView};

    fn view(busy: Option<Busy>, notice: Option<Notice>, deposits: usize) -> View {
        let deposit = |number: usize| DepositView {
            id: number.to_string(),
            wallet: wallet_id(Currency::EUR),
            amount: amount(5_000),
            failed: false,
            set_aside: false,
            at: NOW,
        };
        let mut open = open();
        open.deposits = (0..deposits).map(deposit).collect();
        View { stage: Stage::Open(Box::new(open)), busy, notice, ..View::default() }
    }

    #[test]
    fn one_tap_is_one_answer() {
        let check = |stale: Option<Notice>, views: &[View], want: &[Came]| {
            let mut asked = Asked::now(&view(None, stale, 1));
            let got: Vec<_> = views.iter().map(|view| asked.came(view)).collect();
            assert_eq!(got, want);
        };
        let busy = || view(Some(Busy::Depositing), None, 1);
        let deposited = || Some(Notice::Deposited { amount: amount(5_000) });
        check(
            None,
            &[view(None, None, 1), busy(), view(None, None, 2)],
            &[Came::Waiting, Came::Waiting, Came::Taken],
        );
        check(None, &[busy(), view(None, deposited(), 1)], &[Came::Waiting, Came::Taken]);
        check(None, &[busy(), view(None, Some(Notice::NeedsNetwork), 1)], &[Came::Waiting, Came::Not]);
        check(None, &[view(None, Some(Notice::NeedsNetwork), 1)], &[Came::Not]);
        check(None, &[busy(), view(None, None, 1)], &[Came::Waiting, Came::Not]);
        // The notice of the last time is not the answer to this one.
        check(deposited(), &[view(None, deposited(), 1), busy()], &[Came::Waiting, Came::Waiting]);
    }
}
