//! Signed checkpoints, one line each, in a file outside the database. Who rewrites the database's history cannot
//! rewrite these; keep the file (or a copy) where the database's administrators cannot reach it.
//!
//! Before a line is added, and at the start, the database must still have what the last line says, at the very places
//! that it names: a chain that goes on further may be another chain.

use super::history::History;
use super::key::{AuditKey, KeyError};
use super::store;
use crate::app::App;
use crate::settings::Settings;
use purse_shared::Incarnation;
use purse_shared::audit::{Checkpoint, Lost, SignedCheckpoint, Statement};
use purse_shared::protocol::Bytes;
use sqlx::{PgConnection, PgPool};
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::MissedTickBehavior;

const EVERY: Duration = Duration::from_secs(60);
const FILE: &str = "checkpoints.log";
/// The longest line, in base64, and its end.
const LINE_BYTES_MAX: u64 = (Checkpoint::BYTES_MAX as u64).div_ceil(3) * 4 + 1;
/// Lines compared with one query.
const LINES_MAX: usize = 500;

#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    #[error("the heads: {0}")]
    Database(#[from] sqlx::Error),
    #[error("{0}: {1}")]
    Io(PathBuf, io::Error),
    #[error("{0}: the last line is not a checkpoint by this key")]
    LastLine(PathBuf),
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error("history was rewritten: {0}")]
    WentBack(Lost),
    #[error("the task ended")]
    Gone,
}

/// Writes one each minute, while heads change.
pub fn start(app: App) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut ticks = tokio::time::interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            write_and_tell(&app).await;
        }
    })
}

/// At an orderly stop, too. A failure is in the log: the operator's page.
pub async fn write_and_tell(app: &App) {
    tell(write_once(app).await.map(drop));
}

/// A failure is in the log: the operator's page.
pub fn tell(done: Result<(), CheckpointError>) {
    match done {
        Ok(()) => {}
        // The database comes back; what it holds is written then.
        Err(CheckpointError::Database(error)) => tracing::warn!(%error, "no checkpoint now"),
        Err(error) => tracing::error!(%error, "no checkpoint could be written"),
    }
}

/// True when there was something new to write.
///
/// # Errors
/// [`CheckpointError`]; nothing is written then.
pub async fn write_once(app: &App) -> Result<bool, CheckpointError> {
    look_back(&app.db, &app.settings, &app.audit_key, app.incarnation, &app.history).await?;
    let (heads, acts) = (store::heads(&app.db).await?, store::acts_head(&app.db).await?);
    let checkpoint = Checkpoint { incarnation: app.incarnation, at: app.now(), heads, acts };
    let (dir, key, now) = (app.settings.checkpoint_dir.clone(), app.audit_key.clone(), checkpoint.clone());
    let written = tokio::task::spawn_blocking(move || append(&dir, &key, &now)).await;
    match written.map_err(|_| CheckpointError::Gone)? {
        Ok(false) => Ok(false),
        Ok(true) => {
            app.history.note(Some(checkpoint), None);
            Ok(true)
        }
        Err(CheckpointError::WentBack(lost)) => {
            app.history.note(None, Some(lost));
            Err(CheckpointError::WentBack(lost))
        }
        Err(error) => Err(error),
    }
}

/// Compares the database with the last line, and lets `history` know.
///
/// # Errors
/// [`CheckpointError::WentBack`] when the database has not what the line says.
pub async fn look_back(
    db: &PgPool,
    settings: &Settings,
    key: &Arc<AuditKey>,
    incarnation: Incarnation,
    history: &History,
) -> Result<(), CheckpointError> {
    let (path, by) = (file(settings), key.clone());
    let last = tokio::task::spawn_blocking(move || last_of(&path, by.public_key())).await;
    let last = last.map_err(|_| CheckpointError::Gone)??;
    if let Some(other) = last.as_ref().filter(|last| last.incarnation != incarnation) {
        tracing::warn!(before = %other.incarnation, now = %incarnation,
            "the last checkpoint is of another life of the database: was it restored?");
    }
    let last = last.filter(|last| last.incarnation == incarnation);
    let lost = store::lost(db, last.as_slice()).await?.first().map(|(_, lost)| *lost);
    history.note(last, lost);
    lost.map_or(Ok(()), |lost| Err(CheckpointError::WentBack(lost)))
}

