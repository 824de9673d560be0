//! Between two wallets of one person, at a quoted rate: two rows, so that each currency balances by itself.

use super::super::books::House;
use super::super::rows::{Kind, Of, Status, TransactionRow};
use super::super::rules::{self, QuoteFacts, Verdict};
use super::{Batch, Giver};
use purse_shared::intent::ExchangeOrder;

impl Batch<'_> {
    pub(super) fn decide_exchange(&self, order: &ExchangeOrder, giver: &Giver<'_>) -> Verdict {
        let quote = self.found.quotes.get(&order.quote).map(|quote| QuoteFacts {
            user: quote.user,
            sell: quote.sell,
            buy: quote.buy,
            expires_at: quote.expires_at,
            is_used: quote.is_used,
        });
        let into = self.wallet_of(giver.user, order.buy.currency());
        let payer = self.payer(giver, order.from, order.sell.currency());
        let balance_max = self.limits(giver.user, order.buy.currency()).balance;
        rules::decide_exchange(order, &payer, quote, into, balance_max, self.now)
    }

    pub(super) fn carry_out_exchange(&mut self, order: &ExchangeOrder, mut row: TransactionRow) {
        row.kind = Kind::Exchange;
        (row.amount, row.bought) = (Some(order.sell), Some(order.buy));
        row.sender = Some(order.from).filter(|wallet| self.books.owns(row.user, *wallet));
        if row.status != Status::Settled || row.sender.is_none() {
            return self.tell_only(row);
        }
        if let Some(quote) = self.found.quotes.get_mut(&order.quote) {
            quote.is_used = true;
        }
        self.rows.used_quotes.push((order.quote, row.number));
        let (user, of) = (row.user, Of { number: Some(row.number), id: row.id });
        row.receiver = Some(self.house_wallet(House::Exchange, order.sell.currency()));
        self.post(row);
        let mut bought = self.part(user, Kind::ExchangeIn, of);
        bought.sender = Some(self.house_wallet(House::Exchange, order.buy.currency()));
        bought.receiver = Some(self.open_wallet(user, order.buy.currency()));
        bought.amount = Some(order.buy);
        self.post(bought);
    }
}
