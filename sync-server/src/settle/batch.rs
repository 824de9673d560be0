//! One batch, decided in memory and in order: what the writer read, what it decided, what is to be written.

use super::command::{AccountChange, DepositOrder, SendIntent};
use super::rules::{self, DeviceFacts, Limits, PayeeFacts, PayerFacts, Verdict, WalletFacts};
use crate::settings::Settings;
use purse_shared::intent::{IntentHash, Order, SendOrder};
use purse_shared::limits::BALANCE_MINOR_MAX;
use purse_shared::protocol::{
    Counterparty, Direction, FeedEvent, IntentOutcome, RefusalCode, TransactionKind, TransactionRecord,
    WalletState,
};
use purse_shared::{Amount, Currency, DeviceId, Handle, Money, TransactionId, UnixMillis, UserId, WalletId};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Debug)]
pub struct WalletRow {
    pub facts: WalletFacts,
    pub entry_no: i64,
    pub is_new: bool,
    pub changed: bool,
}

#[derive(Clone, Debug)]
pub struct UserRow {
    pub handle: Handle,
    pub display_name: String,
    pub feed_seq: i64,
    pub changed: bool,
}

#[derive(Clone, Debug)]
pub struct DeviceRow {
    pub user: UserId,
    pub name: String,
    pub facts: DeviceFacts,
    pub last_seq: i64,
    pub last_hash: Option<IntentHash>,
    pub changed: bool,
}

/// The stored answer to an intent or deposit.
#[derive(Clone, Debug)]
pub struct Stored {
    pub hash: Option<IntentHash>,
    pub device: Option<DeviceId>,
    pub seq: Option<i64>,
    pub outcome: IntentOutcome,
    pub receiver: Option<WalletId>,
}

#[derive(Clone, Debug)]
pub struct TransactionRow {
    pub number: i64,
    pub id: TransactionId,
    pub user: UserId,
    pub kind: &'static str,
    pub refusal: Option<RefusalCode>,
    pub figure: Option<i64>,
    pub sender: Option<WalletId>,
    pub receiver: Option<WalletId>,
    pub payee: Option<UserId>,
    pub amount: Option<Amount>,
    pub message: String,
    pub hash: Option<IntentHash>,
    pub envelope: Option<Vec<u8>>,
    pub device: Option<DeviceId>,
    pub seq: Option<i64>,
    pub created_at: UnixMillis,
    pub reference: String,
}

#[derive(Clone, Debug)]
pub struct EntryRow {
    pub wallet: WalletId,
    pub entry_no: i64,
    pub number: i64,
    pub amount: i64,
    pub balance_after: i64,
}

#[derive(Clone, Debug)]
pub struct FeedRow {
    pub user: UserId,
    pub seq: i64,
    pub event: FeedEvent,
}

/// What the batch read, and how it looks after each decision.
#[derive(Debug, Default)]
pub struct Batch {
    pub now: UnixMillis,
    pub next_number: i64,
    pub wallets: BTreeMap<WalletId, WalletRow>,
    pub wallet_of: BTreeMap<(UserId, Currency), WalletId>,
    pub house_of: BTreeMap<Currency, WalletId>,
    pub users: BTreeMap<UserId, UserRow>,
    pub handles: BTreeMap<Handle, UserId>,
    pub devices: BTreeMap<DeviceId, DeviceRow>,
    pub stored: BTreeMap<(UserId, TransactionId), Stored>,
    /// Ids under which deposits were asked for and are not booked yet.
    pub expected: BTreeSet<(UserId, TransactionId)>,
    /// Hashes of this batch's users that already have an answer.
    pub decided: BTreeSet<(UserId, IntentHash)>,
    pub used_seqs: BTreeMap<(DeviceId, i64), IntentHash>,
    pub tombstones: BTreeSet<(UserId, IntentHash)>,
    /// (who blocked, who is blocked)
    pub blocks: BTreeSet<(UserId, UserId)>,
    // To be written.
    pub transactions: Vec<TransactionRow>,
    pub entries: Vec<EntryRow>,
    pub feed: Vec<FeedRow>,
    pub new_tombstones: Vec<(UserId, IntentHash)>,
    pub revoked: Vec<DeviceId>,
    pub forked: Vec<DeviceId>,
    pub block_changes: Vec<(UserId, UserId, bool)>,
}

