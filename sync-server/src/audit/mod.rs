//! The audit chain on the server's side: its key, links, receipts, checkpoints, and erasing what is personal.
//!
//! The writer links each batch in its own commit (`link`); everything else here reads. Nothing is signed while the
//! database has not what was written down of it (`history`). Never here: a change of what happened. `erase` takes
//! words away and leaves every proof as good as before.

mod check;
pub mod checkpoints;
mod erase;
mod history;
mod key;
mod link;
mod receipts;
mod store;

pub use check::check_chain;
pub use checkpoints::CheckpointError;
pub use erase::erase_personal;
pub use history::History;
pub(crate) use history::describe;
pub use key::{AuditKey, KeyError};
pub use link::{ChainHead, ChainLink, Leaf, link};
pub use receipts::{ReceiptError, receipt};
pub(crate) use store::chain_head;
