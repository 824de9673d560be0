//! This person's own requests, and what came for each.

use super::Pages;
use crate::book::{Asked, Contact};
use crate::ledger::Came;
use purse_bridge::{AskedState, AskedView, OwnRequest, ShownRequest};
use purse_shared::request::{Reference, Sum};
use purse_shared::{Handle, Money};
use std::cmp::{Ordering, Reverse};
use std::collections::BTreeMap;

/// Payments of one request that its page shows.
const PAYMENTS_SHOWN: usize = 20;

impl Pages<'_> {
    /// Newest first.
    pub(super) fn requests(&self) -> Vec<OwnRequest> {
        let all = self.open.book.requests();
        let mut requests: Vec<OwnRequest> =
            all.iter().filter_map(|(reference, asked)| self.own_request(reference, asked)).collect();
        requests.sort_by_key(|request| Reverse(request.made_at));
        requests
    }

    /// `None` once it is over.
    fn own_request(&self, reference: &Reference, asked: &Asked) -> Option<OwnRequest> {
        let ledger = &self.open.ledger;
        let expires_at = asked.expires_at();
        if expires_at <= self.now {
            return None;
        }
        let came = ledger.came(reference);
        let sums = came.map(Came::sums).unwrap_or_default();
        Some(OwnRequest {
            reference: reference.clone(),
            sum: asked.sum,
            note: asked.note.clone(),
            made_at: asked.at,
            expires_at,
            state: state_of(asked.sum, &sums),
            came: sums,
            payments: came.map_or(0, Came::count),
            came_at: came.and_then(|came| ledger.payments_of(came).next()).map(|record| record.decided_at),
        })
    }

    pub(super) fn shown_requests(&self, contacts: &BTreeMap<Handle, Contact>) -> Vec<ShownRequest> {
        let all = self.open.book.requests();
        let shown = self.open.looks.requests.iter().rev().map(|shown| {
            let asked = || {
                let asked = all.get(&shown.reference)?;
                let request = self.own_request(&shown.reference, asked)?;
                let (link, code) = shown.drawn(self.profile.user, asked)?.clone();
                let came = self.open.ledger.came(&shown.reference);
                let payments = came.into_iter().flat_map(|came| self.open.ledger.payments_of(came));
                let payments = payments.take(PAYMENTS_SHOWN);
                Some(AskedView {
                    request,
                    link,
                    code,
                    newest: payments.filter_map(|record| self.decided(record, contacts)).collect(),
                })
            };
            ShownRequest { reference: shown.reference.clone(), asked: asked() }
        });
        shown.collect()
    }
}

/// `came`: what is there for it, no currency twice and none with nothing.
pub(crate) fn state_of(sum: Sum, came: &[Money]) -> AskedState {
    if came.is_empty() {
        return AskedState::Waiting;
    }
    let in_currency =
        |currency| came.iter().find(|money| money.currency == currency).map(|money| money.minor);
    match sum {
        Sum::Open => AskedState::Paid,
        Sum::In(currency) if in_currency(currency).is_some() => AskedState::Paid,
        Sum::In(_) => AskedState::OtherCurrency,
        Sum::Exactly(amount) => {
            match in_currency(amount.currency()).map(|minor| minor.cmp(&amount.minor())) {
                None => AskedState::OtherCurrency,
                Some(Ordering::Less) => AskedState::Part,
                Some(Ordering::Equal) => AskedState::Paid,
                Some(Ordering::Greater) => AskedState::Over,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use purse_shared::{Amount, Currency};

    #[test]
    fn what_came_against_what_was_asked_for() {
        let (euro, dollar) =
            (|minor| Money::new(minor, Currency::EUR), |minor| Money::new(minor, Currency::USD));
        let exactly = Sum::Exactly(Amount::new(1_850, Currency::EUR).unwrap());
        let any_euro = Sum::In(Currency::EUR);
        for (sum, came, want) in [
            (Sum::Open, vec![], AskedState::Waiting),
            (Sum::Open, vec![dollar(1)], AskedState::Paid),
            (any_euro, vec![], AskedState::Waiting),
            (any_euro, vec![dollar(1)], AskedState::OtherCurrency),
            (any_euro, vec![euro(1)], AskedState::Paid),
            (any_euro, vec![euro(1), dollar(1)], AskedState::Paid),
            (exactly, vec![], AskedState::Waiting),
            (exactly, vec![dollar(1_850)], AskedState::OtherCurrency),
            (exactly, vec![euro(1_849), dollar(5_000)], AskedState::Part),
            (exactly, vec![euro(1_850)], AskedState::Paid),
            (exactly, vec![euro(1_851)], AskedState::Over),
        ] {
            assert_eq!(state_of(sum, &came), want, "{sum:?} {came:?}");
        }
    }
}
