//! How often: a token bucket for each address without a session, and for each user with one.

use crate::app::App;
use crate::settings::Settings;
use purse_shared::{UnixMillis, UserId};
use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

const MINUTE_MS: i64 = 60_000;
/// Beyond this, buckets that are full again are forgotten.
const KEYS_MAX: usize = 50_000;

/// What every route shares. One per server.
#[derive(Debug)]
pub struct Limits {
    address: Buckets<IpAddr>,
    user: Buckets<UserId>,
    look_up_address: Buckets<IpAddr>,
    look_up_user: Buckets<UserId>,
}

impl Limits {
    pub fn new(settings: &Settings) -> Self {
        let rate = settings.rate_per_minute.max(1);
        Self {
            address: Buckets::new(rate),
            user: Buckets::new(rate.saturating_mul(10)),
            // Handles are easily guessed: look-ups are what lists them.
            look_up_address: Buckets::new(rate),
            look_up_user: Buckets::new((rate / 2).max(1)),
        }
    }
    /// `Err` with the seconds to wait.
    pub fn address(&self, app: &App, ip: Option<IpAddr>) -> Result<(), u32> {
        ip.map_or(Ok(()), |ip| self.address.take(one_network(ip), app.now()))
    }
    pub fn user(&self, app: &App, user: UserId) -> Result<(), u32> {
        self.user.take(user, app.now())
    }
    pub fn look_up(&self, app: &App, user: UserId, ip: Option<IpAddr>) -> Result<(), u32> {
        self.look_up_user.take(user, app.now())?;
        ip.map_or(Ok(()), |ip| self.look_up_address.take(one_network(ip), app.now()))
    }
}

/// One household or server has a whole /64 of IPv6.
pub fn one_network(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => IpAddr::V4(v4),
            None => IpAddr::V6((v6.to_bits() & !u128::from(u64::MAX)).into()),
        },
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[derive(Debug)]
struct Buckets<K> {
    per_minute: u32,
    /// When each key's bucket is full again. One number is all of a bucket (generic cell rate algorithm).
    full_at: Mutex<HashMap<K, UnixMillis>>,
}

impl<K: Eq + Hash> Buckets<K> {
    fn new(per_minute: u32) -> Self {
        Self { per_minute, full_at: Mutex::new(HashMap::new()) }
    }

    /// A burst of up to a minute's worth, then evenly. In microseconds, so that high rates count too.
    fn take(&self, key: K, now: UnixMillis) -> Result<(), u32> {
        let now_us = now.saturating_mul(1_000);
        let cost_us = (MINUTE_MS * 1_000) / i64::from(self.per_minute);
        let mut full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        if full_at.len() >= KEYS_MAX {
            full_at.retain(|_, at| *at > now_us);
        }
        if full_at.len() >= KEYS_MAX && !full_at.contains_key(&key) {
            return Err(1);
        }
        let at = full_at.entry(key).or_insert(now_us);
        // A clock that went back must not lock anyone out for long.
        let next = (*at).clamp(now_us, now_us.saturating_add(MINUTE_MS * 1_000)).saturating_add(cost_us);
        let over_us = next - now_us - MINUTE_MS * 1_000;
        if over_us > 0 {
            return Err(u32::try_from(over_us / 1_000_000).unwrap_or(60).saturating_add(1));
        }
        *at = next;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minutes_worth_at_once_then_evenly() {
        let buckets = Buckets::new(60);
        for _ in 0..60 {
            assert_eq!(buckets.take("ana", 1_000), Ok(()));
        }
        assert_eq!(buckets.take("ana", 1_000), Err(2));
        assert_eq!(buckets.take("bo", 1_000), Ok(()));
        assert_eq!(buckets.take("ana", 2_000), Ok(()));
        assert!(buckets.take("ana", 2_000).is_err());
        assert!(buckets.take("ana", 0).is_err());
        let fast = Buckets::new(1_000_000);
        assert!((0..100_000).all(|_| fast.take((), 1_000).is_ok()));
    }

    #[test]
    fn a_network_is_one_address() {
        let same = |a: &str, b: &str| one_network(a.parse().unwrap()) == one_network(b.parse().unwrap());
        assert!(same("2001:db8::1", "2001:db8::ffff:1"));
        assert!(!same("2001:db8::1", "2001:db8:0:1::1"));
        assert!(same("::ffff:192.0.2.1", "192.0.2.1"));
        assert!(!same("192.0.2.1", "192.0.2.2"));
    }
}
