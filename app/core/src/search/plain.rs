//! Whether one payment is what somebody looks for, asked of the payment as it is shown: for the few that are in no
//! index.

use super::index::currency_texts;
use super::rows::shown_at;
use purse_bridge::{Filter, PaymentState, PaymentView, Search};
use purse_shared::find::{Word, folded, words};

pub(super) fn fits(payment: &PaymentView, search: &Search) -> bool {
    let by_filter = match search.filter {
        Filter::All => true,
        Filter::In => payment.kind.is_in(),
        Filter::Out => !payment.kind.is_in(),
        Filter::Waiting => payment.state.waits(),
        Filter::Refused => matches!(payment.state, PaymentState::Refused { .. }),
    };
    by_filter
        && search.currency.is_none_or(|currency| currency == payment.amount.currency())
        && search.during.is_none_or(|during| during.holds(shown_at(payment)))
        && words(&search.text).iter().all(|word| has(payment, search, word))
}

fn has(payment: &PaymentView, search: &Search, word: &Word) -> bool {
    let is_in = |text: &str| {
        let text = folded(text);
        word.forms().iter().any(|form| text.contains(form.as_str()))
    };
    let handle = payment.party.handle.as_ref().map_or("", |handle| handle.as_str());
    let amount = payment.amount.money().to_plain_string();
    let bought = payment.bought.map(|bought| bought.money().to_plain_string()).unwrap_or_default();
    let texts = [
        &payment.party.name,
        handle,
        &payment.message,
        &payment.private_note,
        &payment.reference,
        &amount,
        &bought,
    ];
    let currencies = [Some(payment.amount.currency()), payment.bought.map(|bought| bought.currency())];
    texts.into_iter().any(is_in)
        || currencies.into_iter().flatten().flat_map(currency_texts).any(is_in)
        || search.kinds.iter().any(|(kind, name)| *kind == payment.kind && is_in(name))
        || search
            .times
            .iter()
            .any(|(typed, time)| word.forms().contains(&folded(typed)) && time.holds(shown_at(payment)))
}
