//! Paying: signing, queueing, taking back, approving.
//!
//! Architecture invariant: an intent is durable in the outbox before anything says *queued* and before anything
//! leaves the device; the number it carries is taken in the same local transaction.

use crate::core::Core;
use crate::device::{CHAIN, OUTBOX, numbered};
use crate::failure::Failure;
use crate::outbox::{Entry, Need, Queued, amount_of};
use crate::passkey;
use crate::ports::{DeviceKeys, Env, Host, Passkeys, random};
use crate::store::{Batch, Store};
use purse_bridge::{Network, Notice, PayOrder, RepeatWarning};
use purse_shared::intent::{
    Intent, IntentHash, Order, ScheduleOrder, SendOrder, SignedIntent, Unsigned, is_message,
};
use purse_shared::limits::{INTENT_LIFE_DEFAULT_MS, REPEAT_WARNING_MS};
use purse_shared::protocol::{Bytes, Direction, IntentOutcome};
use purse_shared::{Amount, Handle, Money, TransactionId, UnixMillis, UserId, WalletId};

/// An order to sign, and what it waits for before it may be sent.
pub(crate) struct ToSign {
    pub id: TransactionId,
    pub order: Order,
    pub needs: Option<Need>,
}

/// The entry that is taken back by what is signed, and the id under which it is ordered again.
pub(crate) struct TakenBack {
    pub no: u64,
    pub replaced_by: Option<TransactionId>,
}

impl<H: Host> Core<H> {
    pub(crate) async fn pay(&self, order: PayOrder, passkeys: &impl Passkeys) -> Result<(), Failure> {
        let PayOrder { id, private_note, .. } = order.clone();
        if self.knows(id) {
            return Ok(());
        }
        self.may_sign()?;
        let send = self.to_send(&order)?;
        self.enough(send.from, send.amount, send.fee)?;
        if !order.repeat_confirmed
            && let Some(paid_at) = self.paid_lately(&send.to, send.amount)
        {
            if let Some(open) = self.state.borrow_mut().open.as_mut() {
                open.repeat_warning = Some(RepeatWarning { order, paid_at });
            }
            return Ok(());
        }
        if let Some(open) = self.state.borrow_mut().open.as_mut() {
            open.repeat_warning = None;
        }
        // Before the passkey is asked for, which may be declined.
        if !private_note.trim().is_empty() {
            self.set_note(id, private_note).await?;
        }
        self.queue(id, Order::Send(send), passkeys).await
    }

    /// Whatever a removed device signs is refused: nothing is queued that can only fail.
    pub(crate) fn may_sign(&self) -> Result<(), Notice> {
        let removed = self.state.borrow().network == (Network::SignInNeeded { revoked: true });
        if removed { Err(Notice::ThisDeviceRevoked) } else { Ok(()) }
    }

    /// Stores the order; from the step-up amount on it waits for the passkey, which is asked for at once.
    pub(crate) async fn queue(
        &self,
        id: TransactionId,
        order: Order,
        passkeys: &impl Passkeys,
    ) -> Result<(), Failure> {
        let needs = self.approval_of(&order);
        let approve = needs.is_some();
        // Twice at the same time is once.
        let is_new = || !self.knows(id);
        self.sign(vec![ToSign { id, order, needs }], is_new, None).await?;
        // An app's passkey is in the browser, whose page needs a network: without one the payment waits for it.
        let no_way =
            self.is_beside_a_browser() && matches!(self.state.borrow().network, Network::Offline { .. });
        if approve && !no_way {
            self.approve(id, passkeys).await?;
        }
        Ok(())
    }

    pub(crate) async fn approve(&self, id: TransactionId, passkeys: &impl Passkeys) -> Result<(), Failure> {
        let queued = self.state.borrow().outbox.order(id).filter(|queued| queued.is_waiting()).cloned();
        let Some(queued) = queued else { return Ok(()) };
        let hash = queued.entry.hash;
        let assertion = if self.is_beside_a_browser() {
            self.step_up_by_visit(&queued.intent, hash, passkeys).await?
        } else {
            passkey::assert_challenge(passkeys, self.host.env(), hash.step_up_challenge()).await?
        };
        self.change_entry(queued.entry.no, |entry| entry.step_up = Some(assertion)).await
    }

