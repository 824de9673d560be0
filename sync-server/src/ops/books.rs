//! `sync-server check`: the books, while the server runs or not.

use super::database;
use crate::check::{self, Progress};
use crate::settings::Settings;
use sqlx::postgres::PgPoolOptions;
use std::io::{IsTerminal, Write};

/// What was looked at.
#[derive(Debug)]
pub struct Checked {
    pub branches: usize,
    pub faults: Vec<check::Fault>,
}

/// Looks at every branch, or at one. Tells how far it is on standard error.
///
/// # Errors
/// When the database cannot be found or read.
pub async fn check_books(settings: &Settings, only: Option<i16>) -> Result<Checked, super::StartError> {
    let (options, _cluster) = database::options(settings).await?;
    let db = PgPoolOptions::new().max_connections(2).connect_with(options).await?;
    let branches = match only {
        Some(branch) => vec![branch],
        None => check::branches(&db).await?,
    };
    let mut faults = Vec::new();
    for branch in &branches {
        faults.extend(check::check(&db, *branch, show).await?);
    }
    Ok(Checked { branches: branches.len(), faults })
}

fn show(Progress { branch, done, total }: Progress) {
    const WIDTH: i64 = 40;
    let mut out = std::io::stderr();
    if !out.is_terminal() {
        return;
    }
    let filled = if total == 0 { WIDTH } else { WIDTH * done / total };
    let bar: String = (0..WIDTH).map(|at| if at < filled { '#' } else { '.' }).collect();
    let end = if done == total { "\n" } else { "" };
    // A terminal that is gone is no reason to stop looking.
    let _shown = write!(out, "\rbranch {branch} [{bar}] {done} of {total}{end}").and_then(|()| out.flush());
}
