//! The rows: what a batch reads, and what it writes, in a few array statements.

mod account;
pub mod chains;
pub mod feed;
pub mod inbox;
mod load;
mod orders;
mod read;
pub mod suspense;
mod write;

pub use account::{NewAccount, open_account};
pub(super) use load::{forget_changed, load};
pub use load::{last_of_device, open_books};
pub use orders::{Due, due, is_withdrawal};
pub use read::{activity, report, transaction_status, wallets_of};
pub use write::{Committed, Draft, Pen};

use purse_shared::intent::IntentHash;
use purse_shared::protocol::{IntentOutcome, RefusalCode};
use purse_shared::{Currency, Handle, Money};
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

/// The first answer to an intent, as the row holds it.
fn stored_outcome(row: &PgRow) -> Result<IntentOutcome, sqlx::Error> {
    let at = row.try_get("timestamp")?;
    let Some(refusal) = row.try_get::<Option<String>, _>("refusal")? else {
        let is_held = row.try_get::<&str, _>("status")? == "held";
        return Ok(if is_held { IntentOutcome::Held { at } } else { IntentOutcome::Settled { at } });
    };
    let code = RefusalCode::from_text(&refusal).ok_or_else(|| unreadable("refusal"))?;
    let figure = match row.try_get::<Option<i64>, _>("refusal_figure")? {
        Some(minor) => Some(Money::new(minor, currency(row)?)),
        None => None,
    };
    Ok(IntentOutcome::Refused { code, at, figure })
}

fn uuids(ids: impl Iterator<Item = Uuid>) -> Vec<Uuid> {
    ids.collect()
}
fn handle(text: &str) -> Result<Handle, sqlx::Error> {
    text.parse().map_err(|_| unreadable("handle"))
}
fn currency(row: &PgRow) -> Result<Currency, sqlx::Error> {
    currency_of(row.try_get("currency")?)
}
fn currency_of(code: &str) -> Result<Currency, sqlx::Error> {
    Currency::from_code(code).ok_or_else(|| unreadable("currency"))
}
fn hash(bytes: Option<Vec<u8>>) -> Result<Option<IntentHash>, sqlx::Error> {
    bytes.map(|bytes| bytes.try_into().map(IntentHash).map_err(|_| unreadable("hash"))).transpose()
}
/// A column holds what this build cannot read: a newer schema, or a fault.
fn unreadable(column: &str) -> sqlx::Error {
    sqlx::Error::ColumnDecode { index: column.to_owned(), source: "not a value this build knows".into() }
}
