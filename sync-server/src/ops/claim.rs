//! One server per data directory. A second one finds the first and says where it is.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::time::{Duration, Instant};

/// How long a second start waits for the first to know its address.
const PATIENCE: Duration = Duration::from_secs(3);

/// Held for the life of the process: the kernel lets go of it however the process ends.
#[derive(Debug)]
pub struct Claim(File);

#[derive(Debug, thiserror::Error)]
pub enum ClaimError {
    /// Not a failure: it is there.
    #[error("Purse is already running at {address}")]
    Running { address: String },
    #[error("the data directory cannot be used: {0}")]
    Io(#[from] std::io::Error),
}

impl Claim {
    /// # Errors
    /// [`ClaimError`]
    pub fn take(data_dir: &Path) -> Result<Self, ClaimError> {
        std::fs::create_dir_all(data_dir)?;
        let path = data_dir.join("server.lock");
        let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        match file.try_lock() {
            Ok(()) => {
                file.set_len(0)?;
                Ok(Self(file))
            }
            Err(TryLockError::WouldBlock) => Err(ClaimError::Running { address: address_in(&mut file)? }),
            Err(TryLockError::Error(error)) => Err(error.into()),
        }
    }

    /// What a second start will be told.
    ///
    /// # Errors
    /// The file's.
    pub fn announce(&mut self, address: &str) -> std::io::Result<()> {
        self.0.set_len(0)?;
        self.0.seek(SeekFrom::Start(0))?;
        // In one write: a reader sees all of it or nothing.
        self.0.write_all(format!("{address}\n{}\n", std::process::id()).as_bytes())
    }
}

fn address_in(file: &mut File) -> std::io::Result<String> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let mut text = String::new();
        file.seek(SeekFrom::Start(0))?;
        file.read_to_string(&mut text)?;
        match text.split_once('\n') {
            Some((address, _pid)) => return Ok(address.to_owned()),
            None if Instant::now() < deadline => std::thread::sleep(Duration::from_millis(50)),
            None => return Ok("an address that it has not told yet".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_start_is_told_where_the_first_is() {
        let dir = std::env::temp_dir().join(format!("purse-claim-{}", std::process::id()));
        let mut first = Claim::take(&dir).unwrap();
        first.announce("http://localhost:8420").unwrap();
        let second = Claim::take(&dir).unwrap_err();
        assert_eq!(second.to_string(), "Purse is already running at http://localhost:8420");
        drop(first);
        drop(Claim::take(&dir).unwrap());
        std::fs::remove_dir_all(dir).unwrap();
    }
}
