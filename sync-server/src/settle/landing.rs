//! A batch on its way: decided, being written, committed or refused, and told.

use super::command::{Answered, Command, DepositAnswer, MoneyAnswer, Order};
use super::rows::{Found, Rows, TransactionRow};
use super::store::{Draft, Pen};
use purse_shared::UserId;
use purse_shared::protocol::{IntentOutcome, WalletState};
use std::collections::BTreeMap;
use tokio::task::JoinHandle;

/// What was decided of one command; told after the commit.
pub enum Decision {
    Intents(Answered),
    /// `None`: the deposit is not known, and stays with whoever asked.
    Deposit(Option<DepositAnswer>),
    Account(Option<WalletState>),
    Money(MoneyAnswer),
    /// Nobody waits for it.
    Taken,
}

impl Decision {
    pub fn into_outcomes(self) -> Vec<IntentOutcome> {
        match self {
            Self::Intents(answered) => answered.outcomes,
            Self::Deposit(_) | Self::Account(_) | Self::Money(_) | Self::Taken => Vec::new(),
        }
    }
    pub fn to_json(&self) -> serde_json::Value {
        let value = match self {
            Self::Intents(answered) => serde_json::to_value(&answered.outcomes),
            Self::Deposit(answer) => serde_json::to_value(answer),
            Self::Account(wallet) => serde_json::to_value(wallet),
            Self::Money(answer) => serde_json::to_value(answer),
            Self::Taken => Ok(serde_json::Value::Null),
        };
        // Null is no answer: who asked asks again.
        value.unwrap_or_default()
    }
}

/// A batch that was decided: to be written, and then told. It holds only if the one before it committed.
pub struct Decided {
    pub draft: Draft,
    pub decisions: Vec<Decision>,
    /// Whom to tell that their feed grew, and to where.
    pub news: BTreeMap<UserId, i64>,
    /// What the next batch must know of it that is not in the database yet.
    pub found: Found,
}

/// A batch that is being written, while the next one is decided.
pub struct Flying {
    pub told: Told,
    pub found: Found,
    pub write: JoinHandle<(Pen, Result<(), sqlx::Error>)>,
}

/// What is said once a batch has committed, and to whom.
pub struct Told {
    pub commands: Vec<Command>,
    pub decisions: Vec<Decision>,
    pub news: BTreeMap<UserId, i64>,
}

/// What became of a batch that flew.
pub enum Landed {
    Committed(Told),
    /// The database refused it: its orders were settled one by one since, and whatever was decided on it is void.
    Apart,
}

/// Tells everybody who waits. A caller that went away asks again and gets the same answer.
pub fn answer(commands: Vec<Command>, decisions: Vec<Decision>) {
    for (command, decision) in commands.into_iter().zip(decisions) {
        match (command.order, decision) {
            (Order::Intents { answer, .. }, Decision::Intents(answered)) => drop(answer.send(answered)),
            (Order::Deposit { answer, .. }, Decision::Deposit(Some(done))) => drop(answer.send(done)),
            (Order::Account { answer, .. }, Decision::Account(wallet)) => drop(answer.send(wallet)),
            (Order::Money { answer, .. }, Decision::Money(done)) => drop(answer.send(done)),
            _ => {}
        }
        if let Some(done) = command.done {
            // Whoever waited for it looks into the table anyway.
            let _heard = done.send(());
        }
    }
}

/// Whose feed grew, and to where.
pub fn news_of(rows: &Rows) -> BTreeMap<UserId, i64> {
    let sides = rows.transactions.iter().flat_map(TransactionRow::told);
    let told = rows.feed.iter().map(|row| (row.user, row.seq));
    let mut last = BTreeMap::<UserId, i64>::new();
    for (user, seq) in sides.chain(told) {
        let known = last.entry(user).or_insert(seq);
        *known = seq.max(*known);
    }
    last
}
