//! The vault's recipients, which we keep and cannot open, and the recovery code's verifier.

use super::error::IdentityError;
use super::session::{Caller, SessionFacts, vault_state};
use super::store::{audit, vaults};
use super::tell::tell;
use super::token::sha256;
use crate::app::App;
use purse_shared::limits::VAULT_RECIPIENTS_MAX;
use purse_shared::protocol::{FeedEvent, ProblemCode, PutRecovery, VaultState};
use purse_shared::vault::RecipientList;

const RECIPIENT_NAME_BYTES_MAX: usize = 1_400;
const WRAP_BYTES_MAX: usize = 512;
const SEAL_BYTES_MAX: usize = 64 * 1_024;
const VERIFIER_BYTES: usize = 32;

/// # Errors
/// The database's.
pub async fn get_vault(app: &App, session: &SessionFacts) -> Result<VaultState, IdentityError> {
    Ok(vaults::find(&app.db, session.user).await?.map(vault_state).unwrap_or_default())
}

/// What is stored afterwards. `put.version` is the one that was read.
///
/// No fresh passkey is asked for: a device that added a wrap while offline sends it weeks later, on a session that
/// its key renewed, and a person may not be there. What a stolen session could do is put a list that opens
/// nothing (readers refuse one that is not sealed under the data key), so the lists before it are kept, and every
/// change is in the audit log.
///
/// # Errors
/// [`ProblemCode::Conflict`] when somebody else was faster; [`ProblemCode::BadRequest`]
pub async fn put_vault(
    app: &App,
    session: &SessionFacts,
    put: VaultState,
    caller: Caller,
) -> Result<VaultState, IdentityError> {
    let recipients = put.recipients.filter(is_bounded).ok_or(ProblemCode::BadRequest)?;
    let version = i64::try_from(put.version).map_err(|_| ProblemCode::Conflict)?;
    let now = app.now();
    let mut tx = app.db.begin().await?;
    if !vaults::put(&mut tx, session.user, version, &recipients, now).await? {
        return Err(ProblemCode::Conflict.into());
    }
    let act = audit::Act {
        entity_type: "vault",
        entity_id: &session.user.to_string(),
        action: "recipients_set",
        actor: Some(session.user),
        changes: serde_json::json!({ "by_device": session.device, "replaced_version": put.version }),
        ip: caller.ip,
    };
    audit::record(&mut tx, act, now).await?;
    tx.commit().await?;
    Ok(VaultState { version: put.version.saturating_add(1), recipients: Some(recipients) })
}

fn is_bounded(list: &RecipientList) -> bool {
    (1..=VAULT_RECIPIENTS_MAX).contains(&list.recipients.len())
        && list.seal.0.len() <= SEAL_BYTES_MAX
        && list.recipients.iter().all(|recipient| {
            recipient.name.len() <= RECIPIENT_NAME_BYTES_MAX
                && recipient.public_key.0.len() == 32
                && recipient.wrap.0.len() <= WRAP_BYTES_MAX
        })
}

/// The caller has made sure of a fresh passkey.
///
/// # Errors
/// [`ProblemCode::BadRequest`]; [`ProblemCode::Conflict`] when there is no vault yet
pub async fn put_recovery(
    app: &App,
    session: &SessionFacts,
    put: PutRecovery,
    caller: Caller,
) -> Result<(), IdentityError> {
    if put.verifier.0.len() != VERIFIER_BYTES {
        return Err(ProblemCode::BadRequest.into());
    }
    let mut tx = app.db.begin().await?;
    if !vaults::put_recovery(&mut tx, session.user, sha256(&put.verifier.0)).await? {
        return Err(IdentityError::Explained(
            ProblemCode::Conflict,
            "Store the vault before its recovery code.",
        ));
    }
    let act = audit::Act {
        entity_type: "vault",
        entity_id: &session.user.to_string(),
        action: "recovery_set",
        actor: Some(session.user),
        changes: serde_json::json!({ "by_device": session.device }),
        ip: caller.ip,
    };
    audit::record(&mut tx, act, app.now()).await?;
    tell(&mut tx, session.branch, session.user, FeedEvent::RecoveryCodeMade, app.now()).await?;
    tx.commit().await?;
    Ok(())
}