    /// Signs a cancellation; the server decides it before the payment.
    pub(crate) async fn cancel(&self, id: TransactionId) -> Result<(), Failure> {
        let Some(queued) = self.stands(id) else { return Ok(()) };
        let order = self.cancellation(&queued);
        let still = || self.stands(id).is_some();
        let cancelled = TakenBack { no: queued.entry.no, replaced_by: None };
        self.sign(vec![order], still, Some(cancelled)).await
    }

    /// An order of this outbox that is not decided and not taken back.
    pub(crate) fn stands(&self, id: TransactionId) -> Option<Queued> {
        let queued = self.state.borrow().outbox.order(id).cloned();
        queued.filter(|queued| queued.is_waiting() && !queued.entry.cancelled)
    }

    fn cancellation(&self, of: &Queued) -> ToSign {
        let order = Order::Cancel { id: of.intent.id, hash: of.entry.hash };
        ToSign { id: self.new_id(), order, needs: None }
    }

    /// Cancellations that the server refused for their time, with the clock it has told since. True: there were
    /// some.
    pub(crate) async fn sign_refused_cancels_again(&self) -> Result<bool, Failure> {
        let again = self.state.borrow().outbox.cancels_to_sign_again();
        for queued in &again {
            let still = || self.state.borrow().outbox.must_be_cancelled_again(queued.entry.no);
            self.sign(vec![self.cancellation(queued)], still, None).await?;
        }
        let signed_ends = self.sign_refused_ends_again().await?;
        Ok(!again.is_empty() || signed_ends)
    }

    /// The name is right: what was signed without the payee's id is taken back and signed again with it, in one
    /// local transaction.
    pub(crate) async fn confirm_payee(
        &self,
        id: TransactionId,
        passkeys: &impl Passkeys,
    ) -> Result<(), Failure> {
        let Some(queued) = self.stands(id) else { return Ok(()) };
        let Some(Need::Payee { user, .. }) = queued.entry.needs else { return Ok(()) };
        let to = |send: &SendOrder| SendOrder { payee: Some(user), ..send.clone() };
        let order = match &queued.intent.order {
            Order::Send(send) => Order::Send(to(send)),
            Order::Schedule(ScheduleOrder { send, plan }) => {
                Order::Schedule(ScheduleOrder { send: to(send), plan: plan.clone() })
            }
            Order::Withdraw(_) | Order::Exchange(_) | Order::Refund(_) | Order::Cancel { .. } => {
                return Ok(());
            }
        };
        let again = self.new_id();
        let needs = self.approval_of(&order);
        let approve = needs.is_some();
        let note = self.note(id);
        let orders = vec![self.cancellation(&queued), ToSign { id: again, order, needs }];
        let still = || self.stands(id).is_some();
        let cancelled = TakenBack { no: queued.entry.no, replaced_by: Some(again) };
        self.sign(orders, still, Some(cancelled)).await?;
        if !self.knows(again) {
            return Ok(());
        }
        if !note.is_empty() {
            self.set_note(again, note).await?;
        }
        if approve { self.approve(again, passkeys).await } else { Ok(()) }
    }

    /// The same payment under the id `again`, after a refusal: an order like any other, so it may be asked about first.
    pub(crate) async fn send_again(
        &self,
        id: TransactionId,
        again: TransactionId,
        passkeys: &impl Passkeys,
    ) -> Result<(), Failure> {
        let refused = {
            let state = self.state.borrow();
            let from_outbox = state.outbox.order(id).filter(|queued| !queued.is_waiting());
            // Only payments: what was to be paid later is not paid at once instead.
            if from_outbox.is_some_and(|queued| queued.send().is_none()) {
                return Err(Notice::OrderInvalid.into());
            }
            let from_outbox = from_outbox.and_then(Queued::send).cloned();
            from_outbox.or_else(|| {
                let record = state.open.as_ref()?.ledger.payment(id)?;
                let refused = matches!(record.outcome, IntentOutcome::Refused { .. });
                let to = record.counterparty.as_ref()?.handle.clone()?;
                (refused && record.direction == Direction::Out).then_some(())?;
                let (from, amount, message) = (record.wallet?, record.amount, record.message.clone());
                Some(SendOrder { from, to, payee: None, amount, fee: 0, message })
            })
        };
        let Some(SendOrder { from, to, amount, message, .. }) = refused else {
            return Err(Notice::OrderInvalid.into());
        };
        let private_note = self.note(id);
        let order = PayOrder { id: again, from, to, amount, message, private_note, repeat_confirmed: false };
        self.pay(order, passkeys).await
    }

