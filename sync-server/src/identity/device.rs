//! Devices: proof of the key, admission, and what people do with their list.

use super::error::{IdentityError, broken_constraint};
use super::names;
use super::session::{Caller, SessionFacts};
use super::store::devices::{self, DeviceRow, NewDevice};
use super::store::{audit, users};
use crate::app::App;
use crate::settle::AccountChange;
use purse_shared::intent::{es256, session_message};
use purse_shared::limits::NEW_DEVICE_MS;
use purse_shared::link::{LinkCode, LinkRequest, redeem_message};
use purse_shared::protocol::{DeviceProof, DeviceRecord, ProblemCode};
use purse_shared::{DeviceId, UserId};
use sqlx::PgConnection;
use uuid::Uuid;

const PUBLIC_KEY_BYTES: usize = 65;
const SIGNATURE_BYTES: usize = 64;

/// A device whose key was proven in this very ceremony.
#[derive(Debug)]
pub struct ProvenDevice {
    device: DeviceId,
    name: String,
    public_key: Vec<u8>,
}

/// How a device comes to be one of an account's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// The first of a new account: nobody to tell, no limits.
    OfAccount,
    /// By a passkey, on the device itself.
    ByPasskey,
    LetInBy(DeviceId),
}

impl ProvenDevice {
    /// Pure: the request's form was checked when it was read; then the signature, then the contents.
    ///
    /// # Errors
    /// [`ProblemCode::BadRequest`], [`ProblemCode::NameInvalid`]
    pub fn of_link(request: &LinkRequest, code: &LinkCode, proof: &[u8]) -> Result<Self, IdentityError> {
        let message = redeem_message(code, request.hash());
        if proof.len() != SIGNATURE_BYTES || !es256::verify(&request.device_key, &message, proof) {
            return Err(IdentityError::Explained(
                ProblemCode::BadRequest,
                "The signature is not by the request's device key over this code and request.",
            ));
        }
        let name = names::device_name(&request.name).ok_or(ProblemCode::NameInvalid)?;
        Ok(Self { device: request.device, name, public_key: request.device_key.to_vec() })
    }

    /// Pure: size, then signature, then contents.
    ///
    /// # Errors
    /// [`ProblemCode::BadRequest`], [`ProblemCode::NameInvalid`]
    pub fn check(ceremony: Uuid, proof: &DeviceProof) -> Result<Self, IdentityError> {
        let key = proof.public_key.0.as_slice();
        if key.len() != PUBLIC_KEY_BYTES || key[0] != 4 || proof.proof.0.len() != SIGNATURE_BYTES {
            return Err(IdentityError::Explained(
                ProblemCode::BadRequest,
                "A device has an uncompressed P-256 key and proves it with a signature of 64 bytes.",
            ));
        }
        if !es256::verify(key, &session_message(ceremony, key), &proof.proof.0) {
            return Err(IdentityError::Explained(
                ProblemCode::BadRequest,
                "The device's signature is not by its key over this ceremony.",
            ));
        }
        let name = names::device_name(&proof.name).ok_or(ProblemCode::NameInvalid)?;
        Ok(Self { device: proof.device, name, public_key: key.to_vec() })
    }
}

/// The device's row: the one it has, or a new one. True when it is new.
///
/// # Errors
/// [`ProblemCode::DeviceRevoked`]; [`ProblemCode::Conflict`] for an id or a key that is known otherwise.
pub(super) async fn admit(
    app: &App,
    conn: &mut PgConnection,
    user: UserId,
    proven: &ProvenDevice,
    admission: Admission,
    caller: Caller,
) -> Result<(DeviceRow, bool), IdentityError> {
    if let Some(row) = devices::find(&mut *conn, proven.device).await? {
        if row.user_id != user.0 || row.public_key != proven.public_key {
            return Err(ProblemCode::Conflict.into());
        }
        return if row.revoked_at.is_some() {
            Err(ProblemCode::DeviceRevoked.into())
        } else {
            Ok((row, false))
        };
    }
    let now = app.now();
    let limited_until = (admission != Admission::OfAccount).then(|| now.saturating_add(NEW_DEVICE_MS));
    let let_in_by = match admission {
        Admission::LetInBy(device) => Some(device),
        Admission::OfAccount | Admission::ByPasskey => None,
    };
    let new = NewDevice {
        device: proven.device,
        user,
        name: &proven.name,
        public_key: &proven.public_key,
        limited_until,
        let_in_by,
    };
    let row = devices::insert(conn, &new, now).await.map_err(|error| match broken_constraint(&error) {
        Some("devices_pkey" | "device_keys_are_unique") => ProblemCode::Conflict.into(),
        _ => IdentityError::from(error),
    })?;
    let act = audit::Act {
        entity_type: "device",
        entity_id: &proven.device.to_string(),
        action: "added",
        actor: Some(user),
        changes: serde_json::json!({ "limited_until": limited_until, "let_in_by": let_in_by }),
        ip: caller.ip,
    };
    audit::record(conn, act, now).await?;
    Ok((row, true))
}

