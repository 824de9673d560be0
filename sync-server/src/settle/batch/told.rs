//! What an upload adds to its user's feed, told with its answer: nearly every device asks for just that, and would have
//! it read back from the database.

use super::super::command::{OwnFeed, SendIntent};
use super::super::rows::{Kind, Status, TransactionRow, reference};
use super::Batch;
use purse_shared::protocol::{
    Counterparty, Direction, FeedEvent, FeedItem, IntentOutcome, TransactionKind, TransactionRecord,
    WalletState,
};
use purse_shared::{Amount, Money, UserId};

impl Batch<'_> {
    /// Of the rows from `first` on, which are of these orders. Only where each is a payment that was settled and nothing
    /// else was told; anything more is read back (`store::feed::page`), which must say the same.
    pub fn own_feed(&self, user: UserId, orders: &[SendIntent], first: usize) -> Option<OwnFeed> {
        let rows = self.rows.transactions.get(first..)?;
        let device = orders.first()?.intent.intent().device;
        if rows.len() != orders.len() || self.rows.feed.iter().any(|row| row.user == user) {
            return None;
        }
        let mut items = Vec::with_capacity(rows.len());
        for (row, order) in rows.iter().zip(orders) {
            if row.hash != Some(order.intent.hash()) || row.device != Some(device) {
                return None;
            }
            items.push(self.item_of_payer(user, row)?);
        }
        let is_whole = items.windows(2).all(|pair| pair[1].seq == pair[0].seq + 1);
        let known = self.books.devices.get(&device)?;
        is_whole.then_some(OwnFeed { items, device, last_seq: known.last_seq, last_hash: known.last_hash? })
    }

    /// A settled payment as its payer's devices are told of it.
    fn item_of_payer(&self, user: UserId, row: &TransactionRow) -> Option<FeedItem> {
        let is_plain = row.user == user
            && row.kind == Kind::Send
            && row.status == Status::Settled
            && row.of.is_none()
            && row.fee == 0;
        let (amount, wallet, payee) = (row.amount.filter(|_| is_plain)?, row.sender?, row.payee?);
        let (seq, at) = (u64::try_from(row.debit.feed_seq?).ok()?, self.now);
        let other = self.books.users.get(&payee).filter(|other| !other.closed)?;
        let money = |minor| Money::new(minor, Amount::currency(amount));
        let transaction = TransactionRecord {
            id: row.id,
            kind: TransactionKind::Send,
            direction: Direction::Out,
            amount,
            wallet: Some(wallet),
            counterparty: Some(Counterparty {
                user: Some(payee),
                handle: Some(other.handle.clone()),
                display_name: other.display_name.clone(),
            }),
            message: row.message.clone(),
            outcome: IntentOutcome::Settled { at },
            created_at: row.created_at,
            decided_at: at,
            device: row.device,
            hash: row.hash.map(|hash| hash.to_bytes()),
            reference: row.reference.clone().unwrap_or_else(|| reference(row.id)),
            of: None,
            fee: None,
            bought: None,
        };
        let wallet = WalletState {
            wallet,
            balance: money(row.debit.balance_after?),
            held: money(row.debit.held_after),
            // A frozen wallet pays nobody.
            frozen: false,
            entry_no: u64::try_from(row.debit.entry_no?).ok()?,
        };
        Some(FeedItem { seq, at, event: FeedEvent::Transaction { transaction, wallet: Some(wallet) } })
    }
}
