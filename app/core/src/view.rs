//! The view: one value made anew from what is in memory.

use crate::book::Contact;
use crate::core::{Core, Deposit, Local, Open, State};
use crate::device::Profile;
use crate::ledger::Ledger;
use crate::orders::queued_back;
use crate::outbox::{Need, Queued};
use crate::ports::Host;
use crate::vault::code_key;
use purse_bridge::{
    AlertKind, AlertView, ContactView, DepositView, Locked, Me, Network, Party, PaymentKind, PaymentState,
    PaymentView, Recovery, Refusal, ScheduleView, Stage, View, WalletView,
};
use purse_shared::intent::{IntentHash, Order, Plan, SendOrder};
use purse_shared::protocol::{
    Counterparty, Direction, FeedEvent, IntentOutcome, RefusalCode, ScheduleState, TransactionKind,
    TransactionRecord,
};
use purse_shared::vault::RecipientKind;
use purse_shared::{Amount, Handle, MethodId, Money, TransactionId, UnixMillis, WalletId};
use std::collections::{BTreeMap, BTreeSet};

const RECENT_PAYEES: usize = 8;
const ALERTS_SHOWN: usize = 100;

impl<H: Host> Core<H> {
    pub fn view(&self) -> View {
        let now = self.now();
        let state = self.state.borrow();
        View {
            stage: stage(&state, now),
            network: state.network,
            notice: state.notice.clone(),
            busy: state.busy,
            theme: state.preferences.theme,
            now,
            following: false,
        }
    }
}

fn stage(state: &State, now: UnixMillis) -> Stage {
    if let Some(reason) = &state.broken {
        return Stage::Broken { reason: reason.clone() };
    }
    match (&state.profile, &state.open) {
        (None, _) => Stage::Welcome,
        (Some(profile), None) => Stage::Locked(Locked {
            display_name: profile.display_name.clone(),
            handle: profile.handle.clone(),
            queued: state.outbox.waiting_payments().saturating_sub(state.outbox.held_payments()),
            held: state.outbox.held_payments(),
            news: state.news,
            devices: state.access.as_ref().map(|access| access.devices.clone()),
        }),
        (Some(profile), Some(open)) => {
            let replaced = state.outbox.all();
            let in_place_of =
                replaced.filter_map(|old| Some((old.entry.replaced_by?, old.intent.id))).collect();
            Stage::Open(Box::new(Pages { state, profile, open, in_place_of, now }.all()))
        }
    }
}

struct Pages<'a> {
    state: &'a State,
    profile: &'a Profile,
    open: &'a Open,
    /// Payments that were signed anew, by the id they have now.
    in_place_of: BTreeMap<TransactionId, TransactionId>,
    now: UnixMillis,
}

