//! Signed checkpoints, one line each, in a file outside the database. Who rewrites the database's history cannot
//! rewrite these; keep the file (or a copy) where the database's administrators cannot reach it.

use super::key::{AuditKey, KeyError};
use super::store;
use crate::app::App;
use purse_shared::audit::{Checkpoint, CheckpointHead, SignedCheckpoint, Statement};
use purse_shared::protocol::Bytes;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::MissedTickBehavior;

const EVERY: Duration = Duration::from_secs(60);
const FILE: &str = "checkpoints.log";
/// The longest line, in base64, and its end.
const LINE_BYTES_MAX: u64 = (Checkpoint::BYTES_MAX as u64).div_ceil(3) * 4 + 1;

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
    #[error("history was rewritten: branch {} no longer has its batch {} as it was written down", .0.branch, .0.batch)]
    WentBack(CheckpointHead),
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
    match write_once(app).await {
        Ok(_) => {}
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
    let heads = store::heads(&app.db).await?;
    let checkpoint = Checkpoint { incarnation: app.incarnation, at: app.now(), heads };
    let (dir, key) = (app.settings.checkpoint_dir.clone(), app.audit_key.clone());
    let written = tokio::task::spawn_blocking(move || append(&dir, &key, &checkpoint)).await;
    written.map_err(|_| CheckpointError::Gone)?
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Nothing,
    Append,
    Refuse(CheckpointHead),
}

/// Never back within one life of the database.
fn next_step(last: Option<&Checkpoint>, now: &Checkpoint) -> Step {
    match last {
        _ if now.heads.is_empty() && last.is_none_or(|last| last.incarnation != now.incarnation) => {
            Step::Nothing
        }
        None => Step::Append,
        Some(last) => match now.goes_back_from(last) {
            Some(head) => Step::Refuse(head),
            None if last.incarnation == now.incarnation && last.heads == now.heads => Step::Nothing,
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
    let last = match last_line(&mut file).map_err(io)? {
        Some(line) => {
            Some(read_line(&line, key.public_key()).ok_or(CheckpointError::LastLine(path.clone()))?)
        }
        None => None,
    };
    match next_step(last.as_ref(), checkpoint) {
        Step::Nothing => return Ok(false),
        Step::Refuse(head) => return Err(CheckpointError::WentBack(head)),
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
    use purse_shared::{Incarnation, UnixMillis};

    fn last_at(dir: &Path, key: &AuditKey) -> Option<UnixMillis> {
        let mut file = File::options().read(true).write(true).open(dir.join(FILE)).ok()?;
        let line = last_line(&mut file).ok()??;
        read_line(&line, key.public_key()).map(|checkpoint| checkpoint.at)
    }

    fn checkpoint(life: i64, at: UnixMillis, heads: &[(i16, i64, u8)]) -> Checkpoint {
        let heads = heads.iter().map(|(branch, batch, head)| CheckpointHead {
            branch: *branch,
            batch: *batch,
            head: [*head; 32],
        });
        Checkpoint { incarnation: Incarnation::new(life, [0; 10]), at, heads: heads.collect() }
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

        let other = AuditKey::open(&dir.join("other.key"), true).unwrap();
        let refused = super::append(&dir, &other, &checkpoint(2, 9, &[(0, 2, 2)])).unwrap_err();
        assert!(matches!(refused, CheckpointError::LastLine(_)), "{refused}");
        fs::remove_dir_all(dir).unwrap();
    }
}
