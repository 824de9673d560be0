//! The books check themselves: every wallet re-added from its entries, every transaction and branch to zero, feeds
//! without gaps, every order as its device signed it. A piece at a time, each in a snapshot of its own: payments go on
//! meanwhile, nothing is locked, and no old row version is kept for longer than one piece takes.
//!
//! A rule is one statement, so what it compares is of one moment. Nothing compares what two statements saw, but for
//! rows that never change.
//!
//! Never here: a change. What is wrong is named, and left for people.

mod acts;
mod orders;
mod rules;

use crate::audit;
use sqlx::postgres::PgRow;
use sqlx::{Connection, PgConnection, Row};

/// A rule that does not hold, and the row that breaks it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// `None`: of what no branch has for itself.
    pub branch: Option<i16>,
    pub rule: &'static str,
    pub row: String,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { branch, rule, row } = self;
        match branch {
            Some(branch) => write!(f, "branch {branch}: not so: {rule}: {row}"),
            None => write!(f, "not so: {rule}: {row}"),
        }
    }
}

/// How far a check came, of how much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    pub branch: i16,
    pub done: i64,
    pub total: i64,
}

/// The database could not be read to the end.
#[derive(Debug, thiserror::Error)]
#[error("the check stopped: {source}")]
pub struct Stopped {
    /// What was found before.
    pub found: Vec<Fault>,
    pub source: sqlx::Error,
}

/// Faults of one rule that are named in one piece; more are only counted as one more.
const NAMED_MAX: i64 = 20;
const CHAIN: &str = "the audit chain is what the rows say";
pub(crate) const HISTORY: &str = "history is what was written down";

/// Looks at all of a branch's rows.
///
/// # Errors
/// [`Stopped`], with the faults found until then.
pub async fn check(
    conn: &mut PgConnection,
    branch: i16,
    tell: impl FnMut(Progress),
) -> Result<Vec<Fault>, Stopped> {
    let mut found = Vec::new();
    match look(conn, branch, &mut found, tell).await {
        Ok(()) => Ok(found),
        Err(source) => Err(Stopped { found, source }),
    }
}

/// Looks at the acts (`audit_logs`), which are of no branch.
///
/// # Errors
/// As [`check`].
pub async fn check_acts(conn: &mut PgConnection) -> Result<Vec<Fault>, Stopped> {
    let mut found = Vec::new();
    match acts::look(conn, &mut found).await {
        Ok(()) => Ok(found),
        Err(source) => Err(Stopped { found, source }),
    }
}

/// The words of everything that is looked at, for tests that break each.
pub fn rules() -> impl Iterator<Item = &'static str> {
    let by_sql = rules::ALL.iter().chain(acts::ALL).map(|rule| rule.words);
    by_sql.chain([orders::WORDS, CHAIN])
}

async fn look(
    conn: &mut PgConnection,
    branch: i16,
    found: &mut Vec<Fault>,
    mut tell: impl FnMut(Progress),
) -> Result<(), sqlx::Error> {
    let pieces = pieces(conn, branch).await?;
    let first = i64::try_from(pieces.len()).unwrap_or(i64::MAX);
    let last = "select coalesce(max(number), 0) from transactions where branch = $1";
    let last: i64 = sqlx::query_scalar(last).bind(branch).fetch_one(&mut *conn).await?;
    // The chain is looked at after the rules, in steps as long as theirs.
    let total = first + last / rules::NUMBERS + 1;
    for (done, piece) in (0..).zip(&pieces) {
        tell(Progress { branch, done, total });
        let rows = match piece.work {
            Work::Rule(rule) => breaks(conn, rule, branch, [&piece.from, &piece.to]).await?,
            Work::Orders => orders::breaks(conn, branch, [&piece.from, &piece.to], NAMED_MAX).await?,
        };
        found.extend(rows.into_iter().map(|row| Fault {
            branch: Some(branch),
            rule: piece.work.words(),
            row,
        }));
    }
    let mut named = Vec::new();
    let name = |row| {
        if named.len() < usize::try_from(NAMED_MAX).unwrap_or(usize::MAX) {
            named.push(Fault { branch: Some(branch), rule: CHAIN, row });
        }
    };
    let done = |number: i64| (first + number / rules::NUMBERS).min(total - 1);
    let looked = audit::check_chain(conn, branch, name, |number| {
        tell(Progress { branch, done: done(number), total });
    });
    let looked = looked.await;
    found.append(&mut named);
    looked?;
    tell(Progress { branch, done: total, total });
    Ok(())
}

/// The rows of a range that break a rule. What the rule cannot add up or read is a fault as well, and no end of the
/// check.
async fn breaks(
    conn: &mut PgConnection,
    rule: &rules::Rule,
    branch: i16,
    [from, to]: [&str; 2],
) -> Result<Vec<String>, sqlx::Error> {
    let mut snapshot = conn.begin().await?;
    // The pool's patience is made for requests. To compile a rule takes longer than to look at a piece with it.
    sqlx::query("select set_config('statement_timeout', '0', true), set_config('jit', 'off', true)")
        .execute(&mut *snapshot)
        .await?;
    let rows = sqlx::query_scalar(rule.breaks)
        .bind(branch)
        .bind(from)
        .bind(to)
        .bind(NAMED_MAX)
        .fetch_all(&mut *snapshot)
        .await;
    snapshot.rollback().await?;
    match rows {
        Err(sqlx::Error::Database(error)) if error.code().is_some_and(|code| code.starts_with("22")) => {
            Ok(vec![format!("it cannot be looked at: {error}")])
        }
        rows => rows,
    }
}

/// The branches that have books.
///
/// # Errors
/// When the database cannot be read.
pub async fn branches(conn: &mut PgConnection) -> Result<Vec<i16>, sqlx::Error> {
    let all = "select branch from wallets union select branch from audit_batches order by branch";
    sqlx::query_scalar(all).fetch_all(conn).await
}

#[derive(Clone, Copy)]
enum Work {
    Rule(&'static rules::Rule),
    Orders,
}

impl Work {
    const fn words(self) -> &'static str {
        match self {
            Self::Rule(rule) => rule.words,
            Self::Orders => orders::WORDS,
        }
    }
}

/// One query's work: a rule, and the part of the rows that it looks at.
struct Piece {
    work: Work,
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
            let rules = rules::ALL.iter().filter(|rule| rule.span == span).map(Work::Rule);
            let orders = (span == rules::Span::Numbers).then_some(Work::Orders);
            pieces.extend(rules.chain(orders).map(|work| Piece { work, from: from.clone(), to: to.clone() }));
        }
    }
    Ok(pieces)
}
