//! What happened to a payment and what is still to come, as the timeline tells it. Nothing is done here
//! that the view does not say.

use crate::format::Format;
use crate::parts::{StepState, TimelineStep};
use crate::words::refusal::{self, About};
use crate::words::{self, payment as say};
use purse_bridge::limits::MINUTE_MS;
use purse_bridge::{Network, PaymentKind, PaymentState, PaymentView, UnixMillis};

pub fn steps(payment: &PaymentView, network: Network, format: Format) -> Vec<TimelineStep> {
    match payment.kind {
        PaymentKind::Out
        | PaymentKind::Withdrawal
        | PaymentKind::Exchange
        | PaymentKind::RefundOut
        | PaymentKind::Schedule => paid(payment, network, format),
        PaymentKind::In | PaymentKind::RefundIn => received(payment, format),
        PaymentKind::Deposit => deposited(payment, format),
        PaymentKind::TakenBack | PaymentKind::Fee | PaymentKind::SetAside => ended(payment, format),
    }
}

fn step(state: StepState, title: impl Into<String>, time: String, note: impl Into<String>) -> TimelineStep {
    TimelineStep { title: title.into(), time, note: note.into(), state }
}

/// With seconds; with its day when that is not the day of the order.
fn time(at: Option<UnixMillis>, payment: &PaymentView, format: Format) -> String {
    match at {
        Some(at) if format.day(at) == format.day(payment.ordered_at) => format.seconds(at),
        Some(at) => format.moment(at),
        None => String::new(),
    }
}

fn paid(payment: &PaymentView, network: Network, format: Format) -> Vec<TimelineStep> {
    let at = |moment| time(moment, payment, format);
    let name = words::whom(payment);
    let (last, done, before) = say::last_step(payment);
    let waited = payment.sent_at.is_some_and(|sent| sent.saturating_sub(payment.ordered_at) >= MINUTE_MS);
    let kept = if waited { say::KEPT_IN_QUEUE } else { "" };

    let signed = step(
        StepState::Done,
        say::signed_on(payment.device_name.as_deref()),
        at(Some(payment.ordered_at)),
        kept,
    );
    let sent = || step(StepState::Done, say::SENT_TO_PURSE, at(payment.sent_at), "");
    let sent_if_known = || payment.sent_at.map(|_| sent());
    let settles = || step(StepState::Todo, last, String::new(), before.clone());

    let mut list = vec![signed];
    match &payment.state {
        PaymentState::Queued => {
            list.push(step(StepState::Todo, say::SENT_TO_PURSE, String::new(), say::sent_when(network)));
            list.push(settles());
        }
        PaymentState::Sending => {
            list.push(step(StepState::Now, say::SENDING_TO_PURSE, String::new(), say::NO_ANSWER_YET));
            list.push(settles());
        }
        PaymentState::NeedsApproval => {
            list.extend(sent_if_known());
            list.push(step(StepState::Now, say::WAITS_FOR_PASSKEY, String::new(), say::APPROVE_FIRST));
            list.push(settles());
        }
        PaymentState::ConfirmPayee { display_name } => {
            let handle = payment.party.handle.as_ref().map_or(name, |handle| handle.as_str());
            list.extend(sent_if_known());
            list.push(step(
                StepState::Now,
                say::CONFIRM_NAME,
                String::new(),
                say::turned_out(handle, display_name),
            ));
            list.push(settles());
        }
        PaymentState::Cancelling => {
            list.extend(sent_if_known());
            list.push(step(
                StepState::Now,
                say::cancellation(network),
                String::new(),
                say::CANCELLATION_NOTE,
            ));
        }
        PaymentState::Settled => {
            list.push(sent());
            list.push(step(StepState::Done, last, at(payment.decided_at), done.clone()));
        }
        PaymentState::Refused { reason } => {
            let about = About {
                wallet: payment.amount.currency().name(),
                payee: name,
                money: &|money| format.money(money),
            };
            let why = format!("{}. {}", refusal::title(reason, &about), refusal::taken(reason));
            list.extend(sent_if_known());
            list.push(step(StepState::Bad, say::REFUSED, at(payment.decided_at), why.trim_end()));
        }
        PaymentState::Cancelled => {
            list.extend(sent_if_known());
            list.push(step(
                StepState::Stopped,
                say::CANCELLED,
                at(payment.decided_at),
                refusal::NOTHING_TAKEN,
            ));
        }
        PaymentState::Held if payment.kind == PaymentKind::Withdrawal => {
            list.extend(sent_if_known());
            list.push(step(StepState::Done, say::TAKEN_ASIDE, at(payment.decided_at), ""));
            list.push(step(StepState::Now, say::ON_ITS_WAY_TO_BANK, String::new(), say::DAYS));
            list.push(settles());
        }
        PaymentState::Pending | PaymentState::Held => {
            list.extend(sent_if_known());
            list.push(settles());
        }
    }
    list
}

fn received(payment: &PaymentView, format: Format) -> Vec<TimelineStep> {
    let at = payment.decided_at.unwrap_or(payment.ordered_at);
    let note = say::in_wallet(payment.amount.currency().name());
    vec![step(StepState::Done, say::RECEIVED, time(Some(at), payment, format), note)]
}

