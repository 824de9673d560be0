//! Orders beside paying somebody now: to the bank, between one's own wallets, back to a payer, later.
//!
//! Architecture invariant: they go the way of a payment, through the outbox. Only a quote is asked for at once, and
//! is kept nowhere.

use crate::api::Api;
use crate::core::Core;
use crate::failure::Failure;
use crate::pay::ToSign;
use crate::ports::{Host, Passkeys};
use purse_bridge::{Network, Notice, PayOrder, QuoteView};
use purse_shared::exchange::convert;
use purse_shared::intent::{
    ExchangeOrder, IntentHash, Order, Plan, RefundOrder, ScheduleOrder, WithdrawOrder, is_message,
};
use purse_shared::protocol::{Quote, QuoteRequest};
use purse_shared::{Amount, Currency, MethodId, Money, QuoteId, TransactionId, WalletId};

impl<H: Host> Core<H> {
    pub(crate) async fn withdraw(
        &self,
        id: TransactionId,
        from: WalletId,
        to: MethodId,
        amount: Amount,
        passkeys: &impl Passkeys,
    ) -> Result<(), Failure> {
        if self.knows(id) {
            return Ok(());
        }
        self.may_sign()?;
        let fee = {
            let state = self.state.borrow();
            let (Some(open), Some(profile)) = (&state.open, &state.profile) else {
                return Err(Notice::OrderInvalid.into());
            };
            let methods = open.local.methods.as_deref().unwrap_or_default();
            if !methods.iter().any(|method| method.id == to && method.verified) {
                return Err(Notice::OrderInvalid.into());
            }
            profile.rules.fees.withdraw.of(amount)
        };
        self.enough(from, amount, fee)?;
        self.queue(id, Order::Withdraw(WithdrawOrder { from, to, amount, fee }), passkeys).await
    }

    /// What `sell` would bring. The last answer goes: it may be about something else.
    pub(crate) async fn ask_quote(&self, sell: Amount, buy: Currency) -> Result<(), Failure> {
        self.keep_quote(None);
        self.tell();
        let quote = Api(self.host.server()).quote(&QuoteRequest { sell, buy }).await?;
        // Only what was asked for, and what adds up.
        let fits = quote.sell == sell
            && quote.buy.currency() == buy
            && convert(sell, quote.rate, quote.spread, buy) == Some(quote.buy);
        if !fits {
            return Err(Notice::ServerProblem { code: "no_rate".to_owned() }.into());
        }
        self.keep_quote(Some(quote_view(&quote)));
        Ok(())
    }

    fn keep_quote(&self, quote: Option<QuoteView>) {
        if let Some(open) = self.state.borrow_mut().open.as_mut() {
            open.quote = quote;
        }
    }

    pub(crate) async fn exchange(
        &self,
        id: TransactionId,
        quote: QuoteId,
        passkeys: &impl Passkeys,
    ) -> Result<(), Failure> {
        if self.knows(id) {
            return Ok(());
        }
        self.may_sign()?;
        let now = self.now();
        let (order, sell) = {
            let state = self.state.borrow();
            let offline = state.network != Network::Online;
            let open = state.open.as_ref().ok_or(Notice::OrderInvalid)?;
            let known = open.quote.as_ref().filter(|known| known.id == quote && known.expires_at > now);
            // It holds for a minute: queued, it would only be refused.
            let known = known.filter(|_| !offline);
            let known = known.ok_or(if offline { Notice::NeedsNetwork } else { Notice::QuoteOver })?;
            let currency = known.sell.currency();
            let mut wallets = open.ledger.wallets.values();
            let from = wallets.find(|wallet| wallet.balance.currency == currency).map(|wallet| wallet.wallet);
            let from = from.ok_or(Notice::OrderInvalid)?;
            (ExchangeOrder { quote, from, sell: known.sell, buy: known.buy }, known.sell)
        };
        self.enough(order.from, sell, 0)?;
        let queued = self.queue(id, Order::Exchange(order), passkeys).await;
        // One offer, one order; one that waits for its passkey too.
        if self.knows(id) {
            self.keep_quote(None);
            self.tell();
        }
        queued
    }

