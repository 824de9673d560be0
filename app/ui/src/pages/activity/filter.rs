//! Which payments the activity page lists, in which order and under which filter. Plain functions.

use crate::find;
use crate::words;
use purse_bridge::{Open, PaymentState, PaymentView, UnixMillis};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Filter {
    #[default]
    All,
    In,
    Out,
    Waiting,
    Refused,
}

impl Filter {
    pub const EVERY: [Self; 5] = [Self::All, Self::Waiting, Self::In, Self::Out, Self::Refused];

    /// The end of its test hook.
    pub fn key(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::In => "in",
            Self::Out => "out",
            Self::Waiting => "queued",
            Self::Refused => "refused",
        }
    }

    fn takes(self, payment: &PaymentView) -> bool {
        match self {
            Self::All => true,
            Self::In => payment.kind.is_in(),
            Self::Out => !payment.kind.is_in(),
            Self::Waiting => payment.state.waits(),
            Self::Refused => matches!(payment.state, PaymentState::Refused { .. }),
        }
    }
}

/// Queue and activity as one list, newest first, by filter and search.
pub fn listed(open: &Open, filter: Filter, search: &str) -> Vec<PaymentView> {
    let searched = find::words(search);
    let mut list: Vec<PaymentView> = open
        .queue
        .iter()
        .chain(&open.activity)
        .filter(|payment| filter.takes(payment) && found(payment, &searched))
        .cloned()
        .collect();
    list.sort_by_key(|payment| std::cmp::Reverse(when(payment)));
    list
}

/// The time that a row shows: of the last word, else of the order.
pub fn when(payment: &PaymentView) -> UnixMillis {
    payment.decided_at.unwrap_or(payment.ordered_at)
}

fn found(payment: &PaymentView, searched: &[String]) -> bool {
    let handle = payment.party.handle.as_ref().map_or("", |handle| handle.as_str());
    let amount = payment.amount.money().to_plain_string();
    let currency = payment.amount.currency();
    find::matches(
        searched,
        &[
            &words::party(payment),
            handle,
            &payment.message,
            &payment.private_note,
            &payment.reference,
            &amount,
            currency.code(),
            currency.name(),
        ],
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::fixture::{open, paid, refused};

    #[test]
    fn filters_and_search_go_together() {
        let mut open = open();
        open.queue = vec![paid(9, PaymentState::Queued)];
        let received = PaymentView { kind: purse_bridge::PaymentKind::In, ..paid(2, PaymentState::Settled) };
        open.activity = vec![refused(3, "expired"), received, paid(1, PaymentState::Settled)];
        open.activity[2].private_note = "Olive oil for Mum".into();

        let check = |filter: Filter, search: &str, want: &[u8]| {
            let got: Vec<_> = listed(&open, filter, search).iter().map(|p| p.reference.clone()).collect();
            let want: Vec<_> = want.iter().map(|number| format!("7Q2K-{number:04}")).collect();
            assert_eq!(got, want, "{filter:?} {search}");
        };
        check(Filter::All, "", &[9, 3, 2, 1]);
        check(Filter::Waiting, "", &[9]);
        check(Filter::Refused, "", &[3]);
        check(Filter::In, "", &[2]);
        check(Filter::Out, "", &[9, 3, 1]);
        check(Filter::All, "olive", &[1]);
        check(Filter::All, "@kavya 18,50 eur", &[9, 3, 2, 1]);
        check(Filter::All, "from your bank", &[]);
        check(Filter::In, "olive", &[]);
    }
}
