//! Every id has a type of its own and is a UUIDv7 (RFC 9562), made by whoever makes the thing.

use crate::UnixMillis;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A new id from the caller's clock and ten random bytes.
            pub fn new(now: UnixMillis, random: [u8; 10]) -> Self {
                let millis = u64::try_from(now).unwrap_or(0);
                Self(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { self.0.fmt(f) }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { self.0.fmt(f) }
        }
        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, uuid::Error> { text.parse().map(Self) }
        }
    )+};
}

ids! {
    /// A person.
    UserId,
    /// One sum of money in one currency that belongs to a person.
    WalletId,
    /// One browser profile or installed app, with a signing key of its own.
    DeviceId,
    /// What a person ordered; also the id of the transaction that it becomes.
    TransactionId,
    /// A card, account or other way into and out of Purse.
    MethodId,
    /// What the server offered for an exchange.
    QuoteId,
    /// A deposit on its way through a gateway.
    DepositId,
    /// The life of the database: changes when it is restored to an earlier point.
    Incarnation,
    /// One version of a user's data key.
    DataKeyId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_version_7_and_sort_by_time() {
        let (early, late) = (UserId::new(1_000, [255; 10]), UserId::new(2_000, [0; 10]));
        assert!(early < late);
        assert_eq!(early.0.get_version_num(), 7);
        assert_eq!(early.to_string().parse(), Ok(early));
    }
}
