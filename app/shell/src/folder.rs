//! The folder in which an app keeps everything on this device: one process at a time, an id that its keys are bound
//! to, and how the keys are kept.
//!
//! Architecture invariant: nothing here is ever deleted. What cannot be opened is put aside, as it is.

mod durable;

pub use durable::{sync_folder, write_durably};

use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use uuid::Uuid;

const FACTS: &str = "purse.json";
const STORE: &str = "purse.redb";
const SEALED_KEYS: &str = "keys.sealed";
const LOCK: &str = "lock";
const FORMAT: u32 = 1;

/// Why what is in the folder cannot be opened. It stays as it is.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("another Purse is running on this folder")]
    OpenElsewhere,
    #[error("it was written by a newer Purse")]
    NewerVersion,
    #[error("it is damaged: {0}")]
    Damaged(String),
    #[error("there is no room left")]
    NoRoom,
    #[error("it cannot be read or written: {0}")]
    NoAccess(String),
}

impl From<io::Error> for OpenError {
    fn from(error: io::Error) -> Self {
        Self::from(&error)
    }
}

impl From<&io::Error> for OpenError {
    fn from(error: &io::Error) -> Self {
        match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => Self::NoRoom,
            _ => Self::NoAccess(error.to_string()),
        }
    }
}

/// Where the device's keys are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeptBy {
    Keychain,
    Passphrase,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Facts {
    format: u32,
    /// Random; the keys know it.
    id: Uuid,
    /// `None` until there are keys: until then the store holds nothing.
    keys: Option<KeptBy>,
}

/// Held as long as the app runs.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    facts: RefCell<Facts>,
    _held: File,
}

impl Folder {
    /// Makes it where there is none.
    ///
    /// # Errors
    /// [`OpenError`]; [`OpenError::OpenElsewhere`] while another process, or another `Folder`, holds it.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        make(path)?;
        let held = lock(&path.join(LOCK))?;
        let facts = match read_facts(&path.join(FACTS))? {
            Some(facts) => facts,
            None if has_contents(&path.join(STORE)) => {
                return Err(OpenError::Damaged(format!("{FACTS} is missing")));
            }
            None => first_facts(path)?,
        };
        Ok(Self { path: path.to_owned(), facts: RefCell::new(facts), _held: held })
    }

    pub fn id(&self) -> Uuid {
        self.facts.borrow().id
    }

    pub fn kept_by(&self) -> Option<KeptBy> {
        self.facts.borrow().keys
    }

    /// # Errors
    /// [`OpenError`]: then nothing has changed.
    pub fn set_kept_by(&self, keys: KeptBy) -> Result<(), OpenError> {
        let facts = Facts { keys: Some(keys), ..self.facts.borrow().clone() };
        write_facts(&self.path, &facts)?;
        *self.facts.borrow_mut() = facts;
        Ok(())
    }

    pub fn store(&self) -> PathBuf {
        self.path.join(STORE)
    }

    pub fn sealed_keys(&self) -> PathBuf {
        self.path.join(SEALED_KEYS)
    }

    /// Moves all of it into a folder inside this one, so that Purse begins anew. Answers where it is.
    ///
    /// # Errors
    /// [`OpenError`]: some of it may have been moved; the rest is where it was, and this can be called again.
    pub fn put_aside(path: &Path) -> Result<PathBuf, OpenError> {
        make(path)?;
        let _held = lock(&path.join(LOCK))?;
        let aside = path.join(format!("put-aside-{}", crate::random_id().simple()));
        fs::create_dir(&aside)?;
        // The facts last: as long as they are here, the rest is missed rather than made anew.
        for name in [SEALED_KEYS, STORE, FACTS] {
            match fs::rename(path.join(name), aside.join(name)) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error.into()),
                _ => {}
            }
        }
        sync_folder(&aside)?;
        sync_folder(path)?;
        Ok(aside)
    }
}

fn make(path: &Path) -> Result<(), OpenError> {
    if path.is_dir() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    Ok(builder.create(path)?)
}

fn lock(path: &Path) -> Result<File, OpenError> {
    let file = OpenOptions::new().create(true).append(true).open(path)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::OpenElsewhere),
        // A phone without file locks runs one process of an app.
        Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Unsupported => Ok(file),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

fn first_facts(path: &Path) -> Result<Facts, OpenError> {
    let facts = Facts { format: FORMAT, id: crate::random_id(), keys: None };
    write_facts(path, &facts)?;
    Ok(facts)
}

fn read_facts(path: &Path) -> Result<Option<Facts>, OpenError> {
    #[derive(Deserialize)]
    struct Format {
        format: u32,
    }
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let damaged = |error: serde_json::Error| OpenError::Damaged(format!("{FACTS}: {error}"));
    let Format { format } = serde_json::from_slice(&bytes).map_err(damaged)?;
    if format > FORMAT {
        return Err(OpenError::NewerVersion);
    }
    serde_json::from_slice(&bytes).map(Some).map_err(damaged)
}

fn write_facts(path: &Path, facts: &Facts) -> Result<(), OpenError> {
    let bytes = serde_json::to_vec(facts).map_err(|error| OpenError::NoAccess(error.to_string()))?;
    Ok(write_durably(&path.join(FACTS), &bytes)?)
}

fn has_contents(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|file| file.len() > 0)
}
