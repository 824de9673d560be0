//! `sync-server check`: the books, while the server runs or not.

use super::database;
use crate::audit::{AuditKey, KeyError, checkpoints};
use crate::check::{self, Fault, Progress, Stopped};
use crate::settings::Settings;
use purse_shared::Incarnation;
use sqlx::PgConnection;
use sqlx::postgres::PgPoolOptions;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

/// What to look at.
#[derive(Clone, Debug, Default)]
pub struct CheckOptions {
    /// Of all branches this one alone.
    pub branch: Option<i16>,
    /// The checkpoints to compare with; without it those that this server wrote, if there are any.
    pub checkpoints: Option<PathBuf>,
}

/// What was looked at.
#[derive(Debug, Default)]
pub struct Checked {
    pub branches: usize,
    pub faults: Vec<Fault>,
    /// What is no fault, and people should know.
    pub notes: Vec<String>,
    /// Why it did not come to the end, with the faults until then.
    pub stopped: Option<super::StartError>,
}

/// Looks at every branch, or at one, at the acts, and at what was written down. Tells how far it is on standard error.
///
/// # Errors
/// When the database cannot be found; what fails later is in [`Checked::stopped`].
pub async fn check_books(settings: &Settings, options: &CheckOptions) -> Result<Checked, super::StartError> {
    let (connect, _cluster) = database::options(settings).await?;
    let db = PgPoolOptions::new().max_connections(1).connect_with(connect).await?;
    let mut conn = db.acquire().await?;
    let mut checked = Checked::default();
    checked.stopped = look(&mut conn, settings, options, &mut checked).await.err();
    Ok(checked)
}

async fn look(
    conn: &mut PgConnection,
    settings: &Settings,
    options: &CheckOptions,
    checked: &mut Checked,
) -> Result<(), super::StartError> {
    // First: it takes seconds, and says whether the rest can be believed.
    written_down(conn, settings, options, checked).await?;
    let branches = match options.branch {
        Some(branch) => vec![branch],
        None => check::branches(conn).await?,
    };
    for branch in branches {
        take(check::check(conn, branch, show).await, checked)?;
        checked.branches += 1;
    }
    take(check::check_acts(conn).await, checked)
}

fn take(looked: Result<Vec<Fault>, Stopped>, checked: &mut Checked) -> Result<(), super::StartError> {
    match looked {
        Ok(found) => {
            checked.faults.extend(found);
            Ok(())
        }
        Err(Stopped { found, source }) => {
            checked.faults.extend(found);
            Err(source.into())
        }
    }
}

/// Compares with the checkpoints. A server that has written none yet has nothing to compare with.
async fn written_down(
    conn: &mut PgConnection,
    settings: &Settings,
    options: &CheckOptions,
    checked: &mut Checked,
) -> Result<(), super::StartError> {
    let own = checkpoints::file(settings);
    let path: &Path = match &options.checkpoints {
        Some(path) => path,
        None if own.exists() => &own,
        None => {
            let note = format!("no checkpoints at {}: nothing to compare history with", own.display());
            checked.notes.push(note);
            return Ok(());
        }
    };
    let key = match AuditKey::open(&settings.audit_key, false) {
        Ok(key) => key,
        // Whoever looks from elsewhere need not have the key that signs; but then must not ask for it.
        Err(error @ KeyError::Missing(_)) if options.checkpoints.is_none() => {
            checked.notes.push(format!("history was not compared with the checkpoints: {error}"));
            return Ok(());
        }
        Err(error) => return Err(error.into()),
    };
    let incarnation = "select incarnation from server_facts";
    let incarnation = Incarnation(sqlx::query_scalar(incarnation).fetch_one(&mut *conn).await?);
    let found = checkpoints::compare(conn, path, key.public_key(), incarnation, options.branch).await?;
    checked
        .notes
        .push(format!("{} checkpoints of this life of the database were compared with it", found.lines));
    checked.notes.extend(found.notes);
    let fault = |row| Fault { branch: None, rule: check::HISTORY, row };
    checked.faults.extend(found.faults.into_iter().map(fault));
    Ok(())
}

fn show(Progress { branch, done, total }: Progress) {
    const WIDTH: i64 = 40;
    let mut out = std::io::stderr();
    if !out.is_terminal() {
        return;
    }
    let filled = WIDTH * done / total.max(1);
    let bar: String = (0..WIDTH).map(|at| if at < filled { '#' } else { '.' }).collect();
    let end = if done == total { "\n" } else { "" };
    // A terminal that is gone is no reason to stop looking.
    let _shown = write!(out, "\rbranch {branch} [{bar}] {done} of {total}{end}").and_then(|()| out.flush());
}
