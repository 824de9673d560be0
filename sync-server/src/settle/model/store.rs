//! A database in memory: reads for a batch what `store::load` reads, takes what `store::write` writes, and refuses
//! what the constraints refuse. Whatever it holds came in a commit.

use crate::settle::books::{Books, DeviceRow, House, UserRow, WalletRow, new_wallet};
use crate::settle::command::{AccountChange, DepositOrder, Leg, MoneyAct, SendIntent};
use crate::settle::rows::{
    AskedDeposit, BreakRow, FeedRow, Found, HoldRow, HoldStatus, Kind, Link, Of, Paid, QuoteRow, Rows,
    ScheduleRow, Side, Status, Stored, Suspended, Suspense, TransactionRow,
};
use crate::settle::rules::{DeviceFacts, Tier, WalletFacts};
use purse_shared::intent::{IntentHash, Order};
use purse_shared::protocol::IntentOutcome;
use purse_shared::{
    Amount, Currency, DeviceId, Handle, MethodId, Money, QuoteId, TransactionId, UnixMillis, UserId, WalletId,
};
use std::collections::{BTreeMap, BTreeSet, HashMap};

#[derive(Clone, Debug)]
pub enum Command {
    Intent(SendIntent),
    Deposit(DepositOrder),
    Account(UserId, AccountChange),
    Leg(i16, Leg),
    Money(UserId, MoneyAct),
    Due(Vec<i64>, Vec<i64>),
}

impl Command {
    /// What the writer decides while the batch before it is written.
    pub fn is_plain(&self) -> bool {
        match self {
            Self::Intent(order) => matches!(order.intent.intent().order, Order::Send(_)),
            Self::Deposit(_) => true,
            Self::Account(..) | Self::Leg(..) | Self::Money(..) | Self::Due(..) => false,
        }
    }
}

/// A wallet's side of a transaction.
struct Entry {
    wallet: WalletId,
    minor: i64,
    side: Side,
    owner: Option<UserId>,
}

pub struct Asked {
    pub order: DepositOrder,
    pub state: AskedState,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AskedState {
    /// Also when it is booked: nobody has looked since.
    Open,
    /// By the transaction with this number.
    Suspended(i64),
    /// Out of suspense.
    Settled,
}

#[derive(Default)]
pub struct Store {
    pub branch: i16,
    pub people: BTreeMap<UserId, (i16, Handle, String)>,
    pub handles: HashMap<Handle, UserId>,
    pub devices: BTreeMap<DeviceId, (UserId, DeviceFacts)>,
    pub wallets: BTreeMap<WalletId, WalletRow>,
    /// Of people of other branches.
    pub wallets_elsewhere: Vec<WalletFacts>,
    /// Asked for at the bank, booked or not.
    pub deposits: BTreeMap<(UserId, TransactionId), Asked>,
    pub blocks: BTreeSet<(UserId, UserId)>,
    feed_seq: BTreeMap<UserId, i64>,
    tombstones: BTreeSet<(UserId, IntentHash)>,
    pub transactions: Vec<(UnixMillis, TransactionRow)>,
    feed: Vec<FeedRow>,
    tiers: BTreeMap<UserId, Tier>,
    pub methods: BTreeMap<MethodId, UserId>,
    pub quotes: BTreeMap<QuoteId, QuoteRow>,
    holds: BTreeMap<i64, HoldRow>,
    /// Paid and returned, by the payment's number.
    returns: BTreeMap<i64, (i64, i64)>,
    schedules: BTreeMap<i64, ScheduleRow>,
    pub breaks: BTreeMap<(DeviceId, i64), BreakRow>,
    closed: BTreeSet<UserId>,
}

/// Reading.
impl Store {
    pub fn open_books(&self) -> Books {
        let mut books = Books::new(self.branch, i64::try_from(self.transactions.len()).unwrap());
        for (_, row) in &self.transactions {
            for (map, leg) in [(&mut books.last_leg_to, row.leg), (&mut books.last_leg_from, row.from_leg)] {
                if let Some((branch, no)) = leg {
                    map.insert(branch, no);
                }
            }
        }
        self.wallets.values().filter(|row| row.house.is_some()).for_each(|row| books.put_wallet(row.clone()));
        books
    }

