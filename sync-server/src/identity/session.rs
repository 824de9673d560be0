//! Sessions: who asks, from which device, and when a passkey last said so.

use super::error::IdentityError;
use super::store::{devices, devices::DeviceRow, sessions, users, vaults};
use super::token::{SessionToken, TokenHash};
use crate::app::{App, random};
use crate::settle::store::last_of_device;
use purse_shared::limits::{MINUTE_MS, PASSKEY_FRESH_MS, SESSION_LIFE_MS};
use purse_shared::link::Act;
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
    pub passkey: Option<SaidYes>,
    pub token_hash: TokenHash,
}

/// When a passkey last confirmed a session, and what its owner read then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SaidYes {
    at: UnixMillis,
    /// `None`: to whatever comes.
    to: Option<Act>,
}

impl SaidYes {
    /// A word that is none of ours is a yes to nothing.
    fn of(at: Option<UnixMillis>, act: Option<&str>) -> Option<Self> {
        let to = match act {
            None => None,
            Some(act) => Some(Act::from_text(act)?),
        };
        Some(Self { at: at?, to })
    }

    /// Within the last five minutes, and to this.
    pub fn is_fresh_for(self, act: Act, now: UnixMillis) -> bool {
        now.saturating_sub(self.at) <= PASSKEY_FRESH_MS && self.to.is_none_or(|to| to == act)
    }
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
        passkey: SaidYes::of(row.passkey_at, row.passkey_act.as_deref()),
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
        limited_until: device.limited_until.filter(|until| *until > now),
        rules: app.settings.rules(),
        vault,
        sealed_key: None,
    };
    Ok(Signed { token, reply })
}

pub(super) fn vault_state(row: vaults::VaultRow) -> VaultState {
    VaultState { version: u64::try_from(row.version).unwrap_or(0), recipients: row.recipients.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_yes_is_to_what_was_read() {
        let now = 1_000_000_000;
        let check = |at, act: Option<&str>, want: &[Act]| {
            let yes = SaidYes::of(at, act);
            let frees = |act: &&Act| yes.is_some_and(|yes| yes.is_fresh_for(**act, now));
            assert_eq!(Act::ALL.iter().filter(frees).copied().collect::<Vec<_>>(), want, "{at:?} {act:?}");
        };
        check(Some(now), None, Act::ALL);
        check(Some(now - PASSKEY_FRESH_MS), None, Act::ALL);
        check(Some(now - PASSKEY_FRESH_MS - 1), None, &[]);
        check(None, None, &[]);
        for act in Act::ALL {
            check(Some(now), Some(act.as_str()), &[*act]);
            check(Some(now - PASSKEY_FRESH_MS - 1), Some(act.as_str()), &[]);
            check(None, Some(act.as_str()), &[]);
        }
        check(Some(now), Some("from_the_future"), &[]);
    }
}
