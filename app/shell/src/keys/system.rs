//! The keychain that the system has.

use super::keychain::{KeychainError, away};
use keyring_core::CredentialStore;
use std::sync::Arc;

/// Waits: not on the engine's thread.
///
/// # Errors
/// [`KeychainError::Away`].
#[cfg(any(target_os = "linux", target_os = "freebsd"))]
pub fn connect() -> Result<Arc<CredentialStore>, KeychainError> {
    Ok(zbus_secret_service_keyring_store::Store::new().map_err(|error| away(&error))?)
}

/// # Errors
/// [`KeychainError::Away`].
#[cfg(target_os = "macos")]
pub fn connect() -> Result<Arc<CredentialStore>, KeychainError> {
    Ok(apple_native_keyring_store::keychain::Store::new().map_err(|error| away(&error))?)
}

/// # Errors
/// [`KeychainError::Away`].
#[cfg(target_os = "ios")]
pub fn connect() -> Result<Arc<CredentialStore>, KeychainError> {
    Ok(apple_native_keyring_store::protected::Store::new().map_err(|error| away(&error))?)
}

/// # Errors
/// [`KeychainError::Away`].
#[cfg(windows)]
pub fn connect() -> Result<Arc<CredentialStore>, KeychainError> {
    Ok(windows_native_keyring_store::Store::new().map_err(|error| away(&error))?)
}

/// Sealed by a key of the Android Keystore. The app has to have set up `ndk_context` (Tauri does).
///
/// # Errors
/// [`KeychainError::Away`].
#[cfg(target_os = "android")]
pub fn connect() -> Result<Arc<CredentialStore>, KeychainError> {
    Ok(android_native_keyring_store::Store::new().map_err(|error| away(&error))?)
}

/// # Errors
/// Always: this system has none.
#[cfg(not(any(
    target_os = "linux",
    target_os = "freebsd",
    target_os = "macos",
    target_os = "ios",
    target_os = "android",
    windows
)))]
pub fn connect() -> Result<Arc<CredentialStore>, KeychainError> {
    let _no_errors_to_tell = away;
    Err(KeychainError::Away("this system has none".to_owned()))
}

/// How an entry is kept, where the keychain can be told. Secret Service: what its own window calls it. iOS: never in
/// a backup or on another device, and readable while the phone is locked, so that the queue is sent.
pub fn modifiers(entry: &str) -> Vec<(&'static str, String)> {
    if cfg!(any(target_os = "linux", target_os = "freebsd")) {
        vec![("label", format!("Purse, this device ({entry})"))]
    } else if cfg!(target_os = "ios") {
        vec![("access-policy", "after-first-unlock-this-device-only".to_owned())]
    } else {
        Vec::new()
    }
}
