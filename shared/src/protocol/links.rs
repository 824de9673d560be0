//! Letting a device in: see [`crate::link`] for what a request is. All bytes of a request are those that its device
//! made; the server computes its hash from them.

use super::Bytes;
use crate::link::{LinkCode, LinkHash, ShortCode};
use crate::{DeviceId, UnixMillis};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// `POST /api/v1/links/start` (signed in): which request is to be approved. Answers a [`super::Ceremony`] whose
/// challenge is [`LinkHash::challenge`]. `POST /api/v1/links/refuse` says no to it instead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LinkStart {
    pub request: Bytes,
}

/// `POST /api/v1/links/finish`: the passkey's assertion, and the data key for the device that asks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LinkFinish {
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub ceremony: Uuid,
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub credential: serde_json::Value,
    pub request: Bytes,
    /// [`crate::link::seal_data_key`]: ciphertext to the server.
    pub sealed_key: Bytes,
    /// The request by which an app had its own browser ask for the passkey.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub through: Option<Bytes>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LinkApproved {
    /// For the device that asks, over a way of its own; the server keeps its SHA-256.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub code: LinkCode,
    pub expires_at: UnixMillis,
}

/// `POST /api/v1/links/redeem` (without a session): answers [`super::SignedIn`] with `sealed_key`, once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LinkRedeem {
    pub request: Bytes,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub code: LinkCode,
    /// ES256 by the request's device key over [`crate::link::redeem_message`], 64 bytes.
    pub proof: Bytes,
}

/// `POST /api/v1/links/requests` (without a session): a request that a person carries to another device. Answers
/// [`LinkPosted`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LinkPost {
    pub request: Bytes,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LinkPosted {
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub code: ShortCode,
    pub expires_at: UnixMillis,
}

/// `POST /api/v1/links/find` (signed in, limited like look-ups): answers [`LinkPost`], 404 when there is none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LinkFind {
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub code: ShortCode,
}

/// `GET /api/v1/links`: newest first; those that were let in or refused for a week. `DELETE
/// /api/v1/links/{linkHash}` takes back what was not redeemed yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LinkRecord {
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub link: LinkHash,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub device: DeviceId,
    /// As it calls itself.
    pub name: String,
    /// [`crate::link::DeviceKind`] as text.
    pub kind: String,
    pub state: LinkState,
    /// The device on which it was decided.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub by_device: DeviceId,
    /// When it reached this state.
    pub at: UnixMillis,
    pub expires_at: UnixMillis,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum LinkState {
    /// Approved, its code not redeemed yet.
    Pending,
    LetIn,
    Refused,
}
