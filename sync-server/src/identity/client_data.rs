//! Our own reading of `clientDataJSON` (WebAuthn level 3, section 5.8.1), before the library's: it accepts
//! `crossOrigin: true` in assertions and knows nothing of `topOrigin`.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ClientData {
    r#type: String,
    origin: String,
    #[serde(default)]
    cross_origin: Option<bool>,
    #[serde(default)]
    top_origin: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Create,
    Get,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClientDataError {
    #[error("the client data cannot be read")]
    Unreadable,
    #[error("the client data is of another ceremony")]
    Type,
    #[error("the client data names another origin")]
    Origin,
    #[error("the ceremony ran in a frame of another site")]
    CrossOrigin,
}

/// `credential` is `PublicKeyCredential.toJSON()`, `origin` the server's own (`https://purse.example`).
///
/// # Errors
/// [`ClientDataError`]
pub fn check(credential: &serde_json::Value, kind: Kind, origin: &str) -> Result<(), ClientDataError> {
    let encoded = credential
        .pointer("/response/clientDataJSON")
        .and_then(serde_json::Value::as_str)
        .ok_or(ClientDataError::Unreadable)?;
    let bytes = URL_SAFE_NO_PAD.decode(encoded).map_err(|_| ClientDataError::Unreadable)?;
    let data: ClientData = serde_json::from_slice(&bytes).map_err(|_| ClientDataError::Unreadable)?;
    let wanted = match kind {
        Kind::Create => "webauthn.create",
        Kind::Get => "webauthn.get",
    };
    if data.r#type != wanted {
        return Err(ClientDataError::Type);
    }
    if data.origin != origin {
        return Err(ClientDataError::Origin);
    }
    if data.cross_origin == Some(true) || data.top_origin.is_some() {
        return Err(ClientDataError::CrossOrigin);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn client_data() {
        let check = |json: &str, want: Result<(), ClientDataError>| {
            let credential =
                serde_json::json!({"response": {"clientDataJSON": URL_SAFE_NO_PAD.encode(json)}});
            assert_eq!(check(&credential, Kind::Get, "http://localhost:8420"), want, "{json}");
        };
        let fine =
            r#"{"type":"webauthn.get","challenge":"","origin":"http://localhost:8420","crossOrigin":false}"#;
        check(fine, Ok(()));
        check(&fine.replace("false", "true"), Err(ClientDataError::CrossOrigin));
        check(
            &fine.replace("\"crossOrigin\":false", "\"topOrigin\":\"x\""),
            Err(ClientDataError::CrossOrigin),
        );
        check(&fine.replace("8420", "8421"), Err(ClientDataError::Origin));
        check(&fine.replace("localhost:8420", "localhost:8420.evil.example"), Err(ClientDataError::Origin));
        check(&fine.replace("webauthn.get", "webauthn.create"), Err(ClientDataError::Type));
        check("no", Err(ClientDataError::Unreadable));
    }
}
