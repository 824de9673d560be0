//! Money from outside the branch: deposits, and payments of other branches.

use super::super::books::House;
use super::super::command::{DepositAnswer, DepositOrder, Leg};
use super::super::rows::{Kind, Of, Stored, TransactionRow};
use super::Batch;
use purse_shared::limits::BALANCE_MINOR_MAX;
use purse_shared::protocol::{FeedEvent, IntentOutcome};
use purse_shared::{Amount, DepositId, TransactionId, UnixMillis, UserId, WalletId};

impl Batch<'_> {
    /// Credits what left another branch. In order, each leg once; a wallet that is too full, closed or not there leaves it in
    /// suspense, for people to look at.
    pub fn leg(&mut self, from: i16, leg: &Leg) {
        let last = self.books.last_leg_from.entry(from).or_insert(0);
        if leg.no != *last + 1 {
            self.rows.legs_missing |= leg.no > *last;
            return;
        }
        *last = leg.no;
        let currency = leg.amount.currency();
        let theirs =
            self.is_here(leg.payee).then(|| self.open_wallet(leg.payee, currency)).filter(|wallet| {
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

    /// A person of this branch whose account is open.
    pub(super) fn is_here(&self, user: UserId) -> bool {
        self.books.users.get(&user).is_some_and(|row| row.branch == self.books.branch && !row.closed)
    }

    /// Books a deposit once: into its wallet, or, where that cannot take it (not there, too full, or another order has
    /// its id: taking that for the deposit would lose the money), into suspense. `None`: nobody asked for it, or not for
    /// this, or the bank has not paid it. Whoever brings the order is not believed; the deposit's row is.
    pub fn deposit(&mut self, order: &DepositOrder) -> Option<DepositAnswer> {
        let id = TransactionId(order.deposit.0);
        let key = (order.user, id);
        if self.found.suspended.contains(&key) {
            return Some(DepositAnswer::Suspended);
        }
        let stored = self.found.stored.get(&key);
        // A payment of a schedule is signed by no hash either, and goes into another wallet.
        if stored.is_some_and(|stored| stored.hash.is_none() && stored.receiver == Some(order.wallet)) {
            return self.wallet_state(order.wallet).map(DepositAnswer::Booked);
        }
        let is_asked = self.found.expected.get(&key).is_some_and(|asked| {
            asked.is_confirmed && (asked.wallet, asked.amount) == (order.wallet, order.amount.money())
        });
        if !is_asked {
            tracing::error!(
                branch = self.books.branch,
                deposit = %order.deposit,
                user = %order.user,
                minor = order.amount.minor(),
                "a deposit that nobody asked for, or not like this, is not booked"
            );
            return None;
        }
        let currency = order.amount.currency();
        let fits = self.books.wallets.get(&order.wallet).is_some_and(|row| {
            !self.books.is_closed(order.user)
                && row.facts.owner == Some(order.user)
                && row.facts.currency == currency
                && row.facts.has_room_for(order.amount.minor(), BALANCE_MINOR_MAX)
        });
        if stored.is_some() || !fits {
            return Some(self.suspend(order));
        }
        let house = self.house_wallet(House::SandboxBank, currency);
        let row = self.brought(order.user, id, (house, order.wallet), order.amount, order.requested_at);
        self.book(row, order.reference.clone());
        self.wallet_state(order.wallet).map(DepositAnswer::Booked)
    }

    fn suspend(&mut self, order: &DepositOrder) -> DepositAnswer {
        let key = (order.user, TransactionId(order.deposit.0));
        tracing::error!(branch = self.books.branch, deposit = %order.deposit, "a deposit fits into no wallet");
        let currency = order.amount.currency();
        let between =
            (self.house_wallet(House::SandboxBank, currency), self.house_wallet(House::Suspense, currency));
        // Its own id stays free for the day on which it is booked.
        let id = TransactionId::new(self.now, (self.random)());
        let mut row = self.brought(order.user, id, between, order.amount, order.requested_at);
        row.reference = Some(order.reference.clone());
        self.rows.suspended.push((order.user, order.deposit, row.number));
        self.found.suspended.insert(key);
        self.post(row);
        self.tell(order.user, FeedEvent::DepositSetAside { deposit: order.deposit, amount: order.amount });
        DepositAnswer::Suspended
    }

    /// Out of suspense, where the row `of` brought it, into the wallet for which it was; the row's number.
    pub(super) fn book_deposit(
        &mut self,
        user: UserId,
        deposit: DepositId,
        amount: Amount,
        of: Of,
        (reference, requested_at): (Option<String>, UnixMillis),
    ) -> i64 {
        let currency = amount.currency();
        let own = TransactionId(deposit.0);
        let is_free = !self.found.stored.contains_key(&(user, own));
        let id = if is_free { own } else { TransactionId::new(self.now, (self.random)()) };
        let between = (self.house_wallet(House::Suspense, currency), self.open_wallet(user, currency));
        let mut row = self.brought(user, id, between, amount, requested_at);
        row.of = Some(of);
        let number = row.number;
        self.rows.unsuspended.push((user, deposit));
        self.found.suspended.remove(&(user, own));
        self.found.expected.remove(&(user, own));
        self.book(row, reference.unwrap_or_default());
        number
    }

    /// A deposit's row, from the first wallet into the second.
    fn brought(
        &mut self,
        user: UserId,
        id: TransactionId,
        (from, into): (WalletId, WalletId),
        amount: Amount,
        requested_at: UnixMillis,
    ) -> TransactionRow {
        let mut row = TransactionRow::new(self.take_number(), id, user, Kind::Deposit, requested_at);
        (row.sender, row.receiver, row.amount) = (Some(from), Some(into), Some(amount));
        row
    }

    fn book(&mut self, mut row: TransactionRow, reference: String) {
        row.reference = Some(reference);
        let stored = Stored {
            number: row.number,
            hash: None,
            device: None,
            seq: None,
            outcome: IntentOutcome::Settled { at: self.now },
            receiver: row.receiver,
        };
        self.found.stored.insert((row.user, row.id), stored);
        self.post(row);
    }
}
