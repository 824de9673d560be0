//! Where this folder's keys are, and whether they open: decided at every start.

use super::kept::{Kept, KeptError};
use super::keychain::{Keychain, KeychainError};
use super::passphrase::{PassphraseError, SealedFile};
use super::{Keeper, NativeKeys};
use crate::folder::{Folder, KeptBy, OpenError};
use crate::setup::KeychainChoice;
use purse_core::ports::Mark;
use purse_shared::Secret;

/// What a start found.
pub enum Opened {
    Ready(NativeKeys),
    /// There is no keychain to rely on: [`choose`] a passphrase.
    ChoosePassphrase,
    /// [`enter`] the passphrase.
    AskPassphrase,
}

#[derive(Debug, thiserror::Error)]
pub enum OpenKeysError {
    /// It holds them, perhaps, and cannot be asked now.
    #[error(transparent)]
    Away(KeychainError),
    /// It works, and knows nothing of this folder: the folder was copied, or the keychain is another one.
    #[error("this keychain has no keys for this folder")]
    Elsewhere,
    #[error(transparent)]
    Folder(#[from] OpenError),
}

impl From<KeychainError> for OpenKeysError {
    fn from(error: KeychainError) -> Self {
        match error {
            KeychainError::Kept(KeptError::Newer) => OpenError::NewerVersion.into(),
            KeychainError::Kept(KeptError::OtherFolder) => Self::Elsewhere,
            KeychainError::Kept(KeptError::Damaged) => OpenError::Damaged(error.to_string()).into(),
            other => Self::Away(other),
        }
    }
}

/// `store_is_empty`: nothing is lost when the keys are made anew.
///
/// # Errors
/// [`OpenKeysError`]: nothing was changed.
pub async fn open(
    folder: &Folder,
    choice: &KeychainChoice,
    store_is_empty: bool,
) -> Result<Opened, OpenKeysError> {
    match folder.kept_by() {
        Some(KeptBy::Keychain) => {
            let keychain = Keychain::connect(choice, folder.id()).await?;
            match keychain.read().await? {
                Some((kept, mark)) => Ok(ready(keychain, kept, mark)),
                None if store_is_empty => make(keychain).await,
                None => Err(OpenKeysError::Elsewhere),
            }
        }
        Some(KeptBy::Passphrase) if folder.sealed_keys().exists() => Ok(Opened::AskPassphrase),
        Some(KeptBy::Passphrase) if store_is_empty => Ok(Opened::ChoosePassphrase),
        Some(KeptBy::Passphrase) => Err(OpenError::Damaged("the sealed keys are missing".to_owned()).into()),
        // A start that was cut off may have left either; nothing was sealed with them.
        None if matches!(choice, KeychainChoice::Passphrase) => Ok(Opened::ChoosePassphrase),
        None => match first(folder, choice).await {
            Ok(opened) => Ok(opened),
            Err(OpenKeysError::Away(error)) => {
                tracing::warn!("a passphrase is used: {error}");
                Ok(Opened::ChoosePassphrase)
            }
            Err(other) => Err(other),
        },
    }
}

/// Seals new keys by a passphrase.
///
/// # Errors
/// [`PassphraseError`].
pub async fn choose(folder: &Folder, passphrase: Secret<String>) -> Result<NativeKeys, PassphraseError> {
    let kept = Kept::new();
    let file = SealedFile::create(&folder.sealed_keys(), folder.id(), passphrase, &kept).await?;
    folder.set_kept_by(KeptBy::Passphrase)?;
    Ok(NativeKeys::new(Keeper::of_file(file), kept, Mark::default()))
}

/// Opens the keys by their passphrase.
///
/// # Errors
/// [`PassphraseError`].
pub async fn enter(folder: &Folder, passphrase: Secret<String>) -> Result<NativeKeys, PassphraseError> {
    let (file, kept, mark) = SealedFile::open(&folder.sealed_keys(), folder.id(), passphrase).await?;
    Ok(NativeKeys::new(Keeper::of_file(file), kept, mark))
}

async fn first(folder: &Folder, choice: &KeychainChoice) -> Result<Opened, OpenKeysError> {
    let keychain = Keychain::connect(choice, folder.id()).await?;
    keychain.check().await?;
    let opened = match keychain.read().await? {
        Some((kept, mark)) => ready(keychain, kept, mark),
        None => make(keychain).await?,
    };
    folder.set_kept_by(KeptBy::Keychain)?;
    Ok(opened)
}

async fn make(keychain: Keychain) -> Result<Opened, OpenKeysError> {
    let kept = Kept::new();
    keychain.write_keys(&kept).await?;
    Ok(ready(keychain, kept, Mark::default()))
}

fn ready(keychain: Keychain, kept: Kept, mark: Mark) -> Opened {
    let marks = keychain.marks(mark);
    Opened::Ready(NativeKeys::new(Keeper::Keychain(keychain, marks), kept, mark))
}