    pub fn load(&self, books: &mut Books, commands: &[Command], before: Option<&Found>) -> Found {
        let mut found = Found::default();
        let (mut users, mut numbers, mut ids) = (BTreeSet::new(), Vec::new(), Vec::new());
        for command in commands {
            match command {
                Command::Intent(order) => {
                    let intent = order.intent.intent();
                    users.insert(intent.user);
                    self.load_device(books, intent.device);
                    self.find_id(&mut found, (intent.user, intent.id));
                    ids.push((intent.user, intent.id));
                    numbers.push((intent.device, i64::try_from(intent.seq).unwrap()));
                    match &intent.order {
                        Order::Send(send) => {
                            let payee = self.handles.get(&send.to).copied();
                            users.extend(payee);
                            books.handles.extend(payee.map(|payee| (send.to.clone(), payee)));
                        }
                        Order::Cancel { id, .. } => {
                            self.find_id(&mut found, (intent.user, *id));
                            self.find_schedules(&mut found, intent.user);
                        }
                        Order::Withdraw(order) => {
                            found.methods.extend(self.methods.get(&order.to).map(|owner| (order.to, *owner)));
                        }
                        Order::Exchange(order) => {
                            let quote = self.quotes.get(&order.quote).cloned();
                            found.quotes.extend(quote.map(|quote| (order.quote, quote)));
                        }
                        Order::Refund(order) => {
                            users.insert(order.payer);
                            self.find_paid(&mut found, (order.payer, order.of));
                        }
                        Order::Schedule(order) => {
                            let payee = self.handles.get(&order.send.to).copied();
                            users.extend(payee);
                            books.handles.extend(payee.map(|payee| (order.send.to.clone(), payee)));
                            self.find_schedules(&mut found, intent.user);
                        }
                    }
                }
                Command::Deposit(order) => {
                    users.insert(order.user);
                    self.find_id(&mut found, (order.user, TransactionId(order.deposit.0)));
                    ids.push((order.user, TransactionId(order.deposit.0)));
                }
                Command::Leg(_, leg) => drop(users.insert(leg.payee)),
                Command::Money(user, act) => {
                    users.insert(*user);
                    match act {
                        MoneyAct::HandOver { hold }
                        | MoneyAct::Capture { hold }
                        | MoneyAct::Release { hold, .. } => {
                            found.holds.extend(self.holds.get(hold).cloned().map(|row| (*hold, row)));
                        }
                        MoneyAct::Reverse { payer, of } => {
                            users.insert(*payer);
                            self.find_paid(&mut found, (*payer, *of));
                        }
                        MoneyAct::CloseAccount => {
                            self.find_schedules(&mut found, *user);
                            let waits = |(key, asked): (&(UserId, TransactionId), &Asked)| {
                                key.0 == *user && asked.state != AskedState::Settled
                            };
                            found.awaiting.extend(self.deposits.iter().any(waits).then_some(*user));
                        }
                        MoneyAct::BookSuspended { suspended } | MoneyAct::ReturnSuspended { suspended } => {
                            users.extend(self.find_suspended(&mut found, *suspended));
                        }
                        MoneyAct::Hold { .. } => {}
                    }
                }
                Command::Due(holds, schedules) => {
                    for number in holds {
                        users.insert(self.holds[number].user);
                        found.holds.insert(*number, self.holds[number].clone());
                    }
                    for number in schedules {
                        let row = self.schedules[number].clone();
                        let payee = self.handles.get(&row.order.send.to).copied();
                        users.insert(row.user);
                        users.extend(payee);
                        books.handles.extend(payee.map(|payee| (row.order.send.to.clone(), payee)));
                        found.schedules.insert(*number, row);
                    }
                }
                Command::Account(user, change) => {
                    users.insert(*user);
                    match change {
                        AccountChange::RevokeDevice(device) => {
                            books.devices.remove(device);
                            self.load_device(books, *device);
                        }
                        AccountChange::SetBlocked { other, .. } => drop(users.insert(*other)),
                        _ => {}
                    }
                }
            }
        }
        users.into_iter().for_each(|user| self.load_person(books, user));
        for number in numbers {
            // A number above the device's last is new: nobody looks.
            let (device, seq) = number;
            if books.devices.get(&device).is_none_or(|known| seq > known.last_seq) {
                continue;
            }
            for key in [(device, seq), (device, seq - 1)] {
                let is = |row: &&TransactionRow| (row.device, row.seq) == (Some(key.0), Some(key.1));
                found.used_seqs.extend(self.rows().find(is).map(|row| (key, row.hash.unwrap())));
                found.used_seqs.extend(before.and_then(|before| Some((key, *before.used_seqs.get(&key)?))));
            }
            let next = (device, seq + 1);
            found.links.extend(self.breaks.get(&next).map(|row| (next, Link::Broken(row.prev))));
            found.links.extend(before.and_then(|before| Some((next, *before.links.get(&next)?))));
        }
        for key in ids {
            let stored = before.and_then(|before| before.stored.get(&key).cloned());
            if let Some(stored) = stored {
                found.stored.insert(key, stored);
            }
            found.suspended.extend(before.filter(|before| before.suspended.contains(&key)).map(|_| key));
        }
        found
    }