/// Where a server with these settings writes them.
pub fn file(settings: &Settings) -> PathBuf {
    settings.checkpoint_dir.join(FILE)
}

/// What a file of checkpoints says that the database has not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Compared {
    /// Of this life of the database.
    pub lines: u64,
    /// Lines that say so, or that are no checkpoint by this key; in words.
    pub faults: Vec<String>,
    /// Lives before this one, and up to which line each is this one's past, too.
    pub notes: Vec<String>,
}

/// Compares every line of a file with the database. With `only`, what they say of that branch and of acts.
///
/// # Errors
/// [`CheckpointError::Io`], [`CheckpointError::Database`].
pub async fn compare(
    conn: &mut PgConnection,
    path: &Path,
    public_key: &[u8],
    incarnation: Incarnation,
    only: Option<i16>,
) -> Result<Compared, CheckpointError> {
    let io = |error| CheckpointError::Io(path.to_owned(), error);
    let mut lines = Lines { reader: BufReader::new(File::open(path).map_err(io)?), number: 0 };
    let mut compared = Compared::default();
    let mut earlier: Option<Earlier> = None;
    loop {
        let mut page = Vec::new();
        while page.len() < LINES_MAX
            && let Some((number, line)) = lines.next().map_err(io)?
        {
            match read_line(&line, public_key) {
                Some(mut checkpoint) => {
                    checkpoint.heads.retain(|head| only.is_none_or(|only| only == head.branch));
                    page.push((number, checkpoint));
                }
                None => compared.faults.push(format!("line {number} is not a checkpoint by this key")),
            }
        }
        let is_last = page.len() < LINES_MAX;
        let checkpoints: Vec<Checkpoint> = page.iter().map(|(_, checkpoint)| checkpoint.clone()).collect();
        let mut lost = store::lost(&mut *conn, &checkpoints).await?.into_iter().peekable();
        for (at, (number, checkpoint)) in page.iter().enumerate() {
            let lost: Vec<Lost> = std::iter::from_fn(|| lost.next_if(|(place, _)| *place == at))
                .map(|(_, lost)| lost)
                .collect();
            if checkpoint.incarnation == incarnation {
                compared.lines += 1;
                compared.faults.extend(lost.iter().map(|lost| format!("line {number}: {lost}")));
                continue;
            }
            if earlier.as_ref().is_some_and(|life| life.incarnation != checkpoint.incarnation) {
                compared.notes.extend(earlier.take().map(Earlier::words));
            }
            let life = earlier.get_or_insert(Earlier { incarnation: checkpoint.incarnation, shared: None });
            if lost.is_empty() {
                life.shared = Some(*number);
            }
        }
        if is_last {
            compared.notes.extend(earlier.map(Earlier::words));
            return Ok(compared);
        }
    }
}

/// A life of the database before this one. A restore to an earlier point is one; so is what looks like one.
struct Earlier {
    incarnation: Incarnation,
    /// The last line that the database still has.
    shared: Option<u64>,
}

impl Earlier {
    fn words(self) -> String {
        let Self { incarnation, shared } = self;
        match shared {
            Some(line) => {
                format!("an earlier life of the database, {incarnation}, is its past up to line {line}")
            }
            None => format!("an earlier life of the database, {incarnation}, is no past of this one"),
        }
    }
}

/// Whole lines with their numbers, from 1. What a crash left at the end is none.
struct Lines {
    reader: BufReader<File>,
    number: u64,
}

