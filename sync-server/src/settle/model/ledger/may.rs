//! Whether an order may be carried out, in the order in which it is asked.

use super::*;

impl Ledger {
    pub(super) fn is_in_time(&self, intent: &Intent) -> Result<(), No> {
        let no = |code| Err(Final(code, None));
        let life = intent.expires_at - intent.created_at;
        match () {
            () if self.closed.contains(&intent.user) => no(RefusalCode::DeviceRevoked),
            () if self.revoked.contains(&intent.device) => no(RefusalCode::DeviceRevoked),
            () if self.forked.contains(&intent.device) => no(RefusalCode::DeviceForked),
            () if life <= 0 || life > 30 * DAY => no(RefusalCode::BadExpiry),
            () if intent.created_at > self.now + 10 * MINUTE => no(RefusalCode::ClockSkew),
            () if intent.expires_at <= self.now => no(RefusalCode::Expired),
            () => Ok(()),
        }
    }

    pub(super) fn own(&self, user: UserId, from: Option<Purse>, currency: Currency) -> Result<Purse, No> {
        let own = from.filter(|(owner, _)| *owner == Account::Person(user));
        let purse = own.ok_or(Final(RefusalCode::UnknownWallet, None))?;
        if purse.1 == currency { Ok(purse) } else { Err(Final(RefusalCode::CurrencyMismatch, None)) }
    }

    pub(super) fn has(&self, purse: Purse) -> i128 {
        self.money[&purse] - self.held.get(&purse).copied().unwrap_or(0)
    }

    pub(super) fn covers(&self, purse: Purse, minor: i128) -> Result<(), No> {
        let have = self.has(purse);
        if minor > have { Err(Final(RefusalCode::InsufficientFunds, Some(have))) } else { Ok(()) }
    }

    pub(super) fn may_leave(
        &self,
        user: UserId,
        purse: Purse,
        minor: i64,
        fee: i64,
        is_new: bool,
    ) -> Result<(), No> {
        let limit = self.limits(user, purse.1);
        let above = |code, limit: i64| Err(Final(code, Some(i128::from(limit))));
        match () {
            () if minor > limit.payment => above(RefusalCode::LimitPerPayment, limit.payment),
            () if is_new && self.spent_today(purse) + minor > limit.new_device => {
                above(RefusalCode::LimitNewDevice, limit.new_device)
            }
            () if self.spent_today(purse) + minor > limit.day => above(RefusalCode::LimitPerDay, limit.day),
            () if self.spent_this_month(purse) + minor > limit.month => {
                above(RefusalCode::LimitPerMonth, limit.month)
            }
            () => self.covers(purse, i128::from(minor) + i128::from(fee)),
        }
    }

    pub(super) fn approved(&self, amount: Amount, passkey: bool) -> Result<(), No> {
        let from = thresholds(amount.currency(), false).passkey_from;
        if passkey || amount.minor() < from { Ok(()) } else { Err(Ask(IntentOutcome::ApprovalRequired)) }
    }

    pub(super) fn payee(&self, send: &SendOrder, payer: UserId) -> Result<UserId, No> {
        let named = self.handles.get(&send.to).filter(|who| send.payee.is_none_or(|named| named == **who));
        let named = named.filter(|who| !self.closed.contains(who));
        let payee = *named.ok_or(Final(RefusalCode::UnknownPayee, None))?;
        if payee == payer { Err(Final(RefusalCode::PaymentToSelf, None)) } else { Ok(payee) }
    }

    pub(super) fn confirm(&self, payee: UserId) -> No {
        let display_name = self.people[&payee].1.clone();
        Ask(IntentOutcome::ConfirmPayee { user: payee, display_name })
    }

    pub(super) fn may_pay(&self, send: &SendOrder, user: UserId, how: How) -> Result<(), No> {
        let no = |code| Err(Final(code, None));
        let (currency, minor) = (send.amount.currency(), send.amount.minor());
        let purse = self.own(user, how.from, currency)?;
        let payee = self.payee(send, user)?;
        let theirs = (Account::Person(payee), currency);
        let fee = fee(minor, SENDING);
        match () {
            () if self.frozen.contains(&purse) => return no(RefusalCode::WalletFrozen),
            () if self.blocks.contains(&(payee, user)) => return no(RefusalCode::PayeeCannotReceive),
            () if self.frozen.contains(&theirs) => return no(RefusalCode::PayeeCannotReceive),
            () if fee > send.fee => return Err(Final(RefusalCode::FeeChanged, Some(fee.into()))),
            () => self.may_leave(user, purse, minor, fee, how.is_new)?,
        }
        let has = self.money.get(&theirs).or_else(|| self.elsewhere.get(&theirs));
        if has.copied().unwrap_or(0) + i128::from(minor) > FULL {
            return no(RefusalCode::PayeeCannotReceive);
        }
        if send.payee.is_none() && minor > thresholds(currency, false).confirm_above {
            return Err(self.confirm(payee));
        }
        self.approved(send.amount, how.passkey)
    }

