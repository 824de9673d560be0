//! Whether the whole of it is in order, and memory a copy of it.

use super::*;

impl Store {
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
