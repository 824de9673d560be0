//! Every message that crosses the wire, versioned, and the stable codes.
//!
//! JSON over HTTP; bytes are base64url without padding ([`Bytes`]). Clients match on codes, people read `detail`.

mod api;
mod bytes;
mod code;
mod identity;
mod links;
mod step_up;
mod sync;

pub use api::*;
pub use bytes::Bytes;
pub use code::{ProblemCode, RefusalCode};
pub use identity::*;
pub use links::*;
pub use step_up::{StepUp, StepUpTooLong};
pub use sync::*;

/// What this build speaks. The server answers `update_required` to anything below its minimum.
pub const PROTOCOL_VERSION: u16 = 1;
pub const PROTOCOL_VERSION_MIN: u16 = 1;

/// RFC 9457 problem details, `application/problem+json`.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// `urn:purse:problem:<code>`
    #[serde(rename = "type")]
    pub kind: String,
    pub title: String,
    pub status: u16,
    /// For people; never internals.
    pub detail: String,
    /// A [`ProblemCode`] in snake_case (unknown codes of newer servers stay readable).
    pub code: String,
    /// Seconds, where trying again later makes sense.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u32>,
}
