//! The passkey ceremonies (WebAuthn level 3): what the library checks, bound to this server's origin.
//!
//! Always: discoverable, user verification required, no attestation, ES256 first. Extension results never
//! reach the library or the database: a PRF result that a client forgot to strip goes no further than here.

use super::client_data::{self, Kind};
use super::error::IdentityError;
use crate::settings::Settings;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use purse_shared::limits::PASSKEY_FRESH_MS;
use purse_shared::protocol::ProblemCode;
use purse_shared::{Handle, UserId};
use serde_json::Value;
use std::time::Duration;
use webauthn_rs_core::WebauthnCore;
use webauthn_rs_core::proto::{
    AttestationConveyancePreference, AuthenticationState, COSEAlgorithm, Credential, PublicKeyCredential,
    RegisterPublicKeyCredential, RegistrationState, UserVerificationPolicy,
};

/// The longest credential id that WebAuthn allows.
const CREDENTIAL_ID_BYTES_MAX: usize = 1_023;
const ALGORITHMS: [COSEAlgorithm; 3] = [COSEAlgorithm::ES256, COSEAlgorithm::EDDSA, COSEAlgorithm::RS256];

/// This server as the passkeys know it: its origin, and the host as relying party id.
pub struct RelyingParty {
    core: WebauthnCore,
    origin: String,
}

impl RelyingParty {
    /// # Errors
    /// [`IdentityError::Broken`] when the public URL has no host.
    pub fn of(settings: &Settings) -> Result<Self, IdentityError> {
        let broken = || IdentityError::Broken("PURSE_PUBLIC_URL has no host".to_owned());
        let url = url::Url::parse(&settings.public_url).map_err(|_| broken())?;
        let host = url.host_str().ok_or_else(broken)?.to_owned();
        let origin = url.origin().ascii_serialization();
        let timeout = Duration::from_millis(u64::try_from(PASSKEY_FRESH_MS).unwrap_or(0));
        let core = WebauthnCore::new_unsafe_experts_only("Purse", &host, vec![url], timeout, None, None);
        Ok(Self { core, origin })
    }

    /// Options for `navigator.credentials.create`, and what must be kept until its result comes.
    ///
    /// # Errors
    /// [`IdentityError::Broken`]
    pub fn start_create(
        &self,
        user: UserId,
        handle: &Handle,
        display_name: &str,
        exclude: Vec<Vec<u8>>,
    ) -> Result<(Value, Value), IdentityError> {
        let builder = self
            .core
            .new_challenge_register_builder(user.0.as_bytes(), handle.as_str(), display_name)
            .map_err(broken)?
            .attestation(AttestationConveyancePreference::None)
            .user_verification_policy(UserVerificationPolicy::Required)
            .require_resident_key(true)
            .credential_algorithms(ALGORITHMS.to_vec())
            .exclude_credentials((!exclude.is_empty()).then_some(exclude));
        let (options, state) = self.core.generate_challenge_register(builder).map_err(broken)?;
        Ok((to_json(&options)?, to_json(&state)?))
    }

    /// The new passkey.
    ///
    /// # Errors
    /// [`ProblemCode::PasskeyRefused`]
    pub fn finish_create(&self, state: Value, credential: &Value) -> Result<Credential, IdentityError> {
        client_data::check(credential, Kind::Create, &self.origin).map_err(refused)?;
        let state: RegistrationState = serde_json::from_value(state).map_err(broken)?;
        let reply: RegisterPublicKeyCredential =
            serde_json::from_value(without_extras(credential)).map_err(refused)?;
        let passkey = self.core.register_credential(&reply, &state, None).map_err(refused)?;
        if !passkey.user_verified || passkey.cred_id.len() > CREDENTIAL_ID_BYTES_MAX {
            return Err(ProblemCode::PasskeyRefused.into());
        }
        Ok(passkey)
    }

    /// Options for `navigator.credentials.get` with an empty list, and what must be kept.
    ///
    /// # Errors
    /// [`IdentityError::Broken`]
    pub fn start_get(&self) -> Result<(Value, Value), IdentityError> {
        let builder = self
            .core
            .new_challenge_authenticate_builder(Vec::new(), Some(UserVerificationPolicy::Required))
            .map_err(broken)?
            .allow_backup_eligible_upgrade(true);
        let (options, state) = self.core.generate_challenge_authenticate(builder).map_err(broken)?;
        Ok((to_json(&options)?, to_json(&state)?))
    }

    /// Checks an assertion by `passkey`, and brings its counter and backup flags up to date.
    ///
    /// # Errors
    /// [`ProblemCode::PasskeyRefused`]: also when the counter went back, which tells of a copied passkey.
    /// Synced passkeys always count 0.
    pub fn finish_get(
        &self,
        state: Value,
        assertion: &Value,
        passkey: &mut Credential,
    ) -> Result<(), IdentityError> {
        client_data::check(assertion, Kind::Get, &self.origin).map_err(refused)?;
        let state: AuthenticationState = serde_json::from_value(state).map_err(broken)?;
        let reply: PublicKeyCredential =
            serde_json::from_value(without_extras(assertion)).map_err(refused)?;
        let result = self.core.authenticate_single_credential(&reply, &state, passkey).map_err(refused)?;
        if !result.user_verified() {
            return Err(ProblemCode::PasskeyRefused.into());
        }
        passkey.counter = result.counter();
        passkey.backup_state = result.backup_state();
        passkey.backup_eligible = result.backup_eligible();
        Ok(())
    }

