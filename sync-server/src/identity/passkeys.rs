//! What people do with their passkeys.

use super::ceremony;
use super::error::{IdentityError, broken_constraint};
use super::names;
use super::passkey::RelyingParty;
use super::session::{Caller, SessionFacts};
use super::store::ceremonies::Kind;
use super::store::{audit, passkeys, users};
use super::tell::tell;
use crate::app::App;
use purse_shared::protocol::{AddPasskeyFinish, Bytes, Ceremony, FeedEvent, PasskeyRecord, ProblemCode};
use serde_json::Value;

/// Half of the vault's recipients: each passkey has a wrap of its own.
const PASSKEYS_MAX: i64 = 16;

/// # Errors
/// The database's.
pub async fn list_passkeys(app: &App, session: &SessionFacts) -> Result<Vec<PasskeyRecord>, IdentityError> {
    let rows = passkeys::list(&app.db, session.user).await?;
    let record = |row: passkeys::PasskeyLine| PasskeyRecord {
        passkey_id: Bytes(row.credential_id).to_text(),
        name: row.name,
        created_at: row.created_at,
        last_used_at: row.last_used_at,
    };
    Ok(rows.into_iter().map(record).collect())
}

/// The caller has made sure of a fresh passkey.
///
/// # Errors
/// The database's.
pub async fn add_passkey_start(app: &App, session: &SessionFacts) -> Result<Ceremony, IdentityError> {
    let mine =
        passkeys::list(&app.db, session.user).await?.into_iter().map(|row| row.credential_id).collect();
    let user = users::find(&app.db, session.user).await?.ok_or(ProblemCode::SignInNeeded)?;
    let handle =
        user.handle.parse().map_err(|_| IdentityError::Broken("a stored handle is malformed".into()))?;
    let (options, state) =
        RelyingParty::of(&app.settings)?.start_create(session.user, &handle, &user.display_name, mine)?;
    ceremony::begin(app, Kind::AddPasskey, Some(session.user), options, &state).await
}

/// # Errors
/// Those of the ceremony and the passkey; [`ProblemCode::Conflict`] when there are too many.
pub async fn add_passkey_finish(
    app: &App,
    session: &SessionFacts,
    request: AddPasskeyFinish,
    caller: Caller,
) -> Result<PasskeyRecord, IdentityError> {
    let state: Value = ceremony::end(app, request.ceremony, Kind::AddPasskey, Some(session.user)).await?;
    let name = names::device_name(&request.name).ok_or(ProblemCode::NameInvalid)?;
    let credential = RelyingParty::of(&app.settings)?.finish_create(state, &request.credential)?;
    let now = app.now();
    let mut tx = app.db.begin().await?;
    users::lock(&mut tx, session.user).await?;
    if passkeys::count(&mut tx, session.user).await? >= PASSKEYS_MAX {
        return Err(IdentityError::Explained(
            ProblemCode::Conflict,
            "There are 16 passkeys already: remove one first.",
        ));
    }
    passkeys::insert(&mut tx, session.user, &name, &credential, now).await.map_err(|error| {
        match broken_constraint(&error) {
            Some("passkeys_pkey") => ProblemCode::PasskeyRefused.into(),
            _ => IdentityError::from(error),
        }
    })?;
    let passkey_id = Bytes(credential.cred_id).to_text();
    let act = audit::Act {
        entity_type: "passkey",
        entity_id: &passkey_id,
        action: "added",
        actor: Some(session.user),
        changes: serde_json::json!({ "by_device": session.device }),
        ip: caller.ip,
    };
    audit::record(&mut tx, act, now).await?;
    tell(&mut tx, session.branch, session.user, FeedEvent::PasskeyAdded { name: name.clone() }, now).await?;
    tx.commit().await?;
    Ok(PasskeyRecord { passkey_id, name, created_at: now, last_used_at: Some(now) })
}

/// # Errors
/// [`ProblemCode::NotFound`], [`ProblemCode::NameInvalid`]
pub async fn rename_passkey(
    app: &App,
    session: &SessionFacts,
    id: &str,
    name: &str,
) -> Result<(), IdentityError> {
    let name = names::device_name(name).ok_or(ProblemCode::NameInvalid)?;
    let id = Bytes::from_text(id).ok_or(ProblemCode::NotFound)?;
    let mut conn = app.db.acquire().await?;
    let found = passkeys::rename(&mut conn, session.user, &id.0, &name).await?;
    if found { Ok(()) } else { Err(ProblemCode::NotFound.into()) }
}

/// The caller has made sure of a fresh passkey. Never the last: nobody could sign in again.
///
/// # Errors
/// [`ProblemCode::NotFound`], [`ProblemCode::LastPasskey`]
pub async fn revoke_passkey(
    app: &App,
    session: &SessionFacts,
    id: &str,
    caller: Caller,
) -> Result<(), IdentityError> {
    let bytes = Bytes::from_text(id).ok_or(ProblemCode::NotFound)?;
    let mut tx = app.db.begin().await?;
    users::lock(&mut tx, session.user).await?;
    let name = passkeys::delete(&mut tx, session.user, &bytes.0).await?.ok_or(ProblemCode::NotFound)?;
    if passkeys::count(&mut tx, session.user).await? == 0 {
        return Err(ProblemCode::LastPasskey.into());
    }
    let act = audit::Act {
        entity_type: "passkey",
        entity_id: id,
        action: "revoked",
        actor: Some(session.user),
        changes: serde_json::json!({ "by_device": session.device }),
        ip: caller.ip,
    };
    audit::record(&mut tx, act, app.now()).await?;
    tell(&mut tx, session.branch, session.user, FeedEvent::PasskeyRevoked { name }, app.now()).await?;
    tx.commit().await?;
    Ok(())
}
