//! Beginning and ending a ceremony: five minutes, once.

use super::error::IdentityError;
use super::store::ceremonies::{self, Kind};
use crate::app::{App, random};
use purse_shared::UserId;
use purse_shared::limits::PASSKEY_FRESH_MS;
use purse_shared::protocol::{Ceremony, ProblemCode};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use uuid::Uuid;

/// # Errors
/// The database's.
pub async fn begin(
    app: &App,
    kind: Kind,
    user: Option<UserId>,
    options: Value,
    state: &impl Serialize,
) -> Result<Ceremony, IdentityError> {
    begin_as(app, new_id(), kind, user, options, state).await
}

pub fn new_id() -> Uuid {
    uuid::Builder::from_random_bytes(random()).into_uuid()
}

/// Under an id that the options are bound to.
///
/// # Errors
/// The database's.
pub async fn begin_as(
    app: &App,
    ceremony: Uuid,
    kind: Kind,
    user: Option<UserId>,
    options: Value,
    state: &impl Serialize,
) -> Result<Ceremony, IdentityError> {
    let now = app.now();
    let expires_at = now.saturating_add(PASSKEY_FRESH_MS);
    let state = serde_json::to_value(state).map_err(|error| IdentityError::Broken(error.to_string()))?;
    ceremonies::insert(&app.db, ceremony, kind, user, state, expires_at).await?;
    Ok(Ceremony { ceremony, options, expires_at })
}

/// Whatever comes of it, this ceremony is used up.
///
/// # Errors
/// [`ProblemCode::CeremonyExpired`]
pub async fn end<T: DeserializeOwned>(
    app: &App,
    id: Uuid,
    kind: Kind,
    user: Option<UserId>,
) -> Result<T, IdentityError> {
    let state =
        ceremonies::take(&app.db, id, kind, user, app.now()).await?.ok_or(ProblemCode::CeremonyExpired)?;
    serde_json::from_value(state).map_err(|error| IdentityError::Broken(error.to_string()))
}