impl Batch {
    /// Decides one intent. The same again gets the first answer; a waiting one writes nothing.
    pub fn intent(&mut self, order: &SendIntent, settings: &Settings, new_wallet: WalletId) -> IntentOutcome {
        let (intent, hash) = (order.intent.intent(), order.intent.hash());
        let seq = i64::try_from(intent.seq).unwrap_or(i64::MAX);
        if let Some(stored) = self.stored.get(&(intent.user, intent.id)).cloned() {
            if stored.hash == Some(hash) {
                return stored.outcome;
            }
            if stored.device == Some(intent.device) && stored.seq == Some(seq) {
                self.stop_forked(intent.device);
            }
            return self.refusal(RefusalCode::Conflict, None);
        }
        if self.expected.contains(&(intent.user, intent.id)) {
            return self.refusal(RefusalCode::Conflict, None);
        }
        let forks = self.used_seqs.get(&(intent.device, seq)).is_some_and(|used| *used != hash);
        if forks {
            self.stop_forked(intent.device);
        }
        let Some(device) = self.devices.get(&intent.device).filter(|device| device.user == intent.user)
        else {
            return self.refusal(RefusalCode::BadSignature, None);
        };
        let device = device.facts.clone();
        let verdict = match rules::check_intent(intent, &device, self.now) {
            Some(verdict) => verdict,
            None => match &intent.order {
                Order::Cancel { hash: target } => self.decide_cancel(intent.user, *target),
                Order::Send(_) if self.tombstones.contains(&(intent.user, hash)) => {
                    Verdict::Refuse { code: RefusalCode::Cancelled, figure: None }
                }
                Order::Send(send) => self.decide_send(send, intent.user, &device, order.stepped_up, settings),
            },
        };
        let (refusal, figure) = match verdict {
            Verdict::NeedsApproval => return IntentOutcome::ApprovalRequired,
            Verdict::NeedsPayeeConfirmed => return self.payee_to_confirm(intent),
            Verdict::Settle => (None, None),
            Verdict::Refuse { code, figure } => (Some(code), figure),
        };

        let number = self.take_number();
        let send = match &intent.order {
            Order::Send(send) => Some(send),
            Order::Cancel { .. } => None,
        };
        let payee = send.and_then(|send| self.handles.get(&send.to).copied());
        let sender = send.map(|send| send.from).filter(|wallet| self.owns(intent.user, *wallet));
        let receiver = match (send, payee, refusal) {
            (Some(send), Some(payee), None) => {
                Some(self.open_wallet(payee, send.amount.currency(), new_wallet))
            }
            _ => None,
        };
        self.transactions.push(TransactionRow {
            number,
            id: intent.id,
            user: intent.user,
            kind: if send.is_some() { "send" } else { "cancel" },
            refusal,
            figure,
            sender,
            receiver,
            // A refused payment is none of the payee's business.
            payee: payee.filter(|_| refusal.is_none()),
            amount: send.map(|send| send.amount),
            message: send.map(|send| send.message.clone()).unwrap_or_default(),
            hash: Some(hash),
            envelope: Some(order.intent.bytes().to_vec()),
            device: Some(intent.device),
            // The forked copy is kept as proof; the number belongs to the first.
            seq: (!forks).then_some(seq),
            created_at: intent.created_at,
            reference: reference(intent.id),
        });
        self.consume(intent.device, seq, hash, forks);
        let outcome = match refusal {
            Some(code) => self.refusal(code, self.figure_money(send, figure)),
            None => IntentOutcome::Settled { at: self.now },
        };
        self.decided.insert((intent.user, hash));
        self.stored.insert(
            (intent.user, intent.id),
            Stored {
                hash: Some(hash),
                device: Some(intent.device),
                seq: Some(seq),
                outcome: outcome.clone(),
                receiver,
            },
        );

        let Some(send) = send else {
            if let (Order::Cancel { hash: target }, None) = (&intent.order, refusal)
                && self.tombstones.insert((intent.user, *target))
            {
                self.new_tombstones.push((intent.user, *target));
            }
            return outcome;
        };
        if let (Some(sender), Some(receiver), None) = (sender, receiver, refusal) {
            self.post(number, sender, receiver, send.amount.minor());
            self.count_outflow(sender, send.amount.minor());
        }
        let record = TransactionRecord {
            id: intent.id,
            kind: TransactionKind::Send,
            direction: Direction::Out,
            amount: send.amount,
            wallet: sender,
            counterparty: Some(self.counterparty(payee, &send.to)),
            message: send.message.clone(),
            outcome: outcome.clone(),
            created_at: intent.created_at,
            decided_at: self.now,
            device: Some(intent.device),
            hash: Some(hash.to_bytes()),
            reference: reference(intent.id),
        };
        if let (Some(receiver), Some(payee)) = (receiver, payee) {
            let to_payee = TransactionRecord {
                direction: Direction::In,
                wallet: Some(receiver),
                counterparty: self.users.get(&intent.user).map(|user| Counterparty {
                    user: Some(intent.user),
                    handle: Some(user.handle.clone()),
                    display_name: user.display_name.clone(),
                }),
                created_at: self.now,
                device: None,
                hash: None,
                ..record.clone()
            };
            let wallet = self.wallet_state(receiver);
            self.tell(payee, FeedEvent::Transaction { transaction: to_payee, wallet });
        }
        let wallet = sender.and_then(|sender| self.wallet_state(sender));
        self.tell(intent.user, FeedEvent::Transaction { transaction: record, wallet });
        outcome
    }

