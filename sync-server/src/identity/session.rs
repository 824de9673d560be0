//! Sessions: who asks, from which device, and when a passkey last said so.

use super::error::IdentityError;
use super::store::{devices, devices::DeviceRow, sessions, users, vaults};
use super::token::{SessionToken, TokenHash};
use crate::app::{App, random};
use crate::settle::store::last_of_device;
use purse_shared::limits::{MINUTE_MS, SESSION_LIFE_MS};
use purse_shared::protocol::{Bytes, ProblemCode, SignedIn, VaultState};
use purse_shared::{DeviceId, UnixMillis, UserId};
use sqlx::PgConnection;
use std::net::IpAddr;

/// Where a request came from, for the audit log.
#[derive(Clone, Copy, Debug, Default)]
pub struct Caller {
    pub ip: Option<IpAddr>,
}

/// A good session.
#[derive(Clone, Debug)]
pub struct SessionFacts {
    pub user: UserId,
    pub branch: i16,
    pub device: DeviceId,
    /// The device's: most of what is signed comes from the device that brings it.
    pub device_key: Vec<u8>,
    pub passkey_at: Option<UnixMillis>,
    pub token_hash: TokenHash,
}

/// A new session: the token goes into a cookie or, for apps, into the reply.
#[derive(Debug)]
pub struct Signed {
    pub token: SessionToken,
    pub reply: SignedIn,
}

const SEEN_EVERY_MS: UnixMillis = 5 * MINUTE_MS;

/// # Errors
/// [`ProblemCode::SignInNeeded`]; [`ProblemCode::DeviceRevoked`] (rows of revoked devices stay until they
/// expire, so that the device can be told why).
pub async fn find_session(app: &App, token: &SessionToken) -> Result<SessionFacts, IdentityError> {
    let now = app.now();
    let token_hash = token.hash();
    let mut turn = app.reads.turn().await?;
    let row = sessions::find(turn.connection(), token_hash).await?;
    turn.done();
    let row = row.ok_or(ProblemCode::SignInNeeded)?;
    if row.revoked_at.is_some() {
        return Err(ProblemCode::DeviceRevoked.into());
    }
    if row.expires_at <= now {
        return Err(ProblemCode::SignInNeeded.into());
    }
    let device = DeviceId(row.device_id);
    if row.last_seen_at.saturating_add(SEEN_EVERY_MS) < now {
        devices::seen(&app.db, device, now).await?;
    }
    let user = UserId(row.user_id);
    Ok(SessionFacts {
        user,
        branch: row.branch,
        device,
        device_key: row.public_key,
        passkey_at: row.passkey_at,
        token_hash,
    })
}

/// # Errors
/// The database's.
pub async fn sign_out(app: &App, session: TokenHash) -> Result<(), IdentityError> {
    Ok(sessions::delete(&app.db, session).await?)
}

/// Opens a session in the caller's transaction, ending the device's earlier ones.
pub(super) async fn open(
    app: &App,
    conn: &mut PgConnection,
    device: &DeviceRow,
    passkey: Option<&[u8]>,
) -> Result<Signed, IdentityError> {
    let now = app.now();
    let token = SessionToken::new(random());
    let (user, device_id) = (UserId(device.user_id), DeviceId(device.device_id));
    let expires_at = now.saturating_add(SESSION_LIFE_MS);
    let passkey_at = passkey.map(|_| now);
    sessions::insert(conn, token.hash(), user, device_id, now, expires_at, passkey_at).await?;
    devices::seen(&mut *conn, device_id, now).await?;
    let row =
        users::find(&mut *conn, user).await?.ok_or(IdentityError::Broken("a device without user".into()))?;
    let last = last_of_device(&mut *conn, row.branch, device_id).await?;
    let vault = vaults::find(&mut *conn, user).await?.map(vault_state).unwrap_or_default();
    let reply = SignedIn {
        token: None,
        user,
        handle: row
            .handle
            .parse()
            .map_err(|_| IdentityError::Broken("a stored handle is malformed".into()))?,
        display_name: row.display_name,
        device: device_id,
        credential_id: passkey.map(Bytes::from),
        next_seq: last.as_ref().and_then(|(seq, _)| u64::try_from(*seq).ok()).unwrap_or(0).saturating_add(1),
        last_hash: last.map(|(_, hash)| Bytes(hash)),
        incarnation: app.incarnation,
        server_time: now,
        rules: app.settings.rules(),
        vault,
        sealed_key: None,
    };
    Ok(Signed { token, reply })
}

pub(super) fn vault_state(row: vaults::VaultRow) -> VaultState {
    VaultState { version: u64::try_from(row.version).unwrap_or(0), recipients: row.recipients.0 }
}
