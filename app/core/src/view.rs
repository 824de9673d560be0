//! The view: one value made anew from what is in memory.

mod alert;
mod deposit;
mod payment;
mod people;

use crate::book::Contact;
use crate::core::{Core, Open, State};
use crate::device::Profile;
use crate::ledger::Ledger;
use crate::ports::Host;
use crate::vault::code_key;
use deposit::deposits;
use purse_bridge::{Locked, Me, PaymentView, Recovery, ScheduleView, Stage, View, WalletView};
use purse_shared::intent::IntentHash;
use purse_shared::protocol::{Direction, IntentOutcome, ScheduleState};
use purse_shared::vault::RecipientKind;
use purse_shared::{Handle, Money, TransactionId, UnixMillis};
use std::collections::{BTreeMap, BTreeSet};

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
            links: state
                .links
                .view(self.is_beside_a_browser(), state.profile.as_ref().map(|profile| profile.user)),
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
        let (failed, pending): (Vec<_>, Vec<_>) = self.deposits().partition(|view| !view.state.waits());
        // Decided, and not at its end yet: on its way to the bank, or set aside.
        let held = open.ledger.held().filter_map(|record| self.decided(record, &contacts));
        queue.extend(pending.into_iter().chain(held));
        queue.sort_by_key(|view| std::cmp::Reverse(view.ordered_at));
        decided_here.extend(failed);
        let shown = if open.show_all { usize::MAX } else { open.shown };
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
            links: state.access.as_ref().map(|access| access.links.clone()),
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
        views.partition(|view| view.state.waits())
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
            let was_replaced = own_refusal && replaced.contains(&record.id);
            // What still waits is in the queue; an exchange is one payment.
            let is_held = matches!(record.outcome, IntentOutcome::Held { .. });
            let is_elsewhere = is_held || Ledger::is_bought_side(record);
            !was_replaced && !is_elsewhere
        });
        let decided = decided.filter_map(|record| self.decided(record, contacts));
        let mut newest: Vec<PaymentView> =
            decided_here.into_iter().chain(decided.take(shown.saturating_add(1))).collect();
        newest.sort_by_key(|view| std::cmp::Reverse(view.decided_at.unwrap_or(view.ordered_at)));
        let complete = newest.len() <= shown;
        newest.truncate(shown);
        (newest, complete)
    }
}
