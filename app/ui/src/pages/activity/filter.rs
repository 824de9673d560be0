//! What the activity page lists, and what it asks the core to look for. Plain functions.

use crate::format::Format;
use crate::words::activity as say;
use purse_bridge::{Currency, Filter, Open, PaymentView, Search, UnixMillis};

pub const FILTERS: [Filter; 5] = [Filter::All, Filter::Waiting, Filter::In, Filter::Out, Filter::Refused];

/// The end of a filter's test hook.
pub fn key(filter: Filter) -> &'static str {
    match filter {
        Filter::All => "all",
        Filter::In => "in",
        Filter::Out => "out",
        Filter::Waiting => "queued",
        Filter::Refused => "refused",
    }
}

/// How the list is narrowed by hand.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Narrowed {
    pub text: String,
    pub filter: Filter,
    pub currency: Option<Currency>,
    pub this_month: bool,
}

impl Narrowed {
    pub fn is_all(&self) -> bool {
        let Self { text, filter, currency, this_month } = self;
        text.trim().is_empty() && *filter == Filter::All && currency.is_none() && !this_month
    }

    /// For the core; the reader's calendar says what times are meant.
    pub fn search(&self, format: Format) -> Search {
        Search {
            text: self.text.clone(),
            filter: self.filter,
            currency: self.currency,
            during: self.this_month.then(|| format.this_month()),
            kinds: say::kinds(),
            times: format.times_in(&self.text),
        }
    }
}

/// Queue and activity as one list, newest first.
pub fn listed(open: &Open) -> Vec<PaymentView> {
    let mut list: Vec<PaymentView> = open.queue.iter().chain(&open.activity).cloned().collect();
    list.sort_by_key(|payment| std::cmp::Reverse(when(payment)));
    list
}

/// The time that a row shows: of the last word, else of the order.
pub fn when(payment: &PaymentView) -> UnixMillis {
    payment.decided_at.unwrap_or(payment.ordered_at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::fixture::{NOW, open, paid, refused};
    use purse_bridge::PaymentState;

    #[test]
    fn queue_and_activity_are_one_list() {
        let mut open = open();
        open.queue = vec![paid(2, PaymentState::Queued)];
        open.activity = vec![refused(3, "expired"), paid(1, PaymentState::Settled)];
        let got: Vec<_> = listed(&open).iter().map(|payment| payment.reference.clone()).collect();
        assert_eq!(got, ["7Q2K-0003", "7Q2K-0002", "7Q2K-0001"]);
    }

    #[test]
    fn what_is_asked_is_what_was_narrowed() {
        let format = Format::new("en-GB", |_| 0, NOW);
        assert!(Narrowed { text: "  ".into(), ..Narrowed::default() }.is_all());
        let narrowed = Narrowed { this_month: true, text: "kavya today".into(), ..Narrowed::default() };
        assert!(!narrowed.is_all());
        let search = narrowed.search(format);
        assert!(search.during.is_some_and(|during| during.holds(NOW)));
        let times: Vec<_> =
            search.times.iter().map(|(word, time)| (word.as_str(), time.holds(NOW))).collect();
        assert_eq!(times, [("today", true)]);
    }
}
