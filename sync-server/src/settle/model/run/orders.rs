//! From what a history says to what a device signs.

use super::*;

impl Run {
    pub(super) fn order_of(&self, pay: &Pay) -> (Order, Option<Purse>) {
        let payer = pay.user.map_or(user(DEVICES[pay.device]), user);
        let (wallet, purse) = match pay.from {
            From::Own(currency) => self.wallet(payer, CURRENCIES[currency]),
            From::Of(person, currency) => self.wallet(user(person), CURRENCIES[currency]),
            From::House(currency) => {
                let row = self.store.house_wallet(House::SandboxBank, CURRENCIES[currency]);
                let purse = (Account::Bank, CURRENCIES[currency]);
                row.map_or((world::no_wallet(), None), |row| (row.facts.wallet, Some(purse)))
            }
            From::Nowhere => (world::no_wallet(), None),
        };
        let currency = pay.currency.map_or(purse.map_or(Currency::EUR, |purse| purse.1), |n| CURRENCIES[n]);
        let to = handle(pay.to);
        let is = self.ledger.handles.get(&to).copied();
        let payee = match pay.payee {
            Named::Nobody => None,
            Named::Rightly => is,
            Named::Wrongly => Some(user((pay.to + 1) % PEOPLE.len())).filter(|wrong| Some(*wrong) != is),
        };
        let amount = self.amount(pay.sum, currency, purse);
        let fee = signed_fee(amount, SENDING, pay.pays_fee);
        (Order::Send(SendOrder { from: wallet, to, payee, amount, fee, message: String::new() }), purse)
    }

    pub(super) fn order(&mut self, what: &What, way: &Way) {
        let mut device = way.device;
        let mut me = user(DEVICES[device]);
        let (order, from) = match what {
            What::Withdraw { from, to, sum, pays_fee } => {
                let (wallet, purse) = match from {
                    From::Own(currency) => self.wallet(me, CURRENCIES[*currency]),
                    From::Of(person, currency) => self.wallet(user(*person), CURRENCIES[*currency]),
                    _ => (world::no_wallet(), None),
                };
                let amount = self.amount(*sum, purse.map_or(Currency::EUR, |purse| purse.1), purse);
                let to = world::bank(if *to == usize::MAX { DEVICES[way.device] } else { *to });
                let fee = signed_fee(amount, WITHDRAWING, *pays_fee);
                (Order::Withdraw(WithdrawOrder { from: wallet, to, amount, fee }), purse)
            }
            What::Exchange { quote, is_changed, is_by_owner } => {
                let Some(at) = nth_back(self.offered.len(), *quote) else { return };
                let (quote, offer) = (self.offered[at], &self.ledger.offers[&self.offered[at]]);
                let (sell, mut buy) = (offer.sell, offer.buy);
                if *is_by_owner {
                    me = offer.user;
                    device = DEVICES.iter().position(|of| user(*of) == me).unwrap();
                }
                if *is_changed {
                    buy = Amount::new(buy.minor() + 1, buy.currency()).unwrap();
                }
                let (from, purse) = self.wallet(me, sell.currency());
                (Order::Exchange(ExchangeOrder { quote, from, sell, buy }), purse)
            }
            What::Refund { of, sum } => {
                let Some((payer, of, _)) = self.some_payment(*of) else { return };
                let paid = self.signed.iter().find(|(signed, _)| signed.intent().id == of);
                let currency = paid.and_then(|(signed, _)| match &signed.intent().order {
                    Order::Send(send) => Some(send.amount),
                    _ => None,
                });
                let amount = match (sum, currency) {
                    // All of it, or one too many.
                    (Sum::Having(more), Some(paid)) => {
                        Amount::new((paid.minor() + more).clamp(1, AMOUNT_MINOR_MAX), paid.currency())
                            .unwrap()
                    }
                    (_, paid) => {
                        let currency = paid.map_or(Currency::EUR, Amount::currency);
                        self.amount(*sum, currency, Some((Account::Person(me), currency)))
                    }
                };
                let purse = (Account::Person(me), amount.currency());
                (Order::Refund(RefundOrder { payer, of, amount, message: String::new() }), Some(purse))
            }
            What::Schedule { pay, first_in, every, times } => {
                let pay = Pay { device: way.device, user: None, ..Pay::clone(pay) };
                let (Order::Send(send), purse) = self.order_of(&pay) else { return };
                let every = every.map(|days| if days == 1 { Every::Day } else { Every::Week });
                let plan = Plan { first_at: self.ledger.now + first_in, every, times: *times };
                (Order::Schedule(ScheduleOrder { send, plan }), purse)
            }
        };
        let (id, times) = (self.id(way.id), (0, INTENT_LIFE_DEFAULT_MS));
        let at = self.sign(device, me, id, way.number, times, order, from);
        if way.is_kept {
            self.kept.push(at);
        } else {
            self.send(at, way.passkey);
        }
    }