    fn find_schedules(&self, found: &mut Found, user: UserId) {
        let running = self.schedules.values().filter(|row| row.user == user && row.next_at.is_some());
        found.schedules.extend(running.map(|row| (row.number, row.clone())));
    }

    fn find_paid(&self, found: &mut Found, key: (UserId, TransactionId)) {
        let came_in = |row: &&TransactionRow| {
            let is_payment = row.kind == Kind::Send || (row.kind == Kind::Credit && row.of.is_none());
            (row.user, row.id) == key && row.status == Status::Settled && row.leg.is_none() && is_payment
        };
        let paid = self.rows().find(came_in).and_then(|row| {
            let receiver = row.receiver.unwrap();
            (self.wallets[&receiver].facts.owner == row.payee).then(|| Paid {
                number: row.number,
                amount: row.amount.unwrap(),
                payee: row.payee.unwrap(),
                receiver,
                returned: self.returns.get(&row.number).map_or(0, |(_, returned)| *returned),
            })
        });
        found.paid.insert(key, paid);
    }

    /// Holds that end by themselves, and schedules with a payment to make.
    pub fn due(&self, now: UnixMillis) -> (Vec<i64>, Vec<i64>) {
        let is_due = |at: Option<UnixMillis>| at.is_some_and(|at| at <= now);
        let holds =
            self.holds.values().filter(|row| row.status == HoldStatus::Open && is_due(row.expires_at));
        let schedules = self.schedules.values().filter(|row| is_due(row.next_at));
        (holds.map(|row| row.number).collect(), schedules.map(|row| row.number).collect())
    }

    fn load_person(&self, books: &mut Books, user: UserId) {
        let Some((branch, handle, name)) = self.people.get(&user) else { return };
        if books.users.contains_key(&user) {
            return;
        }
        if *branch != self.branch {
            books.others.insert(user);
        }
        let row = UserRow {
            branch: *branch,
            handle: handle.clone(),
            display_name: name.clone(),
            tier: self.tiers.get(&user).copied().unwrap_or_default(),
            closed: self.closed.contains(&user),
            feed_seq: self.last_told(user),
            blocked: of(&self.blocks, user).collect(),
            tombstones: of(&self.tombstones, user).collect(),
        };
        books.users.insert(user, row);
        self.wallets_of(user).for_each(|row| books.put_wallet(row.clone()));
        let elsewhere = self.wallets_elsewhere.iter().filter(|facts| facts.owner == Some(user));
        books.wallets_elsewhere.extend(elsewhere.map(|facts| ((user, facts.currency), facts.clone())));
    }

    fn load_device(&self, books: &mut Books, device: DeviceId) {
        let Some((user, facts)) = self.devices.get(&device).filter(|_| !books.devices.contains_key(&device))
        else {
            return;
        };
        let (last_seq, last_hash) = self.last_of(device);
        let row =
            DeviceRow { user: *user, name: device.to_string(), facts: facts.clone(), last_seq, last_hash };
        books.devices.insert(device, row);
    }

    fn last_of(&self, device: DeviceId) -> (i64, Option<IntentHash>) {
        let own = self.rows().filter(|row| row.device == Some(device));
        let last = own.filter_map(|row| Some((row.seq?, row.hash))).max_by_key(|(seq, _)| *seq);
        last.unwrap_or((0, None))
    }

