//! One server per data directory. A second one finds the first and says where it is.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

/// Held for the life of the process: the kernel lets go of it however the process ends.
#[derive(Debug)]
pub struct Claim {
    _file: File,
}

#[derive(Debug, thiserror::Error)]
pub enum ClaimError {
    /// Not a failure: it is there.
    #[error("Purse is already running at {address}")]
    Running { address: String },
    #[error("the data directory cannot be used: {0}")]
    Io(#[from] std::io::Error),
}

impl Claim {
    /// `address` is what a second start will be told.
    ///
    /// # Errors
    /// [`ClaimError`]
    pub fn take(data_dir: &Path, address: &str) -> Result<Self, ClaimError> {
        std::fs::create_dir_all(data_dir)?;
        let path = data_dir.join("server.lock");
        let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut text = String::new();
                file.read_to_string(&mut text)?;
                let address = text.lines().next().filter(|line| !line.is_empty());
                return Err(ClaimError::Running {
                    address: address.unwrap_or("an unknown address").to_owned(),
                });
            }
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
        file.set_len(0)?;
        file.seek(SeekFrom::Start(0))?;
        writeln!(file, "{address}\n{}", std::process::id())?;
        file.flush()?;
        Ok(Self { _file: file })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_start_is_told_where_the_first_is() {
        let dir = std::env::temp_dir().join(format!("purse-claim-{}", std::process::id()));
        let first = Claim::take(&dir, "http://localhost:8420").unwrap();
        let second = Claim::take(&dir, "http://localhost:8421").unwrap_err();
        assert_eq!(second.to_string(), "Purse is already running at http://localhost:8420");
        drop(first);
        drop(Claim::take(&dir, "http://localhost:8421").unwrap());
        std::fs::remove_dir_all(dir).unwrap();
    }
}
