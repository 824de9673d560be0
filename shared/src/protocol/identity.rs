//! Passkeys, devices, sessions and the vault's recipients. A passkey's options and results are the browser's
//! own JSON (`PublicKeyCredential.parseCreationOptionsFromJSON`, `toJSON`), passed through as they are.
//! PRF inputs are added and PRF results removed by the client: they never reach the server.

use super::Bytes;
use crate::fee::Fees;
use crate::{Currency, DeviceId, Handle, Incarnation, Money, UnixMillis, UserId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The device that asks: its key is proven by `proof`, an ES256 signature (64 bytes, r and s) over
/// `purse/session/v1`, the ceremony id and the public key (see [`crate::intent::session_message`]).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeviceProof {
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub device: DeviceId,
    pub name: String,
    /// SEC1 uncompressed point, 65 bytes.
    pub public_key: Bytes,
    pub proof: Bytes,
}

/// `POST /api/v1/users/register`, step one: a handle for a challenge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RegisterStart {
    pub handle: String,
    pub display_name: String,
}

/// A ceremony to carry out with the passkey.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Ceremony {
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub ceremony: Uuid,
    /// `{"publicKey": {...}}`, for `navigator.credentials.create` or `get`.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub options: serde_json::Value,
    pub expires_at: UnixMillis,
}

/// `POST /api/v1/users/register/finish`, step two.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RegisterFinish {
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub ceremony: Uuid,
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub credential: serde_json::Value,
    pub passkey_name: String,
    pub device: DeviceProof,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub currency: Currency,
}

/// `POST /api/v1/session/start` has no body and answers a [`Ceremony`]; this is `/session/finish`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignInFinish {
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub ceremony: Uuid,
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub credential: serde_json::Value,
    pub device: DeviceProof,
}

/// `POST /api/v1/session/renew/start`: which device wants its session renewed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RenewStart {
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub device: DeviceId,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RenewChallenge {
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub ceremony: Uuid,
}

/// `POST /api/v1/session/renew/finish`: the proof is over this ceremony's id, as in [`DeviceProof`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RenewFinish {
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub ceremony: Uuid,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub device: DeviceId,
    pub proof: Bytes,
}

/// Signed in. The browser gets the token as an HttpOnly cookie as well and ignores `token`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignedIn {
    /// Only for a client that asked with `Purse-Client: app`; the bearer token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub user: UserId,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub handle: Handle,
    pub display_name: String,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub device: DeviceId,
    /// The passkey that was used, where one was.
    pub credential_id: Option<Bytes>,
    /// The next `seq` that the server would expect of this device.
    pub next_seq: u64,
    /// The hash of this device's last intent that the server holds.
    pub last_hash: Option<Bytes>,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub incarnation: Incarnation,
    pub server_time: UnixMillis,
    /// This device is new, and may little until then: pay with low limits, and plan with its person's passkey alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limited_until: Option<UnixMillis>,
    pub rules: Rules,
    pub vault: VaultState,
    /// Only for a device that was let in by a link: the data key as it was sealed to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sealed_key: Option<Bytes>,
}

/// What the app must know to say the right things before it asks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Rules {
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<Object>))]
    pub step_up_from: Vec<Money>,
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<Object>))]
    pub confirm_payee_above: Vec<Money>,
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub fees: Fees,
}

/// `GET /api/v1/vault`, `PUT /api/v1/vault` (compare-and-set on `version`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct VaultState {
    /// 0: none stored yet. A put carries the version it read and makes it one more.
    pub version: u64,
    /// The sealed recipients, `vault::RecipientList` as JSON; `None` at version 0.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub recipients: Option<crate::vault::RecipientList>,
}

/// `PUT /api/v1/vault/recovery`: the verifier of a recovery code (32 bytes; the server keeps its SHA-256).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PutRecovery {
    pub verifier: Bytes,
}

/// `GET /api/v1/passkeys`, `PATCH` and `DELETE /api/v1/passkeys/{passkeyId}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PasskeyRecord {
    /// The credential id, base64url.
    pub passkey_id: String,
    pub name: String,
    pub created_at: UnixMillis,
    pub last_used_at: Option<UnixMillis>,
}

/// `POST /api/v1/passkeys` starts (answer: [`Ceremony`]), `POST /api/v1/passkeys/finish` ends with this.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AddPasskeyFinish {
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub ceremony: Uuid,
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub credential: serde_json::Value,
    pub name: String,
}

/// `GET /api/v1/devices`, `PATCH` and `DELETE /api/v1/devices/{deviceId}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeviceRecord {
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub device_id: DeviceId,
    pub name: String,
    pub created_at: UnixMillis,
    pub last_seen_at: UnixMillis,
    pub revoked_at: Option<UnixMillis>,
    pub forked: bool,
    pub limited_until: Option<UnixMillis>,
    pub this_device: bool,
    /// The device that let this one in; `None` where a passkey did, on the device itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub let_in_by: Option<DeviceId>,
}

/// `PATCH` of a passkey or a device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Rename {
    pub name: String,
}

/// A fresh passkey for a sensitive act: `POST /api/v1/session/confirm/start` (answer: [`Ceremony`]), then this
/// to `/session/confirm/finish`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConfirmFinish {
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub ceremony: Uuid,
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub credential: serde_json::Value,
    /// The request by which an app had the system's browser ask for the passkey: its challenge is then
    /// [`crate::link::LinkHash::challenge`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub through: Option<Bytes>,
}

/// `GET /api/v1/users/by-handle/{handle}`: signed in, exact, limited. 404 when there is none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HandleRecord {
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub user_id: UserId,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub handle: Handle,
    pub display_name: String,
}
