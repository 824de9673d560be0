//! Reads what `store::load` reads.

use super::*;

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
        books.put_user(user, row);
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
}
