//! What the finger feels: a payment got its final answer while the person looks. Pure.

use purse_bridge::{Open, PaymentState, PaymentView, Stage, TransactionId, UserId, View};
use std::collections::BTreeSet;

/// One tap of the phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tap {
    /// The ring closes: paid.
    Settled,
    /// Not paid.
    Refused,
}

/// What waited for its answer in the view before, and whose it was.
#[derive(Debug, Default)]
pub struct Touch {
    of: Option<UserId>,
    waiting: BTreeSet<TransactionId>,
}

impl Touch {
    /// At most one tap a view: a batch of settled payments is one event. A refusal outweighs what was paid, since
    /// it is what the person must hear of. Nothing that happened while the wallet was locked is felt afterwards.
    pub fn see(&mut self, view: &View) -> Option<Tap> {
        match &view.stage {
            Stage::Open(open) => self.see_open(open),
            _ => {
                *self = Self::default();
                None
            }
        }
    }

    fn see_open(&mut self, open: &Open) -> Option<Tap> {
        let answers = open.activity.iter().map(|PaymentView { id, state, .. }| (*id, state));
        self.step(open.me.user, open.queue.iter().map(|payment| payment.id), answers)
    }

    fn step<'a>(
        &mut self,
        user: UserId,
        queue: impl Iterator<Item = TransactionId>,
        answers: impl Iterator<Item = (TransactionId, &'a PaymentState)>,
    ) -> Option<Tap> {
        if self.of != Some(user) {
            self.waiting.clear();
        }
        self.of = Some(user);
        let mut tap = None;
        for (_, state) in answers.filter(|(id, _)| self.waiting.contains(id)) {
            match state {
                PaymentState::Refused { .. } => tap = Some(Tap::Refused),
                PaymentState::Settled if tap.is_none() => tap = Some(Tap::Settled),
                _ => {}
            }
        }
        self.waiting = queue.collect();
        tap
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use purse_bridge::Refusal;

    fn check(touch: &mut Touch, user: u8, payments: &[(u8, PaymentState)], want: Option<Tap>) {
        let id = |number: u8| TransactionId::new(1, [number; 10]);
        let (queue, activity): (Vec<_>, Vec<_>) = payments.iter().partition(|(_, state)| state.waits());
        let felt = touch.step(
            UserId::new(1, [user; 10]),
            queue.into_iter().map(|(number, _)| id(*number)),
            activity.into_iter().map(|(number, state)| (id(*number), state)),
        );
        assert_eq!(felt, want, "{payments:?}");
    }

    #[test]
    fn what_is_felt() {
        use PaymentState::{Cancelled, Queued, Sending, Settled};
        let refused = || PaymentState::Refused {
            reason: Refusal { code: "insufficient_funds".into(), available: None, figure: None },
        };
        let touch = &mut Touch::default();
        // What was settled before anybody looked.
        check(touch, 1, &[(1, Settled), (2, refused())], None);
        check(touch, 1, &[(3, Queued)], None);
        check(touch, 1, &[(3, Sending)], None);
        check(touch, 1, &[(3, Settled)], Some(Tap::Settled));
        check(touch, 1, &[(3, Settled)], None);
        check(touch, 1, &[(4, Queued), (5, Queued), (6, Queued)], None);
        check(touch, 1, &[(4, Settled), (5, refused()), (6, Settled)], Some(Tap::Refused));
        // The person took it back.
        check(touch, 1, &[(7, Queued)], None);
        check(touch, 1, &[(7, Cancelled)], None);
        // Locked in between.
        check(touch, 1, &[(8, Queued)], None);
        assert_eq!(touch.see(&View::default()), None);
        check(touch, 1, &[(8, Settled)], None);
        // Somebody else signs in.
        check(touch, 1, &[(9, Queued)], None);
        check(touch, 2, &[(9, Settled)], None);
    }
}
