//! One batch, decided in memory and in order: what the writer knows, what it decided, what is to be written.

use super::books::{Books, DeviceRow, House, WalletRow, new_wallet};
use super::command::{AccountChange, DepositOrder, Leg, SendIntent};
use super::rows::{EntryRow, FeedRow, Found, Kind, Rows, Stored, Told, TransactionRow};
use super::rules::{self, DeviceFacts, Limits, PayeeFacts, PayerFacts, Verdict};
use crate::settings::Settings;
use purse_shared::intent::{Intent, IntentHash, Order, SendOrder};
use purse_shared::limits::BALANCE_MINOR_MAX;
use purse_shared::protocol::{FeedEvent, IntentOutcome, RefusalCode, WalletState};
use purse_shared::{Currency, DeviceId, Money, TransactionId, UnixMillis, UserId, WalletId};

/// Decides on `books`, which therefore hold only if `rows` are committed.
pub struct Batch<'a> {
    pub now: UnixMillis,
    pub settings: &'a Settings,
    pub books: &'a mut Books,
    pub found: Found,
    pub rows: Rows,
    /// Ten random bytes for each new wallet's id.
    pub random: fn() -> [u8; 10],
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
        if self.found.expected.contains(&(intent.user, intent.id)) {
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
        let Some(device) = self.books.devices.get(&intent.device).map(|row| row.facts.clone()) else {
            return self.refused(RefusalCode::BadSignature, None);
        };
        let verdict = match rules::check_intent(intent, &device, self.now) {
            Some(verdict) => verdict,
            None => match &intent.order {
                Order::Cancel { hash: target } => self.decide_cancel(intent.user, *target),
                Order::Send(_) if self.is_cancelled(intent.user, hash) => {
                    Verdict::Refuse { code: RefusalCode::Cancelled, figure: None }
                }
                Order::Send(send) => self.decide_send(send, intent.user, &device, order.stepped_up),
            },
        };
        let (refusal, figure) = match verdict {
            Verdict::NeedsApproval => return IntentOutcome::ApprovalRequired,
            Verdict::NeedsPayeeConfirmed => return self.payee_to_confirm(intent),
            Verdict::Settle => (None, None),
            Verdict::Refuse { code, figure } => (Some(code), figure),
        };
        let number = self.take_number();
        let mut row = TransactionRow {
            number,
            id: intent.id,
            user: intent.user,
            kind: Kind::Cancel,
            refusal,
            figure,
            sender: None,
            receiver: None,
            payee: None,
            amount: None,
            message: String::new(),
            hash: Some(hash),
            envelope: Some(order.intent.bytes().to_vec()),
            device: Some(intent.device),
            // The forked copy is kept as proof; the number belongs to the first.
            seq: (!forks).then_some(seq),
            created_at: intent.created_at,
            reference: reference(intent.id),
            leg: None,
            from_leg: None,
        };
        match &intent.order {
            Order::Cancel { hash: target } => self.carry_out_cancel(intent.user, *target, refusal),
            Order::Send(send) => self.carry_out_send(send, &mut row),
        }
        self.consume(intent.device, seq, hash, forks);
        let outcome = match refusal {
            Some(code) => self.refused(code, figure_money(&row)),
            None => IntentOutcome::Settled { at: self.now },
        };
        let stored = Stored {
            hash: row.hash,
            device: row.device,
            seq: Some(seq),
            outcome: outcome.clone(),
            receiver: row.receiver,
        };
        self.found.stored.insert((intent.user, intent.id), stored);
        self.found.decided.insert((intent.user, hash));
        self.rows.transactions.push(row);
        outcome
    }

    fn carry_out_cancel(&mut self, user: UserId, target: IntentHash, refusal: Option<RefusalCode>) {
        let Some(row) = self.books.users.get_mut(&user) else { return };
        if refusal.is_none() && row.tombstones.insert(target) {
            self.rows.tombstones.push((user, target));
        }
    }

    fn carry_out_send(&mut self, send: &SendOrder, row: &mut TransactionRow) {
        row.kind = Kind::Send;
        row.amount = Some(send.amount);
        row.message.clone_from(&send.message);
        row.sender = Some(send.from).filter(|wallet| self.books.owns(row.user, *wallet));
        let payee = self.books.handles.get(&send.to).copied();
        match (row.refusal, row.sender, payee) {
            (None, Some(sender), Some(payee)) => {
                let (receiver, leg) = self.way_to(payee, send.amount.currency());
                row.leg = leg;
                (row.payee, row.receiver) = (Some(payee), Some(receiver));
                self.post(row.number, &[(sender, -send.amount.minor()), (receiver, send.amount.minor())]);
                self.count_outflow(sender, send.amount.minor());
            }
            // A refused payment is none of the payee's business.
            _ => self.tell(row.user, Told::Number(row.number)),
        }
    }

    /// Where a payee's money goes in this branch: their own wallet, or onto the way to their branch. From there on it
    /// cannot fail.
    fn way_to(&mut self, payee: UserId, currency: Currency) -> (WalletId, Option<(i16, i64)>) {
        let branch = self.books.users.get(&payee).map_or(self.books.branch, |row| row.branch);
        if branch == self.books.branch {
            return (self.open_wallet(payee, currency), None);
        }
        let last = self.books.last_leg_to.entry(branch).or_insert(0);
        *last += 1;
        let leg = (branch, *last);
        self.rows.legs_leave = true;
        (self.house_wallet(House::Transit(branch), currency), Some(leg))
    }

    /// Credits what left another branch. In order, each leg once; a wallet that is too full or not there leaves it in
    /// suspense, for people to look at.
    pub fn leg(&mut self, from: i16, leg: &Leg) {
        let last = self.books.last_leg_from.entry(from).or_insert(0);
        if leg.no != *last + 1 {
            return;
        }
        *last = leg.no;
        let currency = leg.amount.currency();
        let is_here = self.books.users.get(&leg.payee).is_some_and(|row| row.branch == self.books.branch);
        let theirs = is_here.then(|| self.open_wallet(leg.payee, currency)).filter(|wallet| {
            let facts = self.books.wallets.get(wallet).map(|row| &row.facts);
            facts.is_some_and(|facts| facts.balance.saturating_add(leg.amount.minor()) <= BALANCE_MINOR_MAX)
        });
        if theirs.is_none() {
            tracing::error!(
                branch = self.books.branch,
                from,
                leg = leg.no,
                "a payment could be credited to nobody"
            );
        }
        let receiver = theirs.unwrap_or_else(|| self.house_wallet(House::Suspense, currency));
        let transit = self.house_wallet(House::Transit(from), currency);
        let number = self.take_number();
        self.post(number, &[(transit, -leg.amount.minor()), (receiver, leg.amount.minor())]);
        self.rows.transactions.push(TransactionRow {
            number,
            id: leg.id,
            user: leg.payer,
            kind: Kind::Credit,
            refusal: None,
            figure: None,
            sender: Some(transit),
            receiver: Some(receiver),
            payee: Some(leg.payee),
            amount: Some(leg.amount),
            message: leg.message.clone(),
            hash: None,
            envelope: None,
            device: None,
            seq: None,
            created_at: leg.settled_at,
            reference: reference(leg.id),
            leg: None,
            from_leg: Some((from, leg.no)),
        });
    }

    /// Books a deposit once; `None` when it cannot be booked (no such wallet, it would be too full, or a payment has
    /// its id: taking that for the booked deposit would lose the money).
    pub fn deposit(&mut self, order: &DepositOrder) -> Option<WalletState> {
        let id = TransactionId(order.deposit.0);
        if let Some(stored) = self.found.stored.get(&(order.user, id)) {
            return if stored.hash.is_none() { self.wallet_state(stored.receiver?) } else { None };
        }
        let currency = order.amount.currency();
        let facts = &self.books.wallets.get(&order.wallet)?.facts;
        let sum = facts.balance.checked_add(order.amount.minor());
        let fits = facts.owner == Some(order.user)
            && facts.currency == currency
            && sum.is_some_and(|sum| sum <= BALANCE_MINOR_MAX);
        if !fits {
            return None;
        }
        let house = self.house_wallet(House::SandboxBank, currency);
        let number = self.take_number();
        self.post(number, &[(house, -order.amount.minor()), (order.wallet, order.amount.minor())]);
        self.rows.transactions.push(TransactionRow {
            number,
            id,
            user: order.user,
            kind: Kind::Deposit,
            refusal: None,
            figure: None,
            sender: Some(house),
            receiver: Some(order.wallet),
            payee: None,
            amount: Some(order.amount),
            message: String::new(),
            hash: None,
            envelope: None,
            device: None,
            seq: None,
            created_at: order.requested_at,
            reference: order.reference.clone(),
            leg: None,
            from_leg: None,
        });
        let stored = Stored {
            hash: None,
            device: None,
            seq: None,
            outcome: IntentOutcome::Settled { at: self.now },
            receiver: Some(order.wallet),
        };
        self.found.stored.insert((order.user, id), stored);
        self.wallet_state(order.wallet)
    }

    /// The wallet, for `OpenWallet`.
    pub fn account(&mut self, user: UserId, change: &AccountChange) -> Option<WalletState> {
        match change {
            AccountChange::OpenWallet(currency) => {
                let had = self.books.wallet_of.contains_key(&(user, *currency));
                let wallet = self.open_wallet(user, *currency);
                let state = self.wallet_state(wallet)?;
                if !had {
                    self.tell_event(user, FeedEvent::Wallet { wallet: state.clone() });
                }
                return Some(state);
            }
            AccountChange::RevokeDevice(device) => {
                let known = self.books.devices.get_mut(device);
                let row = known.filter(|row| row.user == user && !row.facts.revoked)?;
                row.facts.revoked = true;
                let event = FeedEvent::DeviceRevoked { device: *device, name: row.name.clone() };
                self.rows.revoked.push(*device);
                self.tell_event(user, event);
            }
            AccountChange::SetBlocked { other, blocked } => {
                let row = self.books.users.get_mut(&user)?;
                let changed = if *blocked { row.blocked.insert(*other) } else { row.blocked.remove(other) };
                if changed {
                    self.rows.block_changes.push((user, *other, *blocked));
                    self.tell_event(user, FeedEvent::BlockChanged { user: *other, blocked: *blocked });
                }
            }
            AccountChange::SetFrozen { wallet, frozen } => {
                let row = self.books.wallets.get_mut(wallet).filter(|row| row.facts.owner == Some(user))?;
                if row.facts.frozen != *frozen {
                    row.facts.frozen = *frozen;
                    self.rows.changed_wallets.entry(*wallet).or_insert(row.entry_no);
                    let state = row.state();
                    self.tell_event(user, FeedEvent::Wallet { wallet: state });
                }
                return self.wallet_state(*wallet);
            }
            AccountChange::Tell(event) => self.tell_event(user, FeedEvent::clone(event)),
        }
        None
    }

    fn decide_cancel(&self, user: UserId, target: IntentHash) -> Verdict {
        if self.found.decided.contains(&(user, target)) {
            Verdict::Refuse { code: RefusalCode::AlreadyDecided, figure: None }
        } else {
            Verdict::Settle
        }
    }

    fn is_cancelled(&self, user: UserId, hash: IntentHash) -> bool {
        self.books.users.get(&user).is_some_and(|row| row.tombstones.contains(&hash))
    }

    fn decide_send(&self, send: &SendOrder, user: UserId, device: &DeviceFacts, stepped_up: bool) -> Verdict {
        let currency = send.amount.currency();
        let payee = self.books.handles.get(&send.to).and_then(|payee| {
            let row = self.books.users.get(payee)?;
            let wallet = self.books.wallet_of.get(&(*payee, currency));
            Some(PayeeFacts {
                user: *payee,
                has_blocked_payer: row.blocked.contains(&user),
                wallet: wallet.and_then(|wallet| self.books.wallets.get(wallet)).map(|row| row.facts.clone()),
            })
        });
        let wallet = self.books.wallets.get(&send.from).map(|row| &row.facts);
        let limits = Limits::of(self.settings, currency);
        let payer = PayerFacts { user, device, wallet, stepped_up };
        rules::decide_send(send, &payer, payee.as_ref(), &limits, self.now)
    }

    fn payee_to_confirm(&self, intent: &Intent) -> IntentOutcome {
        let Order::Send(send) = &intent.order else { return IntentOutcome::TryAgain };
        let payee =
            self.books.handles.get(&send.to).and_then(|user| Some((*user, self.books.users.get(user)?)));
        match payee {
            Some((user, row)) => IntentOutcome::ConfirmPayee { user, display_name: row.display_name.clone() },
            None => IntentOutcome::TryAgain,
        }
    }

    fn stop_forked(&mut self, device: DeviceId) {
        let Some(row) = self.books.devices.get_mut(&device).filter(|row| !row.facts.forked) else { return };
        row.facts.forked = true;
        let (user, event) = (row.user, FeedEvent::DeviceForked { device, name: row.name.clone() });
        self.rows.forked.push(device);
        self.tell_event(user, event);
    }

    fn consume(&mut self, device: DeviceId, seq: i64, hash: IntentHash, forks: bool) {
        if forks {
            return;
        }
        self.found.used_seqs.insert((device, seq), hash);
        if let Some(row) = self.books.devices.get_mut(&device).filter(|row| row.last_seq < seq) {
            (row.last_seq, row.last_hash) = (seq, Some(hash));
        }
    }

    /// Double entry: what the parts sum to is zero in each currency. A person's entry is their feed's next row.
    fn post(&mut self, number: i64, parts: &[(WalletId, i64)]) {
        for (wallet, amount) in parts {
            let Some(row) = self.books.wallets.get_mut(wallet) else { continue };
            self.rows.changed_wallets.entry(*wallet).or_insert(row.entry_no);
            row.facts.balance = row.facts.balance.saturating_add(*amount);
            row.entry_no += 1;
            let feed = row.facts.owner.and_then(|owner| {
                let user = self.books.users.get_mut(&owner)?;
                user.feed_seq += 1;
                row.feed_seq = user.feed_seq;
                Some((owner, user.feed_seq))
            });
            self.rows.entries.push(EntryRow {
                wallet: *wallet,
                entry_no: row.entry_no,
                number,
                amount: *amount,
                balance_after: row.facts.balance,
                held_after: row.facts.held,
                feed,
            });
        }
    }

    fn count_outflow(&mut self, wallet: WalletId, minor: i64) {
        let today = rules::day_of(self.now);
        if let Some(row) = self.books.wallets.get_mut(&wallet) {
            let before = if row.facts.outflow_day == today { row.facts.outflow_minor } else { 0 };
            (row.facts.outflow_day, row.facts.outflow_minor) = (today, before.saturating_add(minor));
        }
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

    fn wallet_state(&self, wallet: WalletId) -> Option<WalletState> {
        self.books.wallets.get(&wallet).map(WalletRow::state)
    }

    fn tell_event(&mut self, user: UserId, event: FeedEvent) {
        self.tell(user, Told::Event(Box::new(event)));
    }

    fn tell(&mut self, user: UserId, told: Told) {
        let Some(row) = self.books.users.get_mut(&user) else { return };
        row.feed_seq += 1;
        self.rows.told_users.insert(user, row.feed_seq);
        self.rows.feed.push(FeedRow { user, seq: row.feed_seq, told });
    }

    fn take_number(&mut self) -> i64 {
        self.books.last_number += 1;
        self.books.last_number
    }

    fn refused(&self, code: RefusalCode, figure: Option<Money>) -> IntentOutcome {
        IntentOutcome::Refused { code, at: self.now, figure }
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

fn figure_money(row: &TransactionRow) -> Option<Money> {
    Some(Money::new(row.figure?, row.amount?.currency()))
}

/// What people read out to support: eight characters of the id's random part, without look-alikes.
pub fn reference(id: TransactionId) -> String {
    const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let bytes = id.0.as_bytes();
    let random = bytes[8..16].iter().fold(0_u64, |all, byte| (all << 8) | u64::from(*byte));
    let text: String = (0..8)
        .map(|at| char::from(ALPHABET[usize::try_from((random >> (at * 5)) & 31).unwrap_or(0)]))
        .collect();
    format!("{}-{}", &text[..4], &text[4..])
}
