//! The store of an app: one `redb` file. A commit returns when it is on the disk (fsync).
//!
//! Architecture invariant: opaque records under text keys; whatever cannot be opened is left as it is.

use crate::folder::OpenError;
use purse_core::store::{Batch, CommitError, Store, StoreError};
use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition};
use std::cell::RefCell;
use std::fs;
use std::io::ErrorKind;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

const RECORDS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("records");
/// The host's own few: nothing that the core knows of.
const HOST: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("host");
const FORMAT: &str = "format";
const FORMAT_NOW: u32 = 1;
const CACHE_BYTES: usize = 16 * 1_024 * 1_024;
/// A smaller file is not worth the time.
const COMPACT_FROM_BYTES: u64 = 8 * 1_024 * 1_024;

pub struct RedbStore {
    path: PathBuf,
    /// `None` after the disk failed: opened again by whoever comes next, which is how `redb` wants it.
    database: RefCell<Option<Database>>,
}

impl RedbStore {
    /// Opens the file, after a crash too. `fresh`: nothing was ever stored, and there may be no file yet.
    ///
    /// # Errors
    /// [`OpenError`]; without `fresh`, a missing or empty file is [`OpenError::Damaged`].
    pub fn open(path: &Path, fresh: bool) -> Result<Self, OpenError> {
        let mut database = match (open(path), fresh) {
            (Ok(database), _) => database,
            // The very first start was cut off while the file was being made.
            (Err(OpenError::Damaged(_)), true) => make(path)?,
            (Err(error), _) => return Err(error),
        };
        let format = format_of(&database).map_err(|error| as_open(&error))?;
        match format {
            Some(FORMAT_NOW) => {}
            Some(1..) => return Err(OpenError::NewerVersion),
            _ if fresh => begin(&database, path)?,
            _ => return Err(OpenError::Damaged("it is no store of Purse".to_owned())),
        }
        compact_when_worth_it(&mut database, path);
        Ok(Self { path: path.to_owned(), database: RefCell::new(Some(database)) })
    }

    /// True until the core stored its first record.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn is_empty(&self) -> Result<bool, StoreError> {
        self.with(|database| Ok(database.begin_read()?.open_table(RECORDS)?.first()?.is_none()))
    }

    /// A record of the host's own.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn host_record(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.with(|database| {
            let table = database.begin_read()?.open_table(HOST)?;
            Ok(table.get(name)?.map(|value| value.value().to_vec()))
        })
    }

    /// Durable when it returns. `None` deletes.
    ///
    /// # Errors
    /// [`StoreError`]: the old record is still there.
    pub fn set_host_record(&self, name: &str, value: Option<&[u8]>) -> Result<(), StoreError> {
        self.with(|database| {
            let write = database.begin_write()?;
            {
                let mut table = write.open_table(HOST)?;
                match value {
                    Some(value) => drop(table.insert(name, value)?),
                    None => drop(table.remove(name)?),
                }
            }
            Ok(write.commit()?)
        })
    }

    fn with<T>(&self, act: impl FnOnce(&Database) -> Result<T, redb::Error>) -> Result<T, StoreError> {
        let mut held = self.database.borrow_mut();
        let database = match held.take() {
            Some(database) => database,
            None => open(&self.path).map_err(|error| StoreError(error.to_string()))?,
        };
        let done = act(&database);
        if !matches!(done, Err(redb::Error::Io(_) | redb::Error::PreviousIo)) {
            *held = Some(database);
        }
        done.map_err(|error| StoreError(error.to_string()))
    }
}

impl Store for RedbStore {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.with(|database| {
            let table = database.begin_read()?.open_table(RECORDS)?;
            Ok(table.get(key)?.map(|value| value.value().to_vec()))
        })
    }

    async fn list(&self, prefix: &str) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        self.with(|database| {
            let table = database.begin_read()?.open_table(RECORDS)?;
            let mut found = Vec::new();
            for record in table.range(prefix..)? {
                let (key, value) = record?;
                if !key.value().starts_with(prefix) {
                    break;
                }
                found.push((key.value().to_owned(), value.value().to_vec()));
            }
            Ok(found)
        })
    }

    /// Runs within one poll: it is never cut off in the middle by whoever stops waiting.
    async fn commit(&self, batch: Batch) -> Result<(), CommitError> {
        match self.with(|database| write(database, &batch))? {
            true => Ok(()),
            false => Err(CommitError::Changed),
        }
    }
}

