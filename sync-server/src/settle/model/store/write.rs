//! Takes what `store::write` writes, and refuses what the constraints refuse.

use super::*;

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
}
