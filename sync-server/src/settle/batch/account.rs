//! Changes of accounts that stand in one order with the payments.

use super::super::command::{AccountChange, Left, MoneyAnswer};
use super::Batch;
use purse_shared::protocol::{FeedEvent, RefusalCode, WalletState};
use purse_shared::{Currency, UserId};

impl Batch<'_> {
    /// The wallet, for `OpenWallet`.
    pub fn account(&mut self, user: UserId, change: &AccountChange) -> Option<WalletState> {
        if self.books.is_closed(user) {
            return None;
        }
        match change {
            AccountChange::OpenWallet(currency) => {
                let had = self.books.wallet_of.contains_key(&(user, *currency));
                let wallet = self.open_wallet(user, *currency);
                let state = self.wallet_state(wallet)?;
                if !had {
                    self.tell(user, FeedEvent::Wallet { wallet: state.clone() });
                }
                return Some(state);
            }
            AccountChange::RevokeDevice(device) => {
                let known = self.books.devices.get_mut(device);
                let row = known.filter(|row| row.user == user && !row.facts.revoked)?;
                row.facts.revoked = true;
                let event = FeedEvent::DeviceRevoked { device: *device, name: row.name.clone() };
                self.rows.revoked.push(*device);
                self.tell(user, event);
            }
            AccountChange::SetBlocked { other, blocked } => {
                let row = self.books.users.get_mut(&user)?;
                let changed = if *blocked { row.blocked.insert(*other) } else { row.blocked.remove(other) };
                if changed {
                    self.rows.block_changes.push((user, *other, *blocked));
                    self.tell(user, FeedEvent::BlockChanged { user: *other, blocked: *blocked });
                }
            }
            AccountChange::SetFrozen { wallet, frozen } => {
                let row = self.books.wallets.get_mut(wallet).filter(|row| row.facts.owner == Some(user))?;
                if row.facts.frozen != *frozen {
                    row.facts.frozen = *frozen;
                    self.rows.changed_wallets.entry(*wallet).or_insert(row.entry_no);
                    let state = row.state();
                    self.tell(user, FeedEvent::Wallet { wallet: state });
                }
                return self.wallet_state(*wallet);
            }
            AccountChange::SetTier(tier) => {
                let row = self.books.users.get_mut(&user)?;
                if row.tier != *tier {
                    row.tier = *tier;
                    self.rows.tiers.push((user, *tier));
                }
            }
            AccountChange::Tell(event) => self.tell(user, FeedEvent::clone(event)),
        }
        None
    }

    /// Ends an account in which nothing is and for which nothing waits; the same again is the same answer.
    pub(super) fn close(&mut self, user: UserId) -> MoneyAnswer {
        if self.books.is_closed(user) {
            return MoneyAnswer::Done { number: 0 };
        }
        if let Some(left) = self.left(user) {
            return MoneyAnswer::Left { left };
        }
        match self.books.users.get_mut(&user).filter(|row| row.branch == self.books.branch) {
            Some(row) => row.closed = true,
            None => return MoneyAnswer::Refused { code: RefusalCode::UnknownWallet, figure: None },
        }
        self.rows.closed.push(user);
        MoneyAnswer::Done { number: 0 }
    }

    fn left(&self, user: UserId) -> Option<Left> {
        let wallets = || Currency::all().filter_map(|currency| self.wallet_of(user, currency));
        let mut plans = self.found.schedules.values().filter(|schedule| schedule.user == user);
        match () {
            () if wallets().any(|facts| facts.balance != 0 || facts.held != 0) => Some(Left::Money),
            () if wallets().any(|facts| facts.frozen) => Some(Left::Frozen),
            () if self.found.awaiting.contains(&user) => Some(Left::Deposit),
            () if plans.any(|schedule| schedule.next_at.is_some()) => Some(Left::Schedule),
            () => None,
        }
    }
}