    /// Takes the chain's next numbers, signs, and stores everything in one durable local transaction, or nothing.
    /// `still` is asked once nobody else can sign: false signs nothing. `taken_back` changes an entry that is in the
    /// outbox already.
    pub(crate) async fn sign(
        &self,
        orders: Vec<ToSign>,
        still: impl FnOnce() -> bool,
        taken_back: Option<TakenBack>,
    ) -> Result<(), Failure> {
        let _one_at_a_time = self.writing.lock().await;
        if !still() {
            return Ok(());
        }
        let (profile, chain, chain_sealed) = {
            let state = self.state.borrow();
            (state.profile.clone(), state.chain, state.chain_sealed.clone())
        };
        let (Some(profile), Some(mut chain)) = (profile, chain) else {
            return Err(Notice::OrderInvalid.into());
        };
        if !chain.agrees_with(self.host.keys().mark().await?) {
            // The store is older than the key: a restored backup. Only the server knows what was signed since.
            return Err(Notice::NeedsNetwork.into());
        }
        let now = self.now();
        let generation = u64::from_be_bytes(random(self.host.env()));
        let mut made = Vec::with_capacity(orders.len());
        for ToSign { id, order, needs } in orders {
            let intent = Intent {
                id,
                user: profile.user,
                device: profile.device,
                seq: chain.next_seq,
                prev: chain.prev,
                created_at: now,
                expires_at: now.saturating_add(INTENT_LIFE_DEFAULT_MS),
                order,
            };
            let unsigned = Unsigned::new(&intent);
            let hash = unsigned.hash();
            let signature = self.host.keys().sign(unsigned.to_be_signed()).await?;
            let envelope = unsigned.with_signature(&signature).map_err(|_| Notice::OrderInvalid)?;
            made.push(new_entry(chain.next_no, hash, envelope, needs));
            chain = chain.after(hash, generation);
        }
        let changed = taken_back.and_then(|TakenBack { no, replaced_by }| {
            let entry = self.state.borrow().outbox.get(no)?.entry.clone();
            Some(Entry { cancelled: true, replaced_by, ..entry })
        });

        let mut batch = Batch::default();
        batch.expect(CHAIN, chain_sealed);
        let sealed = self.put_sealed(&mut batch, CHAIN, &chain);
        for entry in made.iter().chain(&changed) {
            self.put_sealed(&mut batch, &numbered(OUTBOX, entry.no), entry);
        }
        self.host.store().commit(batch).await?;
        // Durable: from here on it is ordered, whatever else fails.
        {
            let mut state = self.state.borrow_mut();
            (state.chain, state.chain_sealed) = (Some(chain), Some(sealed));
            made.into_iter().chain(changed).filter_map(Queued::read).for_each(|q| state.put_queued(q));
        }
        // Beside the key, before it leaves the device (`sync.rs` waits for whoever writes). Not written (power lost, a full
        // disk, a keychain that asks its owner): the store is one ahead, which is fine; two ahead, and the server is
        // asked before the next signature.
        let _one_behind = self.host.keys().raise_mark(chain.mark()).await;
        self.tell();
        self.want_sync();
        Ok(())
    }

    async fn change_entry(&self, no: u64, change: impl FnOnce(&mut Entry)) -> Result<(), Failure> {
        let _one_at_a_time = self.writing.lock().await;
        let Some(mut queued) = self.state.borrow().outbox.get(no).cloned() else { return Ok(()) };
        if !queued.is_waiting() {
            return Ok(());
        }
        change(&mut queued.entry);
        let mut batch = Batch::default();
        self.put_sealed(&mut batch, &numbered(OUTBOX, no), &queued.entry);
        self.host.store().commit(batch).await?;
        self.state.borrow_mut().put_queued(queued);
        self.tell();
        self.want_sync();
        Ok(())
    }

    /// What the person ordered, as far as this device can judge.
    pub(crate) fn to_send(&self, order: &PayOrder) -> Result<SendOrder, Failure> {
        let state = self.state.borrow();
        let (Some(open), Some(profile)) = (&state.open, &state.profile) else {
            return Err(Notice::OrderInvalid.into());
        };
        let wallet = open.ledger.wallets.get(&order.from).ok_or(Notice::OrderInvalid)?;
        let well_formed = wallet.balance.currency == order.amount.currency()
            && order.to != profile.handle
            && is_message(&order.message);
        if !well_formed {
            return Err(Notice::OrderInvalid.into());
        }
        let fee = profile.rules.fees.send.of(order.amount);
        drop(state);
        Ok(SendOrder {
            from: order.from,
            to: order.to.clone(),
            payee: self.payee(&order.to),
            amount: order.amount,
            fee,
            message: order.message.trim().to_owned(),
        })
    }