impl Lines {
    fn next(&mut self) -> io::Result<Option<(u64, String)>> {
        let mut line = Vec::new();
        (&mut self.reader).take(LINE_BYTES_MAX).read_until(b'\n', &mut line)?;
        if line.pop() != Some(b'\n') {
            return Ok(None);
        }
        self.number += 1;
        Ok(Some((self.number, String::from_utf8_lossy(&line).into_owned())))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Nothing,
    Append,
    Refuse(Lost),
}

/// Never back within one life of the database.
fn next_step(last: Option<&Checkpoint>, now: &Checkpoint) -> Step {
    match last {
        _ if now.heads.is_empty()
            && now.acts.is_none()
            && last.is_none_or(|last| last.incarnation != now.incarnation) =>
        {
            Step::Nothing
        }
        None => Step::Append,
        Some(last) => match now.goes_back_from(last) {
            Some(lost) => Step::Refuse(lost),
            None if last.incarnation == now.incarnation
                && (&last.heads, last.acts) == (&now.heads, now.acts) =>
            {
                Step::Nothing
            }
            None => Step::Append,
        },
    }
}

/// Appends a line and waits until it is durable.
fn append(dir: &Path, key: &AuditKey, checkpoint: &Checkpoint) -> Result<bool, CheckpointError> {
    let path = dir.join(FILE);
    let io = |error| CheckpointError::Io(path.clone(), error);
    let is_new = !path.exists();
    fs::create_dir_all(dir).map_err(io)?;
    let mut file = OpenOptions::new().read(true).append(true).create(true).open(&path).map_err(io)?;
    let last = last_in(&mut file, &path, key.public_key())?;
    match next_step(last.as_ref(), checkpoint) {
        Step::Nothing => return Ok(false),
        Step::Refuse(lost) => return Err(CheckpointError::WentBack(lost)),
        Step::Append => {}
    }
    let mut line = Bytes(key.sign(checkpoint)?).to_text();
    line.push('\n');
    file.write_all(line.as_bytes()).map_err(io)?;
    file.sync_all().map_err(io)?;
    if is_new {
        File::open(dir).and_then(|dir| dir.sync_all()).map_err(io)?;
    }
    Ok(true)
}

/// The last line of the file, where there is one.
fn last_of(path: &Path, public_key: &[u8]) -> Result<Option<Checkpoint>, CheckpointError> {
    match File::options().read(true).write(true).open(path) {
        Ok(mut file) => last_in(&mut file, path, public_key),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(CheckpointError::Io(path.to_owned(), error)),
    }
}

fn last_in(file: &mut File, path: &Path, public_key: &[u8]) -> Result<Option<Checkpoint>, CheckpointError> {
    let line = last_line(file).map_err(|error| CheckpointError::Io(path.to_owned(), error))?;
    let read =
        |line: String| read_line(&line, public_key).ok_or_else(|| CheckpointError::LastLine(path.to_owned()));
    line.map(read).transpose()
}

fn read_line(line: &str, public_key: &[u8]) -> Option<Checkpoint> {
    SignedCheckpoint::read(&Bytes::from_text(line)?.0).ok()?.verify(public_key)
}

/// The last whole line. What a crash left of a line after it is cut off: it was never durable.
fn last_line(file: &mut File) -> io::Result<Option<String>> {
    let length = file.seek(SeekFrom::End(0))?;
    // Two lines: a whole one, and what may be left of another.
    let from = length.saturating_sub(2 * LINE_BYTES_MAX);
    file.seek(SeekFrom::Start(from))?;
    let mut tail = Vec::new();
    file.read_to_end(&mut tail)?;
    let whole = tail.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    if whole < tail.len() {
        file.set_len(from + whole as u64)?;
    }
    let Some(lines) = tail.get(..whole.saturating_sub(1)).filter(|lines| !lines.is_empty()) else {
        return Ok(None);
    };
    let start = lines.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    Ok(Some(String::from_utf8_lossy(&lines[start..]).into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use purse_shared::UnixMillis;
    use purse_shared::audit::{ActsHead, CheckpointHead};

    fn last_at(dir: &Path, key: &AuditKey) -> Option<UnixMillis> {
        last_of(&dir.join(FILE), key.public_key()).unwrap().map(|checkpoint| checkpoint.at)
    }

    fn checkpoint(life: i64, at: UnixMillis, heads: &[(i16, i64, u8)]) -> Checkpoint {
        let heads = heads.iter().map(|(branch, batch, head)| CheckpointHead {
            branch: *branch,
            batch: *batch,
            head: [*head; 32],
        });
        Checkpoint { incarnation: Incarnation::new(life, [0; 10]), at, heads: heads.collect(), acts: None }
    }

    #[test]
    fn appends_what_is_new_and_never_goes_back() {
        let dir = std::env::temp_dir().join(format!("purse-checkpoints-{}", uuid::Uuid::new_v4().simple()));
        let key = AuditKey::open(&dir.join("audit.key"), true).unwrap();
        let lines = || fs::read_to_string(dir.join(FILE)).unwrap_or_default().lines().count();
        let append = |checkpoint: &Checkpoint| append(&dir, &key, checkpoint);

        assert!(!append(&checkpoint(1, 1, &[])).unwrap(), "nothing was settled yet");
        assert!(append(&checkpoint(1, 2, &[(0, 1, 1)])).unwrap());
        assert!(!append(&checkpoint(1, 3, &[(0, 1, 1)])).unwrap(), "nothing changed");
        assert!(append(&checkpoint(1, 4, &[(0, 2, 2), (1, 1, 7)])).unwrap());
        assert_eq!(lines(), 2);
        for back in [vec![(0, 1, 1), (1, 1, 7)], vec![(0, 2, 9), (1, 1, 7)], vec![(0, 5, 5)], vec![]] {
            let refused = append(&checkpoint(1, 5, &back)).unwrap_err();
            assert!(matches!(refused, CheckpointError::WentBack(_)), "{back:?}: {refused}");
        }
        assert_eq!(lines(), 2);
        // A crash in the middle of a line.
        let mut file = OpenOptions::new().append(true).open(dir.join(FILE)).unwrap();
        file.write_all(b"hEOhASag").unwrap();
        assert!(append(&checkpoint(1, 6, &[(0, 3, 3), (1, 1, 7)])).unwrap());
        assert_eq!((lines(), last_at(&dir, &key)), (3, Some(6)));
        // Restored to an earlier point, under another life.
        assert!(!append(&checkpoint(2, 7, &[])).unwrap());
        assert!(append(&checkpoint(2, 8, &[(0, 1, 1)])).unwrap());
        assert_eq!((lines(), last_at(&dir, &key)), (4, Some(8)));
        // Acts alone are something new, too, and never go back either.
        let acts = |position| Some(ActsHead { position, head: [5; 32] });
        let with = |at, position| Checkpoint { acts: acts(position), ..checkpoint(2, at, &[(0, 1, 1)]) };
        assert!(append(&with(9, 2)).unwrap());
        assert!(!append(&with(10, 2)).unwrap(), "nothing changed");
        assert!(matches!(append(&with(11, 1)), Err(CheckpointError::WentBack(Lost::Act(_)))));
        assert!(append(&Checkpoint { acts: acts(1), ..checkpoint(3, 12, &[]) }).unwrap());
        assert_eq!((lines(), last_at(&dir, &key)), (6, Some(12)));

        let mut all = Lines { reader: BufReader::new(File::open(dir.join(FILE)).unwrap()), number: 0 };
        let numbers: Vec<u64> =
            std::iter::from_fn(|| all.next().unwrap()).map(|(number, _)| number).collect();
        assert_eq!(numbers, [1, 2, 3, 4, 5, 6]);

        let other = AuditKey::open(&dir.join("other.key"), true).unwrap();
        let refused = super::append(&dir, &other, &checkpoint(2, 13, &[(0, 2, 2)])).unwrap_err();
        assert!(matches!(refused, CheckpointError::LastLine(_)), "{refused}");
        fs::remove_dir_all(dir).unwrap();
    }
}
