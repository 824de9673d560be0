//! A fresh passkey for a sensitive act, within a session.

use super::ceremony;
use super::error::IdentityError;
use super::links;
use super::passkey::{self, RelyingParty};
use super::session::SessionFacts;
use super::sign_in::assert_passkey;
use super::store::ceremonies::Kind;
use super::store::sessions;
use crate::app::App;
use purse_shared::protocol::{Ceremony, ConfirmFinish, ProblemCode};
use serde_json::Value;

/// # Errors
/// The database's.
pub async fn confirm_start(app: &App, session: &SessionFacts) -> Result<Ceremony, IdentityError> {
    let (options, state) = RelyingParty::of(&app.settings)?.start_get()?;
    ceremony::begin(app, Kind::Confirm, Some(session.user), options, &state).await
}

/// From now on, for five minutes, this session has a fresh passkey: for the act that the person read in the browser, where
/// an app had it ask there, and for any where the page itself asked.
///
/// # Errors
/// Those of the ceremony and the passkey, which must be one of this user's; [`ProblemCode::BadRequest`] for a link
/// request that is not this device's for this ceremony.
pub async fn confirm_finish(
    app: &App,
    session: &SessionFacts,
    request: ConfirmFinish,
) -> Result<(), IdentityError> {
    let mut state: Value = ceremony::end(app, request.ceremony, Kind::Confirm, Some(session.user)).await?;
    let act = match &request.through {
        Some(through) => {
            let asked = links::asked_through(session, through, request.ceremony, None)?;
            state = passkey::bound_to(state, asked.challenge)?;
            Some(asked.act)
        }
        None => None,
    };
    let mut tx = app.db.begin().await?;
    assert_passkey(app, &mut tx, state, &request.credential, Some(session.user)).await?;
    if !sessions::confirmed(&mut tx, session.token_hash, act, app.now()).await? {
        return Err(ProblemCode::SignInNeeded.into());
    }
    Ok(tx.commit().await?)
}
