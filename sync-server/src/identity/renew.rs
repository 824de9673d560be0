//! A longer session by the device's key alone, so that weeks offline do not block a queue. It has no fresh
//! passkey, so it opens nothing sensitive.

use super::ceremony;
use super::error::IdentityError;
use super::session::{self, Signed};
use super::store::ceremonies::Kind;
use super::store::devices;
use crate::app::App;
use purse_shared::DeviceId;
use purse_shared::intent::{es256, session_message};
use purse_shared::protocol::{ProblemCode, RenewChallenge, RenewFinish, RenewStart};
use serde::{Deserialize, Serialize};
use serde_json::Value;

#[derive(Serialize, Deserialize)]
struct Pending {
    device: DeviceId,
}

/// The same answer whether or not there is such a device.
///
/// # Errors
/// The database's.
pub async fn renew_start(app: &App, request: RenewStart) -> Result<RenewChallenge, IdentityError> {
    let pending = Pending { device: request.device };
    let begun = ceremony::begin(app, Kind::Renew, None, Value::Null, &pending).await?;
    Ok(RenewChallenge { ceremony: begun.ceremony })
}

/// # Errors
/// [`ProblemCode::CeremonyExpired`], [`ProblemCode::SignInNeeded`], [`ProblemCode::DeviceRevoked`]
pub async fn renew_finish(app: &App, request: RenewFinish) -> Result<Signed, IdentityError> {
    let pending: Pending = ceremony::end(app, request.ceremony, Kind::Renew, None).await?;
    if pending.device != request.device {
        return Err(ProblemCode::CeremonyExpired.into());
    }
    let mut tx = app.db.begin().await?;
    let device = devices::find(&mut *tx, request.device).await?.ok_or(ProblemCode::SignInNeeded)?;
    let message = session_message(request.ceremony, &device.public_key);
    if !es256::verify(&device.public_key, &message, &request.proof.0) {
        return Err(ProblemCode::SignInNeeded.into());
    }
    // Only the holder of the key hears this.
    if device.revoked_at.is_some() {
        return Err(ProblemCode::DeviceRevoked.into());
    }
    let signed = session::open(app, &mut tx, &device, None).await?;
    tx.commit().await?;
    Ok(signed)
}