    /// Something that was signed, or came from elsewhere, as if it had been paid: payer, id, and payee.
    pub(super) fn some_payment(&self, back: usize) -> Option<(UserId, TransactionId, UserId)> {
        let signed = nth_back(self.signed.len(), back).map(|at| self.signed[at].0.intent());
        let from_elsewhere = self.from_elsewhere.last().copied();
        match signed.map(|intent| (intent, &intent.order)) {
            Some((intent, Order::Send(send))) => {
                let payee = self.ledger.handles.get(&send.to).copied().unwrap_or(user(0));
                Some((intent.user, intent.id, payee))
            }
            Some((intent, Order::Refund(refund))) => Some((intent.user, intent.id, refund.payer)),
            _ => from_elsewhere,
        }
    }

    pub(super) fn amount(&self, sum: Sum, currency: Currency, purse: Option<Purse>) -> Amount {
        let owner = match purse {
            Some((Account::Person(owner), _)) => owner,
            _ => user(3),
        };
        let limit = self.ledger.limits(owner, currency);
        let all = [limit.confirm_above, limit.passkey_from, limit.new_device, limit.payment, limit.day];
        let has = || {
            let (balance, held, ..) = purse.and_then(|purse| self.ledger.state(purse)).unwrap_or_default();
            i64::try_from(balance - held).unwrap()
        };
        let minor = match sum {
            Sum::Of(minor) => minor,
            Sum::Around(nth, more) => all[nth] + more,
            // All of it, with the fee for sending it.
            Sum::Having(more) => has() / 101 * 100 + has() % 101 + more,
            Sum::Today(more) => limit.day - purse.map_or(0, |purse| self.ledger.spent_today(purse)) + more,
            Sum::Month(more) => {
                limit.month - purse.map_or(0, |purse| self.ledger.spent_this_month(purse)) + more
            }
            Sum::Largest => AMOUNT_MINOR_MAX,
        };
        Amount::new(minor.clamp(1, AMOUNT_MINOR_MAX), currency).unwrap()
    }

    /// As whoever signs now knows it; one that is not there names no wallet.
    pub(super) fn wallet(&self, owner: UserId, currency: Currency) -> (WalletId, Option<Purse>) {
        match self.store.wallet_of(owner, currency) {
            Some(row) => (row.facts.wallet, Some((Account::Person(owner), currency))),
            None => (world::no_wallet(), None),
        }
    }

    pub(super) fn id(&mut self, id: Id) -> TransactionId {
        let of_order = |back| nth_back(self.signed.len(), back).map(|at| self.signed[at].0.intent().id);
        let of_deposit = |back| {
            nth_back(self.announced.len(), back).map(|at| TransactionId(self.announced[at].0.deposit.0))
        };
        let known = match id {
            Id::New => None,
            Id::OfOrder(back) => of_order(back),
            Id::OfDeposit(back) => of_deposit(back),
        };
        known.unwrap_or_else(|| {
            self.ids += 1;
            let mut bytes = [7; 10];
            bytes[2..].copy_from_slice(&self.ids.to_be_bytes());
            TransactionId::new(self.ledger.now, bytes)
        })
    }

    #[allow(clippy::too_many_arguments, reason = "the fields of an intent")]
    pub(super) fn sign(
        &mut self,
        by: usize,
        owner: UserId,
        id: TransactionId,
        number: Number,
        (dated, life): (i64, i64),
        order: Order,
        from: Option<Purse>,
    ) -> usize {
        let next = &mut self.next_number[by];
        let seq = match number {
            Number::Next => *next,
            Number::Skip(more) => *next + more,
            Number::Used(back) => next.saturating_sub(back).max(1),
        };
        *next = (*next).max(seq + 1);
        let created_at = self.ledger.now + dated;
        let prev = self.chains[by].get(&(seq - 1)).copied().unwrap_or(IntentHash::ZERO);
        let (device, expires_at) = (device(by), created_at + life);
        let intent = Intent { id, user: owner, device, seq, prev, created_at, expires_at, order };
        let signed = world::sign(&intent);
        self.chains[by].entry(seq).or_insert(signed.hash());
        self.signed.push((signed, from));
        self.signed.len() - 1
    }
}