    /// The payer, of a payment.
    fn find_suspended(&self, found: &mut Found, number: i64) -> Option<UserId> {
        let is = |asked: &&Asked| asked.state == AskedState::Suspended(number);
        let row = &self.transactions[usize::try_from(number).unwrap() - 1].1;
        let id = row.id;
        if let Some(Asked { order, .. }) = self.deposits.values().find(is) {
            let what = Suspense::Deposit {
                deposit: order.deposit,
                wallet: order.wallet,
                reference: Some(order.reference.clone()),
                requested_at: order.requested_at,
            };
            let deposit = Suspended { id, owner: order.user, amount: order.amount, what };
            found.in_suspense.insert(number, deposit);
            self.find_id(found, (order.user, TransactionId(order.deposit.0)));
            return None;
        }
        let is_out = |out: &TransactionRow| {
            out.of.is_some_and(|of| of.number == Some(number)) && out.sender == row.receiver
        };
        let receiver = row.receiver.and_then(|wallet| self.wallets[&wallet].house);
        if receiver != Some(House::Suspense) || self.rows().any(is_out) {
            return None;
        }
        let what = match row.kind {
            Kind::Credit => Suspense::Payment { payer: row.user, message: row.message.clone() },
            Kind::Capture => Suspense::Taken { hold: row.of.unwrap().id },
            _ => return None,
        };
        let (owner, amount) = (row.payee.unwrap_or(row.user), row.amount.unwrap());
        found.in_suspense.insert(number, Suspended { id, owner, amount, what });
        (row.kind == Kind::Credit).then_some(row.user)
    }

    fn find_id(&self, found: &mut Found, key: (UserId, TransactionId)) {
        let open = self.deposits.get(&key).filter(|asked| asked.state != AskedState::Settled);
        if let Some(Asked { order, state }) = open {
            let is_confirmed = *state == AskedState::Open;
            let asked = AskedDeposit { wallet: order.wallet, amount: order.amount.money(), is_confirmed };
            found.expected.insert(key, asked);
            found.suspended.extend((!is_confirmed).then_some(key));
        }
        let Some((at, row)) = self.transactions.iter().find(|(_, row)| (row.user, row.id) == key) else {
            return;
        };
        let outcome = match row.status {
            Status::Settled => IntentOutcome::Settled { at: *at },
            Status::Held => IntentOutcome::Held { at: *at },
            Status::Refused(code) => {
                let figure = row.figure.map(|minor| Money::new(minor, row.amount.unwrap().currency()));
                IntentOutcome::Refused { code, at: *at, figure }
            }
        };
        let (number, hash, device, seq) = (row.number, row.hash, row.device, row.seq);
        found.stored.insert(key, Stored { number, hash, device, seq, outcome, receiver: row.receiver });
    }

    fn rows(&self) -> impl Iterator<Item = &TransactionRow> {
        self.transactions.iter().map(|(_, row)| row)
    }
    fn wallets_of(&self, user: UserId) -> impl Iterator<Item = &WalletRow> {
        self.wallets.values().filter(move |row| row.facts.owner == Some(user))
    }
    pub fn wallet_of(&self, user: UserId, currency: Currency) -> Option<&WalletRow> {
        self.wallets_of(user).find(|row| row.facts.currency == currency)
    }
    pub fn house_wallet(&self, house: House, currency: Currency) -> Option<&WalletRow> {
        let is = |row: &&WalletRow| row.house == Some(house) && row.facts.currency == currency;
        self.wallets.values().find(is)
    }
    /// The last number of the user's feed, as it is read from the rows of the user and of their wallets.
    pub fn last_told(&self, user: UserId) -> i64 {
        let own = self.feed_seq.get(&user).copied().unwrap_or(0);
        self.wallets_of(user).map(|row| row.feed_seq).fold(own, i64::max)
    }
}

/// Writing.
impl Store {
    pub fn write(&mut self, rows: &Rows, now: UnixMillis) {
        for id in &rows.new_wallets {
            let WalletRow { facts, house, .. } = &rows.wallets[id];
            let is_there = self.wallets.values().any(|row| {
                (row.facts.owner, row.house, row.facts.currency) == (facts.owner, *house, facts.currency)
            });
            assert!(!is_there, "a second wallet of one owner, or purpose, and currency");
            self.wallets.insert(*id, new_wallet(*id, facts.owner, *house, facts.currency));
        }
        self.write_orders(rows);
        let told = self.write_entries(rows);
        for (id, before) in &rows.changed_wallets {
            let (row, stored) = (&rows.wallets[id], &self.wallets[id]);
            assert_eq!(stored.entry_no, *before, "the fence: somebody else wrote this wallet");
            let facts = &row.facts;
            assert!(facts.owner.is_none() || facts.balance >= facts.held, "{facts:?}");
            self.wallets.insert(*id, row.clone());
        }
        for row in &rows.transactions {
            self.write_transaction(row, now);
        }
        for row in &rows.feed {
            self.feed.push(row.clone());
        }
        self.feed_seq.extend(rows.told_users.clone());
        for (user, last) in told {
            assert_eq!(self.last_told(user), last, "what the rows say is the feed's end");
        }
        for device in &rows.revoked {
            self.devices.get_mut(device).unwrap().1.revoked = true;
        }
        for device in &rows.forked {
            self.devices.get_mut(device).unwrap().1.forked = true;
        }
        for tombstone in &rows.tombstones {
            assert!(self.tombstones.insert(*tombstone), "written once");
        }
        for (key, row) in &rows.new_breaks {
            assert!(self.breaks.insert(*key, row.clone()).is_none(), "an order breaks its chain once");
        }
        for key in &rows.mended_breaks {
            assert!(self.breaks.remove(key).is_some(), "what is mended was broken");
        }
        for (user, other, blocked) in &rows.block_changes {
            let pair = (*user, *other);
            let changed = if *blocked { self.blocks.insert(pair) } else { self.blocks.remove(&pair) };
            assert!(changed, "written only when it changes");
        }
    }