    /// Books a deposit once; `None` when it cannot be booked (no such wallet, it would be too full, or a payment has
    /// its id: taking that for the booked deposit would lose the money).
    pub fn deposit(&mut self, order: &DepositOrder, new_house: WalletId) -> Option<WalletState> {
        let id = TransactionId(order.deposit.0);
        if let Some(stored) = self.stored.get(&(order.user, id)) {
            return if stored.hash.is_none() { self.wallet_state(stored.receiver?) } else { None };
        }
        let currency = order.amount.currency();
        let wallet = self.wallets.get(&order.wallet)?;
        let fits = wallet.facts.owner == Some(order.user)
            && wallet.facts.currency == currency
            && wallet
                .facts
                .balance
                .checked_add(order.amount.minor())
                .is_some_and(|sum| sum <= BALANCE_MINOR_MAX);
        if !fits {
            return None;
        }
        let house = self.house_wallet(currency, new_house);
        let number = self.take_number();
        self.transactions.push(TransactionRow {
            number,
            id,
            user: order.user,
            kind: "deposit",
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
        });
        self.post(number, house, order.wallet, order.amount.minor());
        let outcome = IntentOutcome::Settled { at: self.now };
        let stored = Stored {
            hash: None,
            device: None,
            seq: None,
            outcome: outcome.clone(),
            receiver: Some(order.wallet),
        };
        self.stored.insert((order.user, id), stored);
        let transaction = TransactionRecord {
            id,
            kind: TransactionKind::Deposit,
            direction: Direction::In,
            amount: order.amount,
            wallet: Some(order.wallet),
            counterparty: None,
            message: String::new(),
            outcome,
            created_at: order.requested_at,
            decided_at: self.now,
            device: None,
            hash: None,
            reference: order.reference.clone(),
        };
        let wallet = self.wallet_state(order.wallet);
        self.tell(order.user, FeedEvent::Transaction { transaction, wallet: wallet.clone() });
        wallet
    }

    /// The wallet, for `OpenWallet`.
    pub fn account(
        &mut self,
        user: UserId,
        change: &AccountChange,
        new_wallet: WalletId,
    ) -> Option<WalletState> {
        match change {
            AccountChange::OpenWallet(currency) => {
                let had = self.wallet_of.contains_key(&(user, *currency));
                let wallet = self.open_wallet(user, *currency, new_wallet);
                let state = self.wallet_state(wallet)?;
                if !had {
                    self.tell(user, FeedEvent::Wallet { wallet: state.clone() });
                }
                return Some(state);
            }
            AccountChange::RevokeDevice(device) => {
                let row =
                    self.devices.get_mut(device).filter(|row| row.user == user && !row.facts.revoked)?;
                row.facts.revoked = true;
                let event = FeedEvent::DeviceRevoked { device: *device, name: row.name.clone() };
                self.revoked.push(*device);
                self.tell(user, event);
            }
            AccountChange::SetBlocked { other, blocked } => {
                let key = (user, *other);
                let changed = if *blocked { self.blocks.insert(key) } else { self.blocks.remove(&key) };
                if changed {
                    self.block_changes.push((user, *other, *blocked));
                    self.tell(user, FeedEvent::BlockChanged { user: *other, blocked: *blocked });
                }
            }
            AccountChange::Tell(event) => self.tell(user, FeedEvent::clone(event)),
        }
        None
    }

    fn decide_cancel(&self, user: UserId, target: IntentHash) -> Verdict {
        if self.decided.contains(&(user, target)) {
            Verdict::Refuse { code: RefusalCode::AlreadyDecided, figure: None }
        } else {
            Verdict::Settle
        }
    }

    fn decide_send(
        &self,
        send: &SendOrder,
        user: UserId,
        device: &DeviceFacts,
        stepped_up: bool,
        settings: &Settings,
    ) -> Verdict {
        let currency = send.amount.currency();
        let payee = self.handles.get(&send.to).map(|payee| PayeeFacts {
            user: *payee,
            has_blocked_payer: self.blocks.contains(&(*payee, user)),
            wallet: self
                .wallet_of
                .get(&(*payee, currency))
                .and_then(|wallet| self.wallets.get(wallet))
                .map(|row| row.facts.clone()),
        });
        let payer = self.wallets.get(&send.from).map(|row| &row.facts);
        let limits = Limits::of(settings, currency);
        let payer = PayerFacts { user, device, wallet: payer, stepped_up };
        rules::decide_send(send, &payer, payee.as_ref(), &limits, self.now)
    }