impl Pages<'_> {
    fn all(&self) -> purse_bridge::Open {
        let (open, profile, state) = (self.open, self.profile, self.state);
        let contacts = open.book.contacts();
        let (mut queue, mut decided_here) = self.ours(&contacts);
        let (failed, pending): (Vec<_>, Vec<_>) = self.deposits().partition(|view| !is_open(&view.state));
        queue.extend(pending);
        queue.sort_by_key(|view| std::cmp::Reverse(view.ordered_at));
        decided_here.extend(failed);
        let shown = if open.show_all { usize::MAX } else { open.shown };
        // Decided, and not at its end yet: on its way to the bank, or set aside.
        let held = self.open.ledger.held().filter_map(|record| self.decided(record, &contacts));
        queue.extend(held);
        queue.sort_by_key(|view| std::cmp::Reverse(view.ordered_at));
        let (activity, activity_complete) = self.activity(&contacts, decided_here, shown);
        let alerts = self.alerts(&contacts);
        let recipients = profile.vault.recipients.as_ref();
        let recovery = Recovery {
            saved: recipients.and_then(code_key).is_some_and(|key| open.book.is_code_written(&key)),
            by_passkey: recipients
                .is_some_and(|list| list.recipients.iter().any(|r| r.kind == RecipientKind::Passkey)),
            code_to_show: open.recovery_code.clone(),
        };
        purse_bridge::Open {
            me: Me {
                user: profile.user,
                handle: profile.handle.clone(),
                display_name: profile.display_name.clone(),
                device: profile.device,
            },
            wallets: self.wallets(),
            queue,
            activity,
            activity_complete,
            unseen_alerts: alerts.iter().filter(|alert| !alert.seen).count(),
            alerts,
            contacts: self.contacts(&contacts),
            recent_payees: self.recent_payees(&contacts),
            looked_up: open.looked_up.clone(),
            deposits: deposits(&open.local, &open.ledger),
            schedules: self.schedules(&contacts),
            // The UI measures from `View::now`, which is this moment.
            quote: open.quote.clone().filter(|quote| quote.expires_at > self.now),
            fees: profile.rules.fees.clone(),
            payment_methods: open.local.methods.clone(),
            passkeys: state.access.as_ref().map(|access| access.passkeys.clone()),
            devices: state.access.as_ref().map(|access| access.devices.clone()),
            recovery,
            storage: state.storage,
            hide_amounts: state.preferences.hide_amounts,
            step_up_from: profile.rules.step_up_from.clone(),
            confirm_payee_above: profile.rules.confirm_payee_above.clone(),
            confirm_sign_out: state.confirm_sign_out.clone(),
            repeat_warning: open.repeat_warning.clone(),
            receipt: state.receipt.clone(),
            blocked: open.ledger.blocked.iter().copied().collect(),
            as_of: profile.in_step_at,
        }
    }

    fn wallets(&self) -> Vec<WalletView> {
        let ledger = &self.open.ledger;
        let view = |wallet: &purse_shared::protocol::WalletState| {
            let (balance, currency) = (wallet.balance, wallet.balance.currency);
            let available = balance.minor.saturating_sub(wallet.held.minor);
            let outgoing = self.state.outbox.outgoing(wallet.wallet, currency, &ledger.own);
            WalletView {
                wallet: wallet.wallet,
                balance,
                held: wallet.held,
                available: Money::new(available, currency),
                after_queue: Money::new(available.saturating_sub(outgoing), currency),
                frozen: wallet.frozen,
            }
        };
        ledger.wallets.values().map(view).collect()
    }

    /// The queue, and what is decided but not in the feed yet; newest first.
    fn ours(&self, contacts: &BTreeMap<Handle, Contact>) -> (Vec<PaymentView>, Vec<PaymentView>) {
        let shown = self.state.outbox.all().rev().filter(|queued| {
            queued.entry.replaced_by.is_none() && !self.open.ledger.own.contains(&queued.intent.id)
        });
        let views = shown.filter_map(|queued| self.queued(queued, contacts));
        views.partition(|view| is_open(&view.state))
    }

    fn queued(&self, queued: &Queued, contacts: &BTreeMap<Handle, Contact>) -> Option<PaymentView> {
        let Shown { kind, to, wallet, amount, fee, message, of, bought, plan } =
            self.shown(&queued.intent.order)?;
        let entry = &queued.entry;
        let state = match (&entry.answer, &entry.needs) {
            // Only the list of schedules tells of what goes on.
            (Some(IntentOutcome::Settled { .. }), _) if kind == PaymentKind::Schedule => return None,
            (Some(outcome), _) => final_state(outcome, with_fee(amount, fee)),
            (None, _) if entry.cancelled => PaymentState::Cancelling,
            (None, Some(Need::Payee { display_name, .. })) => {
                PaymentState::ConfirmPayee { display_name: display_name.clone() }
            }
            (None, Some(Need::Approval)) if entry.step_up.is_none() => PaymentState::NeedsApproval,
            (None, _) if self.state.sending.contains(&entry.no) && self.state.network == Network::Online => {
                PaymentState::Sending
            }
            (None, _) => PaymentState::Queued,
        };
        Some(PaymentView {
            id: queued.intent.id,
            in_place_of: self.in_place_of.get(&queued.intent.id).copied(),
            kind,
            party: match to {
                To::Person(handle) => self.party(Some(handle), None, contacts),
                To::Payer(other) => self.party(other.handle.as_ref(), Some(other), contacts),
                To::Bank(name) => Party { handle: None, user: None, name, is_contact: false },
            },
            amount,
            wallet,
            message: message.to_owned(),
            private_note: self.open.book.note(queued.intent.id),
            state,
            ordered_at: queued.intent.created_at,
            sent_at: entry.sent_at,
            decided_at: entry.answered_at,
            expires_at: Some(queued.intent.expires_at),
            reference: String::new(),
            reported: false,
            device_name: self.open.ledger.device_names.get(&queued.intent.device).cloned(),
            of,
            fee,
            bought,
            plan: plan.cloned(),
            returnable: None,
        })
    }

    /// What a queued order shows; `None` for a cancellation, and for what names a wallet that is not known here.
    fn shown<'a>(&'a self, order: &'a Order) -> Option<Shown<'a>> {
        let ledger = &self.open.ledger;
        let fee_in = |fee: i64, amount: Amount| Amount::new(fee, amount.currency()).ok();
        let of_send = |kind, send: &'a SendOrder, plan| Shown {
            kind,
            to: To::Person(&send.to),
            wallet: send.from,
            amount: send.amount,
            fee: fee_in(send.fee, send.amount),
            message: &send.message,
            of: None,
            bought: None,
            plan,
        };
        Some(match order {
            Order::Send(send) => of_send(PaymentKind::Out, send, None),
            Order::Schedule(order) => of_send(PaymentKind::Schedule, &order.send, Some(&order.plan)),
            Order::Withdraw(order) => Shown {
                kind: PaymentKind::Withdrawal,
                to: To::Bank(self.bank(order.to)),
                wallet: order.from,
                amount: order.amount,
                fee: fee_in(order.fee, order.amount),
                message: "",
                of: None,
                bought: None,
                plan: None,
            },
            Order::Exchange(order) => Shown {
                kind: PaymentKind::Exchange,
                to: To::Bank(String::new()),
                wallet: order.from,
                amount: order.sell,
                fee: None,
                message: "",
                of: None,
                bought: Some(order.buy),
                plan: None,
            },
            Order::Refund(order) => {
                let paid = ledger.received(order.of)?;
                Shown {
                    kind: PaymentKind::RefundOut,
                    to: To::Payer(paid.counterparty.as_ref()?),
                    wallet: paid.wallet?,
                    amount: order.amount,
                    fee: None,
                    message: &order.message,
                    of: Some(order.of),
                    bought: None,
                    plan: None,
                }
            }
            Order::Cancel { .. } => return None,
        })
    }

    /// "Sandbox bank", as far as it is known.
    fn bank(&self, method: MethodId) -> String {
        let methods = self.open.local.methods.as_deref().unwrap_or_default();
        methods.iter().find(|known| known.id == method).map(|known| known.name.clone()).unwrap_or_default()
    }

    /// The next payment first.
    fn schedules(&self, contacts: &BTreeMap<Handle, Contact>) -> Vec<ScheduleView> {
        let view = |schedule: &ScheduleState| {
            let send = &schedule.order.send;
            let hash = IntentHash::try_from(schedule.hash.clone()).ok();
            Some(ScheduleView {
                id: schedule.id,
                in_place_of: self.in_place_of.get(&schedule.id).copied(),
                party: self.party(Some(&send.to), None, contacts),
                amount: send.amount,
                wallet: send.from,
                message: send.message.clone(),
                plan: schedule.order.plan.clone(),
                made: schedule.made,
                next_at: schedule.next_at?,
                ending: hash.is_some_and(|hash| self.state.outbox.is_ending(hash)),
            })
        };
        let mut running: Vec<_> = self.open.ledger.schedules.values().filter_map(view).collect();
        running.sort_by_key(|schedule| (schedule.next_at, schedule.id));
        running
    }

    /// What of a settled payment to this person can still be given back.
    fn returnable(&self, record: &TransactionRecord) -> Option<Amount> {
        let ledger = &self.open.ledger;
        let received = ledger.received(record.id).filter(|received| *received == record)?;
        let payer = received.counterparty.as_ref()?.user?;
        let queued = queued_back(self.state.outbox.all(), &ledger.own, payer, record.id);
        let back = ledger.returned(payer, record.id).saturating_add(queued);
        Amount::new(record.amount.minor().saturating_sub(back), record.amount.currency()).ok()
    }

    /// Asked for here and not in the feed: waiting for the bank, or not paid by it.
    fn deposits(&self) -> impl Iterator<Item = PaymentView> {
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

    /// The newest of what is final, `shown` of them, and whether that is all.
    fn activity(
        &self,
        contacts: &BTreeMap<Handle, Contact>,
        decided_here: Vec<PaymentView>,
        shown: usize,
    ) -> (Vec<PaymentView>, bool) {
        let replaced: BTreeSet<TransactionId> = self.in_place_of.values().copied().collect();
        let decided = self.open.ledger.payments.values().rev().filter(|record| {
            let own_refusal =
                record.direction == Direction::Out && matches!(record.outcome, IntentOutcome::Refused { .. });
            // An exchange is one payment; what still waits is in the queue.
            let held = matches!(record.outcome, IntentOutcome::Held { .. });
            !(own_refusal && replaced.contains(&record.id)) && !held && !Ledger::is_bought_side(record)
        });
        let decided = decided.filter_map(|record| self.decided(record, contacts));
        let mut newest: Vec<PaymentView> =
            decided_here.into_iter().chain(decided.take(shown.saturating_add(1))).collect();
        newest.sort_by_key(|view| std::cmp::Reverse(view.decided_at.unwrap_or(view.ordered_at)));
        let complete = newest.len() <= shown;
        newest.truncate(shown);
        (newest, complete)
    }

    fn decided(
        &self,
        record: &TransactionRecord,
        contacts: &BTreeMap<Handle, Contact>,
    ) -> Option<PaymentView> {
        let kind = match (record.kind, record.direction) {
            (TransactionKind::Deposit, _) => PaymentKind::Deposit,
            (TransactionKind::Send, Direction::Out) => PaymentKind::Out,
            (TransactionKind::Send, Direction::In) => PaymentKind::In,
            (TransactionKind::Withdraw, _) => PaymentKind::Withdrawal,
            (TransactionKind::Exchange, _) => PaymentKind::Exchange,
            (TransactionKind::Refund, Direction::Out) => PaymentKind::RefundOut,
            (TransactionKind::Refund | TransactionKind::Reversal, Direction::In) => PaymentKind::RefundIn,
            (TransactionKind::Reversal, Direction::Out) => PaymentKind::TakenBack,
            (TransactionKind::Fee, _) => PaymentKind::Fee,
            (TransactionKind::Hold, _) => PaymentKind::SetAside,
        };
        let other = record.counterparty.as_ref();
        let here = self.state.outbox.order(record.id);
        // A schedule that was refused is told like a payment.
        let (kind, plan) = match here.map(|queued| &queued.intent.order) {
            Some(Order::Schedule(order)) if kind == PaymentKind::Out => {
                (PaymentKind::Schedule, Some(order.plan.clone()))
            }
            _ => (kind, None),
        };
        let fee = record.fee.and_then(|fee| Amount::new(fee.minor, fee.currency).ok());
        Some(PaymentView {
            id: record.id,
            in_place_of: self.in_place_of.get(&record.id).copied(),
            kind,
            party: self.party(other.and_then(|o| o.handle.as_ref()), other, contacts),
            amount: record.amount,
            // Refused for a wallet that nobody knows: shown with the first.
            wallet: record.wallet.or_else(|| self.open.ledger.wallets.keys().next().copied())?,
            message: record.message.clone(),
            private_note: self.open.book.note(record.id),
            state: final_state(&record.outcome, with_fee(record.amount, fee)),
            ordered_at: record.created_at,
            sent_at: here.and_then(|queued| queued.entry.sent_at),
            decided_at: Some(record.decided_at),
            expires_at: None,
            reference: record.reference.clone(),
            reported: self.open.local.reported.contains(&record.id),
            device_name: record.device.and_then(|id| self.open.ledger.device_names.get(&id)).cloned(),
            of: record.of,
            fee,
            bought: record.bought.and_then(|bought| Amount::new(bought.minor, bought.currency).ok()),
            plan,
            returnable: self.returnable(record),
        })
    }

    fn party(
        &self,
        handle: Option<&Handle>,
        other: Option<&Counterparty>,
        contacts: &BTreeMap<Handle, Contact>,
    ) -> Party {
        let contact = handle.and_then(|handle| contacts.get(handle)).map(|contact| contact.name.clone());
        let resolved = handle.and_then(|handle| self.open.local.resolved.get(handle));
        let person = handle.and_then(|handle| self.open.ledger.people.get(handle));
        let user = other.and_then(|other| other.user);
        let known_name = other
            .map(|other| other.display_name.clone())
            .or_else(|| person.map(|person| person.display_name.clone()))
            .or_else(|| resolved.map(|(_, name)| name.clone()))
            .filter(|name| !name.is_empty());
        Party {
            handle: handle.cloned(),
            user: user
                .or_else(|| person.map(|person| person.user))
                .or_else(|| resolved.map(|(user, _)| *user)),
            is_contact: contact.is_some(),
            name: contact
                .or(known_name)
                .or_else(|| handle.map(|handle| format!("@{handle}")))
                .unwrap_or_default(),
        }
    }

    fn alerts(&self, contacts: &BTreeMap<Handle, Contact>) -> Vec<AlertView> {
        let newest = self.open.ledger.alerts.iter().rev();
        let views = newest.filter_map(|(seq, (at, event))| {
            let what = self.alert(event, contacts)?;
            Some(AlertView { at: *at, seen: *seq <= self.open.local.alerts_seen, what })
        });
        views.take(ALERTS_SHOWN).collect()
    }

    fn alert(&self, event: &FeedEvent, contacts: &BTreeMap<Handle, Contact>) -> Option<AlertKind> {
        Some(match event {
            FeedEvent::Transaction { transaction, .. } => self.payment_alert(transaction, contacts)?,
            FeedEvent::DeviceAdded { device, name } => {
                AlertKind::DeviceAdded { device: *device, name: name.clone() }
            }
            FeedEvent::DeviceRevoked { device, name } => {
                AlertKind::DeviceRevoked { device: *device, name: name.clone() }
            }
            FeedEvent::DeviceForked { device, name } => {
                AlertKind::DeviceForked { device: *device, name: name.clone() }
            }
            FeedEvent::PasskeyAdded { name } => AlertKind::PasskeyAdded { name: name.clone() },
            FeedEvent::PasskeyRevoked { name } => AlertKind::PasskeyRevoked { name: name.clone() },
            FeedEvent::RecoveryCodeMade => AlertKind::RecoveryCodeMade,
            FeedEvent::Wallet { .. } | FeedEvent::BlockChanged { .. } | FeedEvent::Schedule { .. } => {
                return None;
            }
        })
    }

    fn payment_alert(
        &self,
        record: &TransactionRecord,
        contacts: &BTreeMap<Handle, Contact>,
    ) -> Option<AlertKind> {
        let (id, amount) = (record.id, record.amount);
        let other = record.counterparty.as_ref();
        let party = || self.party(other.and_then(|o| o.handle.as_ref()), other, contacts);
        let settled = matches!(record.outcome, IntentOutcome::Settled { .. });
        Some(match (record.kind, record.direction, final_state(&record.outcome, amount.money())) {
            (TransactionKind::Deposit, _, _) => {
                settled.then_some(())?;
                AlertKind::Deposited { id, amount }
            }
            (TransactionKind::Withdraw, _, PaymentState::Settled) => AlertKind::Withdrawn { id, amount },
            (TransactionKind::Withdraw, _, PaymentState::Refused { reason }) => {
                AlertKind::NotWithdrawn { id, amount, reason }
            }
            (TransactionKind::Hold, _, PaymentState::Held) => AlertKind::SetAside { id, amount },
            (TransactionKind::Hold, _, PaymentState::Settled) => AlertKind::TakenAway { id, amount },
            (TransactionKind::Hold, _, PaymentState::Refused { .. }) => AlertKind::SetFree { id, amount },
            (TransactionKind::Reversal, Direction::Out, _) => {
                AlertKind::TakenBack { id, to: party(), amount }
            }
            (TransactionKind::Refund | TransactionKind::Reversal, Direction::In, _) => {
                AlertKind::GivenBack { id, from: party(), amount }
            }
            // The person's own doing, seen where they did it.
            (
                TransactionKind::Withdraw
                | TransactionKind::Hold
                | TransactionKind::Fee
                | TransactionKind::Exchange,
                ..,
            ) => return None,
            (_, Direction::In, _) => AlertKind::Received { id, from: party(), amount },
            (_, Direction::Out, PaymentState::Settled) => AlertKind::Settled { id, to: party(), amount },
            (_, Direction::Out, PaymentState::Refused { reason }) => {
                AlertKind::Refused { id, to: party(), amount, reason }
            }
            // Taken back by the person: no news to them.
            (_, Direction::Out, _) => return None,
        })
    }

    fn contact(&self, handle: &Handle, saved: Option<&Contact>) -> ContactView {
        let person = self.open.ledger.people.get(handle);
        let party_user = person
            .map(|person| person.user)
            .or_else(|| self.open.local.resolved.get(handle).map(|(user, _)| *user));
        let fallback = || person.map_or_else(|| format!("@{handle}"), |person| person.display_name.clone());
        ContactView {
            handle: handle.clone(),
            name: saved.map(|contact| contact.name.clone()).unwrap_or_else(fallback),
            user: party_user,
            favourite: saved.is_some_and(|contact| contact.favourite),
            blocked: party_user.is_some_and(|user| self.open.ledger.blocked.contains(&user)),
            last_paid_at: person.and_then(|person| person.last_paid_at),
            saved: saved.is_some(),
        }
    }

    fn contacts(&self, book: &BTreeMap<Handle, Contact>) -> Vec<ContactView> {
        let handles: BTreeSet<&Handle> = book.keys().chain(self.open.ledger.people.keys()).collect();
        let mut all: Vec<ContactView> =
            handles.into_iter().map(|handle| self.contact(handle, book.get(handle))).collect();
        all.sort_by_key(|contact| contact.name.to_lowercase());
        all
    }

    fn recent_payees(&self, book: &BTreeMap<Handle, Contact>) -> Vec<ContactView> {
        let mut latest: BTreeMap<Handle, UnixMillis> = BTreeMap::new();
        let queued = self.state.outbox.all().filter(|queued| !queued.entry.cancelled);
        for queued in queued {
            if let Some(send) = queued.send() {
                let at = latest.entry(send.to.clone()).or_default();
                *at = (*at).max(queued.intent.created_at);
            }
        }
        for (handle, person) in &self.open.ledger.people {
            if let Some(paid) = person.last_paid_at {
                let at = latest.entry(handle.clone()).or_default();
                *at = (*at).max(paid);
            }
        }
        let mut payees: Vec<(Handle, UnixMillis)> = latest.into_iter().collect();
        payees.sort_by_key(|(_, at)| std::cmp::Reverse(*at));
        let newest = payees.iter().take(RECENT_PAYEES);
        newest.map(|(handle, _)| self.contact(handle, book.get(handle))).collect()
    }
}

