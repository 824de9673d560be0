//! All that one person was ever told, and whether one story explains it: a feed without gaps that never changes, and
//! every balance that was read a balance of that feed, in order.

use purse_shared::WalletId;
use purse_shared::protocol::{
    Direction, FeedEvent, FeedItem, TransactionKind, TransactionRecord, WalletState,
};

pub struct Memory {
    wallet: WalletId,
    feed: Vec<FeedItem>,
    /// The wallet's balance after each entry; before the first there was nothing.
    balances: Vec<i64>,
    reads: Vec<Read>,
}

/// A balance that was read, when the feed had told of `from` entries.
struct Read {
    from: usize,
    balance: i64,
}

impl Memory {
    pub fn new(wallet: WalletId) -> Self {
        Self { wallet, feed: Vec::new(), balances: vec![0], reads: Vec::new() }
    }

    pub fn cursor(&self) -> u64 {
        self.feed.len().try_into().unwrap()
    }
    pub fn entries(&self) -> usize {
        self.balances.len() - 1
    }
    pub fn balance(&self) -> i64 {
        *self.balances.last().unwrap()
    }

    /// A page, which may be heard twice.
    pub fn pulled(&mut self, page: Vec<FeedItem>) {
        for item in page {
            let at = usize::try_from(item.seq).unwrap() - 1;
            match self.feed.get(at) {
                Some(known) => assert_eq!(item, *known, "what the feed said stands"),
                None => {
                    assert_eq!(at, self.feed.len(), "the feed has no gaps, also across crashes");
                    self.enter(&item);
                    self.feed.push(item);
                }
            }
        }
    }

    /// What the item says of the wallet re-adds to what was said before.
    fn enter(&mut self, item: &FeedItem) {
        let (moved, wallet) = match &item.event {
            FeedEvent::Wallet { wallet } => (0, Some(wallet)),
            FeedEvent::Transaction { transaction, wallet } => (moved(transaction), wallet.as_ref()),
            _ => return,
        };
        let Some(WalletState { balance, held, entry_no, .. }) =
            wallet.filter(|state| state.wallet == self.wallet)
        else {
            return;
        };
        assert!(balance.minor >= 0 && held.minor == 0, "{item:?}");
        let entry_no = usize::try_from(*entry_no).unwrap();
        if entry_no > self.entries() {
            assert_eq!(entry_no, self.entries() + 1, "entries have no gaps: {item:?}");
            assert_eq!(balance.minor, self.balance() + moved, "the balance re-adds: {item:?}");
            self.balances.push(balance.minor);
        }
    }

    pub fn read(&mut self, from: usize, balance: i64) {
        self.reads.push(Read { from, balance });
    }

    /// Every payment of the feed, own and others'.
    pub fn payments(&self) -> impl Iterator<Item = &TransactionRecord> {
        self.feed.iter().filter_map(|item| match &item.event {
            FeedEvent::Transaction { transaction, .. } if transaction.kind == TransactionKind::Send => {
                Some(transaction)
            }
            _ => None,
        })
    }

    /// The reads came one after the other: each shows the wallet as it was then or later, never money that was not
    /// there, and never goes back.
    pub fn reads_are_explained(&self) {
        let mut at = 0;
        for (n, Read { from, balance }) in self.reads.iter().enumerate() {
            at = at.max(*from);
            let rest = self.balances[at..].iter().position(|there| there == balance);
            at += rest.unwrap_or_else(|| panic!("read {n} showed {balance}: no balance from entry {at} on"));
        }
    }
}

fn moved(transaction: &TransactionRecord) -> i64 {
    if !matches!(transaction.outcome, purse_shared::protocol::IntentOutcome::Settled { .. }) {
        return 0;
    }
    match transaction.direction {
        Direction::In => transaction.amount.minor(),
        Direction::Out => -transaction.amount.minor(),
    }
}