    fn payee_to_confirm(&self, intent: &purse_shared::intent::Intent) -> IntentOutcome {
        let Order::Send(send) = &intent.order else { return IntentOutcome::TryAgain };
        let payee = self.handles.get(&send.to).and_then(|user| Some((*user, self.users.get(user)?)));
        match payee {
            Some((user, row)) => IntentOutcome::ConfirmPayee { user, display_name: row.display_name.clone() },
            None => IntentOutcome::TryAgain,
        }
    }

    fn stop_forked(&mut self, device: DeviceId) {
        let Some(row) = self.devices.get_mut(&device).filter(|row| !row.facts.forked) else { return };
        row.facts.forked = true;
        let (user, event) = (row.user, FeedEvent::DeviceForked { device, name: row.name.clone() });
        self.forked.push(device);
        self.tell(user, event);
    }

    fn consume(&mut self, device: DeviceId, seq: i64, hash: IntentHash, forks: bool) {
        if forks {
            return;
        }
        self.used_seqs.insert((device, seq), hash);
        if let Some(row) = self.devices.get_mut(&device).filter(|row| row.last_seq < seq) {
            (row.last_seq, row.last_hash, row.changed) = (seq, Some(hash), true);
        }
    }

    /// Double entry: what leaves one wallet comes to the other.
    fn post(&mut self, number: i64, from: WalletId, to: WalletId, minor: i64) {
        for (wallet, amount) in [(from, -minor), (to, minor)] {
            let Some(row) = self.wallets.get_mut(&wallet) else { continue };
            row.facts.balance = row.facts.balance.saturating_add(amount);
            row.entry_no += 1;
            row.changed = true;
            self.entries.push(EntryRow {
                wallet,
                entry_no: row.entry_no,
                number,
                amount,
                balance_after: row.facts.balance,
            });
        }
    }

    fn count_outflow(&mut self, wallet: WalletId, minor: i64) {
        let today = rules::day_of(self.now);
        if let Some(row) = self.wallets.get_mut(&wallet) {
            let before = if row.facts.outflow_day == today { row.facts.outflow_minor } else { 0 };
            (row.facts.outflow_day, row.facts.outflow_minor) = (today, before.saturating_add(minor));
        }
    }

    fn open_wallet(&mut self, user: UserId, currency: Currency, new: WalletId) -> WalletId {
        if let Some(wallet) = self.wallet_of.get(&(user, currency)) {
            return *wallet;
        }
        self.wallet_of.insert((user, currency), new);
        self.wallets.insert(new, new_wallet(new, Some(user), currency));
        new
    }

    fn house_wallet(&mut self, currency: Currency, new: WalletId) -> WalletId {
        if let Some(wallet) = self.house_of.get(&currency) {
            return *wallet;
        }
        self.house_of.insert(currency, new);
        self.wallets.insert(new, new_wallet(new, None, currency));
        new
    }

    fn owns(&self, user: UserId, wallet: WalletId) -> bool {
        self.wallets.get(&wallet).is_some_and(|row| row.facts.owner == Some(user))
    }

    fn wallet_state(&self, wallet: WalletId) -> Option<WalletState> {
        self.wallets.get(&wallet).map(|row| WalletState {
            wallet,
            balance: Money::new(row.facts.balance, row.facts.currency),
            held: Money::new(row.facts.held, row.facts.currency),
            frozen: row.facts.frozen,
            entry_no: u64::try_from(row.entry_no).unwrap_or(0),
        })
    }

    fn counterparty(&self, user: Option<UserId>, handle: &Handle) -> Counterparty {
        let row = user.and_then(|user| self.users.get(&user));
        Counterparty {
            user,
            handle: Some(handle.clone()),
            display_name: row.map_or_else(|| format!("@{handle}"), |row| row.display_name.clone()),
        }
    }

    fn tell(&mut self, user: UserId, event: FeedEvent) {
        let Some(row) = self.users.get_mut(&user) else { return };
        row.feed_seq += 1;
        row.changed = true;
        self.feed.push(FeedRow { user, seq: row.feed_seq, event });
    }

    fn take_number(&mut self) -> i64 {
        self.next_number += 1;
        self.next_number
    }

    fn refusal(&self, code: RefusalCode, figure: Option<Money>) -> IntentOutcome {
        IntentOutcome::Refused { code, at: self.now, figure }
    }

    fn figure_money(&self, send: Option<&SendOrder>, figure: Option<i64>) -> Option<Money> {
        Some(Money::new(figure?, send?.amount.currency()))
    }
}

fn new_wallet(wallet: WalletId, owner: Option<UserId>, currency: Currency) -> WalletRow {
    let facts = WalletFacts {
        wallet,
        owner,
        currency,
        balance: 0,
        held: 0,
        frozen: false,
        outflow_day: 0,
        outflow_minor: 0,
    };
    WalletRow { facts, entry_no: 0, is_new: true, changed: true }
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
