//! Money that is asked for and not in the feed: waiting for the bank, or not paid by it.

use super::Pages;
use crate::core::{Deposit, Local};
use crate::ledger::Ledger;
use purse_bridge::{DepositView, Party, PaymentKind, PaymentState, PaymentView, Refusal};
use purse_shared::TransactionId;

impl Pages<'_> {
    /// As payments.
    pub(crate) fn deposits(&self) -> impl Iterator<Item = PaymentView> {
        let open = waiting_deposits(&self.open.local, &self.open.ledger);
        open.map(|deposit| PaymentView {
            // Its own id stands in until the server has given it one.
            id: deposit.transaction.unwrap_or(TransactionId(deposit.id.0)),
            in_place_of: None,
            kind: PaymentKind::Deposit,
            party: Party { handle: None, user: None, name: String::new(), is_contact: false },
            amount: deposit.amount,
            wallet: deposit.wallet,
            message: String::new(),
            private_note: deposit.transaction.map(|id| self.open.book.note(id)).unwrap_or_default(),
            state: if deposit.failed {
                let code = "deposit_failed".to_owned();
                PaymentState::Refused { reason: Refusal { code, available: None, figure: None } }
            } else if self.open.ledger.set_aside.contains(&deposit.id) {
                PaymentState::Held
            } else {
                PaymentState::Pending
            },
            ordered_at: deposit.at,
            sent_at: None,
            decided_at: None,
            expires_at: None,
            reference: String::new(),
            reported: false,
            device_name: None,
            of: None,
            fee: None,
            bought: None,
            plan: None,
            returnable: None,
        })
    }
}

pub(super) fn deposits(local: &Local, ledger: &Ledger) -> Vec<DepositView> {
    waiting_deposits(local, ledger)
        .map(|deposit| DepositView {
            id: deposit.id.to_string(),
            wallet: deposit.wallet,
            amount: deposit.amount,
            failed: deposit.failed,
            set_aside: ledger.set_aside.contains(&deposit.id),
            at: deposit.at,
        })
        .collect()
}

/// Newest first.
fn waiting_deposits<'a>(local: &'a Local, ledger: &'a Ledger) -> impl Iterator<Item = &'a Deposit> {
    let newest = local.deposits.iter().rev();
    newest.filter(|deposit| !deposit.transaction.is_some_and(|id| ledger.own.contains(&id)))
}
