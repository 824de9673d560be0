//! Money from outside the branch: deposits, and payments of other branches.

use super::super::books::House;
use super::super::command::{DepositOrder, Leg};
use super::super::rows::{Kind, Of, Stored, TransactionRow};
use super::Batch;
use purse_shared::TransactionId;
use purse_shared::limits::BALANCE_MINOR_MAX;
use purse_shared::protocol::{IntentOutcome, WalletState};

impl Batch<'_> {
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
            facts.is_some_and(|facts| facts.has_room_for(leg.amount.minor(), BALANCE_MINOR_MAX))
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
        let mut row =
            TransactionRow::new(self.take_number(), leg.id, leg.payer, Kind::Credit, leg.settled_at);
        (row.sender, row.receiver) = (Some(transit), Some(receiver));
        (row.payee, row.amount) = (Some(leg.payee), Some(leg.amount));
        row.message.clone_from(&leg.message);
        row.of = leg.returns.map(|id| Of { number: None, id });
        row.from_leg = Some((from, leg.no));
        if theirs.is_some() && leg.returns.is_none() {
            self.note_paid(&row);
        }
        self.post(row);
    }

    /// Books a deposit once; `None` when it cannot be booked (no such wallet, it would be too full, or a payment has
    /// its id: taking that for the booked deposit would lose the money).
    pub fn deposit(&mut self, order: &DepositOrder) -> Option<WalletState> {
        let id = TransactionId(order.deposit.0);
        if let Some(stored) = self.found.stored.get(&(order.user, id)) {
            // A payment of a schedule is signed by no hash either, and goes into another wallet.
            let is_this = stored.hash.is_none() && stored.receiver == Some(order.wallet);
            return if is_this { self.wallet_state(order.wallet) } else { None };
        }
        let currency = order.amount.currency();
        let facts = &self.books.wallets.get(&order.wallet)?.facts;
        let fits = facts.owner == Some(order.user)
            && facts.currency == currency
            && facts.has_room_for(order.amount.minor(), BALANCE_MINOR_MAX);
        if !fits {
            return None;
        }
        let house = self.house_wallet(House::SandboxBank, currency);
        let mut row =
            TransactionRow::new(self.take_number(), id, order.user, Kind::Deposit, order.requested_at);
        (row.sender, row.receiver) = (Some(house), Some(order.wallet));
        row.amount = Some(order.amount);
        row.reference = Some(order.reference.clone());
        let stored = Stored {
            number: row.number,
            hash: None,
            device: None,
            seq: None,
            outcome: IntentOutcome::Settled { at: self.now },
            receiver: Some(order.wallet),
        };
        self.post(row);
        self.found.stored.insert((order.user, id), stored);
        self.wallet_state(order.wallet)
    }
}