    pub(super) fn may_withdraw(&self, order: &WithdrawOrder, user: UserId, how: How) -> Result<(), No> {
        let minor = order.amount.minor();
        let purse = self.own(user, how.from, order.amount.currency())?;
        let fee = fee(minor, WITHDRAWING);
        match () {
            () if self.banks.get(&order.to) != Some(&user) => Err(Final(RefusalCode::UnknownMethod, None)),
            () if self.frozen.contains(&purse) => Err(Final(RefusalCode::WalletFrozen, None)),
            () if fee > order.fee => Err(Final(RefusalCode::FeeChanged, Some(fee.into()))),
            () => {
                self.may_leave(user, purse, minor, fee, how.is_new)?;
                self.approved(order.amount, how.passkey)
            }
        }
    }

    pub(super) fn may_exchange(&self, order: &ExchangeOrder, user: UserId, how: How) -> Result<(), No> {
        let no = |code| Err(Final(code, None));
        let purse = self.own(user, how.from, order.sell.currency())?;
        let into = (Account::Person(user), order.buy.currency());
        let offer = self.offers.get(&order.quote);
        let offer = offer.filter(|o| (o.user, o.sell, o.buy) == (user, order.sell, order.buy));
        let after = self.money.get(&into).copied().unwrap_or(0) + i128::from(order.buy.minor());
        match offer {
            None => no(RefusalCode::UnknownQuote),
            Some(offer) if offer.is_used => no(RefusalCode::QuoteUsed),
            Some(offer) if offer.expires_at <= self.now => no(RefusalCode::QuoteExpired),
            Some(_) if self.frozen.contains(&purse) || self.frozen.contains(&into) => {
                no(RefusalCode::WalletFrozen)
            }
            Some(_) => {
                self.covers(purse, order.sell.minor().into())?;
                if after > FULL {
                    return no(RefusalCode::LimitBalance);
                }
                self.approved(order.sell, how.passkey)
            }
        }
    }

    pub(super) fn may_refund(&self, order: &RefundOrder, user: UserId, how: How) -> Result<(), No> {
        let no = |code| Err(Final(code, None));
        let (currency, minor) = (order.amount.currency(), i128::from(order.amount.minor()));
        let paid = self.paid.get(&(order.payer, order.of)).filter(|paid| paid.payee == user);
        let Some(paid) = paid else { return no(RefusalCode::UnknownPayment) };
        let left = i128::from(paid.amount.minor) - paid.returned;
        let mine = (Account::Person(user), paid.amount.currency);
        match () {
            () if currency != paid.amount.currency => no(RefusalCode::CurrencyMismatch),
            () if self.frozen.contains(&mine) => no(RefusalCode::WalletFrozen),
            () if self.frozen.contains(&(Account::Person(order.payer), currency)) => {
                no(RefusalCode::PayeeCannotReceive)
            }
            () if self.is_too_much_for(order.payer, currency, minor) => no(RefusalCode::PayeeCannotReceive),
            () if minor > left => Err(Final(RefusalCode::RefundTooLarge, Some(left))),
            () => {
                self.covers(mine, minor)?;
                self.approved(order.amount, how.passkey)
            }
        }
    }

    pub(super) fn may_plan(&self, order: &ScheduleOrder, user: UserId, how: How) -> Result<(), No> {
        let (send, first_at) = (&order.send, order.plan.first_at);
        self.own(user, how.from, send.amount.currency())?;
        let payee = self.payee(send, user)?;
        let limits = self.limits(user, send.amount.currency());
        let limit = limits.payment;
        match () {
            () if first_at <= self.now || first_at > self.now + 366 * DAY => {
                Err(Final(RefusalCode::BadSchedule, None))
            }
            () if send.amount.minor() > limit => Err(Final(RefusalCode::LimitPerPayment, Some(limit.into()))),
            () if how.is_new && send.amount.minor() > limits.new_device => {
                Err(Final(RefusalCode::LimitNewDevice, Some(limits.new_device.into())))
            }
            () if send.payee.is_none() => Err(self.confirm(payee)),
            () if how.is_new && !how.passkey => Err(Ask(IntentOutcome::ApprovalRequired)),
            () => self.approved(send.amount, how.passkey),
        }
    }
}