fn deposited(payment: &PaymentView, format: Format) -> Vec<TimelineStep> {
    let at = |moment| time(moment, payment, format);
    let asked = step(StepState::Done, say::BANK_ASKED, at(Some(payment.ordered_at)), "");
    let answer = match &payment.state {
        PaymentState::Settled => {
            let note = say::in_wallet(payment.amount.currency().name());
            step(StepState::Done, say::BANK_CONFIRMED, at(payment.decided_at), note)
        }
        PaymentState::Refused { .. } | PaymentState::Cancelled => {
            step(StepState::Bad, say::BANK_REFUSED, at(payment.decided_at), say::NOTHING_ADDED)
        }
        PaymentState::Queued
        | PaymentState::Sending
        | PaymentState::NeedsApproval
        | PaymentState::ConfirmPayee { .. }
        | PaymentState::Cancelling
        | PaymentState::Pending
        | PaymentState::Held => step(StepState::Now, say::BANK_PENDING, String::new(), ""),
    };
    vec![asked, answer]
}

/// What is no payment between people: asked for, and how it ended.
fn ended(payment: &PaymentView, format: Format) -> Vec<TimelineStep> {
    let at = |moment| time(moment, payment, format);
    let asked = step(StepState::Done, say::ASKED, at(Some(payment.ordered_at)), "");
    let about = About {
        wallet: payment.amount.currency().name(),
        payee: payment.party.name.as_str(),
        money: &|money| format.money(money),
    };
    let end = match &payment.state {
        PaymentState::Settled => step(StepState::Done, say::SETTLED, at(payment.decided_at), ""),
        PaymentState::Refused { reason } => {
            let why = format!("{}. {}", refusal::title(reason, &about), refusal::taken(reason));
            step(StepState::Bad, say::NOT_DONE, at(payment.decided_at), why.trim_end())
        }
        PaymentState::Cancelled => {
            step(StepState::Stopped, say::CANCELLED, at(payment.decided_at), refusal::NOTHING_TAKEN)
        }
        PaymentState::Held if payment.kind == PaymentKind::SetAside => {
            step(StepState::Now, say::LOOKED_AT, String::new(), say::LOOKED_AT_NOTE)
        }
        PaymentState::Held
        | PaymentState::Queued
        | PaymentState::Sending
        | PaymentState::NeedsApproval
        | PaymentState::ConfirmPayee { .. }
        | PaymentState::Cancelling
        | PaymentState::Pending => step(StepState::Todo, say::NOT_DECIDED, String::new(), ""),
    };
    vec![asked, end]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::fixture::{NOW, paid, refused};
    use purse_bridge::limits::DAY_MS;

    fn told(payment: &PaymentView, network: Network) -> Vec<(StepState, String)> {
        let format = Format::new("en-GB", |_| 0, NOW);
        steps(payment, network, format).into_iter().map(|step| (step.state, step.title)).collect()
    }

    #[test]
    fn only_a_settled_payment_has_its_last_step_done() {
        use StepState::{Bad, Done, Now, Stopped, Todo};
        let check = |state: PaymentState, want: &[StepState]| {
            let payment = PaymentView { sent_at: Some(NOW + 1), ..paid(1, state) };
            let got: Vec<_> = told(&payment, Network::Online).into_iter().map(|(state, _)| state).collect();
            assert_eq!(got, want, "{:?}", payment.state);
        };
        check(PaymentState::Queued, &[Done, Todo, Todo]);
        check(PaymentState::Sending, &[Done, Now, Todo]);
        check(PaymentState::NeedsApproval, &[Done, Done, Now, Todo]);
        check(PaymentState::ConfirmPayee { display_name: "Kavya".into() }, &[Done, Done, Now, Todo]);
        check(PaymentState::Cancelling, &[Done, Done, Now]);
        check(PaymentState::Settled, &[Done, Done, Done]);
        check(refused(1, "expired").state, &[Done, Done, Bad]);
        check(PaymentState::Cancelled, &[Done, Done, Stopped]);
    }

    #[test]
    fn a_withdrawal_is_at_the_bank_only_at_its_end() {
        use StepState::{Bad, Done, Now, Todo};
        let check = |state: PaymentState, want: &[StepState], last: &str| {
            let payment = PaymentView { kind: PaymentKind::Withdrawal, ..paid(1, state) };
            let told = told(&payment, Network::Online);
            assert_eq!(told.iter().map(|(state, _)| *state).collect::<Vec<_>>(), want, "{told:?}");
            assert_eq!(told.last().unwrap().1, last);
        };
        check(PaymentState::Queued, &[Done, Todo, Todo], say::AT_BANK);
        check(PaymentState::Held, &[Done, Done, Now, Todo], say::AT_BANK);
        check(PaymentState::Settled, &[Done, Done, Done], say::AT_BANK);
        check(refused(1, "bank_refused").state, &[Done, Bad], say::REFUSED);
    }

    #[test]
    fn times_carry_their_day_when_it_is_another() {
        let format = Format::new("en-GB", |_| 0, NOW + DAY_MS);
        let payment = PaymentView {
            ordered_at: NOW,
            sent_at: Some(NOW + DAY_MS),
            decided_at: Some(NOW + DAY_MS),
            ..paid(1, PaymentState::Settled)
        };
        let list = steps(&payment, Network::Online, format);
        assert_eq!(list[0].time, format.seconds(NOW));
        assert_eq!(list[0].note, say::KEPT_IN_QUEUE);
        assert_eq!(list[1].time, format.moment(NOW + DAY_MS));
    }
}