    fn write_transaction(&mut self, row: &TransactionRow, now: UnixMillis) {
        assert_eq!(row.number, i64::try_from(self.transactions.len()).unwrap() + 1, "numbers without gaps");
        assert!(self.rows().all(|other| (other.user, other.id) != (row.user, row.id)), "an id decides once");
        let of_house =
            |wallet: Option<WalletId>| wallet.is_some_and(|id| self.wallets[&id].facts.owner.is_none());
        if let (Kind::Deposit | Kind::Send | Kind::Reversal, Some(Of { number: Some(of), .. })) =
            (row.kind, row.of)
            && of_house(row.sender)
        {
            let is_second = |other: &TransactionRow| {
                other.sender == row.sender && other.of.is_some_and(|it| it.number == Some(of))
            };
            assert!(!self.rows().any(is_second), "out of suspense once");
        }
        let number = (row.device, row.seq);
        let is_free = row.seq.is_none() || self.rows().all(|other| (other.device, other.seq) != number);
        assert!(is_free, "a device's number is used once");
        let last = |leg: fn(&TransactionRow) -> Option<(i16, i64)>, branch| {
            self.rows().filter_map(leg).filter(|(to, _)| *to == branch).map(|(_, no)| no).max().unwrap_or(0)
        };
        for (of, leg) in [
            ((|row| row.leg) as fn(&TransactionRow) -> Option<(i16, i64)>, row.leg),
            (|row| row.from_leg, row.from_leg),
        ] {
            if let Some((branch, no)) = leg {
                assert_eq!(no, last(of, branch) + 1, "legs without gaps");
            }
        }
        self.transactions.push((now, row.clone()));
    }