    pub(crate) async fn refund(
        &self,
        id: TransactionId,
        payment: TransactionId,
        amount: Amount,
        message: &str,
        passkeys: &impl Passkeys,
    ) -> Result<(), Failure> {
        if self.knows(id) {
            return Ok(());
        }
        self.may_sign()?;
        let message = message.trim().to_owned();
        let (payer, into) = {
            let state = self.state.borrow();
            let open = state.open.as_ref().ok_or(Notice::OrderInvalid)?;
            let record = open.ledger.received(payment).ok_or(Notice::OrderInvalid)?;
            let payer = record.counterparty.as_ref().and_then(|other| other.user);
            let payer = payer.ok_or(Notice::OrderInvalid)?;
            let back = open.ledger.returned(payer, payment);
            let queued = state.outbox.going_back(payer, payment);
            let left = record.amount.minor().saturating_sub(back).saturating_sub(queued);
            let fits = amount.currency() == record.amount.currency() && amount.minor() <= left;
            if !fits || !is_message(&message) {
                return Err(Notice::OrderInvalid.into());
            }
            (payer, record.wallet.ok_or(Notice::OrderInvalid)?)
        };
        self.enough(into, amount, 0)?;
        self.queue(id, Order::Refund(RefundOrder { payer, of: payment, amount, message }), passkeys).await
    }

    /// Whether there will be enough is for its days to tell.
    pub(crate) async fn schedule(
        &self,
        order: PayOrder,
        plan: Plan,
        passkeys: &impl Passkeys,
    ) -> Result<(), Failure> {
        let PayOrder { id, private_note, .. } = order.clone();
        if self.knows(id) {
            return Ok(());
        }
        self.may_sign()?;
        let send = self.to_send(&order)?;
        if !plan.is_sound() || plan.first_at <= self.now() {
            return Err(Notice::OrderInvalid.into());
        }
        if !private_note.trim().is_empty() {
            self.set_note(id, private_note).await?;
        }
        self.queue(id, Order::Schedule(ScheduleOrder { send, plan }), passkeys).await
    }

    /// One that waits in the queue is taken back; one that runs is ended.
    pub(crate) async fn end_schedule(&self, id: TransactionId) -> Result<(), Failure> {
        if self.stands(id).is_some() {
            return self.cancel(id).await;
        }
        let Some(hash) = self.running(id) else { return Ok(()) };
        let still = || self.running(id).is_some() && !self.state.borrow().outbox.is_ending(hash);
        self.sign(vec![self.end_of(id, hash)], still, None).await
    }

    fn running(&self, id: TransactionId) -> Option<IntentHash> {
        let state = self.state.borrow();
        let running = state.open.as_ref()?.ledger.running();
        running.into_iter().find(|(running, _)| *running == id).map(|(_, hash)| hash)
    }

    fn end_of(&self, id: TransactionId, hash: IntentHash) -> ToSign {
        ToSign { id: self.new_id(), order: Order::Cancel { id, hash }, needs: None }
    }

    /// Ends of schedules that the server refused for their time: nobody may go on paying because a clock was wrong.
    pub(crate) async fn sign_refused_ends_again(&self) -> Result<bool, Failure> {
        let refused = || {
            let state = self.state.borrow();
            let running = state.open.as_ref().map(|open| open.ledger.running()).unwrap_or_default();
            state.outbox.ends_to_sign_again(&running)
        };
        let again = refused();
        for end @ (id, hash) in &again {
            let still = || refused().contains(end);
            self.sign(vec![self.end_of(*id, *hash)], still, None).await?;
        }
        Ok(!again.is_empty())
    }
}

fn quote_view(quote: &Quote) -> QuoteView {
    let currency = quote.buy.currency();
    let whole = convert(quote.sell, quote.rate, Default::default(), currency).map_or(0, Amount::minor);
    let kept = Money::new(whole.saturating_sub(quote.buy.minor()), currency);
    let hundred = rust_decimal::Decimal::ONE_HUNDRED;
    QuoteView {
        id: quote.quote_id,
        sell: quote.sell,
        buy: quote.buy,
        rate: quote.rate.normalize().to_string(),
        kept,
        kept_percent: quote.spread.checked_mul(hundred).unwrap_or_default().normalize().to_string(),
        expires_at: quote.expires_at,
    }
}