fn deposits(local: &Local, ledger: &Ledger) -> Vec<DepositView> {
    waiting_deposits(local, ledger)
        .map(|deposit| DepositView {
            id: deposit.id.to_string(),
            wallet: deposit.wallet,
            amount: deposit.amount,
            failed: deposit.failed,
            at: deposit.at,
        })
        .collect()
}

/// Newest first.
fn waiting_deposits<'a>(local: &'a Local, ledger: &'a Ledger) -> impl Iterator<Item = &'a Deposit> {
    let newest = local.deposits.iter().rev();
    newest.filter(|deposit| !deposit.transaction.is_some_and(|id| ledger.own.contains(&id)))
}

fn is_open(state: &PaymentState) -> bool {
    match state {
        PaymentState::Queued
        | PaymentState::Sending
        | PaymentState::NeedsApproval
        | PaymentState::ConfirmPayee { .. }
        | PaymentState::Cancelling
        | PaymentState::Pending
        | PaymentState::Held => true,
        PaymentState::Settled | PaymentState::Refused { .. } | PaymentState::Cancelled => false,
    }
}

/// A queued order in the terms of a payment.
struct Shown<'a> {
    kind: PaymentKind,
    to: To<'a>,
    wallet: WalletId,
    amount: Amount,
    fee: Option<Amount>,
    message: &'a str,
    of: Option<TransactionId>,
    bought: Option<Amount>,
    plan: Option<&'a Plan>,
}

