//! Becoming a person with a wallet: two steps, and one transaction at the end.

use super::ceremony;
use super::device::{self, Admission, ProvenDevice};
use super::error::{IdentityError, broken_constraint};
use super::names;
use super::passkey::RelyingParty;
use super::session::{self, Caller, Signed};
use super::store::ceremonies::Kind;
use super::store::{audit, passkeys, users};
use crate::app::App;
use crate::gateways;
use crate::settings::Mode;
use crate::settle::store::{NewAccount, open_account};
use purse_shared::protocol::{Ceremony, ProblemCode, RegisterFinish, RegisterStart};
use purse_shared::{Handle, UserId, WalletId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

#[derive(Serialize, Deserialize)]
struct Pending {
    user: UserId,
    handle: Handle,
    display_name: String,
    state: Value,
}

/// # Errors
/// [`ProblemCode::HandleInvalid`], [`ProblemCode::HandleTaken`], [`ProblemCode::NameInvalid`]
pub async fn register_start(app: &App, request: RegisterStart) -> Result<Ceremony, IdentityError> {
    let handle: Handle = request.handle.parse().map_err(|_| ProblemCode::HandleInvalid)?;
    let display_name = names::display_name(&request.display_name).ok_or(ProblemCode::NameInvalid)?;
    if names::is_reserved(&handle) || users::handle_is_taken(&app.db, &handle).await? {
        return Err(ProblemCode::HandleTaken.into());
    }
    let user = UserId::new(app.now(), app.random10());
    let (options, state) =
        RelyingParty::of(&app.settings)?.start_create(user, &handle, &display_name, Vec::new())?;
    let pending = Pending { user, handle, display_name, state };
    ceremony::begin(app, Kind::Register, None, options, &pending).await
}

/// # Errors
/// Those of the ceremony, the passkey, the device's proof and the handle.
pub async fn register_finish(
    app: &App,
    request: RegisterFinish,
    caller: Caller,
) -> Result<Signed, IdentityError> {
    let pending: Pending = ceremony::end(app, request.ceremony, Kind::Register, None).await?;
    let proven = ProvenDevice::check(request.ceremony, &request.device)?;
    let passkey_name = names::device_name(&request.passkey_name).ok_or(ProblemCode::NameInvalid)?;
    let credential = RelyingParty::of(&app.settings)?.finish_create(pending.state, &request.credential)?;

    let now = app.now();
    let user = pending.user;
    let branch = branch_for(user, app.settings.branches);
    let mut tx = app.db.begin().await?;
    users::insert(&mut tx, branch, user, &pending.handle, &pending.display_name, now).await.map_err(taken)?;
    passkeys::insert(&mut tx, user, &passkey_name, &credential, now).await.map_err(taken)?;
    let (device, _new) = device::admit(app, &mut tx, user, &proven, Admission::OfAccount, caller).await?;
    let wallet = WalletId::new(now, app.random10());
    open_account(&mut tx, &NewAccount { branch, user, wallet, currency: request.currency, now }).await?;
    if app.settings.mode == Mode::Sandbox {
        gateways::sandbox::link(&mut tx, user, now).await?;
    }
    let act = audit::Act {
        entity_type: "user",
        entity_id: &user.to_string(),
        action: "registered",
        actor: Some(user),
        changes: serde_json::json!({ "handle": pending.handle, "currency": request.currency }),
        ip: caller.ip,
    };
    audit::record(&mut tx, act, now).await?;
    let signed = session::open(app, &mut tx, &device, Some(&credential.cred_id)).await?;
    tx.commit().await?;
    Ok(signed)
}

/// Assigned once and stored: by the random part of the id, so all branches grow alike.
fn branch_for(user: UserId, branches: u16) -> i16 {
    let random = user.0.as_bytes()[12..].iter().fold(0_u32, |all, byte| (all << 8) | u32::from(*byte));
    i16::try_from(random % u32::from(branches.max(1))).unwrap_or(0)
}

fn taken(error: sqlx::Error) -> IdentityError {
    match broken_constraint(&error) {
        Some("handles_pkey") => ProblemCode::HandleTaken.into(),
        Some("passkeys_pkey") => ProblemCode::PasskeyRefused.into(),
        _ => error.into(),
    }
}
