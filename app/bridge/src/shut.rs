//! What stands between an app and what it keeps on this device. A browser has nothing of the kind.

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shut {
    /// There is no keychain to rely on: `Command::GivePassphrase` chooses what seals the device's keys.
    ChoosePassphrase {
        refused: bool,
    },
    /// `Command::GivePassphrase` opens them. While the vault is locked, `Command::Lock` goes back.
    AskPassphrase {
        wrong: bool,
    },
    /// The system asks for the keychain's own password, or takes its time.
    KeychainAsks,
    /// The keychain that holds the device's keys does not answer, or stays closed.
    KeychainAway,
    /// The keychain works and knows nothing of this folder: it was copied, or the keychain is another one.
    KeysElsewhere,
    /// Another Purse runs on the same folder.
    OpenElsewhere,
    NewerVersion,
    Damaged,
    NoRoom,
    /// It may not be read or written.
    NoAccess,
}

impl Shut {
    /// `Command::StartAfresh` would help: what is here cannot be opened again by waiting or trying.
    pub const fn may_start_afresh(self) -> bool {
        match self {
            Self::KeysElsewhere | Self::Damaged | Self::AskPassphrase { .. } => true,
            Self::ChoosePassphrase { .. }
            | Self::KeychainAsks
            | Self::KeychainAway
            | Self::OpenElsewhere
            | Self::NewerVersion
            | Self::NoRoom
            | Self::NoAccess => false,
        }
    }
}

/// How long a passphrase must be at least, in characters.
pub const PASSPHRASE_CHARS_MIN: usize = 10;
