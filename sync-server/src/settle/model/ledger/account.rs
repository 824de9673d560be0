//! Who may do what: purses that are opened and frozen, devices, whom somebody blocks, and the end of an account.

use super::*;

impl Ledger {
    pub fn open_purse(&mut self, user: UserId, currency: Currency) -> Option<State> {
        let purse = (Account::Person(user), currency);
        if self.closed.contains(&user) {
            return None;
        }
        if self.state(purse).is_none() {
            self.money.insert(purse, 0);
            self.tell(user);
        }
        self.state(purse)
    }

    /// Why not, if not.
    pub fn close(&mut self, user: UserId) -> MoneyAnswer {
        let own = |purse: &Purse| purse.0 == Account::Person(user);
        let waits = |key: &(UserId, TransactionId)| key.0 == user && !self.closed_deposits.contains(key);
        let left = match () {
            () if self.closed.contains(&user) => None,
            () if self.money.iter().any(|(purse, minor)| own(purse) && *minor != 0) => Some(Left::Money),
            () if self.held.iter().any(|(purse, minor)| own(purse) && *minor != 0) => Some(Left::Money),
            () if self.frozen.iter().any(own) => Some(Left::Frozen),
            () if self.announced.iter().any(waits) => Some(Left::Deposit),
            () if self.standing.values().any(|plan| plan.user == user && plan.next_at.is_some()) => {
                Some(Left::Schedule)
            }
            () => None,
        };
        match left {
            Some(left) => MoneyAnswer::Left { left },
            None => {
                self.closed.insert(user);
                MoneyAnswer::Done { number: 0 }
            }
        }
    }

    pub fn revoke(&mut self, user: UserId, device: DeviceId) {
        if self.closed.contains(&user) {
            return;
        }
        let is_theirs = self.devices.get(&device).is_some_and(|(owner, _)| *owner == user);
        if is_theirs && self.revoked.insert(device) {
            self.tell(user);
        }
    }

    pub fn block(&mut self, user: UserId, other: UserId, blocked: bool) {
        if self.closed.contains(&user) {
            return;
        }
        let pair = (user, other);
        if if blocked { self.blocks.insert(pair) } else { self.blocks.remove(&pair) } {
            self.tell(user);
        }
    }

    pub fn freeze(&mut self, user: UserId, purse: Option<Purse>, frozen: bool) -> Option<State> {
        let is_open = !self.closed.contains(&user);
        let purse = purse.filter(|(owner, _)| is_open && *owner == Account::Person(user))?;
        if if frozen { self.frozen.insert(purse) } else { self.frozen.remove(&purse) } {
            self.tell(user);
        }
        self.state(purse)
    }
}