    /// An amount above the balance is refused here only while the balance is certain; offline, money may have come in.
    pub(crate) fn enough(&self, from: WalletId, amount: Amount, fee: i64) -> Result<(), Notice> {
        let state = self.state.borrow();
        let open = state.open.as_ref().ok_or(Notice::OrderInvalid)?;
        let wallet = open.ledger.wallets.get(&from).ok_or(Notice::OrderInvalid)?;
        let currency = amount.currency();
        if wallet.balance.currency != currency {
            return Err(Notice::OrderInvalid);
        }
        let available = wallet.balance.minor.saturating_sub(wallet.held.minor);
        let left = available.saturating_sub(state.outbox.outgoing(from, currency));
        let missing = amount.minor().saturating_add(fee).saturating_sub(left);
        // Certain: in step with a server that answers. While still connecting the balance may be of another day.
        if missing > 0 && state.network == Network::Online {
            let (available, missing) = (Money::new(left, currency), Money::new(missing, currency));
            return Err(Notice::InsufficientFunds { available, missing });
        }
        Ok(())
    }

    fn payee(&self, handle: &Handle) -> Option<UserId> {
        let state = self.state.borrow();
        let open = state.open.as_ref()?;
        let resolved = open.local.resolved.get(handle).map(|(user, _)| *user);
        resolved.or_else(|| open.ledger.people.get(handle).map(|person| person.user))
    }

    /// A double tap, or a command that came twice.
    pub(crate) fn knows(&self, id: TransactionId) -> bool {
        let state = self.state.borrow();
        state.outbox.order(id).is_some()
            || state.open.as_ref().is_some_and(|open| open.ledger.own.contains(&id))
    }

    fn paid_lately(&self, to: &Handle, amount: Amount) -> Option<UnixMillis> {
        let since = self.now().saturating_sub(REPEAT_WARNING_MS);
        let state = self.state.borrow();
        let here = state.outbox.paid_last(to, amount).filter(|at| *at >= since);
        let elsewhere = state.open.as_ref().and_then(|open| {
            let paid = open.ledger.payments.values().rev().take(50).filter(|record| {
                let settled = matches!(record.outcome, IntentOutcome::Settled { .. });
                let handle = record.counterparty.as_ref().and_then(|other| other.handle.as_ref());
                settled
                    && record.direction == Direction::Out
                    && record.amount == amount
                    && handle == Some(to)
                    && record.created_at >= since
            });
            paid.map(|record| record.created_at).max()
        });
        here.max(elsewhere)
    }

    pub(crate) fn approval_of(&self, order: &Order) -> Option<Need> {
        let is_much = amount_of(order).is_some_and(|amount| self.needs_approval(amount));
        let is_new = || {
            let state = self.state.borrow();
            state.profile.as_ref().and_then(|profile| profile.new_until(self.now())).is_some()
        };
        // A plan would outlive the low limits of a device's first day.
        (is_much || matches!(order, Order::Schedule(_)) && is_new()).then_some(Need::Approval)
    }

    fn needs_approval(&self, amount: Amount) -> bool {
        let state = self.state.borrow();
        let rules = state.profile.as_ref().map(|profile| &profile.rules);
        let threshold = rules
            .and_then(|rules| rules.step_up_from.iter().find(|money| money.currency == amount.currency()));
        threshold.is_some_and(|threshold| amount.minor() >= threshold.minor)
    }

    pub(crate) fn new_id(&self) -> TransactionId {
        TransactionId::new(self.host.env().now(), random(self.host.env()))
    }
}

pub(crate) fn new_entry(no: u64, hash: IntentHash, envelope: Vec<u8>, needs: Option<Need>) -> Entry {
    debug_assert!(SignedIntent::read(&envelope).is_ok());
    Entry {
        no,
        hash,
        envelope: Bytes(envelope),
        step_up: None,
        needs,
        sent_at: None,
        answer: None,
        answered_at: None,
        cancelled: false,
        replaced_by: None,
    }
}
