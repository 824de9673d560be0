//! Signing in with any of a person's passkeys, on this device.

use super::ceremony;
use super::device::{self, Admission, ProvenDevice};
use super::error::IdentityError;
use super::passkey::{self, RelyingParty};
use super::session::{self, Caller, Signed};
use super::store::ceremonies::Kind;
use super::store::{audit, passkeys, users};
use super::tell::tell;
use crate::app::App;
use purse_shared::UserId;
use purse_shared::protocol::{Bytes, Ceremony, FeedEvent, ProblemCode, SignInFinish};
use serde_json::Value;
use sqlx::PgConnection;

/// # Errors
/// The database's.
pub async fn sign_in_start(app: &App) -> Result<Ceremony, IdentityError> {
    let (options, state) = RelyingParty::of(&app.settings)?.start_get()?;
    ceremony::begin(app, Kind::SignIn, None, options, &state).await
}

/// # Errors
/// Those of the ceremony, the passkey and the device.
pub async fn sign_in_finish(
    app: &App,
    request: SignInFinish,
    caller: Caller,
) -> Result<Signed, IdentityError> {
    let state: Value = ceremony::end(app, request.ceremony, Kind::SignIn, None).await?;
    let proven = ProvenDevice::check(request.ceremony, &request.device)?;
    let now = app.now();
    let mut tx = app.db.begin().await?;
    let (user, passkey_id) = assert_passkey(app, &mut tx, state, &request.credential, None).await?;
    let (device, new) = device::admit(app, &mut tx, user, &proven, Admission::ByPasskey, caller).await?;
    let act = audit::Act {
        entity_type: "user",
        entity_id: &user.to_string(),
        action: "signed_in",
        actor: Some(user),
        changes: serde_json::json!({ "device": device.device_id, "passkey": Bytes(passkey_id.clone()) }),
        ip: caller.ip,
    };
    audit::record(&mut tx, act, now).await?;
    let signed = session::open(app, &mut tx, &device, Some(&passkey_id)).await?;
    let branch = users::find(&mut *tx, user).await?.map_or(0, |row| row.branch);
    if new {
        let event = FeedEvent::DeviceAdded { device: signed.reply.device, name: device.name };
        tell(&mut tx, branch, user, event, now).await?;
    }
    tx.commit().await?;
    Ok(signed)
}

/// A good assertion by a known passkey: whose it is, and its id. With `only`, by one of that user's alone.
///
/// # Errors
/// [`ProblemCode::PasskeyUnknown`], [`ProblemCode::PasskeyRefused`]
pub(super) async fn assert_passkey(
    app: &App,
    conn: &mut PgConnection,
    state: Value,
    assertion: &Value,
    only: Option<UserId>,
) -> Result<(UserId, Vec<u8>), IdentityError> {
    let id = passkey::credential_id(assertion).ok_or(ProblemCode::PasskeyRefused)?;
    let row = passkeys::lock(conn, &id).await?.ok_or(ProblemCode::PasskeyUnknown)?;
    let user = UserId(row.user_id);
    if only.is_some_and(|only| only != user) {
        return Err(ProblemCode::PasskeyUnknown.into());
    }
    // WebAuthn level 3, section 7.2, step 6: unknown before, so the user handle must be there and be theirs.
    match passkey::user_handle(assertion) {
        Some(handle) if handle == user => {}
        None if only.is_some() => {}
        _ => return Err(ProblemCode::PasskeyRefused.into()),
    }
    let mut credential = row.credential.0;
    RelyingParty::of(&app.settings)?.finish_get(state, assertion, &mut credential)?;
    passkeys::used(conn, &credential, app.now()).await?;
    Ok((user, id))
}