/// False: an expectation did not hold, and nothing was written.
fn write(database: &Database, batch: &Batch) -> Result<bool, redb::Error> {
    let write = database.begin_write()?;
    {
        let mut table = write.open_table(RECORDS)?;
        for (key, wanted) in &batch.expected {
            let found = table.get(key.as_str())?;
            if found.as_ref().map(|value| value.value()) != wanted.as_deref() {
                return Ok(false);
            }
        }
        for prefix in &batch.cleared {
            table.retain_in(prefix.as_str().., |key, _| !key.starts_with(prefix.as_str()))?;
        }
        for (key, value) in &batch.writes {
            match value {
                Some(value) => drop(table.insert(key.as_str(), value.as_slice())?),
                None => drop(table.remove(key.as_str())?),
            }
        }
    }
    write.commit()?;
    Ok(true)
}

/// An existing file, its checksums verified: what the disk changed behind our back is told, not trusted.
fn open(path: &Path) -> Result<Database, OpenError> {
    match fs::metadata(path) {
        Ok(file) if file.len() > 0 => {}
        // `redb` would make a new one in its place.
        Ok(_) => return Err(OpenError::Damaged("the store is empty".to_owned())),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Err(OpenError::Damaged("the store is missing".to_owned()));
        }
        Err(error) => return Err(error.into()),
    }
    let opened = catch_unwind(AssertUnwindSafe(|| {
        Database::builder().set_cache_size(CACHE_BYTES).set_check_integrity_on_open(true).open(path)
    }));
    match opened {
        Ok(opened) => opened.map_err(|error| as_open(&error.into())),
        // Its debug builds stop there.
        Err(_) => Err(OpenError::Damaged("the store cannot be read".to_owned())),
    }
}

fn make(path: &Path) -> Result<Database, OpenError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    let made = Database::builder().set_cache_size(CACHE_BYTES).create(path);
    made.map_err(|error| as_open(&error.into()))
}

/// The first transaction: both tables, and the format.
fn begin(database: &Database, path: &Path) -> Result<(), OpenError> {
    let first = || -> Result<(), redb::Error> {
        let write = database.begin_write()?;
        write.open_table(RECORDS)?;
        write.open_table(HOST)?.insert(FORMAT, FORMAT_NOW.to_be_bytes().as_slice())?;
        Ok(write.commit()?)
    };
    first().map_err(|error| as_open(&error))?;
    Ok(path.parent().map_or(Ok(()), crate::folder::sync_folder)?)
}

fn format_of(database: &Database) -> Result<Option<u32>, redb::Error> {
    let table = match database.begin_read()?.open_table(HOST) {
        Err(redb::TableError::TableDoesNotExist(_)) => return Ok(None),
        other => other?,
    };
    let format = table.get(FORMAT)?;
    Ok(format.and_then(|format| Some(u32::from_be_bytes(format.value().try_into().ok()?))))
}

/// After much was deleted, the file gives the room back. Not doing so harms nobody.
fn compact_when_worth_it(database: &mut Database, path: &Path) {
    let bytes = fs::metadata(path).map_or(0, |file| file.len());
    if bytes < COMPACT_FROM_BYTES {
        return;
    }
    let used = || -> Result<u64, redb::Error> {
        let write = database.begin_write()?;
        let stats = write.stats()?;
        write.abort()?;
        Ok(stats.stored_bytes() + stats.metadata_bytes())
    };
    if used().is_ok_and(|used| used < bytes / 3)
        && let Err(error) = database.compact()
    {
        tracing::warn!("the store could not be made smaller: {error}");
    }
}

fn as_open(error: &redb::Error) -> OpenError {
    match error {
        redb::Error::DatabaseAlreadyOpen | redb::Error::LockProtocolMismatch => OpenError::OpenElsewhere,
        redb::Error::Io(error)
            if matches!(error.kind(), ErrorKind::InvalidData | ErrorKind::UnexpectedEof) =>
        {
            OpenError::Damaged(error.to_string())
        }
        redb::Error::Io(error) => error.into(),
        other => OpenError::Damaged(other.to_string()),
    }
}
