//! Whether the rows still are what the chain says, from its first link to its last.

use super::store;
use purse_shared::audit::{Hash, chain, leaf, merkle};
use sqlx::{PgConnection, Row};

/// Links looked at with one query.
const LINKS_MAX: i64 = 500;

/// What does not fit, in words that name it; nothing more is looked at after the first. `tell` hears the last number
/// that was looked at.
///
/// # Errors
/// The database's.
pub async fn check_chain(
    conn: &mut PgConnection,
    branch: i16,
    mut tell: impl FnMut(i64),
) -> Result<Option<String>, sqlx::Error> {
    let (mut head, mut batch, mut number) = ([0; 32], 0, None::<i64>);
    loop {
        let links = store::links(&mut *conn, branch, batch, LINKS_MAX).await?;
        let (Some(first), Some(last)) = (links.first(), links.last()) else { break };
        let rows = store::leaves(&mut *conn, branch, first.first_number, last.last_number).await?;
        let mut rows = rows.iter().peekable();
        for link in &links {
            let named = |what: &str| Some(format!("batch {}: {what}", link.batch));
            if link.batch != batch + 1 || number.is_some_and(|number| link.first_number != number + 1) {
                return Ok(named("links are missing before it"));
            }
            let mut leaves: Vec<Hash> = Vec::new();
            while let Some(row) = rows.next_if(|row| row.record.number <= link.last_number) {
                leaves.push(leaf(&row.salt, &row.record.encode()));
            }
            if i64::try_from(leaves.len()) != Ok(link.last_number - link.first_number + 1) {
                return Ok(named("transactions are missing"));
            }
            if merkle::root(&leaves) != link.root {
                return Ok(named("a transaction was changed"));
            }
            head = chain(&head, branch, link.batch, &link.root);
            if head != link.head {
                return Ok(named("the link does not follow the one before"));
            }
            (batch, number) = (link.batch, Some(link.last_number));
        }
        tell(last.last_number);
    }
    // What came after the chain began is in it to the last.
    let rest = "select count(*) as rest from transactions where branch = $1 and number > $2";
    let rest: i64 = match number {
        Some(number) => sqlx::query(rest).bind(branch).bind(number).fetch_one(conn).await?.try_get("rest")?,
        None => 0,
    };
    Ok((rest > 0).then(|| format!("{rest} transactions after batch {batch} are in no link")))
}
