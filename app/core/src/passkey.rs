//! The PRF extension (WebAuthn level 3, section 10.1.4): asked for by the client, and its results taken out of
//! what is posted. The server's library knows nothing of it.

use crate::ports::{Env, PasskeyAnswer, PasskeyError, Passkeys, random};
use purse_shared::UserId;
use purse_shared::protocol::Bytes;
use purse_shared::vault::{OpeningSecret, PRF_SALT, RecipientKey};
use serde_json::{Value, json};
use uuid::Uuid;

/// A ceremony's answer, ready to post.
#[derive(Debug)]
pub struct Asserted {
    pub credential: Value,
    /// The credential's id, base64url, and the key of the vault's recipient that it opens.
    pub opens: Option<(String, RecipientKey)>,
    /// Whose passkey it is, as the passkey says.
    pub user: Option<UserId>,
}

/// Makes a passkey; asks a second time where the first ceremony gave no PRF output but the passkey has one.
///
/// # Errors
/// The ceremony's.
pub async fn create(
    passkeys: &impl Passkeys,
    options: &Value,
    env: &impl Env,
) -> Result<Asserted, PasskeyError> {
    let answer = passkeys.create(with_prf(options.clone())).await?;
    let enabled =
        answer.credential.pointer("/clientExtensionResults/prf/enabled") == Some(&Value::Bool(true));
    let mut made = stripped(answer);
    if made.opens.is_none() && enabled {
        let id = made.credential.get("id").cloned().unwrap_or_default();
        // Declined: the vault then opens by this device's own key, and a later unlock may try again.
        if let Ok(again) = passkeys.get(with_prf(local_options(env, Some(&id)))).await {
            made.opens = stripped(again).opens;
        }
    }
    Ok(made)
}

/// # Errors
/// The ceremony's.
pub async fn get(passkeys: &impl Passkeys, options: &Value) -> Result<Asserted, PasskeyError> {
    Ok(stripped(passkeys.get(with_prf(options.clone())).await?))
}

/// A ceremony with this device alone, for what the passkey opens; works without a network.
///
/// # Errors
/// The ceremony's.
pub async fn unlock(passkeys: &impl Passkeys, env: &impl Env) -> Result<Asserted, PasskeyError> {
    get(passkeys, &local_options(env, None)).await
}

/// An assertion over a challenge of our own (step-up). No PRF: what opens the vault is not needed to pay.
///
/// # Errors
/// The ceremony's.
pub async fn assert_challenge(
    passkeys: &impl Passkeys,
    env: &impl Env,
    challenge: [u8; 32],
) -> Result<Value, PasskeyError> {
    Ok(stripped(passkeys.get(options(env, challenge, None)).await?).credential)
}

fn local_options(env: &impl Env, only: Option<&Value>) -> Value {
    options(env, random(env), only)
}

fn options(env: &impl Env, challenge: [u8; 32], only: Option<&Value>) -> Value {
    let allowed = only.map(|id| json!([{"type": "public-key", "id": id}])).unwrap_or_else(|| json!([]));
    json!({"publicKey": {
        "challenge": Bytes(challenge.to_vec()),
        "rpId": env.rp_id(),
        "allowCredentials": allowed,
        "userVerification": "required",
        "timeout": 120_000,
    }})
}

/// Always with the salt: some platforms refuse an empty input.
fn with_prf(mut options: Value) -> Value {
    if let Some(public) = options.get_mut("publicKey").and_then(Value::as_object_mut) {
        let extensions = public.entry("extensions").or_insert_with(|| json!({}));
        if let Some(extensions) = extensions.as_object_mut() {
            let salt = Bytes(PRF_SALT.as_bytes().to_vec());
            extensions.insert("prf".to_owned(), json!({"eval": {"first": salt}}));
        }
    }
    options
}

fn stripped(answer: PasskeyAnswer) -> Asserted {
    let PasskeyAnswer { mut credential, prf } = answer;
    if let Some(results) = credential.get_mut("clientExtensionResults").and_then(Value::as_object_mut) {
        results.remove("prf");
    }
    let id = credential.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
    let opens = prf.map(|secret| (id, OpeningSecret::new(secret).recipient_key()));
    let user = user_handle(&credential);
    Asserted { credential, opens, user }
}

/// The user handle (WebAuthn level 3, section 5.4.3) is the user's id. Only assertions have one.
pub(crate) fn user_handle(credential: &Value) -> Option<UserId> {
    let text = credential.pointer("/response/userHandle")?.as_str()?;
    Uuid::from_slice(&Bytes::from_text(text)?.0).ok().map(UserId)
}

/// The challenge that an assertion says it is over.
pub(crate) fn challenge_of(credential: &Value) -> Option<[u8; 32]> {
    let data = Bytes::from_text(credential.pointer("/response/clientDataJSON")?.as_str()?)?;
    let data: Value = serde_json::from_slice(&data.0).ok()?;
    Bytes::from_text(data.get("challenge")?.as_str()?)?.0.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prf_results_are_taken_out() {
        let secret = [9_u8; 32];
        let leaky = json!({"id": "abc", "clientExtensionResults":
            {"prf": {"enabled": true, "results": {"first": Bytes(secret.to_vec())}}, "credProps": {"rk": true}}});
        let asserted = stripped(PasskeyAnswer { credential: leaky, prf: Some(secret) });
        let posted = asserted.credential.to_string();
        assert!(!posted.contains(&Bytes(secret.to_vec()).to_text()) && !posted.contains("prf"), "{posted}");
        assert!(posted.contains("credProps"));
        assert!(!format!("{asserted:?}").contains(&format!("{:?}", &secret[..4])));
    }

    #[test]
    fn the_salt_is_always_sent() {
        let asked = with_prf(json!({"publicKey": {"challenge": "AA", "extensions": {"credProps": true}}}));
        let salt = asked.pointer("/publicKey/extensions/prf/eval/first").and_then(Value::as_str).unwrap();
        assert_eq!(Bytes::from_text(salt).unwrap().0, PRF_SALT.as_bytes());
        assert_eq!(asked.pointer("/publicKey/extensions/credProps"), Some(&Value::Bool(true)));
    }
}
