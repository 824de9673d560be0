//! What lets somebody check the books without trusting who keeps them.
//!
//! Every transaction row has a canonical [`AuditRecord`]; with 32 random bytes it is a leaf of its batch's Merkle
//! tree ([`merkle`], RFC 6962); the batches of a branch are a hash chain ([`chain`]); a [`Checkpoint`] names the heads
//! of all branches; and a [`Receipt`] leads from one row to a signed head. The salt keeps one party of a batch from
//! guessing the rows of another. A message stands in the record as a commitment only, so it can be erased and the
//! proof still holds.
//!
//! Never here: a private key. Who signs brings a signature over `to_be_signed`.

mod head;
pub mod merkle;
mod receipt;
mod record;
mod signed;
mod value;
mod write;

pub use head::{ActsHead, CHECKPOINT_PURPOSE, Checkpoint, CheckpointHead, HEAD_PURPOSE, Head, Lost, chain};
pub use receipt::{CheckedReceipt, Receipt, ReceiptFault};
pub use record::{AuditRecord, Leg, MESSAGE_PURPOSE, commit_message, leaf};
pub use signed::{KeyId, Signed, SignedCheckpoint, SignedHead, Statement, Unsigned};

/// A SHA-256.
pub type Hash = [u8; 32];

/// Whatever was wrong with the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a well-formed audit statement")]
pub struct Malformed;
