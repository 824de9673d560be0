//! The books check themselves: every wallet re-added from its entries, every transaction and branch to zero, feeds
//! without gaps. A branch at a time, in one snapshot, so payments go on meanwhile and nothing is locked.
//!
//! Never here: a change. What is wrong is named, and left for people.

mod rules;

use crate::audit;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, PgPool, Row};

/// A rule that does not hold, and the row that breaks it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("branch {branch}: not so: {rule}: {row}")]
pub struct Fault {
    pub branch: i16,
    pub rule: &'static str,
    pub row: String,
}

/// How far a check came, of how much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    pub branch: i16,
    pub done: i64,
    pub total: i64,
}

/// Faults of one rule that are named; more are only counted as one more.
const NAMED_MAX: i64 = 20;

/// Looks at all of a branch's rows.
///
/// # Errors
/// When the database cannot be read.
pub async fn check(
    db: &PgPool,
    branch: i16,
    mut tell: impl FnMut(Progress),
) -> Result<Vec<Fault>, sqlx::Error> {
    let mut snapshot = db.begin_with("begin isolation level repeatable read read only").await?;
    // The pool's patience is made for requests.
    sqlx::query("set local statement_timeout = 0").execute(&mut *snapshot).await?;
    let pieces = pieces(&mut snapshot, branch).await?;
    let total = i64::try_from(pieces.len()).unwrap_or(i64::MAX);
    let mut faults = Vec::new();
    for (done, piece) in (0..).zip(&pieces) {
        tell(Progress { branch, done, total });
        let rows = sqlx::query(piece.rule.breaks)
            .bind(branch)
            .bind(piece.from.as_str())
            .bind(piece.to.as_str())
            .bind(NAMED_MAX)
            .fetch_all(&mut *snapshot)
            .await?;
        for row in rows {
            faults.push(Fault { branch, rule: piece.rule.words, row: row.try_get("row")? });
        }
    }
    tell(Progress { branch, done: total, total });
    if let Some(row) = audit::check_chain(&mut snapshot, branch, |_number| {}).await? {
        faults.push(Fault { branch, rule: "the audit chain is what the rows say", row });
    }
    snapshot.rollback().await?;
    Ok(faults)
}

/// The branches that have books.
///
/// # Errors
/// When the database cannot be read.
pub async fn branches(db: &PgPool) -> Result<Vec<i16>, sqlx::Error> {
    sqlx::query_scalar("select distinct branch from wallets order by branch").fetch_all(db).await
}

/// One query's work: a rule, and the part of the rows that it looks at.
struct Piece {
    rule: &'static rules::Rule,
    from: String,
    to: String,
}

async fn pieces(conn: &mut PgConnection, branch: i16) -> Result<Vec<Piece>, sqlx::Error> {
    let mut pieces = Vec::new();
    for span in rules::Span::ALL {
        let ranges: Vec<(String, String)> = sqlx::query(span.ranges())
            .bind(branch)
            .fetch_all(&mut *conn)
            .await?
            .iter()
            .map(|row: &PgRow| Ok((row.try_get("from")?, row.try_get("to")?)))
            .collect::<Result<_, sqlx::Error>>()?;
        for (from, to) in ranges {
            let rules = rules::ALL.iter().filter(|rule| rule.span == span);
            pieces.extend(rules.map(|rule| Piece { rule, from: from.clone(), to: to.clone() }));
        }
    }
    Ok(pieces)
}