enum To<'a> {
    Person(&'a Handle),
    Payer(&'a Counterparty),
    /// The bank's name, or none for the person's own wallets.
    Bank(String),
}

/// What must be there for it.
fn with_fee(amount: Amount, fee: Option<Amount>) -> Money {
    fee.and_then(|fee| amount.money().plus(fee.money()).ok()).unwrap_or(amount.money())
}

/// `needed`: with the fee.
fn final_state(outcome: &IntentOutcome, needed: Money) -> PaymentState {
    match outcome {
        IntentOutcome::Settled { .. } => PaymentState::Settled,
        IntentOutcome::Held { .. } => PaymentState::Held,
        IntentOutcome::Refused { code: RefusalCode::Cancelled, .. } => PaymentState::Cancelled,
        IntentOutcome::Refused { code, figure, .. } => {
            let missing = figure.and_then(|available| needed.minus(available).ok());
            let (available, figure) = match code {
                RefusalCode::InsufficientFunds => (*figure, missing),
                _ => (None, *figure),
            };
            PaymentState::Refused { reason: Refusal { code: code.as_str().to_owned(), available, figure } }
        }
        IntentOutcome::ApprovalRequired => PaymentState::NeedsApproval,
        IntentOutcome::ConfirmPayee { display_name, .. } => {
            PaymentState::ConfirmPayee { display_name: display_name.clone() }
        }
        IntentOutcome::TryAgain => PaymentState::Queued,
    }
}
