//! Why a private PostgreSQL is not there, in words that a person can act on.

use std::path::{Path, PathBuf};

#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The sentence names the package to install.
    #[error("PostgreSQL is not installed: {0}")]
    NotInstalled(String),
    /// Data made by one major version cannot be opened by another.
    #[error(
        "the data in {} was made by PostgreSQL {major}, which is not on this machine: install postgresql-{major}",
        data.display()
    )]
    OtherVersion { data: PathBuf, major: u32 },
    #[error("PostgreSQL refuses to run as root, and neither the user 'postgres' nor 'nobody' exists")]
    NoAccount,
    #[error("{program} failed: {said}")]
    Program { program: &'static str, said: String },
    #[error("PostgreSQL ended while starting; the end of {}:\n{tail}", log.display())]
    Ended { log: PathBuf, tail: String },
    #[error("PostgreSQL did not answer within {seconds} seconds; see {}", log.display())]
    Silent { log: PathBuf, seconds: u64 },
    #[error("{}: {source}", path.display())]
    File { path: PathBuf, source: std::io::Error },
    #[error("no random bytes for the password: {0}")]
    Random(getrandom::Error),
}

/// Names the file in an IO error.
pub trait At<T> {
    fn at(self, path: &Path) -> Result<T, StartError>;
}

impl<T> At<T> for std::io::Result<T> {
    fn at(self, path: &Path) -> Result<T, StartError> {
        self.map_err(|source| StartError::File { path: path.to_owned(), source })
    }
}