    /// Holds, what was returned, quotes, schedules: what their constraints say.
    fn write_orders(&mut self, rows: &Rows) {
        self.tiers.extend(rows.tiers.iter().copied());
        for user in &rows.closed {
            assert!(self.closed.insert(*user), "an account is closed once");
        }
        for hold in &rows.new_holds {
            assert!(self.holds.insert(hold.number, hold.clone()).is_none(), "a hold is opened once");
        }
        for number in &rows.kept_holds {
            self.holds.get_mut(number).unwrap().expires_at = None;
        }
        for end in &rows.ended_holds {
            let hold = self.holds.get_mut(&end.number).unwrap();
            assert_eq!(hold.status, HoldStatus::Open, "a hold ends once");
            hold.status = end.status;
        }
        for (number, returned) in &rows.returns {
            let before = self.returns.insert(*number, (returned.paid, returned.now));
            assert_eq!(before.map_or(0, |(_, before)| before), returned.before, "the fence");
            assert!(
                returned.now > returned.before && returned.now <= returned.paid,
                "never more than was paid"
            );
        }
        for (quote, _) in &rows.used_quotes {
            let row = self.quotes.get_mut(quote).unwrap();
            assert!(!std::mem::replace(&mut row.is_used, true), "a quote is used once");
        }
        for (user, deposit, number) in &rows.suspended {
            let asked = self.deposits.get_mut(&(*user, TransactionId(deposit.0))).unwrap();
            assert_eq!(asked.state, AskedState::Open, "a deposit is suspended once");
            asked.state = AskedState::Suspended(*number);
        }
        for (user, deposit) in &rows.unsuspended {
            let asked = self.deposits.get_mut(&(*user, TransactionId(deposit.0))).unwrap();
            assert!(matches!(asked.state, AskedState::Suspended(_)), "and leaves suspense once");
            asked.state = AskedState::Settled;
        }
        for (number, before) in &rows.changed_schedules {
            let known = self.schedules.get(number).map(|row| row.made);
            assert!(rows.new_schedules.contains(number) || known == Some(*before), "the fence");
        }
        self.schedules.extend(rows.schedules.clone());
    }

    /// Both of what moved.
    fn entries_of(&self, row: &TransactionRow) -> Vec<Entry> {
        if row.status != Status::Settled || !row.kind.moves() {
            assert_eq!((row.receiver, row.credit), (None, Side::default()), "{row:?}");
            return Vec::new();
        }
        let currency = self.wallets[&row.sender.unwrap()].facts.currency;
        assert!(row.amount.is_none_or(|amount| amount.currency() == currency), "in its wallets' currency");
        // What was there before the history may be more than one amount.
        let minor = row.amount.map_or_else(|| row.credit.balance_after.unwrap(), Amount::minor);
        let entry = |wallet: Option<WalletId>, minor, side, owner| {
            let wallet = wallet.unwrap();
            let facts = &self.wallets[&wallet].facts;
            assert_eq!(facts.currency, currency, "in the currency of both wallets");
            Entry { wallet, minor, side, owner: facts.owner.inspect(|is| assert_eq!(*is, owner)) }
        };
        vec![
            entry(row.sender, -minor, row.debit, row.user),
            entry(row.receiver, minor, row.credit, row.payee.unwrap_or(row.user)),
        ]
    }

    /// Adds up what the batch says of each wallet and each feed; the feeds' new ends.
    fn write_entries(&mut self, rows: &Rows) -> BTreeMap<UserId, i64> {
        let mut ends: BTreeMap<WalletId, (i64, i64, i64)> = BTreeMap::new();
        let mut told: BTreeMap<UserId, Vec<i64>> = BTreeMap::new();
        let start = |wallet: WalletId| {
            let row = &self.wallets[&wallet];
            (row.entry_no, row.facts.balance, row.facts.held)
        };
        for row in &rows.transactions {
            // What is set aside, and what is free again.
            let aside = match (row.kind, row.status, row.of.and_then(|of| of.number)) {
                (Kind::Withdraw | Kind::Hold, Status::Held, _) => self.holds[&row.number].amount.minor(),
                (Kind::Capture | Kind::Release, _, Some(of)) => -self.holds[&of].amount.minor(),
                _ => 0,
            };
            if let Some(wallet) = row.sender.filter(|_| aside != 0) {
                ends.entry(wallet).or_insert_with(|| start(wallet)).2 += aside;
                if !row.kind.moves() {
                    let end = ends[&wallet];
                    let side =
                        (row.debit.entry_no.unwrap(), row.debit.balance_after.unwrap(), row.debit.held_after);
                    assert_eq!(side, end, "the wallet afterwards");
                }
            }
            for entry in self.entries_of(row) {
                let end = ends.entry(entry.wallet).or_insert_with(|| start(entry.wallet));
                *end = (end.0 + 1, end.1 + entry.minor, end.2);
                let side =
                    (entry.side.entry_no.unwrap(), entry.side.balance_after.unwrap(), entry.side.held_after);
                assert_eq!(side, *end, "entries without gaps, balances add up");
                assert_eq!(
                    entry.side.feed_seq.is_some(),
                    entry.owner.is_some(),
                    "an entry is in its owner's feed"
                );
                assert!(rows.changed_wallets.contains_key(&entry.wallet), "its wallet's row is written");
            }
            row.told().for_each(|(user, seq)| told.entry(user).or_default().push(seq));
        }
        rows.feed.iter().for_each(|row| told.entry(row.user).or_default().push(row.seq));
        let feed_end = |(user, mut seqs): (UserId, Vec<i64>)| {
            seqs.sort_unstable();
            let last = self.last_told(user);
            let wanted: Vec<i64> = (last + 1..).take(seqs.len()).collect();
            assert_eq!(seqs, wanted, "a feed without gaps");
            (user, *wanted.last().unwrap_or(&last))
        };
        told.into_iter().map(feed_end).collect()
    }

