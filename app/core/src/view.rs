//! The view: one value made anew from what is in memory.

mod alert;
mod asked;
mod between;
mod deposit;
mod found;
mod lists;
mod payment;
mod people;
mod request;

pub(crate) use asked::{Unsaid, asked_payment, asked_payments};
pub(crate) use lists::is_listed;
pub(crate) use payment::kind_of;
pub(crate) use request::state_of;

use crate::book::Contact;
use crate::core::{Core, Open, State};
use crate::device::Profile;
use crate::ports::Host;
use crate::vault::code_key;
use deposit::deposits;
use purse_bridge::{Locked, Me, Recovery, ScheduleView, Stage, View, WalletView};
use purse_shared::intent::IntentHash;
use purse_shared::protocol::ScheduleState;
use purse_shared::vault::RecipientKind;
use purse_shared::{Handle, Money, UnixMillis};
use std::collections::BTreeMap;

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
            links: state.links.view(
                self.is_beside_a_browser(),
                state.profile.as_ref().map(|profile| profile.user),
                Pages::of(&state, now).as_ref(),
            ),
            // An app's host adds it.
            app: None,
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
        (Some(profile), Some(open)) => Stage::Open(Box::new(Pages { state, profile, open, now }.all())),
    }
}

/// What a view is made from.
pub(crate) struct Pages<'a> {
    pub state: &'a State,
    profile: &'a Profile,
    pub open: &'a Open,
    now: UnixMillis,
}

impl<'a> Pages<'a> {
    /// `None` while nobody's vault is open.
    pub fn of(state: &'a State, now: UnixMillis) -> Option<Self> {
        Some(Self { state, profile: state.profile.as_ref()?, open: state.open.as_ref()?, now })
    }
}

impl Pages<'_> {
    fn all(&self) -> purse_bridge::Open {
        let (open, profile, state) = (self.open, self.profile, self.state);
        let contacts = open.book.contacts();
        let (failed, pending): (Vec<_>, Vec<_>) = self.deposits().partition(|view| !view.state.waits());
        let (queue, queued, queue_complete) = self.queue(&contacts, pending, open.shown);
        let (activity, activity_complete) = self.activity(&contacts, failed, open.shown);
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
            queued,
            activity,
            activity_complete: activity_complete && queue_complete,
            found: self.found(&contacts),
            looked_at: self.looked_at(&contacts),
            between: self.between(&contacts),
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
            new_until: profile.new_until(self.now),
            confirm_payee_above: profile.rules.confirm_payee_above.clone(),
            confirm_sign_out: state.confirm_sign_out.clone(),
            repeat_warning: open.repeat_warning.clone(),
            receipt: state.receipt.clone(),
            requests: self.requests(),
            shown_requests: self.shown_requests(&contacts),
            scanned: open.scanned.clone(),
            blocked: open.ledger.blocked.iter().copied().collect(),
            as_of: profile.in_step_at,
        }
    }

    fn wallets(&self) -> Vec<WalletView> {
        let ledger = &self.open.ledger;
        let view = |wallet: &purse_shared::protocol::WalletState| {
            let (balance, currency) = (wallet.balance, wallet.balance.currency);
            let available = balance.minor.saturating_sub(wallet.held.minor);
            let outgoing = self.state.outbox.outgoing(wallet.wallet, currency);
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

    /// The next payment first.
    fn schedules(&self, contacts: &BTreeMap<Handle, Contact>) -> Vec<ScheduleView> {
        let view = |schedule: &ScheduleState| {
            let send = &schedule.order.send;
            let hash = IntentHash::try_from(schedule.hash.clone()).ok();
            Some(ScheduleView {
                id: schedule.id,
                in_place_of: self.state.outbox.in_place_of(schedule.id),
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
}
