//! Settling: the pure rules, the one writer per branch, and the rows.
//!
//! Never here: a balance, a feed number or a device's standing changed outside the writer's transaction.

mod batch;
mod books;
mod command;
mod inbox;
mod landing;
#[cfg(test)]
mod model;
mod neighbours;
mod plan;
mod rows;
mod rules;
pub mod store;
mod writer;

pub use command::{
    AccountChange, Answered, DepositAnswer, DepositOrder, Left, MoneyAct, MoneyAnswer, NotNow, OwnFeed,
    SendIntent, WAITING_PER_USER_MAX, Writers,
};
pub use inbox::{Asked, Post, ask, post_in};
pub use rows::HoldStatus;
pub(crate) use rows::reference;
pub use rules::Tier;
pub use writer::start;