    /// Memory is never more than a copy of what committed.
    pub fn is_what(&self, books: &Books) {
        assert_eq!(books.last_number, i64::try_from(self.transactions.len()).unwrap());
        let anew = self.open_books();
        let legs = |map: &HashMap<i16, i64>| {
            map.iter().map(|(to, no)| (*to, *no)).filter(|(_, no)| *no > 0).collect::<BTreeMap<_, _>>()
        };
        assert_eq!(legs(&anew.last_leg_to), legs(&books.last_leg_to));
        assert_eq!(legs(&anew.last_leg_from), legs(&books.last_leg_from));
        for (id, row) in &books.wallets {
            let stored = &self.wallets[id];
            let parts = |row: &WalletRow| (row.facts.clone(), row.house, row.entry_no, row.feed_seq);
            assert_eq!(parts(row), parts(stored));
        }
        for (user, row) in &books.users {
            assert_eq!(row.feed_seq, self.last_told(*user), "where {user}'s feed ends");
            assert_eq!(row.closed, self.closed.contains(user));
            assert_eq!(
                row.blocked.iter().copied().collect::<BTreeSet<_>>(),
                of(&self.blocks, *user).collect()
            );
            let tombstones: BTreeSet<_> = row.tombstones.iter().copied().collect();
            assert_eq!(tombstones, of(&self.tombstones, *user).collect());
            for wallet in self.wallets_of(*user) {
                assert_eq!(books.wallet_of[&(*user, wallet.facts.currency)], wallet.facts.wallet);
            }
        }
        for (device, row) in &books.devices {
            assert_eq!((row.user, &row.facts), (self.devices[device].0, &self.devices[device].1));
            assert_eq!((row.last_seq, row.last_hash), self.last_of(*device));
        }
    }

    /// All of it, added up from the first entry.
    pub fn adds_up(&self) {
        for wallet in self.closed.iter().flat_map(|user| self.wallets_of(*user)) {
            assert_eq!((wallet.facts.balance, wallet.facts.held), (0, 0), "nothing is in a closed account");
        }
        let mut ends: BTreeMap<WalletId, (i64, i64)> = BTreeMap::new();
        let mut feeds: BTreeMap<UserId, BTreeSet<i64>> = BTreeMap::new();
        let told = self.feed.iter().map(|row| (row.user, row.seq));
        for (user, seq) in self.rows().flat_map(TransactionRow::told).chain(told) {
            assert!(feeds.entry(user).or_default().insert(seq), "two rows of a feed with one number");
        }
        for (user, seqs) in feeds {
            let last = i64::try_from(seqs.len()).unwrap();
            assert_eq!((seqs.first(), seqs.last()), (Some(&1), Some(&last)), "{user}'s feed");
            assert_eq!(self.last_told(user), last);
        }
        for entry in self.rows().flat_map(|row| self.entries_of(row)) {
            let end = ends.entry(entry.wallet).or_default();
            *end = (end.0 + 1, end.1 + entry.minor);
        }
        for (id, row) in &self.wallets {
            let end = ends.get(id).copied().unwrap_or_default();
            assert_eq!((row.entry_no, row.facts.balance), end, "a wallet is the sum of its entries");
            let open =
                self.holds.values().filter(|hold| hold.wallet == *id && hold.status == HoldStatus::Open);
            let held: i64 = open.map(|hold| hold.amount.minor()).sum();
            assert_eq!(row.facts.held, held, "a wallet holds back what its holds say");
        }
    }
}

fn of<T: Copy + Ord>(pairs: &BTreeSet<(UserId, T)>, user: UserId) -> impl Iterator<Item = T> {
    pairs.iter().filter(move |(owner, _)| *owner == user).map(|(_, other)| *other)
}