/// # Errors
/// The database's.
pub async fn list_devices(app: &App, session: &SessionFacts) -> Result<Vec<DeviceRecord>, IdentityError> {
    let rows = devices::list(&app.db, session.user).await?;
    Ok(rows.into_iter().map(|row| record(row, session.device)).collect())
}

fn record(row: DeviceRow, this: DeviceId) -> DeviceRecord {
    DeviceRecord {
        device_id: DeviceId(row.device_id),
        name: row.name,
        created_at: row.created_at,
        last_seen_at: row.last_seen_at,
        revoked_at: row.revoked_at,
        forked: row.forked_at.is_some(),
        limited_until: row.limited_until,
        this_device: row.device_id == this.0,
        let_in_by: row.let_in_by.map(DeviceId),
    }
}

/// # Errors
/// [`ProblemCode::NotFound`], [`ProblemCode::NameInvalid`]
pub async fn rename_device(
    app: &App,
    session: &SessionFacts,
    device: DeviceId,
    name: &str,
) -> Result<(), IdentityError> {
    let name = names::device_name(name).ok_or(ProblemCode::NameInvalid)?;
    let mut conn = app.db.acquire().await?;
    let found = devices::rename(&mut conn, session.user, device, &name).await?;
    if found { Ok(()) } else { Err(ProblemCode::NotFound.into()) }
}

/// The branch's writer decides when, in one order with the payments; the same again changes nothing.
///
/// # Errors
/// [`ProblemCode::NotFound`]
pub async fn revoke_device(
    app: &App,
    session: &SessionFacts,
    device: DeviceId,
    caller: Caller,
) -> Result<(), IdentityError> {
    let row = devices::find(&app.db, device).await?.filter(|row| row.user_id == session.user.0);
    let row = row.ok_or(ProblemCode::NotFound)?;
    if row.revoked_at.is_some() {
        return Ok(());
    }
    // Asked for first: an intent that is never carried out is visible, an act without its trace is not.
    let mut tx = app.db.begin().await?;
    users::lock(&mut tx, session.user).await?;
    let act = audit::Act {
        entity_type: "device",
        entity_id: &device.to_string(),
        action: "revoke_asked",
        actor: Some(session.user),
        changes: serde_json::json!({ "by_device": session.device }),
        ip: caller.ip,
    };
    audit::record(&mut tx, act, app.now()).await?;
    tx.commit().await?;
    app.writers.change(session.branch, session.user, AccountChange::RevokeDevice(device)).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use purse_shared::protocol::Bytes;
    use ring::rand::SystemRandom;
    use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};

    #[test]
    fn a_proof_is_for_one_ceremony_and_one_key() {
        let rng = SystemRandom::new();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &rng).unwrap();
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref(), &rng).unwrap();
        let public = key.public_key().as_ref().to_vec();
        let ceremony = Uuid::from_u128(7);
        let signature = key.sign(&rng, &session_message(ceremony, &public)).unwrap().as_ref().to_vec();
        let good = DeviceProof {
            device: DeviceId::new(1, [1; 10]),
            name: " Ana's phone ".to_owned(),
            public_key: Bytes(public.clone()),
            proof: Bytes(signature.clone()),
        };
        assert_eq!(ProvenDevice::check(ceremony, &good).unwrap().name, "Ana's phone");
        let refused = |ceremony, proof: &DeviceProof| assert!(ProvenDevice::check(ceremony, proof).is_err());
        refused(Uuid::from_u128(8), &good);
        refused(ceremony, &DeviceProof { name: "a\u{7}b".to_owned(), ..good.clone() });
        refused(ceremony, &DeviceProof { proof: Bytes(vec![0; 64]), ..good.clone() });
        refused(ceremony, &DeviceProof { proof: Bytes::default(), ..good.clone() });
        refused(ceremony, &DeviceProof { public_key: Bytes::default(), ..good.clone() });
        refused(ceremony, &DeviceProof { public_key: Bytes(vec![4; 65]), ..good.clone() });
        let intent_like = key.sign(&rng, b"purse/intent/v1").unwrap().as_ref().to_vec();
        refused(ceremony, &DeviceProof { proof: Bytes(intent_like), ..good });
    }
}
