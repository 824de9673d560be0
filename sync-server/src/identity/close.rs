//! Closing an account: the branch's writer ends it, in one order with the payments; then who it was is erased.
//!
//! Never here: an account with money in it, or for which something waits.

use super::error::IdentityError;
use super::session::{Caller, SessionFacts};
use super::store::{audit, closing, users};
use super::token::SessionToken;
use crate::app::App;
use crate::audit::erase_personal;
use crate::settle::{Left, MoneyAct, MoneyAnswer};
use purse_shared::limits::MINUTE_MS;
use purse_shared::protocol::ProblemCode;
use purse_shared::{UnixMillis, UserId};

/// What was under way when the account was closed has come by then: it is erased once more, and for good.
const SETTLED_AFTER_MS: UnixMillis = 2 * MINUTE_MS;

/// The caller has made sure of a fresh passkey.
///
/// # Errors
/// [`ProblemCode::AccountNotEmpty`], [`ProblemCode::AccountWaits`]
pub async fn close_account(app: &App, session: &SessionFacts, caller: Caller) -> Result<(), IdentityError> {
    match app.writers.money(session.branch, session.user, MoneyAct::CloseAccount).await? {
        MoneyAnswer::Done { .. } => {}
        MoneyAnswer::Left { left } => return Err(refusal(left)),
        MoneyAnswer::Ended { .. } | MoneyAnswer::Refused { .. } => {
            return Err(IdentityError::Broken("an account is not its branch's to close".into()));
        }
    }
    // The account is closed now. What fails from here on is done by the sweep.
    erase(app, session.branch, session.user, caller).await?;
    Ok(())
}

/// Whether this session was one of an account that is closed: the first answer again.
///
/// # Errors
/// The database's.
pub async fn was_closed(app: &App, token: &SessionToken) -> Result<bool, IdentityError> {
    Ok(closing::was_of_closed(&app.db, token.hash()).await?)
}

/// Erases what closed accounts left, once nothing of theirs can be under way any more.
///
/// # Errors
/// The database's; asked again, it goes on.
pub async fn finish_closing(app: &App) -> Result<(), sqlx::Error> {
    let now = app.now();
    for (branch, user) in closing::to_erase(&app.db, now.saturating_sub(SETTLED_AFTER_MS)).await? {
        let user = UserId(user);
        erase(app, branch, user, Caller::default()).await?;
        closing::erased(&app.db, branch, user, now).await?;
    }
    Ok(())
}

async fn erase(app: &App, branch: i16, user: UserId, caller: Caller) -> Result<(), sqlx::Error> {
    let now = app.now();
    let mut tx = app.db.begin().await?;
    users::lock(&mut tx, user).await?;
    if closing::erase(&mut tx, branch, user, now).await? == Some(true) {
        let act = audit::Act {
            entity_type: "user",
            entity_id: &user.to_string(),
            action: "closed",
            actor: Some(user),
            changes: serde_json::json!({}),
            ip: caller.ip,
        };
        audit::record(&mut tx, act, now).await?;
    }
    tx.commit().await?;
    erase_personal(&app.db, branch, user, now).await?;
    Ok(())
}

const fn refusal(left: Left) -> IdentityError {
    let (code, detail) = match left {
        Left::Money => (
            ProblemCode::AccountNotEmpty,
            "There is money in the account, or money of it is set aside. Withdraw or pay it first.",
        ),
        Left::Frozen => (ProblemCode::AccountWaits, "One of the account's wallets is frozen."),
        Left::Deposit => (ProblemCode::AccountWaits, "Money from the bank is on its way."),
        Left::Schedule => (ProblemCode::AccountWaits, "Payments are planned. End the plans first."),
    };
    IdentityError::Explained(code, detail)
}
