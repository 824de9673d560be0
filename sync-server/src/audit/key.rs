//! The key that signs heads and checkpoints. It lives in a file outside the database: who can write the database
//! cannot sign another history.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use purse_shared::audit::{KeyId, Statement, Unsigned};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

const BEGIN: &str = "-----BEGIN PRIVATE KEY-----";
const END: &str = "-----END PRIVATE KEY-----";

/// ES256. Cannot be printed.
pub struct AuditKey {
    pair: EcdsaKeyPair,
    id: KeyId,
}

impl fmt::Debug for AuditKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuditKey").field("id", &self.id).finish_non_exhaustive()
    }
}

#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error("there is no audit key at {0}: put one there, or let one be made by PURSE_AUDIT_KEY_CREATE=1")]
    Missing(PathBuf),
    #[error("{0} is not a P-256 key in PKCS#8 PEM")]
    Unreadable(PathBuf),
    #[error("the audit key at {0}: {1}")]
    Io(PathBuf, io::Error),
    #[error("the audit key could not be made or used")]
    Crypto,
}

impl AuditKey {
    /// Reads it; makes it where `create` allows.
    ///
    /// # Errors
    /// [`KeyError`]
    pub fn open(path: &Path, create: bool) -> Result<Self, KeyError> {
        let io = |error| KeyError::Io(path.to_owned(), error);
        match fs::read_to_string(path) {
            Ok(pem) => {
                let mode = fs::metadata(path).map_err(io)?.permissions().mode();
                if mode & 0o077 != 0 {
                    tracing::warn!(path = %path.display(), "others may read the audit key: give it mode 0600");
                }
                Self::from_pem(&pem).ok_or_else(|| KeyError::Unreadable(path.to_owned()))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound && create => {
                make(path)?;
                // What is there now: another server may have been first.
                let pem = fs::read_to_string(path).map_err(io)?;
                Self::from_pem(&pem).ok_or_else(|| KeyError::Unreadable(path.to_owned()))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(KeyError::Missing(path.to_owned())),
            Err(error) => Err(io(error)),
        }
    }

    fn from_pem(pem: &str) -> Option<Self> {
        let body = pem.trim().strip_prefix(BEGIN)?.strip_suffix(END)?;
        let text: String = body.split_whitespace().collect();
        let pkcs8 = STANDARD.decode(text).ok()?;
        let rng = SystemRandom::new();
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &pkcs8, &rng).ok()?;
        let id = KeyId::of(pair.public_key().as_ref());
        Some(Self { pair, id })
    }

    /// SEC1, uncompressed, 65 bytes.
    pub fn public_key(&self) -> &[u8] {
        self.pair.public_key().as_ref()
    }

    /// The COSE_Sign1.
    ///
    /// # Errors
    /// [`KeyError::Crypto`], when the operating system has no randomness.
    pub fn sign<T: Statement>(&self, statement: &T) -> Result<Vec<u8>, KeyError> {
        let unsigned = Unsigned::new(statement, self.id);
        let signature = self.pair.sign(&SystemRandom::new(), unsigned.to_be_signed());
        let signature = signature.map_err(|_| KeyError::Crypto)?;
        unsigned.with_signature(signature.as_ref()).map_err(|_| KeyError::Crypto)
    }
}

/// A new one, whole or not at all, durable before anything is signed; never over one that is there.
fn make(path: &Path) -> Result<(), KeyError> {
    let io = |error| KeyError::Io(path.to_owned(), error);
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new())
        .map_err(|_| KeyError::Crypto)?;
    let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(dir).map_err(io)?;
    let draft = path.with_extension(format!("new-{}", std::process::id()));
    // Left by a process of the same number that died here.
    if draft.exists() {
        fs::remove_file(&draft).map_err(io)?;
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft).map_err(io)?;
    let text = STANDARD.encode(pkcs8.as_ref());
    file.write_all(format!("{BEGIN}\n{text}\n{END}\n").as_bytes()).map_err(io)?;
    file.sync_all().map_err(io)?;
    let linked = fs::hard_link(&draft, path);
    fs::remove_file(&draft).map_err(io)?;
    match linked {
        Ok(()) => {
            File::open(dir).and_then(|dir| dir.sync_all()).map_err(io)?;
            tracing::info!(path = %path.display(), "made the audit key: keep a copy of it");
            Ok(())
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(io(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use purse_shared::audit::{Head, SignedHead};

    #[test]
    fn made_once_kept_private_and_never_printed() {
        let dir = std::env::temp_dir().join(format!("purse-audit-key-{}", uuid::Uuid::new_v4().simple()));
        let path = dir.join("deep/audit.key");
        assert!(matches!(AuditKey::open(&path, false), Err(KeyError::Missing(_))));
        let made = AuditKey::open(&path, true).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "no draft is left");
        make(&path).unwrap();
        let again = AuditKey::open(&path, false).unwrap();
        assert_eq!(again.public_key(), made.public_key());
        let head = Head { branch: 0, batch: 1, head: [1; 32], size: 1, at: 5 };
        let signed = SignedHead::read(&made.sign(&head).unwrap()).unwrap();
        assert_eq!(signed.verify(again.public_key()), Some(head));

        let pem = fs::read_to_string(&path).unwrap();
        let secret = pem.lines().nth(1).unwrap();
        let printed = format!("{made:?}");
        assert!(printed.starts_with("AuditKey") && !printed.contains(&secret[20..40]), "{printed}");
        fs::write(&path, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----").unwrap();
        assert!(matches!(AuditKey::open(&path, true), Err(KeyError::Unreadable(_))));
        fs::remove_dir_all(dir).unwrap();
    }
}
