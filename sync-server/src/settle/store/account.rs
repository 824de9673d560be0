//! A new person's account.

use purse_shared::protocol::{FeedEvent, WalletState};
use purse_shared::{Currency, Money, UnixMillis, UserId, WalletId};
use sqlx::PgConnection;
use sqlx::types::Json;

/// A new person's first wallet.
#[derive(Clone, Debug)]
pub struct NewAccount {
    pub branch: i16,
    pub user: UserId,
    pub wallet: WalletId,
    pub currency: Currency,
    pub now: UnixMillis,
}

/// Opens the first wallet of a user whose row was made in this very transaction: nobody else can know it yet,
/// so this is the one write to the ledger that needs no writer.
///
/// # Errors
/// Whatever the database says.
pub async fn open_account(conn: &mut PgConnection, account: &NewAccount) -> Result<WalletState, sqlx::Error> {
    sqlx::query(
        "insert into wallets (branch, wallet_id, user_id, currency, last_updated_timestamp) values ($1, $2, $3, $4, $5)",
    )
    .bind(account.branch)
    .bind(account.wallet.0)
    .bind(account.user.0)
    .bind(account.currency.code())
    .bind(account.now)
    .execute(&mut *conn)
    .await?;
    let wallet = WalletState {
        wallet: account.wallet,
        balance: Money::zero(account.currency),
        held: Money::zero(account.currency),
        frozen: false,
        entry_no: 0,
    };
    sqlx::query("insert into feed (branch, user_id, seq, at, event) values ($1, $2, 1, $3, $4)")
        .bind(account.branch)
        .bind(account.user.0)
        .bind(account.now)
        .bind(Json(FeedEvent::Wallet { wallet: wallet.clone() }))
        .execute(&mut *conn)
        .await?;
    sqlx::query("update users set feed_seq = 1 where branch = $1 and user_id = $2")
        .bind(account.branch)
        .bind(account.user.0)
        .execute(conn)
        .await?;
    Ok(wallet)
}
