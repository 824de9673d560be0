//! What the page says on which a passkey signs for payments.
//!
//! Architecture invariant: all that is signed for is said, for every kind of order: who or what it goes to, how much,
//! how often, the most that is taken on top, the words with it. A part of it would be taken for the whole.

use super::{convert, name_of, payment as say, planned};
use crate::format::Format;
use purse_bridge::{AskedOrder, AskedPayment, Money, Party, PaymentMethodView, Plan};

/// Of any, of several, or of one that is not known yet.
pub const TITLE: &str = "Approve with your passkey";
pub fn title(payments: &[AskedPayment]) -> &'static str {
    let [payment] = payments else { return TITLE };
    match &payment.order {
        AskedOrder::Send { .. } => "Approve a payment",
        AskedOrder::Schedule { plan, .. } if planned::is_once(plan) => "Approve a later payment",
        AskedOrder::Schedule { .. } => "Approve repeated payments",
        AskedOrder::Withdraw { .. } => "Approve a withdrawal",
        AskedOrder::Exchange { .. } => "Approve a conversion",
        AskedOrder::Refund { .. } => "Approve giving back",
    }
}

/// Above the amount.
pub fn what(order: &AskedOrder) -> &'static str {
    match order {
        AskedOrder::Send { .. } => "You pay now",
        AskedOrder::Schedule { plan, .. } if planned::is_once(plan) => "You pay once, later",
        AskedOrder::Schedule { .. } => "You pay again and again",
        AskedOrder::Withdraw { .. } => "You withdraw to your bank",
        AskedOrder::Exchange { .. } => "You convert between your wallets",
        AskedOrder::Refund { .. } => "You give back what you were paid",
    }
}

/// "€20.00", "€20.00 every month", "12 times €20.00"
pub fn sum(payment: &AskedPayment, format: Format) -> String {
    let amount = format.amount(payment.amount);
    match &payment.order {
        AskedOrder::Schedule { plan, .. } if planned::is_once(plan) => amount,
        AskedOrder::Schedule { plan: Plan { times: Some(times), .. }, .. } => {
            format!("{times} times {amount}")
        }
        AskedOrder::Schedule { plan: Plan { every, times: None, .. }, .. } => {
            format!("{amount} {}", planned::every(*every).to_lowercase())
        }
        AskedOrder::Send { .. }
        | AskedOrder::Withdraw { .. }
        | AskedOrder::Exchange { .. }
        | AskedOrder::Refund { .. } => amount,
    }
}

/// On the button.
pub fn yes(payments: &[AskedPayment], format: Format) -> String {
    let sums: Vec<String> = payments.iter().map(|payment| sum(payment, format)).collect();
    let sums = sums.join(", ");
    if sums.is_empty() { TITLE.to_owned() } else { format!("Approve {sums} with passkey") }
}

/// A row under the amount: what it is, and what was signed for.
pub type Fact = (&'static str, String);

pub fn facts(payment: &AskedPayment, format: Format) -> Vec<Fact> {
    let mut facts = Vec::new();
    let wallet = payment.amount.currency().name().to_owned();
    let mut said = |label, text: String| facts.push((label, text));
    let message = match &payment.order {
        AskedOrder::Send { to, fee, message } => {
            said(say::FACT_TO, format!("@{to}"));
            said(say::FACT_FROM, wallet);
            costs(payment, *fee, (say::FACT_FEE, IN_ALL), format).for_each(|(label, text)| said(label, text));
            message.as_str()
        }
        AskedOrder::Schedule { to, fee, message, plan } => {
            said(say::FACT_TO, format!("@{to}"));
            let first = if planned::is_once(plan) { planned::ON } else { planned::FIRST };
            said(first, format.moment(plan.first_at));
            said(planned::HOW_OFTEN, how_often(plan));
            said(say::FACT_FROM, wallet);
            costs(payment, *fee, (FEE_EACH, IN_ALL_EACH), format).for_each(|(label, text)| said(label, text));
            message.as_str()
        }
        AskedOrder::Withdraw { account, fee } => {
            said(super::TO_BANK, bank(account));
            said(say::FACT_FROM, wallet);
            costs(payment, *fee, (say::FACT_FEE, IN_ALL), format).for_each(|(label, text)| said(label, text));
            ""
        }
        AskedOrder::Exchange { buy } => {
            said(say::FACT_FROM, wallet);
            said(convert::TO_LABEL, buy.currency().name().to_owned());
            said(convert::YOU_GET, format.amount(*buy));
            ""
        }
        AskedOrder::Refund { to, paid, paid_at, reference, message } => {
            said(say::FACT_TO, person(to));
            said(PAID_YOU, format!("{}, {}", format.amount(*paid), format.moment(*paid_at)));
            said(say::FACT_REFERENCE, reference.clone());
            said(say::FACT_FROM, wallet);
            message.as_str()
        }
    };
    if !message.is_empty() {
        said(MESSAGE, message.to_owned());
    }
    said(say::FACT_EXPIRES, format.moment(payment.expires_at));
    facts
}

const IN_ALL: &str = "In all";
const FEE_EACH: &str = "Fee each time";
const IN_ALL_EACH: &str = "In all each time";
const MESSAGE: &str = "Message";
const PAID_YOU: &str = "Was paid to you";
const NO_FEE: &str = "None";

fn costs(
    payment: &AskedPayment,
    fee: Money,
    (fee_is, in_all_is): (&'static str, &'static str),
    format: Format,
) -> impl Iterator<Item = Fact> {
    let at_most = |money: Money| format!("At most {}", format.money(money));
    let all = payment.amount.money().plus(fee).ok().filter(|_| fee.minor != 0);
    let fee = if fee.minor == 0 { NO_FEE.to_owned() } else { at_most(fee) };
    [Some((fee_is, fee)), all.map(|all| (in_all_is, at_most(all)))].into_iter().flatten()
}

/// "Once", "Every month, until you stop it", "Every week, 12 times"
fn how_often(plan: &Plan) -> String {
    let often = planned::how_often(plan);
    if planned::is_once(plan) || plan.times.is_some() { often } else { format!("{often}, until you stop it") }
}

/// "Sandbox bank, ends in 4821"
fn bank(account: &PaymentMethodView) -> String {
    let PaymentMethodView { name, hint, .. } = account;
    if hint.is_empty() { name.clone() } else { format!("{name}, ends in {hint}") }
}

fn person(party: &Party) -> String {
    let name = name_of(party);
    match &party.handle {
        Some(handle) if *name != format!("@{handle}") => format!("{name}, @{handle}"),
        Some(_) | None => name.to_owned(),
    }
}

// Where it cannot be said.

pub const UNSAID: &str = "This cannot be shown here yet";
pub const UNSAID_WHY: &str = "It is about a bank account or a payment that this browser does not know. Once it does, it stands here. Nothing is approved.";
pub const FIRST_SIGN_IN_WHY: &str =
    "Only your own wallet can say which bank account or payment this is about.";
