//! A receipt for one of the two parties: made from the rows each time, and only when the rows still fit the chain.

use super::history::History;
use super::key::{AuditKey, KeyError};
use super::store::{self, BatchRow, LeafRow, Unreadable};
use purse_shared::audit::{Hash, Head, Lost, Receipt, chain, leaf, merkle};
use purse_shared::protocol::Bytes;
use purse_shared::{TransactionId, UserId};
use sqlx::PgPool;

#[derive(Debug, thiserror::Error)]
pub enum ReceiptError {
    #[error("no such transaction of this user")]
    NotFound,
    #[error("the transaction is older than the audit chain")]
    BeforeTheChain,
    /// A page for the operator: what is in the database is not what was settled.
    #[error("branch {branch}, batch {batch}: {what}")]
    Broken { branch: i16, batch: i64, what: &'static str },
    /// Another, and for all receipts: what would be signed may be forged.
    #[error("history was rewritten: {0}")]
    Rewritten(Lost),
    #[error("the database: {0}")]
    Database(#[from] sqlx::Error),
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// # Errors
/// [`ReceiptError`]. Nothing is signed that does not fit the stored chain.
pub async fn receipt(
    db: &PgPool,
    key: &AuditKey,
    history: &History,
    branch: i16,
    user: UserId,
    id: TransactionId,
) -> Result<Receipt, ReceiptError> {
    if let Some(lost) = history.lost() {
        return Err(ReceiptError::Rewritten(lost));
    }
    let number = store::number_of(db, branch, user, id).await?.ok_or(ReceiptError::NotFound)?;
    let batch = store::batch_of(db, branch, number).await?.ok_or(ReceiptError::BeforeTheChain)?;
    let rows = store::leaves(db, branch, batch.first_number, batch.last_number).await?;
    let rows: Result<Vec<LeafRow>, Unreadable> = rows.into_iter().collect();
    let found = match &rows {
        Ok(rows) => prove(branch, number, &batch, rows),
        Err(_) => Err("a transaction cannot be read"),
    };
    let proof = found.map_err(|what| ReceiptError::Broken { branch, batch: batch.batch, what })?;
    // Since the last look it may have been rewritten, this row with it.
    if let Some(head) = history.written_down(branch)
        && !store::has(db, head).await?
    {
        return Err(ReceiptError::Rewritten(Lost::Batch(head)));
    }
    let signed_head = key.sign(&proof.head)?;
    Ok(Receipt {
        record: proof.record.into(),
        salt: bytes(&proof.salt),
        message: proof.message,
        path: proof.path.iter().map(bytes).collect(),
        index: proof.index,
        tree_size: proof.head.size,
        batch: batch.batch,
        prev_head: bytes(&batch.prev_head),
        signed_head: signed_head.into(),
    })
}

struct Proof {
    record: Vec<u8>,
    salt: Hash,
    message: Option<String>,
    path: Vec<Hash>,
    index: u32,
    head: Head,
}

/// The way from one row to the stored head; what does not fit otherwise. Pure.
fn prove(branch: i16, number: i64, batch: &BatchRow, rows: &[LeafRow]) -> Result<Proof, &'static str> {
    let numbers = rows.iter().map(|row| row.record.number);
    if !numbers.eq(batch.first_number..=batch.last_number) {
        return Err("transactions are missing");
    }
    let at = usize::try_from(number - batch.first_number).map_err(|_| "it does not cover the transaction")?;
    let row = rows.get(at).ok_or("it does not cover the transaction")?;
    let mut records: Vec<Vec<u8>> = rows.iter().map(|row| row.record.encode()).collect();
    let leaves: Vec<Hash> = rows.iter().zip(&records).map(|(row, record)| leaf(&row.salt, record)).collect();
    if merkle::root(&leaves) != batch.root {
        return Err("a transaction was changed");
    }
    if chain(&batch.prev_head, branch, batch.batch, &batch.root) != batch.head {
        return Err("the link does not follow the one before");
    }
    let path = merkle::path(&leaves, at).ok_or("it does not cover the transaction")?;
    let size = u32::try_from(rows.len()).map_err(|_| "it is too large")?;
    let index = u32::try_from(at).map_err(|_| "it is too large")?;
    let head = Head { branch, batch: batch.batch, head: batch.head, size, at: batch.at };
    let record = records.swap_remove(at);
    Ok(Proof { record, salt: row.salt, message: row.message.clone(), path, index, head })
}

fn bytes(hash: &Hash) -> Bytes {
    Bytes(hash.to_vec())
}
