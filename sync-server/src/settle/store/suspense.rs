//! What is in suspense, for people to look at.

use super::{currency, unreadable};
use purse_shared::{Money, UnixMillis, UserId};
use sqlx::{PgPool, Row};

/// Money that came into suspense and has not left it.
#[derive(Debug)]
pub struct InSuspense {
    /// Whose it was to be, or from whose wallet it was taken; without a handle when the account is closed.
    pub owner: UserId,
    pub handle: Option<String>,
    /// Of the transaction that brought it there, in the owner's branch.
    pub number: i64,
    pub amount: Money,
    pub came: Came,
    pub since: UnixMillis,
}

/// From where.
#[derive(Debug)]
pub enum Came {
    /// From the bank, by its reference.
    Deposit { reference: String },
    /// From somebody of another branch.
    Payment { payer: UserId, handle: Option<String> },
    /// People took it out of the owner's wallet.
    Taken,
}

/// The oldest first, at most a thousand.
///
/// # Errors
/// Whatever the database says.
pub async fn all(db: &PgPool) -> Result<Vec<InSuspense>, sqlx::Error> {
    let rows = sqlx::query(
        "select s.*, case when o.closed_at is null then o.handle end as handle,
                case when p.closed_at is null then p.handle end as payer_handle
         from suspense s
         left join users o on o.branch = s.branch and o.user_id = s.owner_id
         left join user_branches b on b.user_id = s.payer_id
         left join users p on p.branch = b.branch and p.user_id = b.user_id
         order by s.timestamp, s.branch, s.number limit 1000",
    )
    .fetch_all(db)
    .await?;
    rows.iter()
        .map(|row| {
            let came = match row.try_get("transaction_type")? {
                "deposit" => Came::Deposit {
                    reference: row.try_get::<Option<String>, _>("reference_id")?.unwrap_or_default(),
                },
                "credit" => Came::Payment {
                    payer: UserId(row.try_get("payer_id")?),
                    handle: row.try_get("payer_handle")?,
                },
                "capture" => Came::Taken,
                _ => return Err(unreadable("transaction_type")),
            };
            Ok(InSuspense {
                owner: UserId(row.try_get("owner_id")?),
                handle: row.try_get("handle")?,
                number: row.try_get("number")?,
                amount: Money::new(row.try_get("amount")?, currency(row)?),
                came,
                since: row.try_get("timestamp")?,
            })
        })
        .collect()
}

/// How many there are.
///
/// # Errors
/// Whatever the database says.
pub async fn count(db: &PgPool) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("select count(*) from suspense").fetch_one(db).await
}