    /// As [`Self::finish_get`], for a challenge that is ours (a step-up: bound to one intent, which is decided
    /// once). The stored counter only rises here: assertions are made while queued and come in any order, and the
    /// very same one comes again with a retry, so a lower counter tells nothing.
    ///
    /// # Errors
    /// [`ProblemCode::PasskeyRefused`]
    pub fn check_challenge(
        &self,
        challenge: [u8; 32],
        assertion: &Value,
        passkey: &mut Credential,
    ) -> Result<(), IdentityError> {
        let (_options, state) = self.start_get()?;
        let stored = std::mem::take(&mut passkey.counter);
        let checked = self.finish_get(with_challenge(state, challenge)?, assertion, passkey);
        passkey.counter = passkey.counter.max(stored);
        checked
    }
}

/// The kept state of a ceremony, for a challenge of our own.
///
/// # Errors
/// [`IdentityError::Broken`]
pub fn bound_to(state: Value, challenge: [u8; 32]) -> Result<Value, IdentityError> {
    with_challenge(state, challenge)
}

/// The library makes its own challenges; its state is serde, and this one field is replaced in that form. The
/// known-answer test below guards the form.
fn with_challenge(mut state: Value, challenge: [u8; 32]) -> Result<Value, IdentityError> {
    match state.get_mut("challenge") {
        Some(slot @ Value::String(_)) => *slot = Value::String(URL_SAFE_NO_PAD.encode(challenge)),
        _ => return Err(IdentityError::Broken("webauthn's state has no challenge".to_owned())),
    }
    Ok(state)
}

/// The id of the passkey that an assertion says it is by.
pub fn credential_id(credential: &Value) -> Option<Vec<u8>> {
    let id = URL_SAFE_NO_PAD.decode(credential.get("rawId")?.as_str()?).ok()?;
    (1..=CREDENTIAL_ID_BYTES_MAX).contains(&id.len()).then_some(id)
}

/// The user that a discoverable passkey was made for.
pub fn user_handle(assertion: &Value) -> Option<UserId> {
    let bytes = URL_SAFE_NO_PAD.decode(assertion.pointer("/response/userHandle")?.as_str()?).ok()?;
    uuid::Uuid::from_slice(&bytes).ok().map(UserId)
}

/// Extension results (PRF!) and transports are neither needed nor kept.
fn without_extras(credential: &Value) -> Value {
    let mut credential = credential.clone();
    if let Value::Object(fields) = &mut credential {
        fields.remove("clientExtensionResults");
        fields.remove("extensions");
        if let Some(Value::Object(response)) = fields.get_mut("response") {
            response.remove("transports");
        }
    }
    credential
}

fn to_json(value: &impl serde::Serialize) -> Result<Value, IdentityError> {
    serde_json::to_value(value).map_err(broken)
}
fn broken(error: impl std::fmt::Display) -> IdentityError {
    IdentityError::Broken(format!("passkey ceremony: {error}"))
}
fn refused(error: impl std::fmt::Display) -> IdentityError {
    tracing::debug!(%error, "passkey refused");
    ProblemCode::PasskeyRefused.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn relying_party() -> RelyingParty {
        let listen = std::net::SocketAddr::from(([127, 0, 0, 1], 8420));
        RelyingParty::of(&Settings::for_tests(listen, "/tmp".into())).unwrap()
    }

    #[test]
    fn options_ask_for_a_verified_discoverable_passkey() {
        let user = UserId::new(1_000, [7; 10]);
        let (options, state) =
            relying_party().start_create(user, &"ana".parse().unwrap(), "Ana", Vec::new()).unwrap();
        let select = &options["publicKey"]["authenticatorSelection"];
        assert_eq!(select["residentKey"], "required");
        assert_eq!(select["requireResidentKey"], true);
        assert_eq!(select["userVerification"], "required");
        assert_eq!(options["publicKey"]["rp"]["id"], "localhost");
        assert_eq!(options["publicKey"]["attestation"], "none");
        assert_eq!(options["publicKey"]["pubKeyCredParams"][0]["alg"], -7);
        let id = URL_SAFE_NO_PAD.decode(options["publicKey"]["user"]["id"].as_str().unwrap()).unwrap();
        assert_eq!(id, user.0.as_bytes());
        assert!(serde_json::from_value::<RegistrationState>(state).is_ok());
        let (options, _) = relying_party().start_get().unwrap();
        assert_eq!(options["publicKey"]["userVerification"], "required");
        assert_eq!(options["publicKey"]["allowCredentials"], serde_json::json!([]));
    }

    /// If this fails after an update of webauthn-rs-core, look at [`with_challenge`] again.
    #[test]
    fn the_librarys_state_has_the_form_we_know() {
        let (_, state) = relying_party().start_get().unwrap();
        let state = with_challenge(state, [0xfb; 32]).unwrap();
        let want = serde_json::json!({
            "credentials": [],
            "policy": "required",
            "challenge": "-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_s",
            "appid": null,
            "allow_backup_eligible_upgrade": true,
        });
        assert_eq!(state, want);
        let read: AuthenticationState = serde_json::from_value(state).unwrap();
        assert_eq!(serde_json::to_value(read).unwrap(), want);
    }

    #[test]
    fn prf_results_go_no_further() {
        let with = serde_json::json!({
            "id": "x", "clientExtensionResults": {"prf": {"results": {"first": "secret"}}},
            "response": {"transports": ["internal"], "clientDataJSON": ""},
        });
        let kept = without_extras(&with).to_string();
        assert!(!kept.contains("secret") && !kept.contains("transports"), "{kept}");
    }
}
