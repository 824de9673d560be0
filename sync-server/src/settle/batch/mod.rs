//! One batch, decided in memory and in order: what the writer knows, what it decided, what is to be written.

mod account;
mod chain;
mod exchange;
mod hold;
mod outside;
mod refund;
mod schedule;
mod send;
mod suspense;
mod told;

use super::books::{Books, DeviceRow, House, WalletRow, new_wallet};
use super::command::SendIntent;
use super::rows::{FeedRow, Found, Kind, Of, Rows, Side, Status, Stored, TransactionRow};
use super::rules::{self, DeviceFacts, Limits, PayerFacts, Tier, Verdict, WalletFacts};
use crate::settings::Settings;
use purse_shared::intent::{Intent, IntentHash, Order};
use purse_shared::protocol::{FeedEvent, IntentOutcome, RefusalCode, WalletState};
use purse_shared::{Amount, Currency, DeviceId, Money, TransactionId, UnixMillis, UserId, WalletId};

/// Decides on `books`, which therefore hold only if `rows` are committed.
pub struct Batch<'a> {
    pub now: UnixMillis,
    pub settings: &'a Settings,
    pub books: &'a mut Books,
    pub found: Found,
    pub rows: Rows,
    /// Ten random bytes for each new id.
    pub random: fn() -> [u8; 10],
}

/// Who gives an order, from which device, and whether a passkey signed it.
#[derive(Clone, Copy)]
struct Giver<'a> {
    user: UserId,
    device: &'a DeviceFacts,
    stepped_up: bool,
}

