//! Step-up: a passkey assertion over one intent.

use super::error::IdentityError;
use super::passkey::{self, RelyingParty};
use super::store::passkeys;
use crate::app::App;
use purse_shared::UserId;
use serde_json::Value;

/// True when `assertion` is by one of `user`'s passkeys, with user verification, over exactly `challenge`, made
/// on this server's origin. Single use is the intent's: its id is decided once.
///
/// # Errors
/// The database's; a bad assertion is `false`.
pub async fn verify_step_up(
    app: &App,
    user: UserId,
    challenge: [u8; 32],
    assertion: &Value,
) -> Result<bool, sqlx::Error> {
    let Some(id) = passkey::credential_id(assertion) else { return Ok(false) };
    if passkey::user_handle(assertion).is_some_and(|handle| handle != user) {
        return Ok(false);
    }
    let mut tx = app.db.begin().await?;
    let Some(row) = passkeys::lock(&mut tx, &id).await?.filter(|row| row.user_id == user.0) else {
        return Ok(false);
    };
    let mut credential = row.credential.0;
    let checked = RelyingParty::of(&app.settings)
        .and_then(|party| party.check_challenge(challenge, assertion, &mut credential));
    match checked {
        Ok(()) => {}
        Err(IdentityError::Broken(cause)) => {
            tracing::error!(cause, "step-up cannot be checked");
            return Ok(false);
        }
        Err(_refused) => return Ok(false),
    }
    passkeys::used(&mut tx, &credential, app.now()).await?;
    tx.commit().await?;
    Ok(true)
}
