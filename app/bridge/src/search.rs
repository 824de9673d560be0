//! Searching the payments of this device: what is looked for, and what was found; one payment, and one person's.

use crate::{PaymentKind, PaymentView};
use purse_shared::{Currency, Handle, TransactionId, UnixMillis};
use serde::{Deserialize, Serialize};

/// What somebody looks for. Everything that is said must fit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Search {
    /// As typed. Each word must be in the name, the handle, the message, the note, the reference, the amount or the
    /// currency, or in what the UI calls the kind, or name a time (`times`).
    pub text: String,
    pub filter: Filter,
    pub currency: Option<Currency>,
    /// Decided, or as long as that is not so ordered, in this time.
    pub during: Option<Period>,
    /// What the UI shows in place of a name for some kinds ("To your bank").
    pub kinds: Vec<(PaymentKind, String)>,
    /// Words of `text` that may be read as times, the UI knowing the person's calendar and clock.
    pub times: Vec<(String, Period)>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Filter {
    #[default]
    All,
    In,
    Out,
    /// Not final yet.
    Waiting,
    Refused,
}

/// From `from` on, before `until`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    pub from: UnixMillis,
    pub until: UnixMillis,
}

impl Period {
    pub const fn holds(self, at: UnixMillis) -> bool {
        self.from <= at && at < self.until
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Found {
    /// What was asked: a page tells by it whether this is its answer.
    pub search: Search,
    /// The newest of them.
    pub payments: Vec<PaymentView>,
    /// How many there are. (Something that came this very moment may be counted and not shown yet.)
    pub total: usize,
    pub complete: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LookedAt {
    pub id: TransactionId,
    /// `None`: this device knows none by that id.
    pub payment: Option<PaymentView>,
}

/// What went between this person and another, and what is on its way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Between {
    pub handle: Handle,
    /// So many were asked for; the most that any page asked for.
    pub shown: usize,
    /// The newest of all payments that this device holds, newest first.
    pub payments: Vec<PaymentView>,
    pub complete: bool,
}