impl Batch<'_> {
    /// Decides one intent. The same again gets the first answer; a waiting one writes nothing.
    pub fn intent(&mut self, order: &SendIntent) -> IntentOutcome {
        let (intent, hash) = (order.intent.intent(), order.intent.hash());
        let seq = i64::try_from(intent.seq).unwrap_or(i64::MAX);
        if let Some(stored) = self.found.stored.get(&(intent.user, intent.id)).cloned() {
            if stored.hash == Some(hash) {
                return stored.outcome;
            }
            if stored.device == Some(intent.device) && stored.seq == Some(seq) {
                self.stop_forked(intent.device);
            }
            return self.refused(RefusalCode::Conflict, None);
        }
        if self.found.expected.contains_key(&(intent.user, intent.id)) {
            return self.refused(RefusalCode::Conflict, None);
        }
        // Before anything that an order does to its device: it must be the user's own.
        let is_theirs = |device: &DeviceRow| device.user == intent.user;
        if !self.books.devices.get(&intent.device).is_some_and(is_theirs) {
            return self.refused(RefusalCode::BadSignature, None);
        }
        let forks = self.found.used_seqs.get(&(intent.device, seq)).is_some_and(|used| *used != hash);
        if forks {
            self.stop_forked(intent.device);
        }
        let Some(mut device) = self.books.devices.get(&intent.device).map(|row| row.facts.clone()) else {
            return self.refused(RefusalCode::BadSignature, None);
        };
        // Of whatever device, also of one that nobody knew when the account was closed.
        device.revoked |= self.books.is_closed(intent.user);
        let giver = Giver { user: intent.user, device: &device, stepped_up: order.stepped_up };
        let verdict = match rules::check_intent(intent, &device, self.now) {
            Some(verdict) => verdict,
            None => self.verdict(&intent.order, hash, &giver),
        };
        let status = match verdict {
            Verdict::NeedsApproval => return IntentOutcome::ApprovalRequired,
            Verdict::NeedsPayeeConfirmed => return self.payee_to_confirm(intent),
            Verdict::Settle if matches!(intent.order, Order::Withdraw(_)) => Status::Held,
            Verdict::Settle => Status::Settled,
            Verdict::Refuse { code, .. } => Status::Refused(code),
        };
        let mut row =
            TransactionRow::new(self.take_number(), intent.id, intent.user, Kind::Cancel, intent.created_at);
        row.status = status;
        row.hash = Some(hash);
        row.envelope = Some(order.intent.bytes().to_vec());
        row.device = Some(intent.device);
        // The forked copy is kept as proof; the number belongs to the first.
        row.seq = (!forks).then_some(seq);
        if let Verdict::Refuse { figure, .. } = verdict {
            row.figure = figure;
        }
        let number = row.number;
        let receiver = self.carry_out(&intent.order, row);
        if !forks {
            self.consume(intent, seq, hash, number);
        }
        let outcome = match status {
            Status::Refused(code) => {
                let currency = amount_of(&intent.order).map(Amount::currency);
                let figure = match verdict {
                    Verdict::Refuse { figure, .. } => figure.zip(currency),
                    _ => None,
                };
                self.refused(code, figure.map(|(figure, currency)| Money::new(figure, currency)))
            }
            Status::Settled => IntentOutcome::Settled { at: self.now },
            Status::Held => IntentOutcome::Held { at: self.now },
        };
        let stored = Stored {
            number,
            hash: Some(hash),
            device: Some(intent.device),
            seq: Some(seq),
            outcome: outcome.clone(),
            receiver,
        };
        self.found.stored.insert((intent.user, intent.id), stored);
        outcome
    }

    fn verdict(&self, order: &Order, hash: IntentHash, giver: &Giver<'_>) -> Verdict {
        match order {
            Order::Cancel { id, hash } => self.decide_cancel(giver.user, *id, *hash),
            _ if self.is_cancelled(giver.user, hash) => {
                Verdict::Refuse { code: RefusalCode::Cancelled, figure: None }
            }
            Order::Send(send) => self.decide_send(send, giver),
            Order::Withdraw(withdraw) => self.decide_withdraw(withdraw, giver),
            Order::Exchange(exchange) => self.decide_exchange(exchange, giver),
            Order::Refund(refund) => self.decide_refund(refund, giver),
            Order::Schedule(schedule) => self.decide_schedule(schedule, giver),
        }
    }

    /// Writes the row, and what goes with it; into which wallet it went.
    fn carry_out(&mut self, order: &Order, mut row: TransactionRow) -> Option<WalletId> {
        match order {
            Order::Cancel { id, hash } => {
                self.carry_out_cancel(&row, *id, *hash);
                self.rows.transactions.push(row);
                return None;
            }
            Order::Send(send) => return self.carry_out_send(send, row),
            Order::Withdraw(withdraw) => self.carry_out_withdraw(withdraw, row),
            Order::Exchange(exchange) => self.carry_out_exchange(exchange, row),
            Order::Refund(refund) => self.carry_out_refund(refund, row),
            Order::Schedule(schedule) => {
                row.kind = Kind::Schedule;
                self.carry_out_schedule(schedule, row);
            }
        }
        None
    }

    fn decide_cancel(&self, user: UserId, id: TransactionId, target: IntentHash) -> Verdict {
        let is_decided = |stored: &Stored| stored.hash == Some(target);
        let decided = self.found.stored.get(&(user, id)).filter(|stored| is_decided(stored));
        match decided {
            Some(stored) if !self.runs(stored.number) => {
                Verdict::Refuse { code: RefusalCode::AlreadyDecided, figure: None }
            }
            _ => Verdict::Settle,
        }
    }

    fn carry_out_cancel(&mut self, row: &TransactionRow, id: TransactionId, target: IntentHash) {
        if row.status != Status::Settled {
            return;
        }
        let stored = self.found.stored.get(&(row.user, id)).filter(|stored| stored.hash == Some(target));
        if let Some(number) = stored.map(|stored| stored.number) {
            self.end_schedule(number);
            return;
        }
        let Some(user) = self.books.users.get_mut(&row.user) else { return };
        if user.tombstones.insert(target) {
            self.rows.tombstones.push((row.user, target));
        }
    }

    fn is_cancelled(&self, user: UserId, hash: IntentHash) -> bool {
        self.books.users.get(&user).is_some_and(|row| row.tombstones.contains(&hash))
    }

    fn stop_forked(&mut self, device: DeviceId) {
        let Some(row) = self.books.devices.get_mut(&device).filter(|row| !row.facts.forked) else { return };
        row.facts.forked = true;
        let (user, event) = (row.user, FeedEvent::DeviceForked { device, name: row.name.clone() });
        self.rows.forked.push(device);
        self.tell(user, event);
    }

    fn payer<'a>(&'a self, giver: &Giver<'a>, wallet: WalletId, currency: Currency) -> PayerFacts<'a> {
        PayerFacts {
            user: giver.user,
            device: giver.device,
            wallet: self.books.wallets.get(&wallet).map(|row| &row.facts),
            stepped_up: giver.stepped_up,
            limits: self.limits(giver.user, currency),
        }
    }

    fn limits(&self, user: UserId, currency: Currency) -> Limits {
        let tier = self.books.users.get(&user).map_or(Tier::Basic, |row| row.tier);
        Limits::of(self.settings, tier, currency)
    }

    /// Double entry: the row's amount out of its sender's wallet and into its receiver's. A person's entry is their
    /// feed's next row.
    fn post(&mut self, mut row: TransactionRow) {
        if let (Some(sender), Some(receiver), Some(amount)) = (row.sender, row.receiver, row.amount) {
            row.debit = self.enter(sender, -amount.minor());
            row.credit = self.enter(receiver, amount.minor());
        }
        self.rows.transactions.push(row);
    }

    fn enter(&mut self, wallet: WalletId, minor: i64) -> Side {
        if let Some(row) = self.books.wallets.get_mut(&wallet) {
            self.rows.changed_wallets.entry(wallet).or_insert(row.entry_no);
            row.facts.balance = row.facts.balance.saturating_add(minor);
            row.entry_no += 1;
        }
        self.side(wallet)
    }

    /// Sets money aside, or frees it (below zero); the wallet afterwards.
    fn hold(&mut self, wallet: WalletId, minor: i64) -> Side {
        if let Some(row) = self.books.wallets.get_mut(&wallet) {
            self.rows.changed_wallets.entry(wallet).or_insert(row.entry_no);
            row.facts.held = row.facts.held.saturating_add(minor);
        }
        self.side(wallet)
    }

    /// The wallet as it is now, told to its owner.
    fn side(&mut self, wallet: WalletId) -> Side {
        let Some(row) = self.books.wallets.get_mut(&wallet) else { return Side::default() };
        let owner = row.facts.owner.and_then(|owner| self.books.users.get_mut(&owner));
        let feed_seq = owner.map(|owner| {
            owner.feed_seq += 1;
            row.feed_seq = owner.feed_seq;
            owner.feed_seq
        });
        Side {
            entry_no: Some(row.entry_no),
            balance_after: Some(row.facts.balance),
            held_after: row.facts.held,
            feed_seq,
        }
    }

    /// An order that moved nothing is told to the person who gave it.
    fn tell_only(&mut self, mut row: TransactionRow) {
        row.debit = Side { feed_seq: self.take_feed_seq(row.user), ..Side::default() };
        self.rows.transactions.push(row);
    }

    /// Takes what goes on top of the row `of`, which is written already.
    fn take_fee(&mut self, user: UserId, wallet: WalletId, of: Of, fee: i64, currency: Currency) {
        let Ok(amount) = Amount::new(fee, currency) else { return };
        let mut row = self.part(user, Kind::Fee, of);
        row.sender = Some(wallet);
        row.receiver = Some(self.house_wallet(House::Fees, currency));
        row.amount = Some(amount);
        self.post(row);
    }

    /// A row that belongs to another and that nobody signed.
    fn part(&mut self, user: UserId, kind: Kind, of: Of) -> TransactionRow {
        let id = TransactionId::new(self.now, (self.random)());
        let mut row = TransactionRow::new(self.take_number(), id, user, kind, self.now);
        row.of = Some(of);
        row
    }

    fn open_wallet(&mut self, user: UserId, currency: Currency) -> WalletId {
        match self.books.wallet_of.get(&(user, currency)) {
            Some(wallet) => *wallet,
            None => self.put_new(Some(user), None, currency),
        }
    }

    fn house_wallet(&mut self, house: House, currency: Currency) -> WalletId {
        match self.books.house_of.get(&(house, currency)) {
            Some(wallet) => *wallet,
            None => self.put_new(None, Some(house), currency),
        }
    }

    fn put_new(&mut self, owner: Option<UserId>, house: Option<House>, currency: Currency) -> WalletId {
        let wallet = WalletId::new(self.now, (self.random)());
        self.books.put_wallet(new_wallet(wallet, owner, house, currency));
        self.rows.new_wallets.push(wallet);
        wallet
    }

    /// The user's wallet, where there is one in this branch.
    fn wallet_of(&self, user: UserId, currency: Currency) -> Option<&WalletFacts> {
        let wallet = self.books.wallet_of.get(&(user, currency))?;
        self.books.wallets.get(wallet).map(|row| &row.facts)
    }

    fn wallet_state(&self, wallet: WalletId) -> Option<WalletState> {
        self.books.wallets.get(&wallet).map(WalletRow::state)
    }

    fn tell(&mut self, user: UserId, event: FeedEvent) {
        if let Some(seq) = self.take_feed_seq(user) {
            self.rows.feed.push(FeedRow { user, seq, event: Box::new(event) });
        }
    }

    fn take_feed_seq(&mut self, user: UserId) -> Option<i64> {
        let row = self.books.users.get_mut(&user)?;
        row.feed_seq += 1;
        self.rows.told_users.insert(user, row.feed_seq);
        Some(row.feed_seq)
    }

    fn take_number(&mut self) -> i64 {
        self.books.last_number += 1;
        self.books.last_number
    }

    fn refused(&self, code: RefusalCode, figure: Option<Money>) -> IntentOutcome {
        IntentOutcome::Refused { code, at: self.now, figure }
    }

    fn payee_to_confirm(&self, intent: &Intent) -> IntentOutcome {
        let send = match &intent.order {
            Order::Send(send) => send,
            Order::Schedule(schedule) => &schedule.send,
            _ => return IntentOutcome::TryAgain,
        };
        let payee =
            self.books.handles.get(&send.to).and_then(|user| Some((*user, self.books.users.get(user)?)));
        match payee {
            Some((user, row)) => IntentOutcome::ConfirmPayee { user, display_name: row.display_name.clone() },
            None => IntentOutcome::TryAgain,
        }
    }
}

impl WalletRow {
    pub fn state(&self) -> WalletState {
        WalletState {
            wallet: self.facts.wallet,
            balance: Money::new(self.facts.balance, self.facts.currency),
            held: Money::new(self.facts.held, self.facts.currency),
            frozen: self.facts.frozen,
            entry_no: u64::try_from(self.entry_no).unwrap_or(0),
        }
    }
}

/// In whose currency a refusal's figure is.
const fn amount_of(order: &Order) -> Option<Amount> {
    match order {
        Order::Send(send) => Some(send.amount),
        Order::Withdraw(withdraw) => Some(withdraw.amount),
        Order::Exchange(exchange) => Some(exchange.sell),
        Order::Refund(refund) => Some(refund.amount),
        Order::Schedule(schedule) => Some(schedule.send.amount),
        Order::Cancel { .. } => None,
    }
}
