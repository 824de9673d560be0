//! The vault: envelopes that seal what is personal, and the wraps of the key that opens them.
//!
//! A random data key per user seals records (XChaCha20-Poly1305, associated data binds user, record, kind
//! and epoch). Each way to open it (a passkey's PRF output, the recovery code, a browser's own key) derives
//! an X25519 key pair through HKDF-SHA256; the data key is wrapped to the public half by HPKE (RFC 9180, base
//! mode), so a new recipient needs none of the others. The list of recipients is authenticated under the data
//! key, so that a server can add none unseen.
//!
//! Secrets here cannot be printed and are wiped when dropped.

mod recipients;
mod recovery;
mod seal;
mod secret;

pub use recipients::{OpenError, Recipient, RecipientKind, RecipientList};
pub use recovery::{RecoveryCode, RecoveryCodeError};
pub use seal::{RecordName, SealError, StorageKey};
pub use secret::{DataKey, OpeningSecret, PRF_SALT, RecipientKey};
